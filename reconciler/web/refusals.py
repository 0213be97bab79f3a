"""Webhooks that were not authentic: the latest of them, in memory, and no more than it takes to tell too many."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from reconciler.model.health import MANY_UNSIGNED, Unsigned

UNTIMELY: Final = "stale_but_authentic"


class Refusals:
    """Takes in as many as may come: nothing here grows, waits or touches a disk."""

    def __init__(self) -> None:
        self._latest: deque[datetime] = deque(maxlen=MANY_UNSIGNED)
        self._reason = ""
        self._untimely: deque[datetime] = deque(maxlen=2)

    def note(self, reason: str, at: datetime) -> None:
        """A request was refused, for this reason. One that Telnyx signed for another time says nothing of keys."""
        if reason == UNTIMELY:
            self._untimely.append(at)
        else:
            self._latest.append(at)
            self._reason = reason

    def moved(self, by: timedelta) -> None:
        """The clock was set by so much."""
        self._latest = deque((at + by for at in self._latest), maxlen=MANY_UNSIGNED)
        self._untimely = deque((at + by for at in self._untimely), maxlen=2)

    def told(self, since: datetime) -> Unsigned:
        """What came since the start."""
        return Unsigned(since, tuple(self._latest), self._reason, tuple(self._untimely))
