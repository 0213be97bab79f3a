"""A bell wakes one loop, before what it waits for or when that comes."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime

IDLE_SECONDS = 30.0
"""A loop with nothing to do looks again after this, woken or not."""


def seconds_until(now: datetime, *times: datetime | None) -> float:
    """How long a loop may rest until the first of these times."""
    at = min((at for at in times if at is not None), default=None)
    return IDLE_SECONDS if at is None else min(max((at - now).total_seconds(), 0.01), IDLE_SECONDS)


class Bell:
    """Rung before the wait, it ends the wait at once; rung often, it still wakes once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """There is work."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until rung, or for so long."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation on Python 3.11
                    await self._event.wait()
        self._event.clear()
