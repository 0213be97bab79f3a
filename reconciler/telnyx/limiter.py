"""The one rate limit for all calls to Telnyx: a burst, then a steady pace; the urgent first, and nobody starves."""

from __future__ import annotations

import asyncio
import itertools
import time
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reconciler.model.errors import ReconcilerError
from reconciler.model.operations import Urgency
from reconciler.ports import Sleep

MAX_PAUSE_SECONDS: Final = 300.0
AGING_SECONDS: Final = 5.0
"""Having waited so long counts as much as being one level more urgent."""
CLOCK_GRAIN_SECONDS: Final = 1e-6
"""A wait shorter than this is none: a clock may not be able to show it pass."""


class Crowded(ReconcilerError):
    """More calls wait for their turn than may."""


@dataclass(order=True, slots=True)
class _Waiter:
    place: float
    """Its arrival, later by AGING_SECONDS a level: who came that much earlier goes before who is more urgent."""
    arrival: int
    is_first: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Limiter:
    """Turns to call, `burst` at once and then `rate_per_second`. Belongs to one event loop.

    `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        rate_per_second: float,
        burst: int = 5,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        max_waiting: int = 1000,
    ) -> None:
        if not (rate_per_second > 0 and burst >= 1):
            raise ValueError("a rate is more than 0 per second, a burst 1 or more")
        self._seconds_each = 1 / rate_per_second
        self._seconds_ahead = (burst - 1) * self._seconds_each
        self._clock = clock
        self._sleep = sleep
        self._max_waiting = max_waiting
        self._next_at = clock()
        """When the next turn would be due without a burst; up to `_seconds_ahead` before that, it is given."""
        self._resumes_at = self._next_at
        self._line: list[_Waiter] = []
        self._arrivals = itertools.count()

    async def acquire(self, urgency: Urgency) -> None:
        """Wait for a turn and take it. Raises Crowded where 1,000 wait already. Cancelled, it has taken none."""
        if len(self._line) >= self._max_waiting:
            raise Crowded(
                "too many calls to Telnyx wait for their turn", "raise telnyx.rate_per_second, or check less often"
            )
        waiter = _Waiter(self._clock() + AGING_SECONDS * urgency, next(self._arrivals))
        insort(self._line, waiter)
        try:
            await self._come_first(waiter)
            self._next_at = max(self._next_at, self._clock()) + self._seconds_each
        finally:
            self._line.remove(waiter)
            if self._line:
                self._line[0].is_first.set()

    def give_back(self) -> None:
        """Return a turn that was not used."""
        self._next_at -= self._seconds_each

    def pause(self, seconds: float) -> None:
        """Give no turn for so many seconds (at most 300), and then no burst. A pause never shortens another."""
        self._resumes_at = max(self._resumes_at, self._clock() + min(max(0.0, seconds), MAX_PAUSE_SECONDS))
        self._next_at = max(self._next_at, self._resumes_at + self._seconds_ahead)

    @property
    def _wait_seconds(self) -> float:
        return max(self._next_at - self._seconds_ahead, self._resumes_at) - self._clock()

    async def _come_first(self, waiter: _Waiter) -> None:
        """Only the first in line sleeps for the next turn; somebody more urgent may come before it meanwhile."""
        while True:
            if self._line[0] is not waiter:
                waiter.is_first.clear()
                await waiter.is_first.wait()
            elif (wait := self._wait_seconds) > CLOCK_GRAIN_SECONDS:
                await self._sleep(wait)
            else:
                return
