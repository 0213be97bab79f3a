"""Every answer has one consequence, and what may have happened is read before it is asked for again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from reconciler.decide.settle import settle
from reconciler.model.errors import FaultKind
from reconciler.model.fleet import AssignmentState
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
    Wait,
)
from tests.builders import (
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

Outcome: TypeAlias = Accepted | Refused | Unresolved | Seen | Absent | Unread
"""What an assignment may bring."""

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
        (FaultKind.UNPROFILED, Reason.PROFILE_MISSING),
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


@pytest.mark.parametrize("refusals", [3, 99])
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
