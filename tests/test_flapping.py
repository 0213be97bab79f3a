"""Somebody takes off its campaign what we put there, again and again: we stop, say so once, and go on by ourselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.app import operate
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, NUMBER, OTHER, POOL, PROFILE
from tests.inline import HOOK, MONDAY, World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

POOLS = pool_of([NUMBER, OTHER])
EVERY_10_MINUTES = "schedule: {drift_check: every 10m}"
RARELY = "schedule: {drift_check: every 3h}"
DAY = timedelta(hours=24)


async def fight(world: World, times: int) -> None:
    """A person takes the number off its campaign every 10 minutes, so many times, whenever it is there."""
    for _ in range(times):
        await world.wait(5 * MINUTE)
        if NUMBER in world.assigned():
            world.emulator.remove_by_hand(NUMBER, world.seconds)
        await world.wait(5 * MINUTE)
        await world.sweep()


def heard(world: World) -> list[tuple[str, str, int]]:
    return [(one.alert.value, one.status, one.count) for one in world.messages]


@pytest.mark.covers("D06")
async def test_after_three_reversals_nothing_more_is_sent_and_one_alert_says_so(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=EVERY_10_MINUTES, stage=account_of([NUMBER, OTHER])) as world:
        await fight(world, 9)

        assert world.emulator.posts(NUMBER) == 3, "asked for, and put back twice"
        assert world.emulator.posts(OTHER) == 1
        assert heard(world) == [("Flapping", "firing", 1)]
        assert (await world.numbers())[NUMBER].reason == "flapping"
        assert (await world.explain(OTHER)).phase == "Ready"
        assert await world.reasons(POOL) == {"flapping", ""}


async def test_it_is_tried_again_by_itself_when_three_no_longer_lie_within_a_day(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        await fight(world, 3)
        until = (await world.explain(NUMBER)).next_at
        assert until is not None
        assert MONDAY + DAY < until < MONDAY + DAY + HOUR

        await world.wait(until - world.now - MINUTE)
        assert NUMBER not in world.assigned()
        await world.wait(2 * MINUTE)

        assert NUMBER in world.assigned()
        assert world.emulator.posts(NUMBER) == 4
        assert await world.alerts() == ()
        assert (await world.explain(NUMBER)).phase == "Ready"
        await world.wait(HOUR)
        assert heard(world)[-1] == ("Flapping", "resolved", 1)


async def test_a_person_lets_it_try_once_more_and_it_is_held_again_by_the_next(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        await fight(world, 3)

        done = await operate.retry(world.store, world.desired, [NUMBER, OTHER], "ann", world.now)
        assert [one.done for one in done.numbers] == ["send", "nothing"]
        await world.calm()
        assert world.emulator.posts(NUMBER) == 4, "at once, and not at the next drift check"
        assert ("asked", "ann") in {(one.what, one.detail[3:6]) for one in (await world.explain(NUMBER)).timeline}

        await fight(world, 3)
        assert world.emulator.posts(NUMBER) == 4
        assert (await world.explain(NUMBER)).reason == "flapping"


async def test_a_restart_forgets_no_reversal(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        for _ in range(6):
            await fight(world, 1)
            await world.restart()

        assert world.emulator.posts(NUMBER) == 3


async def test_a_number_that_is_on_its_campaign_whoever_put_it_there_is_not_held(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        await fight(world, 3)

        world.emulator.assign_by_hand(NUMBER, CAMPAIGN, world.seconds)
        await world.sweep()

        assert (await world.explain(NUMBER)).phase == "Ready"
        assert await world.alerts() == ()


async def test_what_others_put_there_and_take_away_is_no_reversal_of_ours(tmp_path: Path) -> None:
    def stage(emulator: Emulator) -> None:
        account_of([NUMBER, OTHER])(emulator)
        emulator.assign_by_hand(NUMBER, CAMPAIGN)

    async with a_world(tmp_path, POOLS, rest=RARELY, stage=stage) as world:
        await fight(world, 5)

        assert world.emulator.posts(NUMBER) == 3, "theirs is put back, and then ours twice more: theirs does not count"


async def test_a_move_to_another_campaign_and_back_off_it_is_a_reversal(tmp_path: Path) -> None:
    def stage(emulator: Emulator) -> None:
        account_of([NUMBER, OTHER])(emulator)
        emulator.add_campaign(FOREIGN, status="MNO_PROVISIONED")

    async with a_world(tmp_path, POOLS, rest=RARELY, stage=stage) as world:
        for _ in range(5):
            await world.wait(10 * MINUTE)
            if world.assigned().get(NUMBER, ("",))[0] == CAMPAIGN:
                world.emulator.assign_by_hand(NUMBER, FOREIGN, world.seconds)
                await world.sweep()
                await world.wait(5 * MINUTE)
                world.emulator.remove_by_hand(NUMBER, world.seconds)
                await world.wait(5 * MINUTE)
                await world.sweep()

        assert world.emulator.posts(NUMBER) == 3
        assert (await world.explain(NUMBER)).reason == "flapping"


async def test_another_campaign_in_the_config_reverses_nothing(tmp_path: Path) -> None:
    """A person does what the conflict asks for: takes it off the campaign that the pool had before."""

    def stage(emulator: Emulator) -> None:
        account_of([NUMBER])(emulator)
        emulator.add_campaign(FOREIGN, status="MNO_PROVISIONED")

    async with a_world(tmp_path, pool_of([NUMBER]), rest=RARELY, stage=stage) as world:
        for campaign in (FOREIGN, CAMPAIGN) * 3:
            await world.wait(20 * MINUTE)
            await world.declare(pool_of([NUMBER]).replace(CAMPAIGN, campaign))
            await world.wait(20 * MINUTE)
            world.emulator.remove_by_hand(NUMBER, world.seconds)
            await world.wait(MINUTE)
            await world.sweep()
            await world.wait(5 * MINUTE)

        assert (await world.explain(NUMBER)).phase == "Ready"


async def test_refusals_are_no_reversals(tmp_path: Path) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        world.emulator.fail_next(NUMBER, "assignment", reason="DCA said no", times=None)
        await world.wait(9 * HOUR)

        assert "Flapping" not in {name for name, _ in world.fired}
        assert (await world.explain(NUMBER)).reason == "telnyx_refused"


async def test_lists_that_lack_it_are_no_reversals(tmp_path: Path) -> None:
    """Our own doubt: a list lacks it three times, and a read of the number itself finds it where it was."""
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=account_of([NUMBER, OTHER])) as world:
        await world.wait(10 * MINUTE)
        for _ in range(4):
            world.emulator.oddities = world.emulator.oddities.__class__(omitted_numbers=(NUMBER,), total_off_by=-1)
            await world.sweep()
            world.emulator.oddities = world.emulator.oddities.__class__()
            await world.wait(10 * MINUTE)

        assert world.emulator.posts(NUMBER) == 1
        assert (await world.explain(NUMBER)).phase == "Ready"


async def test_it_is_not_put_on_a_messaging_profile_either(tmp_path: Path) -> None:
    def stage(emulator: Emulator) -> None:
        emulator.add_campaign(CAMPAIGN, status="MNO_PROVISIONED", webhook_url=HOOK)
        emulator.add_profile(PROFILE)
        emulator.add_number(NUMBER, messaging_profile_id=PROFILE)

    pools = pool_of([NUMBER], f"messaging_profile: {PROFILE}")
    async with a_world(tmp_path, pools, rest=RARELY, stage=stage, behaviour=Behaviour()) as world:
        await fight(world, 3)
        world.emulator.put_on_profile(NUMBER, None)
        await world.resync()
        await world.wait(HOUR)

        assert world.emulator.posts(NUMBER) == 3
        assert world.removals() == 0, "no PATCH of its profile"
        assert (await world.explain(NUMBER)).reason == "flapping"
