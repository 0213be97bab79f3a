"""A refusal by a dormant campaign is a try and no failure; whatever is in doubt stays in doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.forgive import forgive
from reconciler.decide.settle import settle
from reconciler.model.errors import FaultKind
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase
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
    Tried,
    Unresolved,
    Verdict,
    Wait,
)
from tests.builders import (
    MINUTE,
    NOW,
    PATIENCE,
    SECOND,
    a_campaign,
    a_fault,
    an_assignment,
    an_attachment,
    an_operation,
    asleep,
)

SENT, UNRESOLVED, CONFIRMING = (an_operation(step) for step in (Step.SENT, Step.UNRESOLVED, Step.CONFIRMING))
LATER = NOW + 90 * SECOND
FAILED = an_assignment(state=AssignmentState.FAILED, failure="no")


def forgiven(operation: Operation, verdict: Verdict, campaign: Campaign | None = None) -> Verdict:
    """What becomes of it on a dormant campaign."""
    return forgive(operation, verdict, campaign or asleep(), now=NOW, patience=PATIENCE)


def weighed(operation: Operation, outcome: Refused | Unresolved | Accepted | Seen | Absent) -> Verdict:
    """What becomes of what an attempt brought."""
    return forgiven(operation, settle(operation, outcome, now=NOW, patience=PATIENCE, draw=0.5))


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.NOT_APPROVED,
        FaultKind.REFUSED,
        FaultKind.NOT_FOUND,
        FaultKind.CAPACITY,
        FaultKind.UNPROFILED,
    ],
)
def test_any_refusal_is_a_try(kind: FaultKind) -> None:
    assert weighed(SENT, Refused(a_fault(kind, "no"))) == Tried(LATER, "no")


def test_a_failure_that_comes_later_is_a_try() -> None:
    assert weighed(SENT, Accepted(FAILED)) == Tried(LATER, "no")
    assert weighed(CONFIRMING, Seen(FAILED)) == Tried(LATER, "no")
    late = an_operation(Step.CONFIRMING, sent_at=NOW - 5 * MINUTE, refusals=2)
    assert isinstance(weighed(late, Seen(FAILED)), Tried)
    assert weighed(late, Absent()) == Tried(NOW, "Telnyx took it again, and again it is gone")


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [(FaultKind.UNREACHABLE, Retry), (FaultKind.THROTTLED, Retry), (FaultKind.HALTED, StopAll)],
)
def test_what_never_came_to_telnyx_is_none(kind: FaultKind, verdict: type[Verdict]) -> None:
    assert isinstance(weighed(SENT, Refused(a_fault(kind))), verdict)


def test_what_may_have_happened_is_read_first_and_then_was_a_try() -> None:
    assert isinstance(weighed(SENT, Unresolved(a_fault())), Recheck)
    assert isinstance(weighed(UNRESOLVED, Absent()), Recheck)
    assert isinstance(weighed(SENT, Refused(a_fault(FaultKind.TAKEN))), Recheck)
    old = an_operation(Step.UNRESOLVED, sent_at=NOW - 61 * SECOND, first_absent_at=NOW - 30 * SECOND)
    assert weighed(old, Absent()) == Tried(NOW + 29 * SECOND, "it did not happen")


@pytest.mark.parametrize("campaign", [a_campaign(phase) for phase in CampaignPhase if phase != "dormant"])
def test_on_any_other_campaign_nothing_is_forgiven(campaign: Campaign) -> None:
    failed = Retry(NOW, Reason.TELNYX_REFUSED, "no", refused=True)

    assert forgiven(SENT, failed, campaign) == failed


def test_a_profile_has_nothing_to_do_with_it() -> None:
    gave_up = GiveUp(NOW, Reason.REQUEST_REFUSED, "no")

    assert forgiven(an_attachment(Step.SENT), gave_up) == gave_up
    assert forgive(SENT, gave_up, None, now=NOW, patience=PATIENCE) == gave_up


KEPT = [Done(End.DONE), Done(End.TAKEN), Wait(), Keep(), Recheck(NOW, ""), StopAll(NOW, ""), Tried(NOW, "")]


@given(st.sampled_from(KEPT), st.sampled_from([SENT, UNRESOLVED, CONFIRMING]))
def test_what_is_no_refusal_stays(verdict: Verdict, operation: Operation) -> None:
    assert forgiven(operation, verdict) == verdict
