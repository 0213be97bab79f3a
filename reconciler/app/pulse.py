"""The pulse: which loops are in a step that does not end; what ends too early takes the whole service down anyway."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

HANGS_SECONDS = 900.0
"""Longer than any step takes, where each call has a deadline, and a turn may take minutes to come."""


class Pulse:
    """`clock` gives seconds that only pass."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: dict[str, float] = {}

    def felt(self, name: str, step: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
        """The same step, watched."""

        async def watched() -> float:
            self._began[name] = self._clock()
            try:
                return await step()
            finally:
                del self._began[name]

        return watched

    def hanging(self) -> list[str]:
        """The loops whose step has gone on for too long."""
        now = self._clock()
        return [name for name, began in self._began.items() if now - began > HANGS_SECONDS]
