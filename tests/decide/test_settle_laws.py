"""Absence is believed late, and whatever comes, no number is asked for twice while the first answer is unknown."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.settle import settle
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, AssignmentState
from reconciler.model.operations import Operation, Step
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import (
    Absent,
    Accepted,
    Done,
    End,
    GiveUp,
    Keep,
    Recheck,
    Refused,
    Retry,
    Seen,
    StopAll,
    Unread,
    Unresolved,
    Verdict,
)
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    PATIENCE,
    SECOND,
    WINDOW,
    a_fault,
    an_assignment,
    an_operation,
)

Outcome: TypeAlias = Accepted | Refused | Unresolved | Seen | Absent | Unread
"""What an assignment may bring."""

UNRESOLVED = an_operation(Step.UNRESOLVED)
CONFIRMING = an_operation(Step.CONFIRMING)
HERE = an_assignment()
LOST = a_fault(FaultKind.LOST)


def settled(operation: Operation, outcome: Outcome, *, now: datetime = NOW, draw: float = 0.5) -> Verdict:
    """The verdict on an outcome."""
    return settle(operation, outcome, now=now, patience=PATIENCE, draw=draw)


@pytest.mark.parametrize("later", [WINDOW, 2 * WINDOW])
def test_one_absence_is_not_conclusive_however_late_it_is(later: timedelta) -> None:
    verdict = settled(UNRESOLVED, Absent(), now=NOW + later)

    assert isinstance(verdict, Recheck)
    assert verdict.absent
    assert verdict.at == NOW + later + SECOND


def test_absence_within_the_window_is_not_conclusive() -> None:
    seen_absent = an_operation(Step.UNRESOLVED, first_absent_at=NOW)

    assert isinstance(settled(seen_absent, Absent(), now=NOW + WINDOW - SECOND), Recheck)


def test_an_absence_asked_for_within_the_window_is_not_conclusive_however_late_it_is_told() -> None:
    """What a read shows is as old as its question: the answer may have been on its way for as long as a call may."""
    seen_absent = an_operation(Step.UNRESOLVED, first_absent_at=NOW + SECOND)
    asked, told = NOW + WINDOW - SECOND, NOW + WINDOW + 10 * SECOND

    verdict = settled(seen_absent, Absent(asked), now=told)

    assert isinstance(verdict, Recheck)
    assert verdict.at == told + SECOND
    assert settled(seen_absent, Absent(NOW + WINDOW), now=told) == settled(seen_absent, Absent(), now=told)


@pytest.mark.parametrize("found", [an_assignment(campaign=FOREIGN), an_assignment(state=AssignmentState.FAILED)])
def test_nor_is_what_was_there_before_the_request(found: Assignment) -> None:
    asked, told = NOW + WINDOW - SECOND, NOW + WINDOW + 10 * SECOND

    assert isinstance(settled(UNRESOLVED, Seen(found, asked), now=told), Recheck)


def test_two_absences_the_last_after_the_window_are() -> None:
    seen_absent = an_operation(Step.UNRESOLVED, first_absent_at=NOW + SECOND)

    verdict = settled(seen_absent, Absent(), now=NOW + WINDOW)

    assert verdict == Retry(NOW + WINDOW + SECOND / 2, Reason.TELNYX_UNAVAILABLE, "it did not happen")


def test_reads_become_rarer_until_one_falls_on_the_end_of_the_window() -> None:
    """However much trouble there was before: what counts is how long ago it was sent."""
    operation = replace(UNRESOLVED, trouble=9)
    seconds = []
    now = NOW
    while isinstance(verdict := settled(operation, Absent(), now=now), Recheck):
        operation = replace(operation, first_absent_at=operation.first_absent_at or now)
        seconds.append((verdict.at - NOW).total_seconds())
        now = verdict.at

    assert seconds == [1, 2, 4, 8, 16, 32, 60]


def test_taken_and_yet_on_no_campaign_is_for_a_person() -> None:
    """A number held by a campaign that the API does not show (FIELD:59663385893)."""
    operation = an_operation(Step.UNRESOLVED, first_absent_at=NOW, reason=Reason.FOREIGN_ASSIGNMENT)

    verdict = settled(operation, Absent(), now=NOW + WINDOW)

    assert isinstance(verdict, GiveUp)
    assert (verdict.at, verdict.reason) == (NOW + WINDOW + 6 * HOUR, Reason.REQUEST_REFUSED)


def test_accepted_and_then_vanished_is_sent_again_after_the_window() -> None:
    assert settled(CONFIRMING, Absent(), now=NOW + WINDOW - SECOND) == Keep()
    verdict = settled(CONFIRMING, Absent(), now=NOW + WINDOW)
    assert isinstance(verdict, Retry)
    assert (verdict.at - NOW, verdict.reason) == (WINDOW + SECOND / 2, Reason.READING_DIFFERS)
    assert not verdict.refused


@pytest.mark.parametrize(("refusals", "reason"), [(0, Reason.READING_DIFFERS), (1, Reason.TELNYX_REFUSED)])
def test_vanishing_again_counts_as_failing(refusals: int, reason: Reason) -> None:
    """Else it would be asked for every minute, for ever, and nobody told."""
    again = an_operation(Step.CONFIRMING, refusals=refusals, reason=reason, sent_at=NOW - HOUR)

    verdict = settled(again, Absent())

    assert isinstance(verdict, Retry)
    assert (verdict.at, verdict.reason, verdict.refused) == (
        NOW + PATIENCE.refusal_waits[refusals],
        Reason.TELNYX_REFUSED,
        True,
    )


@pytest.mark.parametrize("step", [Step.READY, Step.BLOCKED])
def test_absence_is_no_news_to_what_waits_to_be_sent(step: Step) -> None:
    assert settled(an_operation(step), Absent()) == Keep()


@pytest.mark.parametrize("kind", [FaultKind.UNREACHABLE, FaultKind.LOST, FaultKind.NOT_FOUND, FaultKind.REFUSED])
def test_a_read_that_failed_is_repeated_with_growing_waits(kind: FaultKind) -> None:
    fault = a_fault(kind, "no")

    assert settled(replace(UNRESOLVED, trouble=3), Unread(fault)) == Recheck(NOW + 4 * SECOND, "no")
    assert settled(replace(UNRESOLVED, trouble=99), Unread(fault)) == Recheck(NOW + 30 * SECOND, "no")


def test_a_throttled_read_waits_as_long_as_telnyx_asks_and_counts_nothing() -> None:
    slow = Unread(a_fault(FaultKind.THROTTLED, "10011", 9))

    assert settled(UNRESOLVED, slow) == Recheck(NOW + 9 * SECOND, "10011", trouble=False)


# Whatever comes, in whatever step.

FAULTS = st.builds(
    a_fault, st.sampled_from(FaultKind), after=st.none() | st.floats(allow_nan=False, allow_infinity=False)
)
FOUND = st.builds(an_assignment, state=st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN]))
OUTCOMES = st.one_of(
    st.builds(Accepted, FOUND),
    st.builds(Refused, FAULTS),
    st.builds(Unresolved, FAULTS),
    st.builds(Seen, FOUND),
    st.just(Absent()),
    st.builds(Unread, FAULTS),
)
AGES = st.integers(-5, 7200).map(lambda seconds: NOW - seconds * SECOND)
OPERATIONS = st.builds(
    an_operation,
    st.sampled_from(Step),
    refusals=st.integers(0, 5),
    trouble=st.integers(0, 50),
    sent_at=AGES,
    first_absent_at=st.none() | AGES,
    reason=st.sampled_from(Reason),
)
DRAWS = st.floats(0, 1, exclude_max=True)


@given(OPERATIONS, OUTCOMES, DRAWS)
def test_every_outcome_in_every_step_has_a_verdict_and_a_next_time(
    operation: Operation, outcome: Outcome, draw: float
) -> None:
    verdict = settled(operation, outcome, draw=draw)

    if isinstance(verdict, (Retry, Recheck, GiveUp, StopAll)):
        assert NOW <= verdict.at <= NOW + 6 * HOUR
    if isinstance(verdict, (Retry, GiveUp)):
        assert verdict.reason


@given(OPERATIONS, FAULTS, DRAWS)
def test_an_outcome_that_is_not_known_never_leads_to_a_second_request(
    operation: Operation, fault: Fault, draw: float
) -> None:
    for outcome in (Unresolved(fault), Unread(fault)):
        assert isinstance(settled(operation, outcome, draw=draw), (Recheck, StopAll))
    assert not isinstance(settled(operation, Refused(LOST), draw=draw), (Retry, GiveUp))


@given(OPERATIONS, DRAWS)
def test_absence_leads_to_a_second_request_only_after_two_reads_of_which_one_is_after_the_window(
    operation: Operation, draw: float
) -> None:
    verdict = settled(operation, Absent(), draw=draw)

    if isinstance(verdict, Retry):
        assert operation.sent_at is not None
        assert operation.sent_at + WINDOW <= NOW
        assert operation.step is Step.CONFIRMING or operation.first_absent_at is not None


@given(OPERATIONS, FOUND, DRAWS)
def test_what_is_on_a_campaign_is_never_asked_for_again_unless_it_failed(
    operation: Operation, found: Assignment, draw: float
) -> None:
    for outcome in (Seen(found), Accepted(found)):
        verdict = settled(operation, outcome, draw=draw)
        assert not isinstance(verdict, (Retry, GiveUp)) or found.state is AssignmentState.FAILED
        assert not isinstance(verdict, (Retry, GiveUp)) or found.campaign == CAMPAIGN


@given(OPERATIONS, FOUND, DRAWS)
def test_done_is_said_only_of_what_is_assigned_to_the_wanted_campaign(
    operation: Operation, found: Assignment, draw: float
) -> None:
    verdict = settled(operation, Seen(found), draw=draw)

    assert (verdict == Done(End.DONE)) is (found == HERE)
