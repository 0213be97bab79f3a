"""opens: when the schedule's next window for changes opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from reconciler.model.windows import Window, Windows

HORIZON = 14
"""Days to look ahead: every window comes again in a week, and not twice in a row on a day whose clocks skip it."""


def opens(windows: Windows, *, now: datetime) -> datetime | None:
    """The time at which changes may be made again; None: they may be made now.

    A window is of the wall clock of its zone: on the days on which clocks change it is an hour shorter or longer, if
    it spans the change. A time that the clocks skip stands for the one an hour later; where that leaves nothing of a
    window, it does not come on that day.
    """
    if not windows.windows:
        return None
    today = now.astimezone(windows.zone).date()
    days = [today + timedelta(days=offset) for offset in range(-1, HORIZON + 1)]
    spans = [_span(window, day, windows) for window in windows.windows for day in _on(window, days)]
    if any(start <= now < end for start, end in spans):
        return None
    return min(start for start, end in spans if now < start < end)


def _on(window: Window, days: list[date]) -> Iterator[date]:
    return (day for day in days if day.weekday() in window.days)


def _span(window: Window, day: date, windows: Windows) -> tuple[datetime, datetime]:
    ends_on = day if window.end > window.start else day + timedelta(days=1)
    start = datetime.combine(day, window.start, windows.zone)
    end = datetime.combine(ends_on, window.end, windows.zone)
    return start.astimezone(UTC), end.astimezone(UTC)
