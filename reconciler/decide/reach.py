"""reach: how far back to read the list of deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

AT_FIRST = timedelta(hours=24)
AT_MOST = timedelta(days=7)
OVERLAP = timedelta(minutes=10)
"""Clocks differ, and a delivery is begun up to 2 min before its last attempt fails (KB:10dlc-event-notifications)."""


def reach(read_at: datetime | None, webhook_at: datetime | None, *, now: datetime) -> datetime:
    """The time from which deliveries may hold what we never saw.

    From the last read of the list; if there was none, from the last webhook, and a day at least: that one came does
    not say that those before it did.
    """
    known_until = read_at if read_at is not None else min(webhook_at or now, now - AT_FIRST)
    return max(now - AT_MOST, min(known_until, now) - OVERLAP)
