"""What the person on call hears over hours and days: seldom, once, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from tests.builders import CAMPAIGN, HOUR, MINUTE, a_number
from tests.inline import HOOK, World, a_world

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
