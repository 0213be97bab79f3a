"""One answer: what it teaches and causes."""

from dataclasses import replace

import pytest

from reconciler.compose.answers import consequences, learned, weigh
from reconciler.model.alerts import AlertName, Family, Judgement
from reconciler.model.errors import FaultKind
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Trigger,
)
from reconciler.model.fleet import Assignment, AssignmentState, Sighting
from reconciler.model.lines import Line
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import (
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
    StopAll,
    Told,
    Tried,
    Unread,
    Unresolved,
    Verdict,
    Wait,
)
from tests.builders import (
    CAMPAIGN,
    MINUTE,
    NOW,
    NUMBER,
    PATIENCE,
    POOL,
    PROFILE,
    TCR_ID,
    a_campaign,
    a_dormancy,
    a_fault,
    a_line,
    a_memory,
    an_assignment,
    an_attachment,
    an_operation,
    asleep,
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
        (Tried(NOW + MINUTE, "10036"), (Trigger(CAMPAIGN, Cause.PROBE, NOW + MINUTE),)),
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


# What puts a number on its messaging profile.

SENT, UNRESOLVED = an_attachment(Step.SENT), an_attachment(Step.UNRESOLVED)
EARLIER = NOW - MINUTE


def weighed(operation: Operation, outcome: Outcome, memory: Memory | None = None) -> Verdict:
    """What becomes of an operation."""
    return weigh(operation, outcome, memory or a_memory(), now=NOW, patience=PATIENCE, draw=0.5)


def test_an_attachment_is_weighed_by_the_numbers_record_and_an_assignment_by_where_it_is() -> None:
    assert weighed(UNRESOLVED, Told(a_line(NUMBER, PROFILE))) == Done(End.DONE, f"it is on messaging profile {PROFILE}")
    assert weighed(an_operation(Step.UNRESOLVED), Seen(an_assignment())) == Done(End.DONE)


@pytest.mark.parametrize(
    ("outcome", "kind"), [(Refused(a_fault()), Retry), (Unresolved(a_fault()), Recheck), (Unread(a_fault()), Recheck)]
)
def test_a_no_is_weighed_by_what_was_asked_for(outcome: Outcome, kind: type[Verdict]) -> None:
    """Where the answer was lost: an assignment may have happened; of an attachment, it was the read before it."""
    assert isinstance(weighed(SENT, outcome), kind)
    assert isinstance(weighed(an_operation(Step.SENT), outcome), Recheck)


def test_a_refusal_by_a_dormant_campaign_is_a_try() -> None:
    memory = a_memory(campaigns=[asleep()], dormancies=[a_dormancy()])
    refused = Refused(a_fault(FaultKind.NOT_APPROVED, "not deployed"))

    verdict = weighed(an_operation(Step.SENT), refused, memory)

    assert verdict == Tried(NOW + PATIENCE.wake_look, "not deployed")
    judgement, _ = consequences(an_operation(Step.SENT), verdict, memory, NOW)
    assert judgement.conditions == ()


def test_an_assignment_is_known_by_the_other_ids_of_its_campaign() -> None:
    memory = a_memory(campaigns=[a_campaign(tcr_id=TCR_ID)])

    assert weighed(an_operation(Step.SENT), Accepted(an_assignment(campaign=TCR_ID)), memory) == Done(End.DONE)


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [(SENT, Seen(an_assignment())), (SENT, Absent()), (an_operation(Step.SENT), Told(a_line()))],
)
def test_an_outcome_of_another_verb_is_a_mistake_of_ours(operation: Operation, outcome: Outcome) -> None:
    with pytest.raises(AssertionError, match="brought"):
        weighed(operation, outcome)


def test_a_read_of_the_record_is_remembered_and_an_answer_to_our_write_is_not() -> None:
    """It tells what Telnyx was asked for; only reading it back tells what became of that."""
    line = a_line(NUMBER, PROFILE)

    assert learned(UNRESOLVED, Told(line), a_memory(), NOW) == line
    assert learned(SENT, Told(line, answer=True), a_memory(), NOW) is None


def test_a_read_without_the_number_is_counted_as_in_a_round() -> None:
    known = a_line(taken_at=EARLIER)
    gone = Line(NUMBER, NOW, absences=1)

    assert learned(SENT, Told(gone), a_memory(), NOW) == gone
    assert learned(SENT, Told(gone), a_memory(lines=[known]), NOW) == replace(known, taken_at=NOW, absences=1)
    twice = learned(SENT, Told(gone), a_memory(lines=[replace(known, absences=1)]), NOW)
    assert twice == replace(known, taken_at=NOW, absences=2)


def test_a_read_that_does_not_tell_the_profile_leaves_what_was_known() -> None:
    memory = a_memory(lines=[a_line(taken_at=EARLIER)])

    assert learned(SENT, Told(a_line(unclear=True)), memory, NOW) is None


@pytest.mark.parametrize(
    ("verdict", "triggers"),
    [
        (Done(End.DONE), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),  # now it can be assigned
        (Done(End.TAKEN), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (Done(End.STALE), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (Recheck(NOW, "lost"), ()),
        (Retry(NOW, Reason.TELNYX_UNAVAILABLE, "lost"), ()),
        (GiveUp(NOW, Reason.REQUEST_REFUSED, "no"), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (GiveUp(NOW, Reason.PROFILE_MISSING, "off"), (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)),
        (StopAll(NOW + MINUTE, "10009"), (Trigger(EVERYTHING, Cause.PROBE, NOW + MINUTE),)),
    ],
)
def test_the_end_of_an_attachment_is_looked_at(verdict: Verdict, triggers: tuple[Trigger, ...]) -> None:
    assert consequences(SENT, verdict, a_memory(), NOW)[1] == triggers


def test_a_number_that_telnyx_would_not_assign_is_looked_at_for_the_cause() -> None:
    for reason in (Reason.REQUEST_REFUSED, Reason.PROFILE_MISSING):
        _, triggers = consequences(an_operation(Step.SENT), GiveUp(NOW, reason, "no"), a_memory(), NOW)
        assert triggers == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW),)
