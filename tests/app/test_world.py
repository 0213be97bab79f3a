"""A clock that goes by the wall's without its leaps, until somebody follows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.app.world import LONGEST_LOOK_SECONDS, SteadyClock
from tests.builders import HOUR, SECOND

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Machine:
    """A wall clock that may be set, beside time that only passes."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.off = timedelta()
        self.looks: list[float] = []
        """How many seconds the next looks at the wall clock take."""
        self.clock = SteadyClock(self.wall, lambda: self.passed)

    def wall(self) -> datetime:
        shown = NOON + timedelta(seconds=self.passed) + self.off
        if self.looks:
            self.passed += self.looks.pop(0)
        return shown


@pytest.mark.covers("F-30", "Q11")
@pytest.mark.parametrize("by", [HOUR, -HOUR, datetime(1970, 1, 1, tzinfo=UTC) - NOON])
def test_it_leaps_only_where_it_is_followed(by: timedelta) -> None:
    machine = Machine()
    machine.passed = 60.0
    machine.off = by
    assert machine.clock.now() == NOON + 60 * SECOND
    assert machine.clock.off() == by

    machine.clock.follow(by)
    machine.passed = 61.0

    assert machine.clock.now() == NOON + 61 * SECOND + by
    assert machine.clock.off() == timedelta()


@pytest.mark.covers("F-31", "F-32")
def test_a_process_that_is_stopped_between_two_looks_takes_it_for_no_leap() -> None:
    machine = Machine()
    machine.looks = [60.0, 3 * LONGEST_LOOK_SECONDS]

    assert machine.clock.off() == timedelta()

    machine.looks = [60.0] * 100
    assert machine.clock.off() == timedelta()


def test_the_real_ones_agree() -> None:
    assert abs(SteadyClock().off()) < SECOND
