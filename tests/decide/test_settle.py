"""Every answer has one consequence, and what may have happened is read before it is asked for again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.settle import settle
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, AssignmentState
from reconciler.model.operations import (
    Absent,
    Accepted,
    Done,
    End,
    GiveUp,
    Keep,
    Operation,
    Outcome,
    Recheck,
    Refused,
    Retry,
    Seen,
    Step,
    StopAll,
    Unread,
    Unresolved,
    Verdict,
    Wait,
)
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    PATIENCE,
    SECOND,
    TCR_ID,
    WINDOW,
    a_fault,
    an_assignment,
    an_operation,
)

SENT = an_operation(Step.SENT)
UNRESOLVED = an_operation(Step.UNRESOLVED)
CONFIRMING = an_operation(Step.CONFIRMING)
HERE, ELSEWHERE = an_assignment(), an_assignment(campaign=FOREIGN)
PENDING = an_assignment(state=AssignmentState.PENDING)
FAILED = an_assignment(state=AssignmentState.FAILED, failure="DCA said no")
LOST = a_fault(FaultKind.LOST, "no answer within 15 s")


def settled(
    operation: Operation, outcome: Outcome, *, now: datetime = NOW, draw: float = 0.5, tcr: bool = False
) -> Verdict:
    """The verdict on an outcome."""
    aliases = (TCR_ID,) if tcr else ()
    return settle(operation, outcome, aliases=aliases, now=now, patience=PATIENCE, draw=draw)


# What Telnyx answers to our write.


def test_an_assignment_at_once_is_the_end() -> None:
    assert settled(SENT, Accepted(HERE)) == Done(End.DONE)


def test_a_pending_assignment_is_waited_for() -> None:
    assert settled(SENT, Accepted(PENDING)) == Wait()


def test_a_status_of_tomorrow_is_neither_success_nor_absence() -> None:
    assert settled(SENT, Accepted(an_assignment(state=AssignmentState.UNKNOWN))) == Wait()


def test_an_answer_may_call_the_campaign_by_its_other_id() -> None:
    by_tcr = an_assignment(campaign=TCR_ID)

    assert settled(SENT, Accepted(by_tcr), tcr=True) == Done(End.DONE)
    assert settled(SENT, Accepted(by_tcr)) == Done(End.TAKEN, f"it is on campaign {TCR_ID}")


def test_an_unknown_outcome_is_read_at_once_and_never_repeated() -> None:
    assert settled(SENT, Unresolved(LOST)) == Recheck(NOW, LOST.detail)


def test_a_refusal_that_may_yet_have_happened_is_read() -> None:
    assert settled(SENT, Refused(LOST)) == Recheck(NOW, LOST.detail)


def test_already_assigned_is_read_because_it_may_be_ours() -> None:
    taken = a_fault(FaultKind.TAKEN, "already assigned")

    assert settled(SENT, Refused(taken)) == Recheck(NOW, "already assigned", reason=Reason.FOREIGN_ASSIGNMENT)


def test_what_was_surely_not_sent_is_sent_again_with_growing_waits() -> None:
    refused = Refused(a_fault(FaultKind.UNREACHABLE, "connection refused"))
    waits = [settled(replace(SENT, trouble=trouble), refused, draw=0.999) for trouble in (0, 1, 2, 5, 6, 7, 99)]
    seconds = [round((wait.at - NOW).total_seconds()) for wait in waits if isinstance(wait, Retry)]

    assert seconds == [1, 2, 4, 32, 60, 60, 60]
    assert settled(SENT, refused, draw=0) == Retry(NOW, Reason.TELNYX_UNAVAILABLE, "connection refused")


@pytest.mark.parametrize(("asked", "wait"), [(None, 1), (0, 0), (7.5, 7.5), (-3, 0), (1e9, 6 * 3600)])
def test_a_throttled_write_waits_as_long_as_telnyx_asks_and_counts_nothing(asked: float | None, wait: float) -> None:
    slow = a_fault(FaultKind.THROTTLED, "10011", asked)

    verdict = settled(SENT, Refused(slow))

    assert verdict == Retry(NOW + timedelta(seconds=wait), Reason.RATE_LIMITED, "10011", trouble=False)


def test_a_refusal_of_the_account_stops_every_write_until_a_probe() -> None:
    halted = a_fault(FaultKind.HALTED, "20100: not enough funds")

    assert settled(SENT, Refused(halted)) == StopAll(NOW + MINUTE, halted.detail)
    assert settled(UNRESOLVED, Unread(halted)) == StopAll(NOW + MINUTE, halted.detail)


def test_a_campaign_still_in_review_is_asked_again_within_ten_minutes_and_refuses_nothing() -> None:
    """Code 10036: a wait, not a failure (FIELD:62887261475)."""
    early = Refused(a_fault(FaultKind.NOT_APPROVED, "10036"))

    waits = [settled(replace(SENT, trouble=trouble), early) for trouble in (0, 1, 2, 3, 4, 99)]

    assert waits == [
        Retry(NOW + minutes * MINUTE, Reason.CAMPAIGN_IN_REVIEW, "10036") for minutes in (1, 2, 4, 8, 10, 10)
    ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.CAPACITY, Reason.CAPACITY),
        (FaultKind.NOT_FOUND, Reason.REQUEST_REFUSED),
        (FaultKind.REFUSED, Reason.REQUEST_REFUSED),
    ],
)
def test_a_terminal_refusal_blocks_the_number_and_is_tried_again_slowly(kind: FaultKind, reason: Reason) -> None:
    assert settled(SENT, Refused(a_fault(kind, "no"))) == GiveUp(NOW + 6 * HOUR, reason, "no")


# FAILED_ASSIGNMENT.


@pytest.mark.parametrize(("refusals", "wait"), [(0, 15 * MINUTE), (1, HOUR), (2, 6 * HOUR)])
@pytest.mark.parametrize("outcome", [Accepted(FAILED), Seen(FAILED)])
def test_a_failed_assignment_has_three_tries(refusals: int, wait: timedelta, outcome: Outcome) -> None:
    operation = an_operation(Step.CONFIRMING, refusals=refusals, sent_at=NOW - HOUR)

    assert settled(operation, outcome) == Retry(NOW + wait, Reason.TELNYX_REFUSED, "DCA said no", refused=True)


@pytest.mark.parametrize("refusals", [3, 4, 99])
def test_after_them_it_is_blocked_with_the_providers_reason(refusals: int) -> None:
    operation = an_operation(Step.CONFIRMING, refusals=refusals, sent_at=NOW - HOUR)

    assert settled(operation, Seen(FAILED)) == GiveUp(NOW + 6 * HOUR, Reason.TELNYX_REFUSED, "DCA said no")


def test_a_failure_without_a_reason_says_so() -> None:
    verdict = settled(SENT, Accepted(an_assignment(state=AssignmentState.FAILED)))

    assert isinstance(verdict, Retry)
    assert verdict.detail == "FAILED_ASSIGNMENT, without a reason"


@pytest.mark.parametrize("step", [Step.READY, Step.BLOCKED])
def test_the_failure_that_is_to_be_retried_counts_once(step: Step) -> None:
    assert settled(an_operation(step, refusals=1), Seen(FAILED)) == Keep()


def test_the_failure_before_a_new_request_does_not_count_against_it() -> None:
    """Listings lag: what they show within the window is most likely the old failure."""
    again = an_operation(Step.CONFIRMING, refusals=1, sent_at=NOW)

    assert settled(again, Seen(FAILED), now=NOW + WINDOW - SECOND) == Keep()
    assert isinstance(settled(again, Seen(FAILED), now=NOW + WINDOW), Retry)


def test_the_first_failure_counts_at_once() -> None:
    assert isinstance(settled(CONFIRMING, Seen(FAILED), now=NOW + SECOND), Retry)


# What a look brings.


@pytest.mark.parametrize("step", [Step.READY, Step.UNRESOLVED, Step.CONFIRMING, Step.BLOCKED])
def test_seen_assigned_is_the_end_however_it_came_about(step: Step) -> None:
    assert settled(an_operation(step), Seen(HERE)) == Done(End.DONE)


@pytest.mark.parametrize("step", [Step.READY, Step.UNRESOLVED, Step.BLOCKED])
def test_seen_pending_is_waited_for(step: Step) -> None:
    assert settled(an_operation(step), Seen(PENDING)) == Wait()


def test_what_is_already_waited_for_changes_nothing() -> None:
    assert settled(CONFIRMING, Seen(PENDING)) == Keep()


@pytest.mark.parametrize("step", [Step.READY, Step.CONFIRMING, Step.BLOCKED])
def test_seen_on_another_campaign_ends_it_as_taken(step: Step) -> None:
    assert settled(an_operation(step), Seen(ELSEWHERE)) == Done(End.TAKEN, f"it is on campaign {FOREIGN}")


def test_while_the_outcome_is_unknown_only_success_is_believed_at_once() -> None:
    """An older failure, or the campaign that it was on before, look just the same."""
    for found in (FAILED, ELSEWHERE):
        assert isinstance(settled(UNRESOLVED, Seen(found), now=NOW + WINDOW - SECOND), Recheck)
    assert isinstance(settled(UNRESOLVED, Seen(FAILED), now=NOW + WINDOW), Retry)
    assert settled(UNRESOLVED, Seen(ELSEWHERE), now=NOW + WINDOW) == Done(End.TAKEN, f"it is on campaign {FOREIGN}")


def test_after_already_assigned_another_campaign_is_believed_at_once() -> None:
    taken = an_operation(Step.UNRESOLVED, reason=Reason.FOREIGN_ASSIGNMENT)

    assert settled(taken, Seen(ELSEWHERE)) == Done(End.TAKEN, f"it is on campaign {FOREIGN}")


@pytest.mark.parametrize("state", [AssignmentState.UNASSIGNING, AssignmentState.UNASSIGN_FAILED])
def test_a_number_on_its_way_off_is_waited_for(state: AssignmentState) -> None:
    assert settled(UNRESOLVED, Seen(an_assignment(state=state))) == Wait()


# Absence.


def test_one_absence_is_not_conclusive() -> None:
    verdict = settled(UNRESOLVED, Absent(), now=NOW + 2 * WINDOW)

    assert isinstance(verdict, Recheck)
    assert verdict.absent


def test_absence_within_the_window_is_not_conclusive() -> None:
    seen_absent = an_operation(Step.UNRESOLVED, first_absent_at=NOW)

    assert isinstance(settled(seen_absent, Absent(), now=NOW + WINDOW - SECOND), Recheck)


def test_two_absences_the_last_after_the_window_are() -> None:
    seen_absent = an_operation(Step.UNRESOLVED, first_absent_at=NOW + SECOND)

    verdict = settled(seen_absent, Absent(), now=NOW + WINDOW, draw=0)

    assert verdict == Retry(NOW + WINDOW, Reason.TELNYX_UNAVAILABLE, "it did not happen")


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
    verdict = settled(CONFIRMING, Absent(), now=NOW + WINDOW, draw=0)
    assert isinstance(verdict, Retry)
    assert (verdict.at, verdict.reason, verdict.refused) == (NOW + WINDOW, Reason.READING_DIFFERS, False)


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


def test_a_throttled_read_waits_as_long_as_telnyx_asks() -> None:
    assert settled(UNRESOLVED, Unread(a_fault(FaultKind.THROTTLED, "10011", 9))) == Recheck(NOW + 9 * SECOND, "10011")


# Whatever comes, in whatever state.

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
