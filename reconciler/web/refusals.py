"""Webhooks that were not authentic: the latest of them, in memory, and no more than it takes to tell too many."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from reconciler.model.health import MANY_UNSIGNED, Unsigned


class Refusals:
    """Takes in as many as may come: nothing here grows, waits or touches a disk."""

    def __init__(self) -> None:
        self._latest: deque[datetime] = deque(maxlen=MANY_UNSIGNED)
        self._reason = ""

    def note(self, reason: str, at: datetime) -> None:
        """A request was refused, for this reason."""
        self._latest.append(at)
        self._reason = reason

    def told(self, since: datetime) -> Unsigned:
        """What came since the start."""
        return Unsigned(since, tuple(self._latest), self._reason)
