"""The store was lost, or is an old one: that is seen, said, and nothing that may have been asked for is asked again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.sandbox.behaviour import Behaviour
from tests.builders import HOUR, MINUTE, NUMBER, PATIENCE, SECOND, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = [a_number(which) for which in range(8)]
FIRST = NUMBERS[:3]
SLOW_TO_SHOW = Behaviour(assignment_seconds=20, listing_lag_seconds=40)
"""What was asked for is on no list for most of the settle window."""
DAY = timedelta(hours=24)

Loss = Callable[[Path], None]


def back_up(folder: Path) -> None:
    """As `sqlite3 .backup` does, from a store in use."""
    with closing(sqlite3.connect(folder / "tendlc.db")) as store, closing(sqlite3.connect(folder / "backup")) as copy:
        store.backup(copy)


def forget(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def restored(folder: Path) -> None:
    forget(folder, "tendlc.db-wal", "tendlc.db-shm")
    shutil.copy(folder / "backup", folder / "tendlc.db")


def restored_elsewhere(folder: Path) -> None:
    """A backup is put where there never was a store, or all that stood beside it was removed."""
    restored(folder)
    forget(folder, "tendlc.db.lock", "tendlc.db.witness")


def lost(folder: Path) -> None:
    forget(folder, "tendlc.db", "tendlc.db-wal", "tendlc.db-shm")


def lost_with_all(folder: Path) -> None:
    lost(folder)
    forget(folder, "tendlc.db.lock", "tendlc.db.witness")


async def asked_and_killed(world: World, folder: Path) -> None:
    """Some numbers are Ready; a backup is made; all others are asked for, and the process ends before any is shown."""
    await world.wait(5 * MINUTE)
    assert world.assigned().keys() == set(FIRST)
    back_up(folder)
    await world.declare(pool_of(NUMBERS))
    await world.calm()
    assert world.assigned().keys() == set(NUMBERS)
    await world.close()


def requests(world: World) -> dict[str, int]:
    return {number: world.emulator.posts(number) for number in NUMBERS}


@pytest.mark.covers("F-76", "H03")
@pytest.mark.parametrize(
    ("loss", "alert"),
    [(restored, "StoreRestored"), (restored_elsewhere, "StoreRestored"), (lost, "StoreLost")],
)
async def test_nothing_is_asked_twice_and_everything_is_ready_in_the_end(
    tmp_path: Path, loss: Loss, alert: str
) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS), behaviour=SLOW_TO_SHOW) as world:
        await asked_and_killed(world, tmp_path)
        loss(tmp_path)
        await world.start()

        await world.wait(MINUTE)
        said = (await world.status()).store
        assert said is not None
        assert said.cause == alert.removeprefix("Store").lower()
        assert [one.alert.value for one in await world.alerts()] == [alert]
        await world.wait(10 * MINUTE)

        assert requests(world) == dict.fromkeys(NUMBERS, 1)
        assert world.removals() == 0
        assert await world.phases() == {"Ready": len(NUMBERS)}
        await world.wait(DAY)
        assert alert not in {one.alert for one in await world.alerts()}
        assert (await world.status()).store is None


async def test_what_was_never_asked_for_is_asked_for_after_the_settle_window(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS), behaviour=SLOW_TO_SHOW) as world:
        await asked_and_killed(world, tmp_path)
        lost(tmp_path)
        for number in NUMBERS[5:]:
            world.emulator.remove_by_hand(number, world.seconds)
        await world.start()
        opened_at = world.now

        await world.wait(PATIENCE.settle_window - SECOND)
        assert requests(world) == dict.fromkeys(NUMBERS, 1)
        await world.wait(5 * MINUTE)

        assert requests(world) == dict.fromkeys(NUMBERS[:5], 1) | dict.fromkeys(NUMBERS[5:], 2)
        assert await world.phases() == {"Ready": len(NUMBERS)}
        assert world.now - opened_at < 10 * MINUTE


async def test_without_store_and_witness_it_only_adds(tmp_path: Path) -> None:
    """As on the first day: nobody can know that there was another."""
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS)) as world:
        await world.wait(5 * MINUTE)
        await world.close()
        lost_with_all(tmp_path)
        await world.start()
        await world.declare(pool_of(NUMBERS))
        await world.wait(5 * MINUTE)

        assert world.removals() == 0
        assert requests(world) == dict.fromkeys(NUMBERS, 1)
        assert await world.phases() == {"Ready": len(NUMBERS)}
        assert (await world.status()).store is None


async def test_a_restart_is_no_new_epoch(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS)) as world:
        for _ in range(3):
            await world.wait(MINUTE)
            await world.restart()

        assert (await world.status()).store is None
        assert await world.alerts() == ()


async def test_a_backup_after_which_nothing_was_sent_is_the_store(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS)) as world:
        await world.wait(5 * MINUTE)
        back_up(tmp_path)
        await world.wait(HOUR)
        await world.close()
        restored(tmp_path)
        await world.start()
        await world.wait(5 * MINUTE)

        assert requests(world) == dict.fromkeys(FIRST, 1) | dict.fromkeys(NUMBERS[3:], 0)
        assert (await world.status()).store is None


async def test_an_operation_of_an_old_store_is_read_before_it_is_sent(tmp_path: Path) -> None:
    """The backup says that it waits to be sent; since then it was sent."""
    async with a_world(tmp_path, pool_of(NUMBERS), stage=account_of(NUMBERS), behaviour=SLOW_TO_SHOW) as world:
        await world.store.pause(Freeze(EVERYWHERE, world.now, "", "ann"))
        await world.calm()
        back_up(tmp_path)
        await world.store.resume(world.now)
        await world.calm()
        await world.close()
        restored(tmp_path)
        await world.start()
        await world.store.resume(world.now)
        await world.wait(10 * MINUTE)

        assert requests(world) == dict.fromkeys(NUMBERS, 1)
        assert await world.phases() == {"Ready": len(NUMBERS)}


async def test_nothing_of_an_old_store_is_taken_for_ours(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS)) as world:
        await asked_and_killed(world, tmp_path)
        restored(tmp_path)
        await world.start()
        await world.wait(10 * MINUTE)

        seen = (await world.store.recall(None)).sightings
        assert {one.put_on for one in seen.values()} == {None}
        assert (await world.store.epoch()).add_only_since is not None
        world.emulator.remove_by_hand(NUMBERS[0], world.seconds)
        await world.wait(HOUR)
        assert world.emulator.posts(NUMBERS[0]) == 2, "what is wanted is put back all the same"


async def test_it_is_seen_once_and_said_until_a_day_is_over(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FIRST), stage=account_of(NUMBERS)) as world:
        await asked_and_killed(world, tmp_path)
        restored(tmp_path)
        await world.start()
        number = (await world.store.epoch()).number
        await world.wait(MINUTE)
        await world.restart()
        await world.wait(MINUTE)

        assert (await world.store.epoch()).number == number
        assert [one.alert.value for one in world.messages] == ["StoreRestored"]
        assert NUMBER not in world.assigned()
