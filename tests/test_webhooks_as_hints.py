"""A webhook says where to look, never what is true: however webhooks travel, the end is the same."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.alerts import Condition
from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.emulator import Emulator
from tests import post
from tests.builders import PROFILE, a_number
from tests.inline import HOOK, World, a_world
from tests.post import Way

pytestmark = pytest.mark.anyio

APPROVED_LATER, APPEALED, APPROVED, SUSPENDED, FOREIGN = (f"4b30019f-a9df-e17b-3529-70677db27e{n:02}" for n in range(5))
WANTED = {
    APPROVED_LATER: tuple(map(a_number, range(10, 14))),
    APPEALED: tuple(map(a_number, range(20, 22))),
    APPROVED: tuple(map(a_number, range(30, 37))),
    SUSPENDED: tuple(map(a_number, range(40, 42))),
}
TAKEN_OFF, TAKEN_OFF_IN_SILENCE = WANTED[APPROVED_LATER][:2]
FAILS_ONCE, FAILS_FOR_EVER, REFUSED_BY_A_CARRIER, MOVED_AWAY, MOVED_TO_A_BROTHER, UNPROFILED, _ = WANTED[APPROVED]
POOLS = "".join(
    f"""
- name: pool-{at}
  campaign: {campaign}
  messaging_profile: {PROFILE}
  numbers: [{", ".join(f"'{number}'" for number in numbers)}]
