"""A request whose answer is lost, late or about something else is followed by reads, and by no second one in doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from tests import post
from tests.builders import CAMPAIGN, FOREIGN, MINUTE, OTHER_PROFILE, PROFILE, SECOND, WINDOW, a_number
from tests.inline import HOOK, MONDAY, World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(6))
FIRST, REST = NUMBERS[0], NUMBERS[1:]
WANTED = pool_of(NUMBERS)
ACCOUNT = account_of(NUMBERS)
RARELY = "schedule: {drift_check: every 2h}"
POSTS = frozenset({"POST"})
NOT_FOUND = {"errors": [{"code": "10005", "title": "Resource not found"}]}
ANSWER = {"phoneNumber": FIRST, "campaignId": CAMPAIGN, "assignmentStatus": "PENDING_ASSIGNMENT"}

Answers = Callable[[httpx.Request], Awaitable[httpx.Response | None]]


async def until_ready(world: World, within: timedelta = 15 * MINUTE) -> None:
    """Time passes until every number is Ready."""

    async def ready() -> bool:
        return await world.phases() == {"Ready": len(NUMBERS)}

    await world.until(ready, within)


def once_each(world: World) -> None:
    """Telnyx was asked once for each number, and lost none that it had."""
    assert [world.emulator.posts(number) for number in NUMBERS] == [1] * len(NUMBERS)
    assert {campaign for campaign, _ in world.assigned().values()} == {CAMPAIGN}
    assert world.removals() == 0


@pytest.mark.covers("A01", "F-40", "F-44", "F-48", "F-56")
@pytest.mark.parametrize("told", [post.none, post.doubled], ids=["no webhooks", "each webhook twice"])
@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.TRUNCATED])
async def test_what_was_done_and_not_answered_is_found_and_no_alarm_is_raised(
    tmp_path: Path, fault: Fault, told: post.Way
) -> None:
    async with a_world(tmp_path, WANTED, rest=RARELY, stage=ACCOUNT) as world:
        world.post.way = told
        world.fault(Faults(probability=1.0, kinds=(fault,), methods=POSTS))
        await until_ready(world)

        once_each(world)
        assert world.fired == set()


UNWELL = {"errors": [{"code": "10007", "title": "Unexpected error"}]}


@pytest.mark.covers("F-40", "F-44", "F-48")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="none"),
        pytest.param(httpx.Response(200, html="<title>Maintenance</title>"), id="HTML"),
        pytest.param(httpx.Response(200, json=UNWELL), id="200 with an error"),
        *(pytest.param(httpx.Response(status, json=UNWELL), id=str(status)) for status in (500, 502, 503, 504)),
    ],
)
async def test_what_was_not_done_is_asked_again_once_reads_before_and_after_the_window_say_so(
    tmp_path: Path, answer: httpx.Response | None
) -> None:
    async with a_world(tmp_path, WANTED, rest=RARELY, stage=ACCOUNT) as world:
        asked: list[float] = []
        read: list[float] = []

        async def first_is_lost(request: httpx.Request) -> httpx.Response | None:
            if request.method == "GET":
                read.extend([world.clock.elapsed()] if request.url.path.endswith(FIRST) else [])
            elif FIRST.encode() in request.content:
                asked.append(world.clock.elapsed())
                if len(asked) == 1 and answer is None:
                    raise httpx.ReadError("cut before it arrived")
                return answer if len(asked) == 1 else None
            return None

        world.wire.instead = first_is_lost
        await until_ready(world)

        window = WINDOW.total_seconds()
        first, second = asked
        assert second - first >= window
        assert any(first <= at < first + window for at in read)
        assert any(first + window <= at <= second for at in read)
        once_each(world)  # the first request for it was not done
        assert world.fired == set()


@pytest.mark.covers("F-52", "A07", "F-49")
@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"phoneNumber": "+12025559999", "campaignId": CAMPAIGN}, id="another number"),
        pytest.param(
            {"phoneNumber": FIRST, "campaignId": FOREIGN, "assignmentStatus": "ASSIGNED"}, id="another campaign"
        ),
        pytest.param({"errors": [{"code": "10007", "title": "Unexpected error"}]}, id="an error"),
        pytest.param([ANSWER], id="a list"),
    ],
)
async def test_a_yes_that_is_not_ours_asks_for_nothing_within_the_window(
    tmp_path: Path, status: int, body: object
) -> None:
    """Telnyx did what was asked and answers something else; reads do not show it for as long as they may lag."""
    async with a_world(tmp_path, WANTED, rest=RARELY, stage=ACCOUNT) as world:

        async def odd(request: httpx.Request) -> httpx.Response | None:
            if request.method == "POST" and FIRST.encode() in request.content:
                world.wire.apply(request)
                return httpx.Response(status, json=body)
            if request.url.path.endswith(FIRST) and world.now < MONDAY + WINDOW - SECOND:
                return httpx.Response(404, json=NOT_FOUND)
            return None

        world.wire.instead = odd
        await until_ready(world)

        once_each(world)
        assert world.fired == set()


@pytest.mark.covers("F-52", "A07")
@pytest.mark.parametrize("lag", [10, 45, 59])
async def test_reads_that_lag_behind_the_write_are_not_believed(tmp_path: Path, lag: float) -> None:
    """Lists do not show the new assignment, and neither does the number's own record, while Telnyx has it."""
    behaviour = Behaviour(assignment_seconds=1, carrier_seconds=1, listing_lag_seconds=lag)
    async with a_world(
        tmp_path, WANTED, rest="schedule: {drift_check: every 7s}", behaviour=behaviour, stage=ACCOUNT
    ) as world:
        asked: dict[str, datetime] = {}

        async def stale(request: httpx.Request) -> httpx.Response | None:
            number = request.url.path.rpartition("/")[2]
            if request.method == "POST":
                asked.update(dict.fromkeys((one for one in NUMBERS if one.encode() in request.content), world.now))
            elif number in asked and world.now < asked[number] + lag * SECOND:
                return httpx.Response(404, json=NOT_FOUND)
            return None

        world.wire.instead = stale
        seen: set[str] = set()

        async def ready() -> bool:
            seen.update(await world.phases())
            return await world.phases() == {"Ready": len(NUMBERS)}

        await world.until(ready, 10 * MINUTE)

        once_each(world)
        assert "Drifted" not in seen
        assert "Retrying" not in seen
        assert world.fired == set()


