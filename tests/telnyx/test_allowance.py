"""Headers are read leniently; the pace is what they allow, and what is left of a window is never passed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.telnyx.allowance import (
    GRACE_SECONDS,
    HEADROOM,
    HIGHEST_LIMIT,
    LOWEST_PER_SECOND,
    MAX_CLOSED_SECONDS,
    NOTHING,
    Allowance,
    Told,
    read_told,
    server_time,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
LIMIT, REMAINING, RESET = "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, NOTHING),
        ({LIMIT: "100", REMAINING: "99", RESET: "60"}, Told(100, None, 99, 60)),
        ({LIMIT: " 100 ", REMAINING: "0", RESET: "1"}, Told(100, None, 0, 1)),
        ({LIMIT: "100, 100;w=60"}, Told(100, 60)),
        ({LIMIT: '100;w="60"'}, Told(100, 60)),
        ({LIMIT: "100, 10;w=1, 100;w=60, 1000;w=3600"}, Told(100, 60)),
        ({LIMIT: "50, 10;w=1, 100;w=60"}, Told(100, 60)),
        ({LIMIT: "100;window=60"}, Told(100)),
        ({LIMIT: "100;w=0"}, Told(100)),
        ({LIMIT: "100;w=999999"}, Told(100)),
        ({LIMIT: "many, 100;w=60"}, Told(100, 60)),
        ({RESET: "0"}, Told(reset_seconds=1)),
        ({RESET: "0.2"}, Told(reset_seconds=1)),
        ({RESET: str(EPOCH + 20)}, Told(reset_seconds=20)),
        ({RESET: str(EPOCH - 20)}, Told(reset_seconds=1)),
        ({RESET: str(EPOCH + 20), "date": "Mon, 02 Mar 2026 11:00:00 GMT"}, NOTHING),
        ({RESET: str(EPOCH + 3620), "date": "Mon, 02 Mar 2026 13:00:00 GMT"}, Told(reset_seconds=20)),
        ({RESET: "3600"}, Told(reset_seconds=3600)),
        *(({RESET: text}, NOTHING) for text in ("", "soon", "-1", "3601", "999999999", "nan", "٣")),
        *(({LIMIT: text}, NOTHING) for text in ("", "0", "-5", "1.5", "1e3", "inf", "9999999", "1" * 400, "٣")),
        *(({REMAINING: text}, NOTHING) for text in ("", "-1", "few", "1.5", "1" * 400)),
    ],
)
def test_what_headers_say(headers: dict[str, str], told: Told) -> None:
    assert read_told(headers, NOW) == told


@given(st.dictionaries(st.sampled_from([LIMIT, REMAINING, RESET, "date"]), st.text(max_size=300)))
def test_no_header_is_too_odd(headers: dict[str, str]) -> None:
    told = read_told(headers, NOW)

    assert told.limit is None or 1 <= told.limit <= HIGHEST_LIMIT
    assert told.remaining is None or told.remaining >= 0
    for seconds in (told.window_seconds, told.reset_seconds):
        assert seconds is None or 1 <= seconds <= 3600


@pytest.mark.parametrize(
    ("date", "off"),
    [
        ("", 0),
        ("yesterday", 0),
        ("Mon, 02 Mar 2026 12:00:01 GMT", 0),
        ("Mon, 02 Mar 2026 11:59:58 GMT", 0),
        ("Mon, 02 Mar 2026 12:00:03 GMT", 3),
        ("Mon, 02 Mar 2026 11:50:00 -0000", -600),
    ],
)
def test_a_clock_that_is_off_is_told_by_the_date(date: str, off: float) -> None:
    assert server_time({"date": date}, NOW) == NOW + timedelta(seconds=off)


def learned(*answers: tuple[float, Told]) -> Allowance:
    """From answers at these times, each to a call that was sent just before."""
    allowance = Allowance()
    for number, (now, told) in enumerate(answers, 1):
        allowance.learn(told, number, now, now, others=0)
    return allowance


class TestPace:
    @pytest.mark.parametrize(
        "told",
        [NOTHING, Told(remaining=5), Told(limit=100), Told(reset_seconds=60), Told(remaining=5, reset_seconds=9)],
    )
    def test_without_a_limit_and_a_window_it_is_unknown(self, told: Told) -> None:
        assert learned((0, told)).per_second is None

    def test_it_is_a_little_less_than_the_limit_over_the_window(self) -> None:
        assert learned((0, Told(20, None, 19, 1))).per_second == HEADROOM * 20
        assert learned((0, Told(100, 60, 99, 1))).per_second == pytest.approx(HEADROOM * 100 / 60)

    def test_the_window_is_the_largest_reset_and_not_what_is_left_of_it(self) -> None:
        resets = [(at, Told(100, None, 50, 60 - at)) for at in range(0, 60, 5)]

        assert learned(*resets).per_second == pytest.approx(HEADROOM * 100 / 60)

    def test_a_reset_read_late_in_a_window_is_corrected_by_the_next_window(self) -> None:
        late = (0, Told(100, None, 90, 2))

        assert learned(late).per_second == HEADROOM * 50
        assert learned(late, (2, Told(100, None, 99, 60))).per_second == pytest.approx(HEADROOM * 100 / 60)

    def test_a_window_that_is_no_longer_seen_is_forgotten(self) -> None:
        long = (0, Told(20, None, 19, 60))
        short = [(at, Told(20, None, 19, 1)) for at in range(1, 200)]

        assert learned(long, *short[:150]).per_second == pytest.approx(HEADROOM * 20 / 60)
        assert learned(long, *short).per_second == HEADROOM * 20

    def test_a_window_is_as_long_as_its_time_of_reset_says_in_whole_seconds(self) -> None:
        assert learned((0, Told(20, None, 19, 1.9))).per_second == HEADROOM * 20

    def test_another_limit_has_a_window_of_its_own(self) -> None:
        assert learned((0, Told(100, None, 99, 60)), (1, Told(20, None, 19, 1))).per_second == HEADROOM * 20

    def test_it_is_one_a_minute_at_least(self) -> None:
        assert learned((0, Told(1, None, 0, 3600))).per_second == LOWEST_PER_SECOND


class TestWhatIsLeft:
    def test_it_is_what_remains_less_the_calls_that_are_not_counted_yet(self) -> None:
        allowance = learned((0, Told(20, None, 2, 1)))

        assert [allowance.closed_seconds(0, unseen) for unseen in (0, 1)] == [0, 0]
        assert allowance.closed_seconds(0, 2) > 0

    def test_with_nothing_left_it_waits_for_the_end_that_the_first_answer_told(self) -> None:
        allowance = learned((0, Told(3, None, 2, 1)), (0.4, Told(3, None, 1, 1)), (0.8, Told(3, None, 0, 1)))

        assert allowance.closed_seconds(0.8, 0) == pytest.approx(0.2)
        assert allowance.closed_seconds(1.0, 0) == 0

    def test_the_next_window_is_begun_by_one_call(self) -> None:
        allowance = learned((0, Told(3, None, 0, 1)))

        assert allowance.closed_seconds(1.2, 0) == 0
        assert allowance.closed_seconds(1.2, 1) == pytest.approx(GRACE_SECONDS - 0.2)
        assert allowance.closed_seconds(1 + GRACE_SECONDS, 1) == 0

    def test_more_left_than_before_means_another_window(self) -> None:
        allowance = learned((0, Told(3, None, 0, 60)), (0.5, Told(3, None, 2, 60)))

        assert allowance.closed_seconds(0.5, 1) == 0
        assert allowance.closed_seconds(0.5, 2) == 60 + GRACE_SECONDS

    def test_answers_that_overtake_each_other_give_nothing_away(self) -> None:
        allowance = Allowance()
        allowance.learn(Told(5, None, 4, 1), 1, 0.0, 0.1, others=2)
        allowance.learn(Told(5, None, 2, 1), 3, 0.0, 0.1, others=1)  # the third call was counted before the second
        allowance.learn(Told(5, None, 1, 1), 2, 0.0, 0.1, others=0)

        assert allowance.closed_seconds(0.2, 1) > 0
        allowance.learn(Told(5, None, 3, 1), 2, 0.0, 0.1, others=0)
        assert allowance.closed_seconds(0.2, 1) > 0
        assert allowance.newest == 3

    def test_a_little_more_left_than_before_is_an_answer_that_was_overtaken(self) -> None:
        allowance = Allowance()
        allowance.learn(Told(5, None, 2, 1), 1, 0.0, 0.0, others=1)
        allowance.learn(Told(5, None, 3, 1), 2, 0.3, 0.9, others=1)

        assert allowance.closed_seconds(0.9, 3) == pytest.approx(0.1 + GRACE_SECONDS)

    def test_a_call_after_the_end_is_of_another_window_whatever_is_left_of_it(self) -> None:
        allowance = learned((0, Told(5, None, 1, 1)), (5, Told(5, None, 1, 1)))

        assert allowance.closed_seconds(5, 1) == 1 + GRACE_SECONDS

    def test_an_old_windows_last_answer_does_not_spoil_its_successor(self) -> None:
        allowance = Allowance()
        allowance.learn(Told(5, None, 1, 1), 1, 0.0, 0.1, others=2)
        allowance.learn(Told(5, None, 4, 1), 3, 1.1, 1.2, others=1)
        allowance.learn(Told(5, None, 0, 1), 2, 0.9, 1.3, others=0)

        assert allowance.closed_seconds(1.3, 3) == 0

    def test_five_minutes_after_the_last_answer_it_asks_again(self) -> None:
        allowance = learned((0, Told(1000, None, 0, 3600)))

        assert allowance.closed_seconds(0, 0) == MAX_CLOSED_SECONDS
        assert allowance.closed_seconds(200, 0) == MAX_CLOSED_SECONDS - 200
        assert allowance.closed_seconds(MAX_CLOSED_SECONDS, 0) == 0
        assert allowance.closed_seconds(MAX_CLOSED_SECONDS, 1) == GRACE_SECONDS

    def test_one_that_is_told_the_same_after_five_minutes_closes_it_again(self) -> None:
        allowance = learned((0, Told(1000, None, 0, 3600)), (MAX_CLOSED_SECONDS, Told(1000, None, 0, 3300)))

        assert allowance.closed_seconds(MAX_CLOSED_SECONDS, 0) == MAX_CLOSED_SECONDS

    def test_without_a_reset_it_waits_a_second(self) -> None:
        assert learned((0, Told(remaining=0))).closed_seconds(0, 0) == 1
