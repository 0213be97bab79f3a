"""What a round makes of a dormant campaign: one number, its time, and no other beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.compose.rounds import conclude
from reconciler.model.dormancy import Dormancy
from reconciler.model.events import Cause, Trigger
from reconciler.model.fleet import Assignment, AssignmentState, CampaignPhase, Observed
from reconciler.model.memory import Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Assign
from reconciler.model.pools import Desired, Mode
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, Tried
from tests.builders import (
    CAMPAIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    POOL,
    SECOND,
    a_campaign,
    a_dormancy,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    an_assignment,
    an_operation,
    asked,
    desired,
)

WANTED = desired(a_pool(NUMBER, OTHER))
SUSPENDED = a_campaign(CampaignPhase.SUSPENDED, status="TCR_SUSPENDED")
LOOK = a_look(a_listing(), campaigns=[SUSPENDED])
FAILED = an_assignment(state=AssignmentState.FAILED, failure="no")


def concluded(
    dormancy: Dormancy | None,
    operations: Iterable[Operation] = (),
    *,
    look: Observed = LOOK,
    wanted: Desired = WANTED,
    memory: Memory | None = None,
) -> Round:
    """One round, at NOW."""
    known = memory or a_memory(operations=operations, dormancies=[dormancy] if dormancy else ())
    return conclude(wanted, (asked(CAMPAIGN, Cause.EVENT),), look, known, PATIENCE, NOW, NOW, 0.5)


def test_one_number_is_assigned_and_the_rest_is_held() -> None:
    done = concluded(a_dormancy())

    assert done.actions == (Assign(NUMBER, POOL, CAMPAIGN),)
    assert [(hold.number, hold.reason) for hold in done.plan.holds] == [(OTHER, Reason.CAMPAIGN_WAKING)]
    assert done.judgement.conditions == ()
    assert done.triggers == ()


def test_without_the_event_nothing_is_assigned() -> None:
    done = concluded(None)

    assert done.actions == ()
    assert {hold.reason for hold in done.plan.holds} == {Reason.CAMPAIGN_SUSPENDED}


def test_a_pool_that_only_observes_shows_what_would_be_done() -> None:
    done = concluded(a_dormancy(), wanted=desired(a_pool(NUMBER, OTHER, mode=Mode.OBSERVE)))

    assert (len(done.plan.actions), done.actions) == (1, ())


@pytest.mark.parametrize(
    ("dormancy", "at"),
    [
        (a_dormancy(1, NOW - 30 * SECOND), NOW + MINUTE),
        (a_dormancy(1, NOW - 100 * SECOND), NOW + 20 * SECOND),
        (a_dormancy(2, NOW - 2 * MINUTE), NOW + 8 * MINUTE),
        (a_dormancy(3, NOW - 2 * MINUTE), NOW + 58 * MINUTE),
    ],
)
def test_while_a_try_has_its_time_it_is_only_looked_at_again(dormancy: Dormancy, at: object) -> None:
    """However soon somebody else asked for this look."""
    done = concluded(dormancy)

    assert done.actions == ()
    assert [(one.subject, one.cause, one.due_at) for one in done.triggers] == [(CAMPAIGN, Cause.PROBE, at)]


def test_after_the_last_try_it_is_suspended_for_people() -> None:
    done = concluded(a_dormancy(3, NOW - HOUR))

    assert (done.actions, done.triggers) == ((), ())
    assert [one.reason for one in done.judgement.conditions] == [Reason.CAMPAIGN_SUSPENDED]


@pytest.mark.parametrize("step", [Step.READY, Step.UNRESOLVED, Step.CONFIRMING])
def test_nothing_else_is_assigned_while_a_try_is_under_way(step: Step) -> None:
    done = concluded(a_dormancy(), [an_operation(step)])

    assert (done.actions, done.settled) == ((), ())
    assert {hold.number for hold in done.plan.holds} == {NUMBER, OTHER}


def test_a_try_that_fails_later_is_closed_and_the_next_waits_for_its_time() -> None:
    trying = an_operation(Step.CONFIRMING, sent_at=NOW - 5 * MINUTE)
    look = a_look(a_listing(FAILED), campaigns=[SUSPENDED])

    done = concluded(a_dormancy(told_at=NOW - HOUR), [trying], look=look)

    assert done.settled == ((trying, Tried(NOW, "no")),)
    assert done.actions == ()
    assert done.judgement.conditions == ()
    assert Trigger(CAMPAIGN, Cause.PROBE, NOW) in done.triggers


def test_once_it_is_approved_all_are_assigned_and_what_failed_before_is_no_alert() -> None:
    look = a_look(a_listing(FAILED))

    done = concluded(a_dormancy(1, NOW - MINUTE), look=look)

    assert [one.number for one in done.actions] == [NUMBER, OTHER]
    assert done.judgement.conditions == ()
    assert done.triggers == ()


def test_what_was_queued_before_it_fell_dormant_ends_but_for_one() -> None:
    queued = [an_operation(Step.READY), replace(an_operation(Step.READY, OTHER), id=2)]

    done = concluded(a_dormancy(), queued)

    assert done.settled == ((queued[1], Done(End.STALE, "its campaign is dormant")),)
    assert done.actions == ()


DORMANCIES = st.builds(
    lambda tries, minutes: a_dormancy(tries, NOW - minutes * MINUTE), st.integers(0, 4), st.integers(0, 80)
)
OPERATIONS = st.builds(
    lambda step, number, which: replace(an_operation(step, number), id=which),
    st.sampled_from([step for step in Step if step is not Step.CLOSED]),
    st.sampled_from([NUMBER, OTHER]),
    st.integers(1, 9),
)
FOUND = st.builds(an_assignment, st.sampled_from([NUMBER, OTHER]), st.sampled_from(AssignmentState))


@given(
    dormancy=st.none() | DORMANCIES,
    operations=st.lists(OPERATIONS, max_size=2, unique_by=(lambda one: one.number, lambda one: one.id)),
    listed=st.lists(FOUND, max_size=2, unique_by=lambda one: one.number),
    complete=st.booleans(),
)
def test_of_a_suspended_campaign_at_most_one_number_is_ever_under_way(
    *, dormancy: Dormancy | None, operations: list[Operation], listed: list[Assignment], complete: bool
) -> None:
    look = a_look(a_listing(*listed, complete=complete), campaigns=[SUSPENDED])

    done = concluded(dormancy, operations, look=look)

    settled = {one.number for one, _ in done.settled}
    waiting = [one for one in operations if one.step is Step.READY and one.number not in settled]
    sent = [one for one in operations if one.step in (Step.SENT, Step.UNRESOLVED, Step.CONFIRMING)]
    assert len(done.actions) + len(waiting) <= 1
    if done.actions or waiting:
        assert dormancy is not None
        assert dormancy.tries < 3
        assert not sent
    if dormancy is not None and dormancy.lasts(NOW):
        assert done.judgement.conditions == ()
