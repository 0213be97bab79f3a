"""Reloads that signals ask for: one at a time, and however many are asked for meanwhile are one more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Reloads:
    """`reload` raises nothing."""

    def __init__(self, reload: Callable[[], Awaitable[None]]) -> None:
        self._reload = reload
        self._asked = False
        self._running: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Reload, with what the config says from now on."""
        self._asked = True
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    def stop(self) -> tuple[asyncio.Task[None], ...]:
        """Begin none any more. What is under way, if anything."""
        self._asked = False
        return () if self._running is None else (self._running,)

    async def _run(self) -> None:
        while self._asked:
            self._asked = False
            await self._reload()
