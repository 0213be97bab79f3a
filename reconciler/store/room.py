"""room: how much space is left where the store is. Events are refused before there is none."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from reconciler.model.errors import StoreError

LOOK_SECONDS = 1.0
"""Between two looks: in a second, events fill some megabytes."""


class StoreFull(StoreError):
    """There is less space than the floor. The store itself works: what keeps it working may still be written."""


class Room:
    """Free space, as of the last second. `clock` gives seconds."""

    def __init__(
        self, free_bytes: Callable[[], int], floor_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """0 as the floor: nobody looks."""
        self._free_bytes = free_bytes
        self._floor = floor_bytes
        self._clock = clock
        self._looked_at = clock() - LOOK_SECONDS
        self._free = 0

    def see(self) -> None:
        """Raises StoreFull if there is less than the floor."""
        if not self._floor:
            return
        now = self._clock()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._free = self._free_bytes()
        if self._free < self._floor:
            found, floor = _megabytes(self._free), _megabytes(self._floor)
            hint = "free some space, or lower `webhook.min_free_space`; delete nothing of the store by hand"
            raise StoreFull(f"no events are taken: the store's disk has {found} left, and {floor} is the floor", hint)


def free_bytes(folder: Path) -> int:
    """What the service may still write there; a folder that cannot be asked is the next write's trouble, not this."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return 2**63
    return found.f_bavail * found.f_frsize


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f} MB"
