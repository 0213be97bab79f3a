"""One round: what it decides together, and that every operation always has something next."""

from collections.abc import Iterable
from datetime import datetime

from reconciler.compose.rounds import conclude, involved
from reconciler.model.alerts import AlertName, Family
from reconciler.model.errors import FaultKind
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Trigger,
)
from reconciler.model.fleet import AssignmentState, CampaignPhase, Observed
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Step, Urgency
from reconciler.model.plan import Assign
from reconciler.model.pools import Desired, Mode
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    POOL,
    a_campaign,
    a_fault,
    a_halt,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_single,
    an_assignment,
    an_operation,
    asked,
    desired,
)

ASSIGN = Assign(NUMBER, POOL, CAMPAIGN)
APPROVED = CampaignPhase.APPROVED
PENDING = an_assignment(state=AssignmentState.PENDING)
SILENT = a_look(a_listing())


def concluded(
    look: Observed,
    memory: Memory | None = None,
    *,
    wanted: Desired | None = None,
    asks: Iterable[Asked] = (asked(),),
    started: datetime = NOW,
) -> Round:
    """One round, at NOW."""
    return conclude(wanted or desired(), tuple(asks), look, memory or a_memory(), PATIENCE, started, NOW, 0.5)


# A round.


def test_a_missing_number_is_planned_and_asked_for() -> None:
    done = concluded(SILENT)

    assert done.plan.actions == done.actions == (ASSIGN,)
    assert done.evidence_at == {CAMPAIGN: NOW}
    assert done.checks[0].drift["missing"] == 1
    assert (done.postponed, done.triggers, done.settled, done.halt) == ((), (), (), None)
    assert done.urgencies == {NUMBER: Urgency.SWEEP}


def test_a_pool_that_only_observes_is_planned_and_not_acted_on() -> None:
    done = concluded(SILENT, wanted=desired(a_pool(mode=Mode.OBSERVE)))

    assert done.plan.actions == (ASSIGN,)
    assert done.actions == ()


def test_what_an_event_causes_goes_first_and_an_approval_before_that() -> None:
    """By what was known before the look, which this round is about to overwrite."""
    event = [asked(CAMPAIGN, Cause.EVENT)]
    known, in_review = (a_memory(campaigns=[a_campaign(phase)]) for phase in (APPROVED, CampaignPhase.IN_REVIEW))

    assert concluded(SILENT, known, asks=event).urgencies == {NUMBER: Urgency.EVENT}
    assert concluded(SILENT, in_review).urgencies == {NUMBER: Urgency.APPROVAL}


def test_an_incomplete_listing_is_no_evidence_but_a_read_of_the_number_is() -> None:
    torn = a_look(a_listing(complete=False), singles=[a_single()])

    done = concluded(torn)

    assert done.actions == (ASSIGN,)
    assert done.evidence_at == {}
    assert [one.number for one in done.sightings] == [NUMBER]  # the grounds that the store checks the action by


def test_a_refusal_of_the_key_halts_and_asks_for_one_probe() -> None:
    done = concluded(a_look(faults=[(CAMPAIGN, a_fault(FaultKind.HALTED, "10009"))]), asks=[asked(), asked(CAMPAIGN)])

    assert done.halt is not None
    assert done.triggers == (Trigger(EVERYTHING, Cause.PROBE, NOW + MINUTE),)
    assert [one.alert for one in done.judgement.conditions] == [AlertName.TELNYX_AUTH_FAILED]


def test_a_probe_that_works_lifts_the_halt_and_resolves_its_alert() -> None:
    done = concluded(SILENT, a_memory(halt=a_halt()), asks=[asked(cause=Cause.PROBE)])

    assert done.halt is None
    assert Family(AlertName.TELNYX_AUTH_FAILED, "") in done.judgement.families
    assert done.judgement.conditions == ()


def test_an_approval_read_long_ago_is_no_reason_to_write() -> None:
    """Its campaign could not be read now; in ten minutes it may have been suspended."""
    unread = Observed(NOW, listings=SILENT.listings, faults=((CAMPAIGN, a_fault()),))

    fresh = concluded(unread, a_memory(campaigns=[a_campaign(read_at=NOW - 10 * MINUTE)]))
    stale = concluded(unread, a_memory(campaigns=[a_campaign(read_at=NOW - 11 * MINUTE)]))

    assert fresh.actions == (ASSIGN,)
    assert stale.actions == ()
    assert [hold.reason for hold in stale.plan.holds] == [Reason.EVIDENCE_STALE]


def test_a_failed_listing_resolves_no_alert_of_its_pool() -> None:
    """The campaign was read, its numbers were not: who asks the store must be told of all of them."""
    look = a_look(campaigns=[a_campaign()], faults=[(CAMPAIGN, a_fault())])
    blocked = an_operation(Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, not_before=NOW + HOUR)

    assert involved(desired(), look) == {NUMBER}
    done = concluded(look, a_memory(operations=[blocked]), asks=[asked(CAMPAIGN, Cause.EVENT)])
    assert [(one.alert, one.subject) for one in done.judgement.conditions] == [
        (AlertName.ASSIGNMENT_FAILED, NUMBER),
        (AlertName.DRIFT_UNRESOLVED, CAMPAIGN),
    ]


def test_the_numbers_of_a_look_are_those_listed_and_those_wanted_there() -> None:
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))
    look = a_look(a_listing(an_assignment(a_number(9))))

    assert involved(wanted, look) == {NUMBER, a_number(9)}
