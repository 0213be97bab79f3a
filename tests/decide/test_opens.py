"""Changes are made inside a window by the clocks of its place; outside, until the next one opens."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.opens import opens
from reconciler.model.windows import Window, Windows

NEW_YORK = ZoneInfo("America/New_York")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS = frozenset({MON, TUE, WED, THU, FRI})
OFFICE = Window(WEEKDAYS, time(9), time(17))
MINUTE = timedelta(minutes=1)


def at(text: str, zone: tzinfo = UTC) -> datetime:
    """A time by the clocks of a place."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def next_open(now: datetime, *windows: Window, zone: tzinfo = UTC) -> datetime | None:
    """When these open next."""
    return opens(Windows(windows, zone), now=now)


def test_without_windows_changes_may_be_made_at_any_time() -> None:
    assert opens(Windows(), now=at("2026-11-23 03:00")) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 08:59:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00:00", None),
        ("2026-11-23 16:59:59", None),
        ("2026-11-23 17:00:00", "2026-11-24 09:00"),
        ("2026-11-27 17:00:00", "2026-11-30 09:00"),  # Friday evening: Monday
        ("2026-11-28 12:00:00", "2026-11-30 09:00"),  # Saturday
    ],
)
def test_a_window_is_open_from_its_start_to_before_its_end(now: str, expected: str | None) -> None:
    assert next_open(at(now), OFFICE) == (None if expected is None else at(expected))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 21:59", "2026-11-23 22:00"),
        ("2026-11-23 22:00", None),
        ("2026-11-24 00:00", None),  # Tuesday, by Monday's window
        ("2026-11-24 05:59", None),
        ("2026-11-24 06:00", "2026-11-30 22:00"),
    ],
)
def test_a_window_that_ends_before_it_starts_goes_on_into_the_next_day(now: str, expected: str | None) -> None:
    overnight = Window(frozenset({MON}), time(22), time(6))

    assert next_open(at(now), overnight) == (None if expected is None else at(expected))


def test_a_window_that_ends_as_it_starts_is_a_whole_day() -> None:
    day = Window(frozenset({SAT}), time(9), time(9))

    assert next_open(at("2026-11-29 08:59"), day) is None
    assert next_open(at("2026-11-29 09:00"), day) == at("2026-12-05 09:00")


def test_the_first_of_several_windows_counts_and_they_may_overlap() -> None:
    windows = Window(frozenset({FRI}), time(9), time(12)), Window(frozenset({THU, FRI}), time(11), time(14))

    assert next_open(at("2026-11-26 15:00"), *windows) == at("2026-11-27 09:00")
    assert next_open(at("2026-11-26 10:00"), *windows) == at("2026-11-26 11:00")
    assert next_open(at("2026-11-27 13:00"), *windows) is None


def test_a_window_once_a_week_that_has_just_ended_comes_in_a_week() -> None:
    weekly = Window(frozenset({MON}), time(9), time(10))

    assert next_open(at("2026-11-23 10:00"), weekly) == at("2026-11-30 09:00")


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Pacific/Kiritimati", "2026-11-22 18:59", "2026-11-22 19:00"),  # Monday 09:00 there, 14 hours ahead
        ("Pacific/Pago_Pago", "2026-11-23 19:59", "2026-11-23 20:00"),  # Monday 09:00 there, 11 hours behind
        ("Asia/Kathmandu", "2026-11-23 03:14", "2026-11-23 03:15"),  # quarter hours ahead
        ("America/New_York", "2026-11-23 13:00", "2026-11-23 14:00"),
    ],
)
def test_the_day_and_the_hour_are_those_of_the_place(zone: str, now: str, expected: str) -> None:
    assert next_open(at(now), OFFICE, zone=ZoneInfo(zone)) == at(expected)
    assert next_open(at(expected), OFFICE, zone=ZoneInfo(zone)) is None


def test_the_answer_does_not_depend_on_the_zone_in_which_it_is_asked() -> None:
    now = at("2026-11-23 13:00")

    assert next_open(now.astimezone(NEW_YORK), OFFICE, zone=NEW_YORK) == next_open(now, OFFICE, zone=NEW_YORK)


