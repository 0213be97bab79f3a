"""Times by the clocks of a place: time zones, the end of a day, the hours of a window."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from reconciler.config.mistake import Mistake

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = "24:00"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")
_ZONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}")
_UNTIL_HINT = "a date such as 2026-12-05, or a time such as 2026-12-05T17:00:00-05:00"


def zone(text: str) -> tzinfo:
    """A time zone by its IANA name. Raises `Mistake`; it needs the machine's time zone database but for UTC."""
    if text == "UTC":
        return UTC
    if _ZONE.fullmatch(text) and (found := _zone_of(text)) is not None:
        return found
    known = {name.lower(): name for name in available_timezones()}
    if not known:
        raise Mistake("this machine has no time zone database", "install the system's tzdata package, or say UTC")
    place = text.lower().replace(" ", "_")
    close = [place] if place in known else get_close_matches(place, known, n=1, cutoff=0.7)
    close = close or [name for name in known if name.rpartition("/")[2] == place][:1]
    guess = f", did you mean {known[close[0]]!r}?" if close else ""
    raise Mistake(f"not a time zone{guess}", "an IANA name, such as America/New_York")


def _zone_of(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such file, a folder, or a file of another kind
        return None


def until(text: str, zone: tzinfo) -> datetime:
    """The moment, in UTC, that a date ends by the clocks of the zone; or the one that an RFC 3339 time names."""
    instant = _INSTANT.fullmatch(text)
    if instant and instant["offset"] is None:
        raise Mistake("a time without its offset from UTC", "put Z after it for UTC, or such as -05:00")
    try:
        if instant:
            return datetime.fromisoformat(text.upper().replace(" ", "T")).astimezone(UTC)
        if _DATE.fullmatch(text):
            day_after = datetime.fromisoformat(text) + timedelta(days=1)
            return day_after.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistake("a date or time that there is not", _UNTIL_HINT) from None
    raise Mistake("not a date or time", _UNTIL_HINT)


def clock(text: str) -> time:
    """A time of day: `09:00`."""
    if not _CLOCK.fullmatch(text):
        raise Mistake("not a time of day", 'two digits each: "09:00"')
    try:
        return time.fromisoformat(text)
    except ValueError:
        hint = "midnight at the start of a day is 00:00" if text == _MIDNIGHT else "from 00:00 to 23:59"
        raise Mistake("a time of day that there is not", hint) from None


def end_clock(text: str) -> time:
    """A time of day at which something ends: `24:00`, the end of the day, is one too and reads as 00:00."""
    return time() if text == _MIDNIGHT else clock(text)