"""
    for at, (campaign, numbers) in enumerate(WANTED.items())
)
RARELY = "schedule: {drift_check: every 1h}"
SEEDS = int(os.environ.get("TENDLC_SEEDS", "2"))
"""How many worlds in which each webhook travels in a way of its own."""
Happens = Callable[[Emulator, float], None]


def at_first(emulator: Emulator) -> None:
    """The account before the service starts."""
    for campaign in (APPROVED_LATER, APPEALED):
        emulator.add_campaign(campaign, status="MNO_PENDING", webhook_url=HOOK)
    for campaign in (APPROVED, SUSPENDED, FOREIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED", webhook_url=HOOK)
    emulator.add_profile(PROFILE)
    for number in (number for numbers in WANTED.values() for number in numbers):
        emulator.add_number(number, messaging_profile_id=None if number == UNPROFILED else PROFILE)
    emulator.fail_next(FAILS_ONCE, reason="once")
    emulator.fail_next(FAILS_FOR_EVER, reason="for ever", times=None)
    emulator.fail_next(REFUSED_BY_A_CARRIER, "carrier", reason="no")


STORY: tuple[tuple[timedelta, Happens], ...] = (
    (timedelta(minutes=5), lambda telnyx, now: telnyx.approve(APPROVED_LATER, now)),
    (timedelta(minutes=2), lambda telnyx, now: telnyx.set_campaign_status(APPEALED, "MNO_REJECTED", now, reason="no")),
    (timedelta(minutes=73), lambda telnyx, now: telnyx.remove_by_hand(TAKEN_OFF, now, announce=True)),
    (timedelta(minutes=1), lambda telnyx, now: telnyx.remove_by_hand(TAKEN_OFF_IN_SILENCE, now)),
    (timedelta(minutes=9), lambda telnyx, now: telnyx.assign_by_hand(MOVED_AWAY, FOREIGN, now)),
    (timedelta(minutes=1), lambda telnyx, now: telnyx.assign_by_hand(MOVED_TO_A_BROTHER, APPROVED_LATER, now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.set_campaign_status(APPEALED, "MNO_PENDING", now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.approve(APPEALED, now)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.set_campaign_status(SUSPENDED, "TCR_SUSPENDED", now)),
    (timedelta(seconds=3), lambda telnyx, now: telnyx.emit("10dlc.phone_number.update", lie(), now, url=HOOK)),
    (timedelta(hours=1), lambda telnyx, now: telnyx.emit("10dlc.new.thing", {"campaignId": APPROVED}, now)),
)
"""What happens, each so long after the one before."""
THE_END = timedelta(hours=6)
"""After the last: every webhook has arrived, and no slow try of what fails for ever is near."""


def lie() -> dict[str, object]:
    """A signed event that is not true."""
    number = WANTED[APPROVED_LATER][2]
    return {"campaignId": APPROVED_LATER, "phoneNumber": number, "type": "ASSIGNMENT", "status": "failed"}


@dataclass(frozen=True, slots=True)
class End:
    """How a world ends: at Telnyx, and in what we say of it."""

    assignments: dict[str, tuple[str, AssignmentStatus]]
    profiles: dict[str, str | None]
    standings: dict[str, tuple[str, str]]
    firing: tuple[Condition, ...]
    """Of the pools. What is said of webhooks themselves depends on them."""


async def end_of(world: World) -> End:
    """What there is to compare."""
    told = {number: await world.explain(number) for numbers in WANTED.values() for number in numbers}
    return End(
        world.assigned(),
        {number: one.messaging_profile_id for number, one in world.emulator.numbers().items()},
        {number: (one.phase, one.reason) for number, one in told.items()},
        tuple(one for one in await world.alerts() if one.pool),
    )


async def play(world: World, way: Way) -> End:
    """The whole story, with webhooks that travel this way."""
    world.post.way = way
    for wait, happens in STORY:
        await world.wait(wait)
        happens(world.emulator, world.seconds)
    await world.wait(THE_END)
    return await end_of(world)


def needless_writes(world: World) -> Iterator[str]:
    """Every write that Telnyx refused, because the number was not absent or its campaign not approved."""
    return (f"{one.path} {one.body}" for one in world.emulator.journal() if one.method != "GET" and one.status != 200)


@pytest.fixture(scope="module")
async def expected(tmp_path_factory: pytest.TempPathFactory) -> End:
    """How it ends where every webhook arrives once, at once."""
    async with a_world(tmp_path_factory.mktemp("expected"), POOLS, rest=RARELY, stage=at_first) as world:
        return await play(world, post.every_one)


async def test_the_story_ends_as_it_should(expected: End) -> None:
    by_hand = {MOVED_AWAY: FOREIGN, MOVED_TO_A_BROTHER: APPROVED_LATER}
    wanted = {number: campaign for campaign, numbers in WANTED.items() for number in numbers}
    assert {number: campaign for number, (campaign, _) in expected.assignments.items()} == wanted | by_hand
    assert {number: told for number, told in expected.standings.items() if told != ("Ready", "")} == {
        FAILS_FOR_EVER: ("Blocked", "telnyx_refused"),
        REFUSED_BY_A_CARRIER: ("Blocked", "carrier_refused"),
        MOVED_AWAY: ("Blocked", "foreign_assignment"),
        MOVED_TO_A_BROTHER: ("Blocked", "foreign_assignment"),
        **dict.fromkeys(WANTED[SUSPENDED], ("Waiting", "campaign_suspended")),
    }
    assert expected.profiles[UNPROFILED] == PROFILE
    assert {(one.alert.value, one.subject) for one in expected.firing} >= {
        ("AssignmentFailed", FAILS_FOR_EVER),
        ("CampaignNotApproved", SUSPENDED),
    }


@pytest.mark.parametrize(
    ("way", "seed"),
    [
        (post.none, 0),
        (post.doubled, 0),
        (post.reordered, 0),
        (post.delayed, 0),
        *((post.at_random, seed) for seed in range(SEEDS)),
    ],
)
async def test_however_webhooks_travel_the_end_is_the_same(tmp_path: Path, expected: End, way: Way, seed: int) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=at_first, seed=seed) as world:
        world.shuffled = True

        assert await play(world, way) == expected

        assert list(needless_writes(world)) == []
        numbers = {number for numbers in WANTED.values() for number in numbers} - {FAILS_FOR_EVER}
        twice = {TAKEN_OFF, TAKEN_OFF_IN_SILENCE, FAILS_ONCE}
        posts = {number: world.emulator.posts(number) for number in numbers}
        assert posts == dict.fromkeys(numbers, 1) | dict.fromkeys(twice, 2)
        assert set(world.post.answers) <= {200}


# Any events at all, in any order, of a world that stands still.


def bodies(world: World) -> list[bytes]:
    """Every event of the story, as Telnyx told it and under a name of its own; some flat, some that we cannot read."""
    told = [one.event for one in world.emulator.outbox.history.sent()]
    anew = [{**event, "id": "anew"} for event in told]
    flat = [json.dumps(event["payload"]).encode() for event in told[:5]]
    strange = [b"", b"[]", b'{"data": 1}', b'{"data": {"payload": {"phoneNumber": "+1"}}}']
    return [json.dumps({"data": event, "meta": {"attempt": 1}}).encode() for event in (*told, *anew)] + flat + strange


def test_any_events_in_any_order_any_number_of_times_change_nothing_and_ask_for_nothing(tmp_path: Path) -> None:
    """What happened is known already: nothing is written for being told of it again, differently, or falsely."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(a_world(tmp_path, POOLS, rest=RARELY, stage=at_first)))
        runner.run(play(world, post.every_one))
        world.emulator.clear_failures(FAILS_FOR_EVER)  # an event about its campaign is a reason to try it again
        runner.run(world.wait(timedelta(hours=7)))
        before, bank, names = runner.run(end_of(world)), bodies(world), itertools.count()
        writes = [one for one in world.emulator.journal() if one.method != "GET"]

        @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
        @given(told=st.lists(st.tuples(st.sampled_from(bank), st.sampled_from([0, 0, 0, 1, 10])), max_size=8))
        def told_anything(told: list[tuple[bytes, int]]) -> None:
            async def tell() -> End:
                for known, seconds in told:
                    body = known.replace(b"anew", b"anew-%d" % next(names))
                    assert await world.post.send(body, world.now) == 200
                    await world.wait(timedelta(seconds=seconds))
                await world.wait(timedelta(seconds=5))
                return await end_of(world)

            assert runner.run(tell()) == before
            assert [one for one in world.emulator.journal() if one.method != "GET"] == writes

        told_anything()
        runner.run(stack.aclose())
