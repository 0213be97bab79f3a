"""A service at work while this machine's clock is set: its loops go on, and the schedule with them."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.app.world import SteadyClock
from reconciler.model.alerts import AlertName
from reconciler.sandbox.faults import Fault, Faults
from tests.app.at_work import CAMPAIGN, LOOK_SECONDS, NUMBERS, Work, at_work, pool
from tests.builders import HOUR, MINUTE, SECOND

pytestmark = pytest.mark.anyio

TO_1970 = datetime(1970, 1, 1, tzinfo=UTC) - datetime.now(UTC)


class Wall:
    """The machine's clock."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off


async def is_followed(work: Work, wall: Wall) -> None:
    """Wait until the service goes by the clock as it is set now."""
    clock = work.service.hands.clock
    await work.until("the clock to be followed", lambda: abs(wall.now() - clock.now()) < SECOND)


async def alerts_of(work: Work) -> list[AlertName]:
    stored, _ = await work.service.store.alerts()
    return [one.condition.alert for one in stored if one.resolved_at is None]


async def is_told(work: Work) -> None:
    """Wait until there is an alert of the clock."""
    for _ in range(2_000):
        if AlertName.CLOCK_WRONG in await alerts_of(work):
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("nobody is told that the clock was set")


@pytest.mark.covers("F-30", "Q11")
@pytest.mark.parametrize("by", [HOUR, -HOUR, TO_1970], ids=["+1 h", "-1 h", "to 1970"])
async def test_a_batch_goes_on_and_nothing_is_asked_for_twice(tmp_path: Path, by: timedelta) -> None:
    wall = Wall()
    async with at_work(tmp_path, pool("acme", NUMBERS), rate="20/s", clock=SteadyClock(wall.now)) as work:
        work.line.faults = Faults(upcoming=(Fault.LOSE_ANSWER,) * 6, methods=frozenset({"POST"}))
        await work.until("some requests", lambda: len(work.posts()) >= 8)
        wall.off = by
        await is_followed(work, wall)
        await is_told(work)

        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        await work.until_quiet()

        assert work.posts_of(NUMBERS) == [1] * len(NUMBERS)
        assert await alerts_of(work) == [AlertName.CLOCK_WRONG]
        calls = len(work.line.emulator.journal())
        await work.service.sync()
        await work.until("a look", lambda: len(work.line.emulator.journal()) > calls)


@pytest.mark.covers("F-30", "Q11")
@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["+1 h", "-1 h"])
async def test_the_schedule_counts_from_now(tmp_path: Path, by: timedelta) -> None:
    """The scheduler's own clock is the wall's, and is not set here: what it counts anew shows in its times."""
    wall = Wall()
    hourly = ", jitter: 0s"
    async with at_work(tmp_path, pool("acme", NUMBERS), schedule=hourly, clock=SteadyClock(wall.now)) as work:
        await work.until("a schedule", lambda: work.service.schedule.next_at is not None)
        before = work.service.schedule.next_at
        assert before is not None
        wall.off = by
        await is_followed(work, wall)

        def is_anew() -> bool:
            after = work.service.schedule.next_at
            return after is not None and after > before

        await work.until("a schedule that counts from now", is_anew)


@pytest.mark.covers("F-31")
async def test_a_leap_second_or_a_clock_that_is_slewed_is_nothing(tmp_path: Path) -> None:
    wall = Wall()
    async with at_work(tmp_path, pool("acme", NUMBERS[:3]), clock=SteadyClock(wall.now)) as work:
        for step in range(15):
            wall.off = timedelta(milliseconds=100 * step * (-1) ** step)
            await work.service.sync()
            await work.until_looked()
        await work.until_quiet()

        assert await alerts_of(work) == []
        assert work.posts_of(NUMBERS[:3]) == [1] * 3


@pytest.mark.covers("F-30")
async def test_a_clock_set_back_while_the_service_is_down_holds_nothing(tmp_path: Path) -> None:
    """Meanwhile all numbers were taken away: that is believed at once, though what was known is an hour ahead."""
    wall = Wall()
    wall.off = HOUR
    async with at_work(tmp_path, pool("acme", NUMBERS[:3]), clock=SteadyClock(wall.now)) as work:
        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS[:3]))
        await work.until_quiet()
    wall.off = timedelta()

    async with at_work(tmp_path, pool("acme", NUMBERS[:3]), clock=SteadyClock(wall.now)) as work:
        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS[:3]))
        await work.until_quiet()

        assert work.posts_of(NUMBERS[:3]) == [1] * 3
        await is_told(work)
        assert later(tmp_path / "tendlc.db", datetime.now(UTC) + 11 * MINUTE) == []


def later(path: Path, than: datetime) -> list[str]:
    """The columns of the running state that hold a time later than this."""
    microseconds = int(than.timestamp() * 1e6)
    found = []
    with sqlite3.connect(path) as connection:
        for table in ("triggers", "sightings", "lines", "listings", "campaigns", "alerts", "operations"):
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "BIGINT" and name not in ("id", "operation", "lease_token"):
                    opened = " AND step != 'closed'" * (table == "operations")  # what is closed is history
                    which = f"SELECT count(*) FROM {table} WHERE {name} > ?{opened}"  # noqa: S608 -- our own names
                    (many,) = connection.execute(which, (microseconds,)).fetchone()
                    found += [f"{table}.{name}"] * bool(many)
    connection.close()
    return found
