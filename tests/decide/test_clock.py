"""Which alert holds of this machine's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reconciler.decide.clock import of_setting, of_webhooks, was_set_back
from reconciler.model.alerts import AlertName
from reconciler.model.health import Unsigned
from tests.builders import HOUR, MINUTE, NOW, SECOND

LONG_AGO = NOW - 99 * HOUR


@pytest.mark.covers("F-30", "E12")
@pytest.mark.parametrize(
    ("ago", "holds"),
    [
        ((), False),
        ((SECOND,), False),
        ((31 * SECOND, SECOND), True),
        ((30 * MINUTE, SECOND), False),
        ((30 * MINUTE, 29 * MINUTE), True),
        ((31 * MINUTE, 30 * MINUTE), False),
    ],
)
def test_two_webhooks_of_another_time_tell_of_a_clock_that_is_wrong(ago: tuple[timedelta, ...], *, holds: bool) -> None:
    """Telnyx sends what is refused again after 30 s: so it is told within a minute."""
    judgement = of_webhooks(Unsigned(LONG_AGO, untimely=tuple(NOW - one for one in ago)), NOW)

    assert [one.alert for one in judgement.conditions] == [AlertName.CLOCK_WRONG] * holds
    assert judgement.families


def test_just_after_the_start_what_was_said_before_stands() -> None:
    assert of_webhooks(Unsigned(NOW - MINUTE), NOW).families == ()


@pytest.mark.parametrize(("by", "word"), [(HOUR, "forward by 3600 s"), (-HOUR, "back by 3600 s")])
def test_it_says_how_far_it_was_set(by: timedelta, word: str) -> None:
    (condition,) = of_setting(by, NOW).conditions

    assert word in condition.detail


@pytest.mark.parametrize(
    ("showed", "by"),
    [(None, 0), (NOW - HOUR, 0), (NOW + SECOND, 0), (NOW + HOUR, -3600)],
)
def test_only_one_that_shows_less_than_it_did_was_set_back(showed: datetime | None, by: int) -> None:
    assert was_set_back(showed, NOW) == timedelta(seconds=by)
