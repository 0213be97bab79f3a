"""What becomes of single numbers: too early, stuck, refused by a carrier, given back, re-typed, off their profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.oddities import Oddities, Reasons
from tests.builders import CAMPAIGN, HOUR, MINUTE, OTHER_PROFILE, PROFILE, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(4))
FIRST, REST = NUMBERS[0], NUMBERS[1:]
PROFILED = f"messaging_profile: {PROFILE}"
WANTED = pool_of(NUMBERS, PROFILED)
HOURLY = "schedule: {drift_check: every 1h}"
RARELY = "schedule: {drift_check: every 6h}"
DAY = timedelta(days=1)
MOST_CALLS_AN_HOUR = 150


def account(emulator: Emulator) -> None:
    """The numbers on the pool's profile, and another profile."""
    account_of(NUMBERS)(emulator)
    for profile in (PROFILE, OTHER_PROFILE):
        emulator.add_profile(profile)
    for number in NUMBERS:
        emulator.put_on_profile(number, PROFILE)


async def others_are_ready(world: World) -> None:
    """One bad number never delays another, and none was taken off or moved."""
    for number in REST:
        assert (await world.explain(number)).phase == "Ready"
    assert [world.emulator.posts(number) for number in REST] == [1] * len(REST)
    assert not [one for one in world.emulator.journal() if one.method in ("DELETE", "PUT")]


@pytest.mark.covers("D01d")
async def test_a_request_that_comes_too_early_waits_without_an_alarm_and_goes_through_at_last(tmp_path: Path) -> None:
    """Code 10036 for three hours, from a campaign that reads as approved: more tries than a failure would have."""
    async with a_world(tmp_path, WANTED, rest=HOURLY, stage=account) as world:
        world.emulator.fail_next(FIRST, "refuse", reason="Resource is being processed", code="10036", times=None)
        await world.wait(3 * HOUR)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason) == ("Waiting", "campaign_in_review")
        refused = [at for at, status in world.posts() if status == 400]
        assert 4 < len(refused) < 30
        assert world.fired == set()
        await others_are_ready(world)

        world.emulator.clear_failures(FIRST)
        await world.wait(15 * MINUTE)

        assert (await world.explain(FIRST)).phase == "Ready"
        assert world.fired == set()


@pytest.mark.covers("D01e")
@pytest.mark.parametrize("reasons", [*Reasons])
@pytest.mark.parametrize(("group", "carrier"), [("tmobile", "tmobile"), ("non_tmobile", "others")])
async def test_a_carrier_that_refuses_an_assigned_number_is_named_with_its_reason(
    tmp_path: Path, reasons: Reasons, group: str, carrier: str
) -> None:
    """Also where `failureReasons` is null and the reason stands in `errors`."""
    async with a_world(tmp_path, WANTED, rest=HOURLY, stage=account) as world:
        world.emulator.oddities = Oddities(reasons=reasons)
        world.emulator.fail_next(FIRST, "carrier", carrier=group, reason="NNID is not on net", times=None)
        await world.wait(15 * MINUTE)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason) == ("Blocked", "carrier_refused")
        assert "NNID is not on net" in said.message
        assert next(check.name for check in said.checks if check.result != "ok") == f"carrier {carrier}"
        assert world.fired == {("CarrierMappingFailed", FIRST)}
        assert world.assigned()[FIRST] == (CAMPAIGN, AssignmentStatus.ASSIGNED)
        assert world.emulator.posts(FIRST) == 1
        await others_are_ready(world)


@pytest.mark.covers("A10")
async def test_an_assignment_that_stays_pending_for_a_day_is_told_and_not_repeated(tmp_path: Path) -> None:
    behaviour = Behaviour(assignment_seconds=26 * HOUR.total_seconds())
    async with a_world(tmp_path, pool_of([FIRST]), rest=RARELY, behaviour=behaviour, stage=account) as world:
        await world.wait(3 * HOUR)
        assert world.fired == set()
        await world.wait(22 * HOUR)

        assert await world.phases() == {"Assigning": 1}
        assert world.fired == {("AssignmentStuck", FIRST)}
        assert world.emulator.posts(FIRST) == 1

        await world.wait(2 * HOUR)
        assert await world.phases() == {"Ready": 1}
        assert await world.alerts() == ()


