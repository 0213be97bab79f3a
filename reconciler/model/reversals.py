"""Reversals: how often somebody undid an assignment of ours, and until when that keeps us from making it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.ids import PhoneNumber

MOST_REVERSALS = 3
"""So many `WITHIN` that time, and nothing more is written for the number: a person works against us."""
WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reversals:
    """When a number that we had put on its campaign was seen to be on none, oldest first; the last three at most."""

    number: PhoneNumber
    times: tuple[datetime, ...]

    def lately(self, now: datetime) -> Reversals:
        """Those that count. A time still to come counts as now: a clock put back holds nothing for more than a day."""
        return Reversals(self.number, tuple(min(at, now) for at in self.times if now - at < WITHIN))

    def and_at(self, at: datetime) -> Reversals:
        """These and one more; what is more than the breaker looks at is dropped."""
        return Reversals(self.number, (*self.times, at)[-MOST_REVERSALS:])

    def forgiven(self) -> Reversals:
        """One less, the oldest: it may be assigned once more, and the next reversal holds it again."""
        return Reversals(self.number, self.times[1:])

    def held_until(self, now: datetime) -> datetime | None:
        """When fewer than three will lie within a day, if it is held until then; None: it is not."""
        times = self.lately(now).times
        return times[-MOST_REVERSALS] + WITHIN if len(times) >= MOST_REVERSALS else None
