"""Three within a day hold a number, for no longer than a day, whatever becomes of the clock."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.reversals import WITHIN, Reversals
from tests.builders import HOUR, MINUTE, NOW, NUMBER

DAY = 24 * HOUR
TIMES = st.lists(st.integers(-40, 40).map(lambda hours: NOW + hours * HOUR), max_size=3).map(sorted)


def at(*hours_ago: float) -> Reversals:
    return Reversals(NUMBER, tuple(NOW - one * HOUR for one in hours_ago))


@pytest.mark.parametrize("fewer", [at(), at(1), at(2, 1), at(24, 2, 1), at(30, 29, 0)])
def test_fewer_than_three_within_a_day_hold_nothing(fewer: Reversals) -> None:
    assert fewer.held_until(NOW) is None


def test_three_hold_it_until_the_first_of_them_is_a_day_old() -> None:
    assert at(5, 3, 1).held_until(NOW) == NOW + 19 * HOUR
    assert at(5, 3, 1).held_until(NOW + 19 * HOUR - MINUTE) == NOW + 19 * HOUR
    assert at(5, 3, 1).held_until(NOW + 19 * HOUR) is None


def test_of_more_than_three_the_last_are_kept() -> None:
    assert at(5, 3, 1).and_at(NOW) == at(3, 1, 0)


def test_one_forgiven_lets_it_be_tried_once_more_and_one_more_holds_it_again() -> None:
    once_more = at(5, 3, 1).forgiven()

    assert once_more.held_until(NOW) is None
    assert once_more.and_at(NOW).held_until(NOW) == NOW + 21 * HOUR


@given(TIMES, st.integers(-100, 100))
def test_whatever_becomes_of_the_clock_it_is_held_for_a_day_at_most(times: list[datetime], hours: int) -> None:
    now = NOW + hours * HOUR
    until = Reversals(NUMBER, tuple(times)).held_until(now)

    assert until is None or now < until <= now + DAY


def test_a_clock_that_was_put_back_by_ten_days_holds_it_for_one() -> None:
    after = NOW - 10 * DAY
    noted = at(3, 2, 1).lately(after)

    assert noted.times == (after,) * 3
    assert noted.held_until(after + DAY - MINUTE) is not None
    assert noted.held_until(after + WITHIN) is None
