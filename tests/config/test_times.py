"""Zones by name, days that end by the clocks of a place, and hours."""

import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import times
from reconciler.config.mistake import Mistake

NEW_YORK = ZoneInfo("America/New_York")


def test_a_zone_goes_by_its_iana_name() -> None:
    assert times.zone("America/New_York") == NEW_YORK
    assert times.zone("UTC") is UTC


ZONES = {
    "america/new_york": ", did you mean 'America/New_York'?",
    "America/New York": ", did you mean 'America/New_York'?",
    "America/NewYork": ", did you mean 'America/New_York'?",
    "new_york": ", did you mean 'America/New_York'?",
    "Los Angeles": ", did you mean 'America/Los_Angeles'?",
    "utc": ", did you mean 'UTC'?",
    "America": "",
    "zone.tab": "",
    "../../etc/passwd": "",
    "/etc/localtime": "",
    "": "",
    "a\0b": "",
    "x" * 100: "",
}


@pytest.mark.parametrize("text", ZONES)
def test_what_is_no_zone_is_told(text: str) -> None:
    with pytest.raises(Mistake) as caught:
        times.zone(text)

    if ZONES[text]:
        assert caught.value.words == f"not a time zone{ZONES[text]}"
    assert caught.value.words.startswith("not a time zone")
    assert caught.value.hint == "an IANA name, such as America/New_York"


def test_a_machine_without_zones_is_told_of() -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    ZoneInfo.clear_cache()
    try:
        assert times.zone("UTC") is UTC
        with pytest.raises(Mistake, match=r"^this machine has no time zone database$") as caught:
            times.zone("America/New_York")
    finally:
        zoneinfo.reset_tzpath(before)
    assert "tzdata" in caught.value.hint


UNTIL = {
    ("2026-12-05", UTC): datetime(2026, 12, 6, tzinfo=UTC),
    ("2026-12-05", NEW_YORK): datetime(2026, 12, 6, 5, tzinfo=UTC),
    ("2026-07-05", NEW_YORK): datetime(2026, 7, 6, 4, tzinfo=UTC),
    ("2026-12-31", NEW_YORK): datetime(2027, 1, 1, 5, tzinfo=UTC),
    ("2024-02-29", UTC): datetime(2024, 3, 1, tzinfo=UTC),
    # In Santiago, clocks went from 24:00 to 01:00 that night: the day ended when the next began, at 01:00.
    ("2024-09-07", ZoneInfo("America/Santiago")): datetime(2024, 9, 8, 4, tzinfo=UTC),
    ("2026-12-05T17:00:00Z", NEW_YORK): datetime(2026, 12, 5, 17, tzinfo=UTC),
    ("2026-12-05T17:00:00-05:00", UTC): datetime(2026, 12, 5, 22, tzinfo=UTC),
    ("2026-12-05 17:00:00.250+05:30", UTC): datetime(2026, 12, 5, 11, 30, 0, 250_000, tzinfo=UTC),
    ("2026-12-05t17:00:00z", UTC): datetime(2026, 12, 5, 17, tzinfo=UTC),
    ("1999-12-31", UTC): datetime(2000, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize(("text", "zone"), UNTIL)
def test_until_is_a_moment(text: str, zone: ZoneInfo) -> None:
    found = times.until(text, zone)

    assert (found, found.tzinfo) == (UNTIL[text, zone], UTC)


NO_TIMES = {
    "2026-02-30": "a date or time that there is not",
    "2026-13-01": "a date or time that there is not",
    "9999-12-31": "a date or time that there is not",
    "0000-01-01": "a date or time that there is not",
    "2026-12-05T24:30:00Z": "a date or time that there is not",
    "2026-12-05T17:00:00+25:00": "a date or time that there is not",
    "0001-01-01T00:00:00+10:00": "a date or time that there is not",
    "2026-12-05T17:00:00": "a time without its offset from UTC",
    "2026-12-05T17:00Z": "not a date or time",
    "12/05/2026": "not a date or time",
    "5.12.2026": "not a date or time",
    "20261205": "not a date or time",
    "2026-W49-6": "not a date or time",
    "tomorrow": "not a date or time",
    "": "not a date or time",
}


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(Mistake, match=f"^{NO_TIMES[text]}$"):
        times.until(text, NEW_YORK)


def test_hours() -> None:
    assert (times.clock("00:00"), times.clock("23:59"), times.clock("09:05")) == (time(), time(23, 59), time(9, 5))
    assert (times.end_clock("24:00"), times.end_clock("17:00")) == (time(), time(17))


@pytest.mark.parametrize("text", ["9:00", "09:00:00", "0900", "9am", "", "09:60x", "\uff109:00"])
def test_what_is_no_hour_is_told(text: str) -> None:
    for read in (times.clock, times.end_clock):
        with pytest.raises(Mistake, match=r"^not a time of day$"):
            read(text)


def test_an_hour_that_there_is_not_is_told() -> None:
    with pytest.raises(Mistake, match=r"^a time of day that there is not$"):
        times.end_clock("24:01")
    with pytest.raises(Mistake, match=r"^a time of day that there is not$") as caught:
        times.clock("24:00")
    assert "00:00" in caught.value.hint


@given(st.text(), st.sampled_from([UTC, NEW_YORK]))
def test_no_text_raises_but_a_mistake(text: str, zone: ZoneInfo) -> None:
    for read in (times.zone, times.clock, times.end_clock, lambda one: times.until(one, zone)):
        with suppress(Mistake):
            read(text)
