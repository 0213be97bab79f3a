"""A store from yesterday is put back, or the service was off for a day: nothing is written by what was seen then."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.model.operations import Step
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, POOL
from tests.inline import World, a_world, account_of, pool_of
from tests.surroundings import KilledError

pytestmark = pytest.mark.anyio
NUMBERS = tuple(f"+1202555{n:04}" for n in range(100, 106))
TAKEN = NUMBERS[0]
A_DAY = timedelta(days=1)
RARELY = "schedule: {drift_check: every 12h}"


def account(emulator: Emulator) -> None:
    account_of(NUMBERS, "MNO_PENDING")(emulator)
    emulator.add_campaign(FOREIGN, status="MNO_PROVISIONED")


async def with_an_event_unread(world: World) -> None:
    """The approval is in the inbox, and nobody has read it."""
    world.emulator.approve(CAMPAIGN, world.seconds)
    assert await world.post.carry(world.now)


async def with_all_queued(world: World) -> None:
    """Every number is about to be asked for."""
    await with_an_event_unread(world)
    while not (await world.store.steps()).get(Step.READY):
        assert await world.step()


async def with_one_sent(world: World) -> None:
    """One is asked for, and the process died before it knew of the answer."""
    await with_all_queued(world)

    async def dies(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            world.wire.apply(request)
            raise KilledError
        return None

    before, world.wire.instead = world.wire.instead, dies
    with pytest.raises(KilledError):
        await world.calm()
    world.wire.instead = before


@pytest.mark.covers("F-76")
@pytest.mark.parametrize("then", [with_an_event_unread, with_all_queued, with_one_sent])
async def test_what_a_restored_store_was_about_to_do_is_read_first(
    tmp_path: Path, then: Callable[[World], Awaitable[None]]
) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        await world.calm()
        await then(world)
        await world.close()
        shutil.copy(tmp_path / "tendlc.db", tmp_path / "yesterday")
        await world.start()
        await world.wait(A_DAY)
        assert await world.phases() == {"Ready": len(NUMBERS)}
        posts, (campaign, _) = world.posts(), world.assigned()[TAKEN]
        assert (len(posts), campaign) == (len(NUMBERS), CAMPAIGN)

        await world.close()
        world.emulator.assign_by_hand(TAKEN, FOREIGN, world.seconds)
        for end in ("", "-wal", "-shm"):
            (tmp_path / f"tendlc.db{end}").unlink(missing_ok=True)
        shutil.copy(tmp_path / "yesterday", tmp_path / "tendlc.db")
        await world.start()
        await world.wait(timedelta(hours=1))

        assert world.posts() == posts
        assert world.removals() == 0
        assert world.assigned()[TAKEN][0] == FOREIGN
        assert (await world.explain(TAKEN)).reason == "foreign_assignment"
        assert await world.phases() == {"Ready": len(NUMBERS) - 1, "Blocked": 1}


async def test_what_waited_for_a_day_is_read_and_then_sent(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        await world.calm()
        await with_all_queued(world)
        await world.close()
        world.clock.time += A_DAY
        world.emulator.assign_by_hand(TAKEN, CAMPAIGN, world.seconds)
        await world.start()
        await world.wait(timedelta(hours=1))

        assert await world.phases(POOL) == {"Ready": len(NUMBERS)}
        assert [status for _, status in world.posts()] == [200] * (len(NUMBERS) - 1)
