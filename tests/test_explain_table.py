"""Why a number does not send: situations staged at Telnyx and in the config, and the first broken link of each.

A row says what is in the account, what the config wants, and what happens then. Add rows at the end of their group.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from reconciler.app import operate
from reconciler.app.shapes import ExplainShape
from reconciler.model.ids import PhoneNumber
from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.oddities import Oddities, ProfileLookup
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, OTHER_PROFILE, PROFILE
from tests.inline import HOOK, World, a_world
from tests.surroundings import KilledError

pytestmark = pytest.mark.anyio

Account = Callable[[Emulator], None]
Story = Callable[[World], Awaitable[None]]

APPROVED = "MNO_PROVISIONED"
RARELY = "schedule: {drift_check: every 2h}"
TOMORROW = "schedule: {windows: [{days: [tue], from: '09:00', to: '17:00'}], timezone: UTC}"
NEVER_DONE = Behaviour(assignment_seconds=1e6)
NEVER_ADDED = Behaviour(carrier_seconds=1e6)
SLOW_TO_LEAVE = Behaviour(removal_seconds=1e6)
A_WHILE = timedelta(minutes=3)
DAY = timedelta(hours=24)


# The account.


def account(status: str = APPROVED, profile: str | None = PROFILE, kind: str = "local", country: str = "US") -> Account:
    """A campaign in this status, another that is approved, two messaging profiles, and the number on one of them."""

    def stage(emulator: Emulator) -> None:
        emulator.add_campaign(CAMPAIGN, tcr_campaign_id="C6X6M95", status=status, webhook_url=HOOK)
        emulator.add_campaign(FOREIGN, status=APPROVED)
        for one in (PROFILE, OTHER_PROFILE):
            emulator.add_profile(one)
        emulator.add_number(NUMBER, messaging_profile_id=profile, phone_number_type=kind, country=country)

    return stage


def where(first: Account, *then: Account) -> Account:
    """An account, and what else is so in it."""

    def stage(emulator: Emulator) -> None:
        for one in (first, *then):
            one(emulator)

    return stage


def odd(oddities: Oddities) -> Account:
    """What Telnyx answers is odd in this way."""

    def stage(emulator: Emulator) -> None:
        emulator.oddities = oddities

    return stage


def without_the_number(emulator: Emulator) -> None:
    """The account does not have it."""
    emulator.release_number(NUMBER)


def without_the_campaign(emulator: Emulator) -> None:
    """The account, whose one campaign is not that of the pool."""
    emulator.add_campaign(FOREIGN, status=APPROVED)
    emulator.add_number(NUMBER)


def on(campaign: str) -> Account:
    """The number is on a campaign already."""
    return lambda emulator: emulator.assign_by_hand(NUMBER, campaign)


def full(emulator: Emulator) -> None:
    """The campaign has place for one number, and has it."""
    emulator.add_number(OTHER)
    emulator.assign_by_hand(OTHER, CAMPAIGN)
    emulator.limit_numbers(CAMPAIGN, 1)


def refusing(reason: str, code: str = "10015", status: int = 400) -> Account:
    """Requests to assign the number are refused."""
    return lambda emulator: emulator.fail_next(NUMBER, "refuse", reason=reason, code=code, status=status, times=None)


def failing(kind: str, reason: str, carrier: str = "tmobile") -> Account:
    """Something fails for the number, for ever."""
    return lambda emulator: emulator.fail_next(NUMBER, kind, reason=reason, carrier=carrier, times=None)


# The config.


def pool(*more: str, numbers: str = f"['{NUMBER}']", name: str = "acme", campaign: str = CAMPAIGN) -> str:
    """A pool, with more lines of it."""
    return "\n".join(
        [f"- name: {name}", *(f"  {line}" for line in (f"campaign: {campaign}", f"numbers: {numbers}", *more))]
    )


PLAIN = pool()
PROFILED = pool(f"messaging_profile: {PROFILE}")
ELSEWHERE = pool(numbers=f"['{OTHER}']")


def policy(**words: str) -> str:
    """A pool that names its messaging profile, and has this policy."""
    said = ", ".join(f"{key}: {word}" for key, word in words.items())
    return pool(f"messaging_profile: {PROFILE}", f"policy: {{{said}}}")


# What happens.


async def at_rest(world: World) -> None:
    """Everything that is due now is done."""
    await world.calm()


def once_looked_at(*happens: Callable[[World], object]) -> Story:
    """The service has looked; then these things are done, and it looks again."""

    async def story(world: World) -> None:
        await world.calm()
        for happen in happens:
            happen(world)
        await world.sweep()

    return story


async def a_while(world: World) -> None:
    """Minutes pass."""
    await world.wait(A_WHILE)


def after(span: timedelta) -> Story:
    """So much time passes."""
    return lambda world: world.wait(span)


def once(phase: str, reason: str) -> Story:
    """It goes on, step by step, until the number is just so."""

    async def story(world: World) -> None:
        for _ in range(2_000):
            said = await world.explain(NUMBER)
            if (said.phase, said.reason) == (phase, reason):
                return
            if not await world.step():
                await world.turn(world.now + A_WHILE)
        raise AssertionError(f"it was never {phase} {reason}")

    return story


def ready_and_then(*happens: Callable[[World], object], wait: timedelta = A_WHILE) -> Story:
    """The number becomes Ready; then these things are done, and the service looks everywhere."""

    async def story(world: World) -> None:
        await world.wait(A_WHILE)
        assert (await world.explain(NUMBER)).phase == "Ready"
        for happen in happens:
            happen(world)
        await world.sweep()
        await world.wait(wait)

    return story


def undone(times: int, then: Story = at_rest) -> Story:
    """Somebody takes the number off its campaign so many times, each time that we have put it there."""

    async def story(world: World) -> None:
        for _ in range(times):
            await world.wait(A_WHILE)
            assert (await world.explain(NUMBER)).phase == "Ready"
            world.emulator.remove_by_hand(NUMBER, world.seconds)
            await world.wait(A_WHILE)
            await world.sweep()
        await then(world)

    return story


async def asked_to_try_again(world: World) -> None:
    """A person lets it be tried once more, and it is."""
    await operate.retry(world.store, world.desired, [PhoneNumber(NUMBER)], "ann", world.now)
    await world.wait(A_WHILE)


async def undone_again(world: World) -> None:
    """A person lets it be tried once more, and it is taken off once more."""
    await asked_to_try_again(world)
    await undone(1)(world)


def campaign_becomes(status: str) -> Callable[[World], object]:
    """The pool's campaign comes to another status."""
    return lambda world: world.emulator.set_campaign_status(CAMPAIGN, status, world.seconds)


