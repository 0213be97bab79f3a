"""The real clocks and the real chance."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LONGEST_LOOK_SECONDS = 0.1
"""A look at two clocks that took longer may have been interrupted between them."""
MOST_LOOKS = 10


class SystemClock:
    """The wall clock, in UTC."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)


def elapsed_seconds() -> float:
    """Time that only passes, and passes while the machine sleeps, too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """The wall clock's time when it was last followed, and what has passed since: nobody sets it but who follows."""

    def __init__(
        self, wall: Callable[[], datetime] | None = None, elapsed: Callable[[], float] = elapsed_seconds
    ) -> None:
        self._wall = wall or SystemClock().now
        self._elapsed = elapsed
        self._began = elapsed()
        self._time = self._wall()

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._at(self._elapsed())

    def off(self) -> timedelta:
        """How far the wall clock is ahead of this one; less than nothing where it was set back."""
        for _ in range(MOST_LOOKS):
            before, wall, after = self._elapsed(), self._wall(), self._elapsed()
            if after - before <= LONGEST_LOOK_SECONDS:
                return wall - self._at(before)
        return timedelta()

    def follow(self, by: timedelta) -> None:
        """Go by the wall clock again, which was this far off."""
        self._time += by

    def _at(self, elapsed: float) -> datetime:
        return self._time + timedelta(seconds=elapsed - self._began)


class SystemChance:
    """Jitter; nothing secret hangs on it."""

    def draw(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 -- spreads retries, guards nothing
