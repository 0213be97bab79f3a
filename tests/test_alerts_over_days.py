"""What the person on call hears over hours and days: seldom, once, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from tests.builders import CAMPAIGN, HOUR, MINUTE, PROFILE, SECOND, a_number
from tests.inline import HOOK, World, a_world, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(8))
POOL = f"- {{name: acme, campaign: {CAMPAIGN}, numbers: {[str(one) for one in NUMBERS]}}}"
TEN_MINUTES = "schedule: {drift_check: every 10m}"
HOURLY = "schedule: {drift_check: every 1h}"
DAY = timedelta(days=1)


def account(status: str) -> Callable[[Emulator], None]:
    """A campaign in this status, and the pool's numbers."""

    def stage(emulator: Emulator) -> None:
        emulator.add_campaign(CAMPAIGN, tcr_campaign_id="C6X6M95", status=status, webhook_url=HOOK)
        for number in NUMBERS:
            emulator.add_number(number)

    return stage


def heard(world: World) -> list[tuple[str, str, int]]:
    return [(one.alert, one.status, one.count) for one in world.messages]


@pytest.mark.covers("F-44")
async def test_an_hour_without_telnyx_is_one_message_and_one_end(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOL, rest=TEN_MINUTES, stage=account("MNO_PROVISIONED")) as world:
        await world.wait(30 * MINUTE)
        world.fault(Faults(probability=1.0, kinds=(Fault.STATUS_503,)))
        world.emulator.remove_by_hand(NUMBERS[3], world.seconds)
        await world.wait(HOUR)
        assert heard(world) == [("TelnyxApiUnavailable", "firing", 1)]

        world.fault(Faults())
        await world.wait(HOUR)

        assert heard(world)[1:] == [("TelnyxApiUnavailable", "resolved", 1)]
        assert await world.alerts() == ()
        assert NUMBERS[3] in world.assigned()


@pytest.mark.covers("O02")
async def test_a_telnyx_that_comes_and_goes_is_told_as_coming_and_going_and_as_over_once_it_is(tmp_path: Path) -> None:
    """Ten minutes away, ten minutes there, six times: it was a message and an end each time."""
    often = "schedule: {drift_check: every 5m}"
    async with a_world(tmp_path, POOL, rest=often, stage=account("MNO_PROVISIONED")) as world:
        for away in (True, False) * 6:
            world.fault(Faults(probability=1.0, kinds=(Fault.STATUS_503,)) if away else Faults())
            for _ in range(10):
                await world.wait(MINUTE)
        assert [status for _, status, _ in heard(world)] == ["firing", "resolved", "firing", "resolved", "firing"]
        assert "It keeps coming back" in world.messages[-1].summary

        await world.wait(3 * HOUR)

        assert {alert for alert, _, _ in heard(world)} == {"TelnyxApiUnavailable"}
        assert [status for _, status, _ in heard(world)][5:] == ["resolved"]


async def test_a_review_of_days_is_silent(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOL, rest=HOURLY, stage=account("MNO_PENDING")) as world:
        await world.wait(3 * DAY)

        assert heard(world) == []
        assert await world.alerts() == ()


async def test_restarts_repeat_nothing_and_a_failure_is_said_again_only_every_four_hours(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOL, rest=HOURLY, stage=account("MNO_PROVISIONED")) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="The number is locked by a port-out.", times=None)
        for _ in range(12):
            await world.wait(HOUR)
            await world.restart()

        assert set(heard(world)) == {("AssignmentFailed", "firing", 1)}
        assert len(heard(world)) <= 12 / 4 + 1


def with_mode(mode: str, numbers: Iterable[str] = NUMBERS) -> str:
    return pool_of(numbers, f"policy: {{mode: {mode}}}")


async def test_a_pool_that_only_observes_fails_nothing_and_fails_again_when_it_acts_again(tmp_path: Path) -> None:
    failed = ("AssignmentFailed", "firing", 1)
    async with a_world(tmp_path, with_mode("enforce"), rest=HOURLY, stage=account("MNO_PROVISIONED")) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="The number is locked by a port-out.", times=None)
        await world.wait(HOUR)
        await world.declare(with_mode("observe"))
        await world.wait(12 * HOUR)
        posts = len(world.posts())

        assert heard(world) == [failed, ("AssignmentFailed", "resolved", 1)]
        assert (await world.explain(NUMBERS[0])).reason == "observe_mode"
        await world.wait(12 * HOUR)
        assert len(world.posts()) == posts

        await world.declare(with_mode("enforce"))
        await world.wait(HOUR)
        assert heard(world)[2:] == [failed]


async def test_a_number_that_failed_and_leaves_the_config_ends_its_alert(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=HOURLY, stage=account("MNO_PROVISIONED")) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="The number is locked by a port-out.", times=None)
        await world.wait(HOUR)
        await world.declare(pool_of(NUMBERS[1:]))
        await world.wait(12 * HOUR)

        assert heard(world) == [("AssignmentFailed", "firing", 1), ("AssignmentFailed", "resolved", 1)]
        assert await world.alerts() == ()


async def test_a_refusal_that_comes_when_its_number_has_left_the_config_is_no_alert(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=HOURLY, stage=account("MNO_PENDING")) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="The number is locked by a port-out.", times=None)

        async def leaves(request: httpx.Request) -> None:
            """While the request is on its way, its number leaves the config."""
            if request.method == "POST" and str(NUMBERS[0]).encode() in request.content:
                await world.declare(pool_of(NUMBERS[1:]))

        world.wire.instead = leaves
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(HOUR)

        assert world.emulator.posts(NUMBERS[0]) == 1
        assert (world.fired, world.messages) == (set(), [])


@pytest.mark.parametrize("late", [0, 5, 600])
async def test_what_is_checked_every_six_hours_is_told_at_the_third_check(tmp_path: Path, late: int) -> None:
    """However late the first look was that saw it: two checks have passed then."""
    pool = pool_of(NUMBERS, f"messaging_profile: {PROFILE}")
    async with a_world(tmp_path, pool, rest="schedule: {drift_check: every 6h}", stage=on_profile) as world:
        await world.wait(6 * HOUR)
        world.emulator.put_on_profile(NUMBERS[0], None, world.seconds)
        await world.wait(late * SECOND)
        await world.sweep()
        (pending,) = await world.store.pending()
        assert (pending.condition.alert, pending.since) == ("DriftUnresolved", world.now)

        await world.wait(12 * HOUR - late * SECOND - MINUTE)
        assert heard(world) == []
        await world.wait(HOUR)
        assert heard(world) == [("DriftUnresolved", "firing", 1)]


def on_profile(emulator: Emulator) -> None:
    """An approved campaign, and the numbers on the pool's messaging profile."""
    account("MNO_PROVISIONED")(emulator)
    emulator.add_profile(PROFILE)
    for number in NUMBERS:
        emulator.put_on_profile(number, PROFILE)