def fall_dormant(world: World) -> None:
    """The pool's campaign had no numbers for too long."""
    world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds, dormant=True)


async def paused(world: World) -> None:
    """A person paused all changes before the service did any."""
    await world.store.pause(Freeze(EVERYWHERE, world.now, "moving house", "ann"))
    await world.calm()


def begin_removal(world: World) -> None:
    """Somebody takes the number off its campaign, by the API."""
    world.emulator.begin_removal(world.emulator.assignments()[NUMBER], world.seconds)


def answering(
    status: int, *parts: str, method: str = "GET", code: str = "10007", **headers: str
) -> Callable[[World], None]:
    """Requests whose address has one of these parts are answered so, and do nothing."""

    async def instead(request: httpx.Request) -> httpx.Response | None:
        if request.method != method or not any(part in str(request.url) for part in parts or ("",)):
            return None
        content = {"errors": [{"code": code, "title": "No", "detail": "not now"}]}
        return httpx.Response(
            status, json=content, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def happen(world: World) -> None:
        world.wire.instead = instead

    return happen


async def no_connection(request: httpx.Request) -> httpx.Response | None:
    """Nothing is written: no connection is made."""
    if request.method == "GET":
        return None
    raise httpx.ConnectError("refused")


async def no_answer(request: httpx.Request) -> httpx.Response | None:
    """Nothing is written, and nobody can know it: the connection ends before an answer."""
    if request.method == "GET":
        return None
    raise httpx.ReadError("cut")


async def killed(request: httpx.Request) -> httpx.Response | None:
    """The process dies while something is written."""
    if request.method == "GET":
        return None
    raise KilledError


async def until_killed(world: World) -> None:
    """It goes on until the process dies."""
    world.wire.instead = killed
    with pytest.raises(KilledError):
        await world.calm()


async def started_again(world: World) -> None:
    """The process dies while something is written, and is started again."""
    await until_killed(world)
    await world.restart()


def first(*happens: Callable[[World], object], then: Story = at_rest) -> Story:
    """These things are so before the service does anything."""

    async def story(world: World) -> None:
        for happen in happens:
            happen(world)
        await then(world)

    return story


def instead(answers: Callable[[httpx.Request], Awaitable[httpx.Response | None]]) -> Callable[[World], None]:
    """The line answers so."""

    def happen(world: World) -> None:
        world.wire.instead = answers

    return happen


def change_the_key(world: World) -> None:
    """Telnyx takes another key from now on."""
    world.emulator.behaviour = replace(world.emulator.behaviour, api_key="another")


# The table.


@dataclass(frozen=True)
class Row:
    """A situation, and what is said of it."""

    name: str
    expected: tuple[str, str, str, str]
    """Phase, reason, who can change it, and the first link that does not hold."""
    pools: str = PLAIN
    account: Account = account()
    then: Story = a_while
    rest: str = ""
    behaviour: Behaviour = Behaviour()
    says: str = ""
    """What the message says beside the reason's own sentence."""
    advises: str = ""
    """What the next step says."""


IN_REVIEW = ("Waiting", "campaign_in_review", "carrier", "campaign")
REJECTED = ("Blocked", "campaign_rejected", "you", "campaign")
UNKNOWN = ("Blocked", "campaign_unknown", "you", "campaign")
WRONG_KIND = ("Blocked", "not_us_long_code", "you", "number")
FOREIGNER = ("Blocked", "foreign_assignment", "you", "assignment")
STALE = ("Waiting", "evidence_stale", "us")
FLAPPING = ("Blocked", "flapping", "you", "reversals")
HALTED = ("Waiting", "account_halted", "you", "account")

TABLE = (
    # Ready.
    Row("ready", ("Ready", "", "us", "")),
    Row("ready, on its profile", ("Ready", "", "us", ""), PROFILED),
    Row("ready, put there by hand", ("Ready", "", "us", ""), account=where(account(), on(CAMPAIGN))),
    Row("ready, in an observing pool", ("Ready", "", "us", ""), policy(mode="observe"), where(account(), on(CAMPAIGN))),
    Row("ready, outside the window", ("Ready", "", "us", ""), account=where(account(), on(CAMPAIGN)), rest=TOMORROW),
    Row("ready, named by the TCR id", ("Ready", "", "us", ""), pool(campaign="C6X6M95")),
    Row(
        "ready, and off its profile",
        ("Ready", "", "us", "profile"),
        PROFILED,
        where(account(profile=OTHER_PROFILE), on(CAMPAIGN)),
        says="But see profile: on messaging profile",
        advises="Put it on the pool's messaging profile",
    ),
    Row(
        "ready, and its campaign in review again",
        ("Ready", "", "us", "campaign"),
        then=ready_and_then(campaign_becomes("MNO_PENDING")),
        says="But see campaign: in_review",
    ),
    Row(
        "ready, and the account halted",
        ("Ready", "", "us", "account"),
        then=ready_and_then(change_the_key),
        says="But see account: ",
        advises="Check the key",
    ),
    Row(
        "ready, and not seen for long",
        ("Ready", "", "us", ""),
        then=ready_and_then(answering(503), wait=timedelta(minutes=25)),
        says="But the last reading is old.",
    ),
    # The campaign.
    *(
        Row(f"campaign {status}", IN_REVIEW, account=account(status))
        for status in ("TCR_PENDING", "TCR_ACCEPTED", "TELNYX_ACCEPTED", "MNO_PENDING", "MNO_ACCEPTED")
    ),
    *(
        Row(f"campaign {status}", REJECTED, account=account(status))
        for status in ("TCR_FAILED", "TELNYX_FAILED", "MNO_REJECTED", "MNO_PROVISIONING_FAILED")
    ),
    Row(
        "campaign rejected, with its reason",
        REJECTED,
        then=first(
            lambda world: world.emulator.set_campaign_status(
                CAMPAIGN, "MNO_REJECTED", world.seconds, reason="no opt-out"
            )
        ),
        says="Telnyx says: no opt-out",
    ),
    Row(
        "campaign suspended", ("Waiting", "campaign_suspended", "telnyx", "campaign"), account=account("TCR_SUSPENDED")
    ),
    Row(
        "campaign suspended, numbers assigned",
        ("Waiting", "campaign_suspended", "telnyx", "campaign"),
        then=ready_and_then(campaign_becomes("TCR_SUSPENDED")),
    ),
    Row("campaign expired", ("Blocked", "campaign_expired", "you", "campaign"), account=account("TCR_EXPIRED")),
    Row(
        "campaign rejected, numbers assigned",
        REJECTED,
        then=ready_and_then(campaign_becomes("MNO_PROVISIONING_FAILED")),
    ),
    Row(
        "campaign dormant, being woken",
        ("Waiting", "campaign_waking", "us", "campaign"),
        behaviour=Behaviour(wake_seconds=None),
        then=first(fall_dormant, then=a_while),
    ),
    Row(
        "campaign dormant, and nothing woke it",
        ("Waiting", "campaign_suspended", "telnyx", "campaign"),
        behaviour=Behaviour(wake_seconds=None),
        then=first(fall_dormant, then=after(timedelta(hours=2))),
        rest=RARELY,
    ),
    Row("campaign not found", UNKNOWN, account=without_the_campaign, says="Telnyx knows no campaign by this id"),
    Row("campaign in a status of tomorrow", UNKNOWN, account=account("MNO_ON_HOLD"), says="MNO_ON_HOLD"),
    Row("campaign in review, and the number on no profile", IN_REVIEW, PROFILED, account("MNO_PENDING", profile=None)),
    Row(
        "campaign in review for the request alone",
        ("Waiting", "campaign_in_review", "carrier", "operation"),
        account=where(account(), refusing("still being processed", "10036")),
        says="still being processed",
    ),
    # The number.
    Row(
        "not in the account",
        ("Gone", "number_not_in_account", "you", "number"),
        PROFILED,
        where(account(), without_the_number),
    ),
    Row(
        "not in the account, and no profile to look at",
        ("Gone", "number_not_in_account", "you", "number"),
        account=where(account(), without_the_number),
        then=after(timedelta(minutes=30)),
    ),
    Row(
        "left the account after it was ready",
        ("Gone", "number_not_in_account", "you", "number"),
        PROFILED,
        then=ready_and_then(lambda world: world.emulator.release_number(NUMBER), wait=timedelta(minutes=30)),
    ),
    Row(
        "not in the account, by one read",
        (*STALE, "number"),
        PROFILED,
        where(account(), without_the_number),
        at_rest,
    ),
    Row("toll-free", WRONG_KIND, PROFILED, account(kind="toll_free")),
    Row("short code", WRONG_KIND, PROFILED, account(kind="shortcode")),
    Row("not of the US", WRONG_KIND, PROFILED, account(country="CA")),
    # The messaging profile.
    Row(
        "on no profile, about to be attached",
        ("Queued", "profile_missing", "us", "profile"),
        PROFILED,
        account(profile=None),
        once("Queued", "profile_missing"),
        advises="then assigned",
    ),
    *(
        Row(
            f"on no profile: {word}",
            ("Blocked", "profile_missing", "you", "profile"),
            policy(on_missing_profile=word),
            account(profile=None),
            advises="on_missing_profile: attach",
        )
        for word in ("fail", "skip")
    ),
    Row(
        "on no profile, and the pool names none",
        ("Blocked", "profile_missing", "you", "profile"),
        account=account(profile=None),
        advises="name one as the pool's",
    ),
    Row("on another profile", ("Blocked", "other_profile", "you", "profile"), PROFILED, account(profile=OTHER_PROFILE)),
    Row(
        "profile not found",
        ("Blocked", "profile_unknown", "you", "profile"),
        pool("messaging_profile: 4001838b-0000-4000-8000-000000000000"),
    ),
    Row(
        "profile not told",
        (*STALE, "profile"),
        PROFILED,
        where(account(profile=None), odd(Oddities(profile_lookup=ProfileLookup.UNAVAILABLE))),
        first(answering(200, "/messaging?", code="")),
    ),
    Row(
        "attaching, and no answer",
        ("Assigning", "outcome_unknown", "us", "operation"),
        PROFILED,
        account(profile=None),
        first(instead(no_answer)),
    ),
    # Another campaign.
    *(
        Row(
            f"on another campaign: {word}",
            FOREIGNER,
            policy(on_conflict=word),
            where(account(), on(FOREIGN)),
            says=FOREIGN,
        )
        for word in ("fail", "skip")
    ),
    Row(
        "moved to another campaign after it was ready",
        FOREIGNER,
        then=ready_and_then(lambda world: world.emulator.assign_by_hand(NUMBER, FOREIGN, world.seconds)),
        says=FOREIGN,
    ),
    # The request.
    Row("absent and queued", ("Queued", "assign_due", "us", "assignment"), then=once("Queued", "assign_due")),
    Row("the request is on its way", ("Assigning", "request_open", "us", "operation"), then=until_killed),
    Row(
        "the process died while the request was on its way",
        ("Assigning", "outcome_unknown", "us", "operation"),
        then=started_again,
        says="the number is on no campaign",
    ),
    Row(
        "no answer to the request",
        ("Assigning", "outcome_unknown", "us", "operation"),
        then=first(instead(no_answer)),
    ),
    Row(
        "5xx to the request",
        ("Assigning", "outcome_unknown", "us", "operation"),
        then=first(answering(502, method="POST")),
    ),
    Row(
        "5xx to the request, tried again",
        ("Retrying", "telnyx_unavailable", "telnyx", "operation"),
        then=first(answering(502, method="POST"), then=once("Retrying", "telnyx_unavailable")),
        says="it did not happen",
    ),
    Row(
        "no connection for the request",
        ("Retrying", "telnyx_unavailable", "telnyx", "operation"),
        then=first(instead(no_connection), then=once("Retrying", "telnyx_unavailable")),
        says="no connection",
    ),
    Row(
        "too many requests",
        ("Retrying", "rate_limited", "telnyx", "operation"),
        then=first(answering(429, method="POST", code="10011", retry_after="30")),
    ),
    Row(
        "refused for good",
        ("Blocked", "request_refused", "you", "operation"),
        account=where(account(), refusing("a carrier blocks it")),
        says="a carrier blocks it",
    ),
    Row(
        "the campaign is full",
        ("Blocked", "capacity", "you", "operation"),
        account=where(account(), refusing("Longcode cannot be added to campaign. Limit exceeded")),
        says="Limit exceeded",
    ),
    Row(
        "the campaign turns out to be full",
        ("Retrying", "telnyx_refused", "us", "assignment"),
        account=where(account(), full),
        says="only have one phone number",
    ),
    Row(
        "failed, tries left",
        ("Retrying", "telnyx_refused", "us", "assignment"),
        account=where(account(), failing("assignment", reason="DCA said no")),
        says="DCA said no",
    ),
    Row(
        "failed, none left",
        ("Blocked", "telnyx_refused", "you", "assignment"),
        account=where(account(), failing("assignment", reason="DCA said no")),
        then=after(timedelta(hours=8)),
        rest=RARELY,
        says="DCA said no",
    ),
    Row("pending at Telnyx", ("Assigning", "telnyx_pending", "telnyx", "assignment"), behaviour=NEVER_DONE),
    Row(
        "taken, and shown by no list yet",
        ("Assigning", "telnyx_pending", "telnyx", "assignment"),
        behaviour=replace(NEVER_DONE, listing_lag_seconds=1e6),
    ),
    # The carriers.
    Row(
        "a carrier has yet to add it",
        ("Propagating", "carrier_pending", "carrier", "carrier others"),
        behaviour=NEVER_ADDED,
    ),
    *(
        Row(
            f"refused by {group}",
            ("Blocked", "carrier_refused", "telnyx", f"carrier {name}"),
            account=where(account(), failing("carrier", carrier=group, reason="not on net")),
            says="not on net",
        )
        for group, name in (("tmobile", "tmobile"), ("non_tmobile", "others"))
    ),
    # Somebody works against us.
    Row("taken off twice, and put back", ("Ready", "", "us", ""), then=undone(2, a_while), rest=RARELY),
    Row(
        "taken off three times",
        FLAPPING,
        then=undone(3),
        rest=RARELY,
        advises=f"`tendlc queue retry {NUMBER}` assigns it once more at once",
    ),
    Row("taken off three times, and the next day", ("Ready", "", "us", ""), then=undone(3, after(DAY)), rest=RARELY),
    Row(
        "taken off three times, and tried once more",
        ("Ready", "", "us", ""),
        then=undone(3, asked_to_try_again),
        rest=RARELY,
    ),
    Row(
        "taken off three times, tried once more, and taken off again",
        FLAPPING,
        then=undone(3, undone_again),
        rest=RARELY,
    ),
    Row("taken off three times, and paused", FLAPPING, then=undone(3, paused), rest=RARELY),
    Row(
        "taken off three times, and its campaign suspended",
        ("Waiting", "campaign_suspended", "telnyx", "campaign"),
        then=undone(3, once_looked_at(campaign_becomes("TCR_SUSPENDED"))),
        rest=RARELY,
    ),
    # Permission.
    Row("observed", ("Waiting", "observe_mode", "you", "policy"), policy(mode="observe")),
    Row(
        "observed, and on no profile",
        ("Waiting", "observe_mode", "you", "policy"),
        policy(mode="{missing_prerequisite: observe}"),
        account(profile=None),
    ),
    Row("observed, and rejected", REJECTED, policy(mode="observe"), account("MNO_REJECTED")),
    Row(
        "paused", ("Frozen", "frozen", "you", "freeze"), then=paused, says="moving house", advises="tendlc queue resume"
    ),
    Row("paused, and ready", ("Ready", "", "us", ""), account=where(account(), on(CAMPAIGN)), then=paused),
    Row("outside the window", ("Waiting", "outside_window", "us", "window"), rest=TOMORROW),
    Row("halted from the start", HALTED, PROFILED, then=first(change_the_key), says="Authentication failed"),
    *(
        Row(f"halted by {status}", HALTED, account=where(account(), refusing("no", "", status)), says="no")
        for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN)
    ),
    Row(
        "in review, and the account halted",
        IN_REVIEW,
        account=account("MNO_PENDING"),
        then=once_looked_at(change_the_key),
    ),
    # What is not known.
    Row("Telnyx is down from the start", (*STALE, "campaign"), then=first(answering(503), then=a_while)),
    Row(
        "its campaign's numbers cannot be listed",
        (*STALE, "assignment"),
        then=first(answering(503, "phone_number_campaigns"), then=a_while),
    ),
    Row(
        "lists are incomplete, and it cannot be read alone",
        (*STALE, "assignment"),
        account=where(account(), odd(Oddities(total_off_by=1))),
        then=first(answering(503, "phone_number_campaigns/"), then=a_while),
    ),
    Row(
        "a status of tomorrow",
        ("Waiting", "evidence_stale", "telnyx", "assignment"),
        account=where(account(), on(CAMPAIGN), odd(Oddities(assignment_status="THINKING"))),
    ),
    Row(
        "was ready, and a list lacks it",
        ("Drifted", "reading_differs", "us", "assignment"),
        then=ready_and_then(
            lambda world: odd(Oddities(omitted_numbers=(NUMBER,), total_off_by=-1))(world.emulator),
            answering(503, "phone_number_campaigns/"),
        ),
    ),
    Row(
        "somebody is taking it off",
        ("Drifted", "reading_differs", "us", "assignment"),
        behaviour=SLOW_TO_LEAVE,
        then=ready_and_then(begin_removal),
        says="Somebody is taking it off",
        advises="once it is off, it is assigned again",
    ),
    Row(
        "it could not be taken off",
        ("Drifted", "reading_differs", "you", "assignment"),
        account=where(account(), failing("removal", reason="stuck")),
        then=ready_and_then(begin_removal),
        says="stuck",
        advises="ask Telnyx support",
    ),
    # In no pool.
    Row(
        "in no pool, and here",
        ("Unmanaged", "extra_unowned", "you", "config"),
        ELSEWHERE,
        where(account(), on(CAMPAIGN)),
    ),
    Row("in no pool, and elsewhere", ("Unmanaged", "", "you", "config"), ELSEWHERE, where(account(), on(FOREIGN))),
    Row("in no pool, and on no campaign", ("Unmanaged", "", "you", "config"), ELSEWHERE),
    Row(
        "excluded",
        ("Unmanaged", "", "you", "config"),
        pool(f"exclude: ['{NUMBER}']", numbers=f"['{OTHER}', {{select: {{messaging_profile: {PROFILE}}}}}]"),
    ),
    Row(
        "no longer wanted",
        ("Unmanaged", "extra_unowned", "you", "config"),
        pool(numbers=f"['{OTHER}', {{number: '{NUMBER}', until: '2026-03-02T12:30:00+00:00'}}]"),
        then=after(timedelta(hours=1)),
    ),
    Row(
        "selected here, and listed by another pool",
        ("Ready", "", "us", ""),
        "\n".join([pool(numbers=f"[{{select: {{messaging_profile: {PROFILE}}}}}]"), pool(name="vip")]),
    ),
    Row(
        "selected, and a selection before it cannot be read",
        (*STALE, "config"),
        "\n".join(
            [
                pool(numbers="[{select: {tags: [vip]}}]", name="vip"),
                pool(numbers=f"[{{select: {{messaging_profile: {PROFILE}}}}}]"),
            ]
        ),
        then=first(answering(503, "phone_numbers?"), then=a_while),
    ),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_the_first_broken_link_is_named(tmp_path: Path, row: Row) -> None:
    async with a_world(tmp_path, row.pools, rest=row.rest, behaviour=row.behaviour, stage=row.account) as world:
        await row.then(world)

        said = await world.explain(NUMBER)

        broken = next((check.name for check in said.checks if check.result != "ok"), "")
        assert (said.phase, said.reason, said.who, broken) == row.expected, said
        assert row.says in said.message, said.message
        assert row.advises in said.next_step, said.next_step
        await tells_what_comes_next(world, said)
        listed = (await world.numbers()).get(NUMBER)
        assert (listed is None) is (said.pool is None)
        if listed is not None:
            assert (listed.phase, listed.reason, listed.who, listed.message) == (*row.expected[:3], said.message)


async def tells_what_comes_next(world: World, said: ExplainShape) -> None:
    """Who is not Ready has a next step, something is due by itself, and of what is blocked somebody is told."""
    if said.phase in ("Ready", "Unmanaged"):
        return
    assert said.next_step
    due = await world.next_due()
    assert due is not None
    assert said.next_at is None or said.next_at >= world.now
    if said.phase == "Blocked" and "skip" not in world.config:
        assert {NUMBER, CAMPAIGN} & {alert.subject for alert in await world.alerts()}


def test_no_two_rows_have_one_name() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
