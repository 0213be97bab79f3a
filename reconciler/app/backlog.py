"""The backlog: when to read back what Telnyx told while nobody listened, and how often to try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from reconciler import flow
from reconciler.app.bell import Bell
from reconciler.app.teller import Teller
from reconciler.model.errors import Fault
from reconciler.model.events import ReadBack
from reconciler.ports import Hands

TRIES_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""After a read that failed. When all are over, the next full resync tries again."""
AFTER_A_HALT = timedelta(minutes=1)
REST_SECONDS = 3600.0
"""While nothing is asked: the bell wakes it."""


class Backlog:
    """Asked at each full resync, and once after the start: when the first look is over, so that nothing waits for it.

    `reading` is rung when there are events to read.
    """

    def __init__(self, teller: Teller, reading: Bell) -> None:
        self.bell = Bell()
        self._teller = teller
        self._reading = reading
        self._is_begun = False
        self._waits = list(TRIES_AFTER)
        self._due_at: datetime | None = None

    def begin(self, now: datetime) -> None:
        """A look ended. The first one since the start asks for a read."""
        if not self._is_begun:
            self.ask(now)

    def ask(self, now: datetime) -> None:
        """Read as soon as may be."""
        self._is_begun, self._due_at, self._waits = True, now, list(TRIES_AFTER)
        self.bell.ring()

    def moved(self, by: timedelta) -> None:
        """The clock was set by so much."""
        if self._due_at is not None:
            self._due_at += by

    async def step(self, hands: Hands) -> float:
        """Read if that is due; how many seconds it may rest."""
        now, due_at = hands.clock.now(), self._due_at
        if due_at is None or now < due_at:
            return REST_SECONDS if due_at is None else (due_at - now).total_seconds()
        self._due_at = due_at = now + TRIES_AFTER[0]  # if it raises
        wait = self._make_of(await flow.read_back(hands))
        if self._due_at is due_at:  # else it was asked again meanwhile
            self._due_at = None if wait is None else now + wait
        return 0.0

    def _make_of(self, done: ReadBack | Fault | None) -> timedelta | None:
        """Tell of it; when to try again, if ever."""
        match done:
            case ReadBack():
                self._teller.read_back(done)
                if done.new:
                    self._reading.ring()
                return None
            case Fault():
                self._teller.unheard(done)
                return self._waits.pop(0) if self._waits else None
            case None:
                return AFTER_A_HALT
            case _:
                assert_never(done)
