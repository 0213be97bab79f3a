"""One answer: what it teaches and causes."""

import pytest

from reconciler.compose.answers import consequences, learned
from reconciler.model.alerts import AlertName, Family, Judgement
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Trigger,
)
from reconciler.model.fleet import Assignment, AssignmentState, Sighting
from reconciler.model.operations import (
    Absent,
    Accepted,
    Done,
    End,
    GiveUp,
    Keep,
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
    MINUTE,
    NOW,
    NUMBER,
    POOL,
    a_fault,
    a_memory,
    an_assignment,
    an_operation,
)

PENDING = an_assignment(state=AssignmentState.PENDING)


@pytest.mark.parametrize(
    ("outcome", "source", "found"),
    [
        (Accepted(PENDING), "answer", PENDING),
        (Seen(an_assignment()), "item", an_assignment()),
        (Absent(), "item", None),
    ],
)
def test_an_answer_about_the_number_is_remembered(outcome: Outcome, source: str, found: Assignment | None) -> None:
    sighting = learned(an_operation(Step.SENT), outcome, a_memory(), NOW)

    assert isinstance(sighting, Sighting)
    assert (sighting.source, sighting.assignment, sighting.seen_at) == (source, found, NOW)


@pytest.mark.parametrize("outcome", [Refused(a_fault()), Unresolved(a_fault()), Unread(a_fault()), Done(End.STALE)])
def test_a_no_teaches_nothing_about_where_the_number_is(outcome: Outcome | Done) -> None:
    assert learned(an_operation(Step.SENT), outcome, a_memory(), NOW) is None


@pytest.mark.parametrize(
    ("verdict", "triggers"),
    [
        (Done(End.DONE), ()),
        (Done(End.TAKEN), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (Done(End.STALE), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (Wait(), ()),
        (Keep(), ()),
        (Recheck(NOW, "lost"), ()),
        (Retry(NOW, Reason.RATE_LIMITED, "slow"), ()),
        (Retry(NOW, Reason.CAMPAIGN_IN_REVIEW, "10036"), (Trigger(CAMPAIGN, Cause.PROBE, NOW),)),
        (GiveUp(NOW, Reason.CAPACITY, "full"), ()),
        (StopAll(NOW + MINUTE, "10009"), (Trigger(EVERYTHING, Cause.PROBE, NOW + MINUTE),)),
    ],
)
def test_a_verdict_causes_the_looks_that_it_needs(verdict: Verdict, triggers: tuple[Trigger, ...]) -> None:
    assert consequences(an_operation(Step.SENT), verdict, a_memory(), NOW)[1] == triggers


def test_a_campaign_that_is_not_approved_after_all_is_not_an_event() -> None:
    """An event would bring its blocked numbers forward, and their refusals the next."""
    _, (trigger,) = consequences(
        an_operation(Step.SENT), Retry(NOW, Reason.CAMPAIGN_IN_REVIEW, "10036"), a_memory(), NOW
    )

    assert trigger.cause is not Cause.EVENT


def test_a_halt_is_told_once_for_the_account() -> None:
    judgement, _ = consequences(an_operation(Step.SENT), StopAll(NOW + MINUTE, "10009"), a_memory(), NOW)

    assert [(one.alert, one.pool, one.subject) for one in judgement.conditions] == [
        (AlertName.TELNYX_AUTH_FAILED, "", "")
    ]


def test_the_end_of_an_operation_resolves_its_alert() -> None:
    judgement, _ = consequences(an_operation(Step.SENT, refusals=2), Done(End.DONE), a_memory(), NOW)

    assert judgement == Judgement((Family(AlertName.ASSIGNMENT_FAILED, POOL, NUMBER),))
