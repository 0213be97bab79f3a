"""Windows at work: nobody rushes when one opens, and nothing begins once it is closed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.operations import Step
from tests.app.at_work import CAMPAIGN, Work, at_work, pool

pytestmark = pytest.mark.anyio

MANY = tuple(f"+1202555{n:04}" for n in range(100, 200))
RATE, BURST = 40, 5
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = ', timezone: UTC, windows: [{days: [mon], from: "09:00", to: "17:00"}]'
FLIGHT = timedelta(seconds=0.5)
"""From our asking whether the window is open to the request's arrival, on a busy machine."""


class Shifted:
    """A clock that goes as time does, from another time on."""

    def __init__(self, starts_at: datetime) -> None:
        self._starts_at = starts_at
        self._started = time.time()

    def now(self) -> datetime:
        return self.of(time.time())

    def of(self, seconds: float) -> datetime:
        """What it shows at this real time, in Unix seconds."""
        return self._starts_at + timedelta(seconds=seconds - self._started)


HERD = 1.25 * (RATE + BURST)
"""In a second: more than the limiter gives, for calls that it gave one after the other may arrive together."""


def most_in_a_second(times: Iterable[float]) -> int:
    """The most calls that came within one second."""
    every = sorted(times)
    return max((sum(at <= other < at + 1 for other in every) for at in every), default=0)


async def waiting(work: Work) -> int:
    return sum(one.step is Step.READY for one in await work.service.store.operations_open())


@pytest.mark.covers("Q06", "Q08")
async def test_what_waited_for_a_window_goes_out_at_the_rate_when_it_opens(tmp_path: Path) -> None:
    opening = MONDAY.replace(hour=9)
    clock = Shifted(opening - timedelta(seconds=2))
    async with at_work(
        tmp_path, pool("acme", MANY), rate=f"{RATE}/s", schedule=HOURS, numbers=MANY, clock=clock
    ) as work:
        await work.until("the window to open", lambda: clock.now() >= opening - timedelta(seconds=0.2))
        assert await waiting(work) == len(MANY)
        assert work.posts() == []

        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, MANY))

        assert min(clock.of(call.at) for call in work.posts()) >= opening
        assert work.posts_of(MANY) == [1] * len(MANY)
        assert most_in_a_second(call.at for call in work.line.emulator.journal()) <= HERD


@pytest.mark.covers("Q08")
async def test_when_a_window_closes_what_is_on_its_way_ends_and_nothing_begins(tmp_path: Path) -> None:
    """The rate is low, so that requests wait for their turn for longer than the window is open."""
    closing = MONDAY.replace(hour=17)
    clock = Shifted(closing - timedelta(seconds=1.5))
    async with at_work(tmp_path, pool("acme", MANY), rate="4/s", schedule=HOURS, numbers=MANY, clock=clock) as work:
        await work.until("requests", lambda: len(work.posts()) >= BURST - 3)
        await work.until("the window to be closed", lambda: clock.now() >= closing + FLIGHT)
        sent = work.posts()
        assert sent

        await work.service.sync()  # looks go on
        calls = len(work.line.emulator.journal())
        await work.until("a look", lambda: len(work.line.emulator.journal()) > calls + 1)
        asked_for = [number for number in MANY if work.line.emulator.posts(number)]
        await work.until("what was asked for to be assigned", lambda: work.is_on(CAMPAIGN, asked_for))

        assert work.posts() == sent
        assert max(clock.of(call.at) for call in sent) < closing + FLIGHT
        assert await waiting(work) == len(MANY) - len(asked_for)


async def test_what_waited_before_a_restart_goes_out_at_the_rate_after_it(tmp_path: Path) -> None:
    night = Shifted(MONDAY.replace(hour=1))
    async with at_work(
        tmp_path, pool("acme", MANY), rate=f"{RATE}/s", schedule=HOURS, numbers=MANY, clock=night
    ) as work:
        await work.until("a look", lambda: bool(work.line.emulator.journal()))
        await work.until_looked()
        assert await waiting(work) == len(MANY)

    async with at_work(tmp_path, pool("acme", MANY), rate=f"{RATE}/s", numbers=MANY) as work:
        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, MANY))

        assert work.posts_of(MANY) == [1] * len(MANY)
        assert most_in_a_second(call.at for call in work.line.emulator.journal()) <= HERD
