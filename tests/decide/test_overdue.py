"""Pools that nothing has checked for too long."""

from __future__ import annotations

from datetime import datetime

import pytest

from reconciler.decide.overdue import overdue
from reconciler.model.memory import PoolCheck
from reconciler.model.patience import Patience
from tests.builders import HOUR, MINUTE, NOW, POOL, a_pool, desired

HOURLY = Patience(two_checks=2 * HOUR)
LONG_AGO = NOW - 99 * HOUR


def late(checked_at: datetime | None, patience: Patience, started: datetime = LONG_AGO) -> bool:
    checks = () if checked_at is None else (PoolCheck(POOL, checked_at, {}),)
    judgement = overdue(desired(a_pool()), checks, started, known=False, now=NOW, patience=patience)
    assert len(judgement.families) == 1
    return bool(judgement.conditions)


@pytest.mark.covers("Q09")
@pytest.mark.parametrize(
    ("checked_at", "is_late"),
    [(NOW - 3 * HOUR, False), (NOW - 3 * HOUR - MINUTE, True), (None, True), (NOW + HOUR, False)],
)
def test_three_intervals_are_too_long(checked_at: datetime | None, is_late: bool) -> None:
    assert late(checked_at, HOURLY) is is_late


def test_checks_every_minute_are_given_half_an_hour() -> None:
    often = Patience(two_checks=2 * MINUTE)

    assert not late(NOW - 29 * MINUTE, often)
    assert late(NOW - 31 * MINUTE, often)


def test_who_was_down_all_night_has_just_begun() -> None:
    assert not late(NOW - 9 * HOUR, HOURLY, started=NOW - MINUTE)


def test_what_another_alert_explains_is_not_judged() -> None:
    judgement = overdue(desired(a_pool()), (), LONG_AGO, known=True, now=NOW, patience=HOURLY)

    assert (judgement.families, judgement.conditions) == ((), ())
