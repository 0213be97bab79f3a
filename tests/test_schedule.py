"""The schedule: two rhythms, spread by chance, that reloads do not put off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.model.settings import Cron, Every, Rhythm, Secret, Settings, TelnyxSettings
from reconciler.model.windows import Windows
from reconciler.schedule import Schedule, longest_gap
from tests.builders import HOUR, MINUTE, SECOND

pytestmark = pytest.mark.anyio

PLAIN = Settings(TelnyxSettings(Secret("KEY"), ()))
NONE = timedelta()
SOON = timedelta(milliseconds=50)
MANY = 50
"""Draws: that none of so many comes near the end of its range is a chance of one in millions."""


@contextmanager
def running(settings: Settings, resynced_at: datetime | None = None) -> Iterator[Schedule]:
    """A schedule that asks nobody for anything."""

    async def nothing() -> None: ...

    schedule = Schedule(nothing, nothing)
    schedule.start(settings, resynced_at)
    try:
        yield schedule
    finally:
        schedule.stop()


def rhythm(check: Rhythm = PLAIN.drift_check, resync: Rhythm = PLAIN.full_resync, jitter: timedelta = NONE) -> Settings:
    return replace(PLAIN, drift_check=check, full_resync=resync, jitter=jitter)


def until(at: datetime | None) -> timedelta:
    assert at is not None
    return at - datetime.now(UTC)


async def test_a_reload_before_the_start_begins_nothing() -> None:
    async def nothing() -> None: ...

    schedule = Schedule(nothing, nothing)
    times = []
    schedule.change(rhythm())
    times.append(schedule.next_at)
    schedule.start(rhythm())
    times.append(schedule.next_at)
    schedule.stop()

    assert [at is None for at in times] == [True, False]


async def test_each_asks_for_its_own() -> None:
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def check() -> None:
        asked.put_nowait("check")

    async def resync() -> None:
        asked.put_nowait("resync")

    schedule = Schedule(check, resync)
    schedule.start(rhythm(Every(SOON), Every(3600 * SECOND)))
    try:
        async with asyncio.timeout(10):
            assert [await asked.get(), await asked.get()] == ["check", "check"]
            schedule.change(rhythm(Every(HOUR), Every(SOON)))
            while await asked.get() != "resync":
                pass
    finally:
        schedule.stop()


async def test_by_default_everything_is_read_anew_at_a_quarter_past_three_by_the_clocks_of_the_zone() -> None:
    zone = ZoneInfo("America/New_York")
    with running(replace(PLAIN, jitter=NONE, windows=Windows((), zone))) as schedule:
        at = schedule.next_resync_at

    assert at is not None
    assert (at.astimezone(zone).hour, at.astimezone(zone).minute) == (3, 15)


@pytest.mark.covers("Q06")
async def test_jitter_only_delays_and_no_longer_than_it_says() -> None:
    delays = set()
    for _ in range(MANY):
        with running(rhythm(Every(10 * MINUTE), jitter=30 * SECOND)) as schedule:
            delays.add(round((until(schedule.next_at) - 10 * MINUTE).total_seconds()))

    assert -1 <= min(delays) < max(delays) <= 30
    assert max(delays) > 10


@pytest.mark.parametrize("check", [Every(SECOND), Cron("* * * * * *")])
async def test_jitter_is_a_quarter_of_the_interval_at_the_most(check: Rhythm) -> None:
    """However short a rhythm is, it stays about what it says."""
    for _ in range(MANY):
        with running(rhythm(check, jitter=30 * SECOND)) as schedule:
            assert until(schedule.next_at) <= 1.25 * SECOND


async def test_a_reload_that_leaves_the_rhythm_puts_nothing_off() -> None:
    settings = rhythm(Every(10 * MINUTE), Every(24 * HOUR), jitter=30 * SECOND)
    with running(settings) as schedule:
        before = schedule.next_at, schedule.next_resync_at
        schedule.change(replace(settings, telnyx=TelnyxSettings(Secret("another"), ())))
        assert (schedule.next_at, schedule.next_resync_at) == before

        schedule.change(replace(settings, drift_check=Every(20 * MINUTE)))
        assert until(schedule.next_at) > 19 * MINUTE
        assert schedule.next_resync_at == before[1]


async def test_a_resync_by_an_interval_is_counted_from_the_last_one() -> None:
    """Else a service that is restarted every night would never come to it."""
    day = rhythm(resync=Every(24 * HOUR))
    with running(day, datetime.now(UTC) - 23 * HOUR) as schedule:
        assert 59 * MINUTE < until(schedule.next_resync_at) <= HOUR
    with running(day) as schedule:
        assert 23 * HOUR < until(schedule.next_resync_at) <= 24 * HOUR


MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("check", "gap"),
    [
        (Every(timedelta(seconds=90)), timedelta(seconds=90)),
        (Cron("*/10 * * * *"), timedelta(minutes=10)),
        (Cron("0 */10 * * * *"), timedelta(minutes=10)),
        (Cron("30 3 * * *"), timedelta(days=1)),
        (Cron("0 9 * * mon-fri"), timedelta(days=3)),
    ],
)
def test_the_longest_gap_between_checks(check: Rhythm, gap: timedelta) -> None:
    assert longest_gap(check, ZoneInfo("America/New_York"), MONDAY) == gap
