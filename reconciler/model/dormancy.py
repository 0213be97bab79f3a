"""Dormancy: a campaign that had no numbers and no traffic for 15 days, and what is done to wake it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.ids import CampaignId

SUSPENDED_AT_TCR = "TCR_SUSPENDED"
"""The `campaignStatus` of a campaign that is dormant, or was suspended for a cause (KB:10dlc-event-notifications)."""
WAKE_WAITS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
"""How long each assignment that is to wake a campaign is given, and by their number how many there are.

Telnyx says to wait 1 to 2 minutes, and tries by itself again after 1 min, 10 min and 1 h; usual are 1 to 5 minutes
(SUP:10723378). So nobody is asked for before Telnyx has gone through with it.
"""
READS_LAG = timedelta(seconds=60)
"""How long after an event a reading may still show what was before it; Telnyx's clock and ours differ, too."""


@dataclass(frozen=True, slots=True)
class Dormancy:
    """A campaign that Telnyx told to be dormant, and what was done to wake it."""

    campaign: CampaignId
    told_at: datetime
    """When the event came, or was made."""
    tries: int = 0
    """Assignments that were sent to wake it."""
    tried_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When a person is asked, because the last try has had its time; None while there are tries left."""
        return self.waited_until if self.tries >= len(WAKE_WAITS) else None

    @property
    def due_at(self) -> datetime | None:
        """When it may be tried (again); None: never more."""
        return None if self.tries >= len(WAKE_WAITS) else self.waited_until

    @property
    def waited_until(self) -> datetime:
        """When the last try has had its time, or would have; without one, when it was told."""
        if self.tried_at is None or not self.tries:
            return self.told_at
        return self.tried_at + WAKE_WAITS[min(self.tries, len(WAKE_WAITS)) - 1]

    def is_contradicted(self, read_at: datetime) -> bool:
        """Whether a reading of then that is not suspended shows that it was over, or never was."""
        return read_at >= self.told_at + READS_LAG

    def lasts(self, read_at: datetime) -> bool:
        """Whether a campaign that still reads as suspended then may yet wake by itself, or by what we do."""
        return self.ends_at is None or read_at < self.ends_at

    def next_at(self, now: datetime, wake_look: timedelta) -> datetime | None:
        """When to look next at whether it woke, or to try again: `wake_look` after a try, and at the end of its time.

        None: it may be tried now.
        """
        looks = (None if self.tried_at is None else self.tried_at + wake_look, self.due_at, self.ends_at)
        return min((at for at in looks if at is not None and at > now), default=None)