@pytest.mark.covers("A07", "F-52", "F-54")
async def test_reads_that_go_back_to_before_the_assignment_start_no_second_one_at_once(tmp_path: Path) -> None:
    """A replica that is behind answers lists for a while: each number is read by itself, and nothing is asked."""
    async with a_world(tmp_path, WANTED, rest="schedule: {drift_check: every 30s}", stage=ACCOUNT) as world:
        await until_ready(world)

        async def behind(request: httpx.Request) -> httpx.Response | None:
            if request.method == "GET" and request.url.path.endswith("phone_number_campaigns"):
                return httpx.Response(200, json={"records": [], "page": 1, "totalRecords": 0})
            return None

        world.wire.instead = behind
        await world.wait(20 * MINUTE)

        assert await world.phases() == {"Ready": len(NUMBERS)}
        once_each(world)
        assert world.fired == set()


# Somebody else was there first.


def with_others(emulator: Emulator) -> None:
    """Our campaign, another of ours, and one that nobody here wants."""
    ACCOUNT(emulator)
    for campaign in (SECOND_OF_OURS, FOREIGN):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED", webhook_url=HOOK)
    emulator.add_number(a_number(90))


SECOND_OF_OURS = "4b30019f-a9df-e17b-3529-70677db27e99"
BOTH = WANTED + "\n" + pool_of([a_number(90)], name="brother").replace(CAMPAIGN, SECOND_OF_OURS)


@pytest.mark.covers("A09", "A12", "F-47")
@pytest.mark.parametrize(
    ("taken_by", "phase"),
    [
        (CAMPAIGN, ("Ready", "")),
        (SECOND_OF_OURS, ("Blocked", "foreign_assignment")),
        (FOREIGN, ("Blocked", "foreign_assignment")),
    ],
    ids=["our campaign", "another of ours", "somebody else's"],
)
@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (400, "10012", "Duplicate"),
        (409, "10012", "Conflict"),
        (422, "10015", "Number is already associated with another campaign."),
        (409, "", "Phone number already assigned"),
    ],
)
async def test_a_number_that_is_taken_between_our_look_and_our_request_stays_where_it_is(
    tmp_path: Path, taken_by: str, phase: tuple[str, str], status: int, code: str, title: str
) -> None:
    async with a_world(tmp_path, BOTH, rest=RARELY, stage=with_others) as world:

        async def taken(request: httpx.Request) -> httpx.Response | None:
            if request.method != "POST" or FIRST.encode() not in request.content:
                return None
            world.emulator.assign_by_hand(FIRST, taken_by, world.seconds)
            return httpx.Response(status, json={"errors": [{"code": code, "title": title}]})

        world.wire.instead = taken
        await world.wait(30 * MINUTE)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason) == phase
        assert world.assigned()[FIRST] == (taken_by, AssignmentStatus.ASSIGNED)
        assert [world.emulator.posts(number) for number in NUMBERS] == [0] + [1] * len(REST)
        assert world.removals() == 0
        assert {subject for _, subject in world.fired} == (set() if taken_by == CAMPAIGN else {FIRST})


@pytest.mark.covers("A12")
async def test_a_number_that_is_put_on_a_profile_between_our_look_and_our_write_stays_on_it(tmp_path: Path) -> None:
    """Its own record is read just before, and shows what no list showed yet."""

    def unprofiled(emulator: Emulator) -> None:
        ACCOUNT(emulator)
        for profile in (PROFILE, OTHER_PROFILE):
            emulator.add_profile(profile)
        emulator.put_on_profile(FIRST, None)
        for number in REST:
            emulator.put_on_profile(number, PROFILE)

    wanted = pool_of(NUMBERS, f"messaging_profile: {PROFILE}")
    async with a_world(tmp_path, wanted, rest=RARELY, stage=unprofiled) as world:
        for _ in range(1_000):
            if (await world.explain(FIRST)).reason == "profile_missing":
                break
            assert await world.step()
        assert (await world.explain(FIRST)).phase == "Queued"
        world.emulator.put_on_profile(FIRST, OTHER_PROFILE, world.seconds)
        await world.wait(30 * MINUTE)

        assert world.emulator.numbers()[FIRST].messaging_profile_id == OTHER_PROFILE
        assert (await world.explain(FIRST)).reason == "other_profile"
        assert world.emulator.posts(FIRST) == 0
        assert world.removals() == 0


@pytest.mark.covers("A10", "F-49")
async def test_an_assignment_in_a_state_of_tomorrow_is_neither_done_nor_repeated(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, rest=RARELY, stage=ACCOUNT) as world:
        world.emulator.oddities = replace(world.emulator.oddities, assignment_status="ASSIGNED_SOON")
        await world.wait(3 * timedelta(hours=1))

        assert "Ready" not in await world.phases()
        once_each(world)

        world.emulator.oddities = replace(world.emulator.oddities, assignment_status="")
        await world.wait(3 * timedelta(hours=1))

        assert await world.phases() == {"Ready": len(NUMBERS)}
        once_each(world)
