"""Flapping: for each number that is held and on no campaign, and over with that."""

import pytest

from reconciler.decide.reversals import of_pool
from reconciler.model.alerts import AlertName, Condition, Family
from reconciler.model.fleet import Assignment, AssignmentState
from reconciler.model.reasons import Reason
from reconciler.model.reversals import Reversals
from tests.builders import (
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    POOL,
    a_campaign,
    a_memory,
    a_pool,
    a_sighting,
    an_assignment,
)

HELD = Reversals(NUMBER, (NOW - HOUR, NOW - MINUTE, NOW))
TOLD = Condition(
    AlertName.FLAPPING, POOL, NUMBER, Reason.FLAPPING, "taken off 3 times, last seen at 2026-11-23 12:00 UTC"
)


def told(found: Assignment | None = None, reversals: Reversals = HELD) -> tuple[Condition, ...]:
    memory = a_memory(a_sighting(found, NUMBER), reversals={NUMBER: reversals})
    judgement = of_pool(a_pool(NUMBER, OTHER), a_campaign(), memory, now=NOW)
    assert judgement.families == (Family(AlertName.FLAPPING, POOL),)
    return judgement.conditions


def test_a_number_that_is_held_is_told_of() -> None:
    assert told() == (TOLD,)
    assert told(an_assignment(state=AssignmentState.FAILED)) == (TOLD,)


@pytest.mark.parametrize("found", [an_assignment(), an_assignment(campaign=FOREIGN)])
def test_one_that_is_on_a_campaign_is_not(found: Assignment) -> None:
    assert told(found) == ()


def test_one_that_is_not_held_is_not() -> None:
    assert told(reversals=Reversals(NUMBER, HELD.times[1:])) == ()


def test_where_nothing_was_undone_what_was_said_is_over() -> None:
    judgement = of_pool(a_pool(), a_campaign(), a_memory(), now=NOW)
    assert (judgement.families, judgement.conditions) == ((Family(AlertName.FLAPPING, POOL),), ())
