"""The timekeeper: follows this machine's clock when it is set, and has everything that waits move with it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from reconciler import flow
from reconciler.app.world import SteadyClock
from reconciler.decide import clock
from reconciler.ports import Clock, Hands
from reconciler.store.store import SqlStore

LOOK_SECONDS = 1.0
NOTE_EVERY = timedelta(minutes=1)
"""What the clock showed is remembered this often: at the next start, what is later than that is not later at all."""

log = structlog.get_logger()


class Timekeeper:
    """Only a `SteadyClock` is ever set. `moved` is called at once, with how far; `settled` once the store knows it.

    `moved` is for what waits in memory.
    """

    def __init__(self, time: Clock, moved: Callable[[timedelta], None], settled: Callable[[], Awaitable[None]]) -> None:
        self._time = time
        self._moved = moved
        self._settled = settled
        self._untold: deque[tuple[timedelta, datetime]] = deque()
        """How far and to when the clock was set, where the store has not been told."""
        self._quiet_at: datetime | None = time.now() + clock.QUIET
        self._noted_at: datetime | None = None

    async def step(self, hands: Hands, store: SqlStore) -> float:
        """Look at the clock; how many seconds to rest."""
        self._follow()
        while self._untold:
            # Nothing is waited for between following and this: the store hears of it before any time of the new clock.
            await flow.follow(hands, *self._untold[0])
            self._untold.popleft()
            await self._settled()
        now = self._time.now()
        if self._noted_at is None or now >= self._noted_at + NOTE_EVERY:
            self._noted_at = now
            await store.clock_shows(now)
        if self._quiet_at is not None and now >= self._quiet_at:
            await store.judge(clock.of_quiet(), now)
            self._quiet_at = None
        return LOOK_SECONDS

    def _follow(self) -> None:
        time = self._time
        by = time.off() if isinstance(time, SteadyClock) else timedelta()
        if isinstance(time, SteadyClock) and abs(by) > clock.MOST_OFF:
            time.follow(by)
            self._moved(by)
            self._untold.append((by, time.now()))
            self._noted_at, self._quiet_at = None, time.now() + clock.QUIET
            log.warning("clock_set", seconds=round(by.total_seconds(), 3))
