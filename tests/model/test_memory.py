"""What is remembered of a number's messaging profile counts for as long as it is fresh."""

from datetime import timedelta

import pytest

from reconciler.model.lines import Line, Membership
from tests.builders import (
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    PROFILE,
    SECOND,
    a_line,
    a_memory,
)

SHORT, SLOW = PATIENCE.evidence_for_assign, PATIENCE.slow_recheck


def known(line: Line, *, late: timedelta = 0 * SECOND, listed: timedelta | None = None) -> Membership:
    """Where a number is after `late`, if its profile was last listed `listed` ago."""
    rostered_at = {} if listed is None else {PROFILE: NOW + late - listed}
    memory = a_memory(lines=[line], rostered_at=rostered_at)
    return memory.membership(NUMBER, PROFILE, now=NOW + late, patience=PATIENCE)


def test_of_what_was_never_told_nothing_is_known() -> None:
    assert known(a_line(OTHER, PROFILE)) is Membership.UNKNOWN


@pytest.mark.parametrize(
    ("line", "where", "most"),
    [
        (a_line(NUMBER, PROFILE), Membership.EXPECTED, SHORT),
        (a_line(), Membership.NONE, SLOW),
        (a_line(NUMBER, OTHER_PROFILE), Membership.OTHER, SLOW),
    ],
)
def test_it_is_known_for_as_long_as_evidence_lasts(line: Line, where: Membership, most: timedelta) -> None:
    assert known(line, late=most) is where
    assert known(line, late=most + SECOND) is Membership.UNKNOWN


def test_every_complete_list_since_shows_again_that_it_is_there_and_nothing_else() -> None:
    """A list of the pool's profile shows neither that a number is on none nor that it is elsewhere."""
    assert known(a_line(NUMBER, PROFILE), late=24 * HOUR, listed=MINUTE) is Membership.EXPECTED
    assert known(a_line(), late=24 * HOUR, listed=MINUTE) is Membership.UNKNOWN
    assert known(a_line(NUMBER, OTHER_PROFILE), late=24 * HOUR, listed=MINUTE) is Membership.UNKNOWN


@pytest.mark.parametrize("line", [a_line(unclear=True), a_line(NUMBER, PROFILE, unclear=True), a_line(absences=1)])
def test_what_is_unclear_stays_so_however_fresh_the_list(line: Line) -> None:
    assert known(line, late=MINUTE, listed=SECOND) is Membership.UNKNOWN