# Sunday 8 March 2026 has 23 hours in New York, Sunday 1 November 25.


@pytest.mark.parametrize(("day", "hours"), [("2026-03-07", 7), ("2026-03-14", 8), ("2026-10-31", 9)])
def test_a_night_in_which_clocks_change_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    night = Window(frozenset({SAT}), time(22), time(6))
    start = at(f"{day} 22:00", NEW_YORK).astimezone(UTC)

    assert next_open(start, night, zone=NEW_YORK) is None
    assert next_open(start + timedelta(hours=hours) - MINUTE, night, zone=NEW_YORK) is None
    assert next_open(start + timedelta(hours=hours), night, zone=NEW_YORK) is not None


@pytest.mark.covers("Q08")
def test_a_day_of_25_hours_is_one_window_and_not_two() -> None:
    day = Window(frozenset({SUN}), time(0), time(0))
    start = at("2026-11-01 00:00", NEW_YORK).astimezone(UTC)

    assert all(next_open(start + timedelta(hours=hour), day, zone=NEW_YORK) is None for hour in range(25))
    assert next_open(start + timedelta(hours=25), day, zone=NEW_YORK) == at("2026-11-08 05:00")


def test_an_hour_that_comes_twice_counts_once() -> None:
    early = Window(frozenset({SUN}), time(1, 15), time(1, 45))

    assert next_open(at("2026-11-01 05:30"), early, zone=NEW_YORK) is None  # 01:30 EDT
    assert next_open(at("2026-11-01 06:30"), early, zone=NEW_YORK) == at("2026-11-08 06:15")  # 01:30 EST


@pytest.mark.covers("Q08")
def test_a_window_that_the_clocks_skip_comes_an_hour_later() -> None:
    skipped = Window(frozenset({SUN}), time(2, 15), time(2, 45))

    assert next_open(at("2026-03-08 06:59"), skipped, zone=NEW_YORK) == at("2026-03-08 07:15")  # 03:15 EDT
    assert next_open(at("2026-03-08 07:30"), skipped, zone=NEW_YORK) is None


@pytest.mark.parametrize("start", [time(2), time(2, 30)])
@pytest.mark.parametrize("now", ["2026-03-07 12:00", "2026-03-08 06:30", "2026-03-08 07:00", "2026-03-08 07:45"])
def test_a_window_of_which_the_clocks_leave_nothing_comes_a_week_later(start: time, now: str) -> None:
    """It must neither be told as the next one nor leave none: a day before, it was the last within a week."""
    weekly = Window(frozenset({SUN}), start, time(3))

    assert next_open(at(now), weekly, zone=NEW_YORK) == at(f"2026-03-15 {start}", NEW_YORK)


TIMES = st.times().map(lambda one: one.replace(microsecond=0))
WINDOWS = st.builds(Window, st.frozensets(st.integers(MON, SUN), min_size=1), TIMES, TIMES)
ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Europe/Dublin"]
).map(ZoneInfo)
INSTANTS = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: at("2025-01-01 00:00") + minutes * MINUTE)


@given(st.lists(WINDOWS, min_size=1, max_size=3), ZONES, INSTANTS)
def test_what_is_told_as_the_next_opening_is_open_and_was_not_before(
    windows: list[Window], zone: ZoneInfo, now: datetime
) -> None:
    """Else whoever waits for it would wake in vain, or too late."""
    opening = next_open(now, *windows, zone=zone)

    if opening is not None:
        assert now < opening <= now + timedelta(days=15)
        assert next_open(opening, *windows, zone=zone) is None
        halfway = now + (opening - now) / 2
        assert next_open(halfway, *windows, zone=zone) == opening


@given(st.lists(WINDOWS, min_size=2, max_size=4), ZONES, INSTANTS)
def test_more_windows_never_open_later(windows: list[Window], zone: ZoneInfo, now: datetime) -> None:
    fewer, more = next_open(now, *windows[1:], zone=zone), next_open(now, *windows, zone=zone)

    assert more is None or (fewer is not None and more <= fewer)