@pytest.mark.covers("A10")
async def test_a_failure_without_a_reason_is_tried_three_times_more_and_then_told(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, rest=HOURLY, stage=account) as world:
        world.emulator.fail_next(FIRST, "assignment", reason="", times=None)
        await world.wait(DAY)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason) == ("Blocked", "telnyx_refused")
        assert "without a reason" in said.message
        assert 4 <= world.emulator.posts(FIRST) <= 4 + 24 // 6
        assert ("AssignmentFailed", FIRST) in world.fired
        await others_are_ready(world)


@pytest.mark.covers("A10")
async def test_a_number_that_could_not_be_taken_off_is_shown_and_left(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, rest=HOURLY, stage=account) as world:
        await world.wait(10 * MINUTE)
        world.emulator.fail_next(FIRST, "removal", reason="stuck", times=None)
        world.emulator.begin_removal(world.emulator.assignments()[FIRST], world.seconds)
        await world.wait(5 * HOUR)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason, said.who) == ("Drifted", "reading_differs", "you")
        assert world.emulator.posts(FIRST) == 1
        assert world.assigned()[FIRST] == (CAMPAIGN, AssignmentStatus.FAILED_UNASSIGNMENT)
        await others_are_ready(world)


def retype(kind: str, country: str = "US") -> Callable[[World], None]:
    """Telnyx has the number as another kind from now on."""

    def happen(world: World) -> None:
        known = world.emulator.numbers()[FIRST]
        world.emulator.release_number(FIRST)
        world.emulator.add_number(
            FIRST, messaging_profile_id=known.messaging_profile_id, phone_number_type=kind, country=country
        )

    return happen


def off_its_profile(world: World) -> None:
    """Somebody takes it off its messaging profile, and off its campaign."""
    world.emulator.put_on_profile(FIRST, None, world.seconds)
    world.emulator.remove_by_hand(FIRST, world.seconds)


def on_another_profile(world: World) -> None:
    """Somebody puts it on another, and takes it off its campaign."""
    world.emulator.put_on_profile(FIRST, OTHER_PROFILE, world.seconds)
    world.emulator.remove_by_hand(FIRST, world.seconds)


GONE = ("Gone", "number_not_in_account")
WRONG = ("Blocked", "not_us_long_code")


@pytest.mark.covers("D07")
@pytest.mark.parametrize(
    ("happens", "policy", "expected", "profile"),
    [
        pytest.param(lambda world: world.emulator.release_number(FIRST), "attach", GONE, None, id="released"),
        pytest.param(retype("toll_free"), "attach", WRONG, PROFILE, id="toll-free now"),
        pytest.param(retype("shortcode"), "attach", WRONG, PROFILE, id="a short code now"),
        pytest.param(retype("local", "CA"), "attach", WRONG, PROFILE, id="of Canada now"),
        pytest.param(off_its_profile, "attach", ("Ready", ""), PROFILE, id="off its profile, and may be put back"),
        pytest.param(off_its_profile, "fail", ("Blocked", "profile_missing"), None, id="off its profile, and may not"),
        pytest.param(off_its_profile, "skip", ("Blocked", "profile_missing"), None, id="off its profile, and skipped"),
        pytest.param(on_another_profile, "attach", ("Blocked", "other_profile"), OTHER_PROFILE, id="on another"),
    ],
)
async def test_a_number_that_is_not_what_it_was_says_so_and_costs_few_calls(
    tmp_path: Path, happens: Callable[[World], object], policy: str, expected: tuple[str, str], profile: str | None
) -> None:
    wanted = pool_of(NUMBERS, PROFILED, f"policy: {{on_missing_profile: {policy}}}")
    async with a_world(tmp_path, wanted, rest="schedule: {drift_check: every 10m}", stage=account) as world:
        await world.wait(10 * MINUTE)
        assert await world.phases() == {"Ready": len(NUMBERS)}
        happens(world)
        await world.wait(40 * MINUTE)

        said = await world.explain(FIRST)
        assert (said.phase, said.reason) == expected
        if FIRST in world.emulator.numbers():
            assert world.emulator.numbers()[FIRST].messaging_profile_id == profile
        await others_are_ready(world)

        calls = len(world.emulator.journal())
        posts = world.emulator.posts(FIRST)
        await world.wait(HOUR)
        assert len(world.emulator.journal()) - calls < MOST_CALLS_AN_HOUR
        assert world.emulator.posts(FIRST) == posts
        assert ((await world.explain(FIRST)).phase, said.reason) == expected
