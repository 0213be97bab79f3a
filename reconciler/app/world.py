"""The real clock and the real chance."""

from __future__ import annotations

import random
from datetime import UTC, datetime


class SystemClock:
    """The wall clock, in UTC."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)


class SystemChance:
    """Jitter; nothing secret hangs on it."""

    def draw(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 -- spreads retries, guards nothing
