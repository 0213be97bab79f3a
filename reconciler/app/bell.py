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
                await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()
