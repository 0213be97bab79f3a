"""A bell wakes one loop."""

from __future__ import annotations

import asyncio
import contextlib


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
