"""Where a number stands: the table of phases, row by row, and one answer for any facts."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.phase import phase
from reconciler.model.fleet import Assignment, AssignmentState, Campaign, CampaignPhase, CarrierState, Sighting
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Mode, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Facts, Freeze, Phase, Standing, Who
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    TCR_ID,
    a_campaign,
    a_dormancy,
    a_halt,
    a_pool,
    a_sighting,
    an_assignment,
    an_operation,
    asleep,
)

ENFORCED, OBSERVED = a_pool(), a_pool(mode=Mode.OBSERVE)
ABSENT = Facts(NUMBER, ENFORCED, a_campaign(), None, None, looked_at=NOW)


def stands(facts: Facts) -> Standing:
    """Where it stands now, with evidence good for ten minutes."""
    return phase(facts, now=NOW, stale_after=10 * MINUTE)


def seen(found: Assignment | None) -> Facts:
    """The facts of a number that was just seen so."""
    return replace(ABSENT, sighting=a_sighting(found, seen_at=NOW))


def busy(operation: Operation) -> Facts:
    """The facts of an absent number with this operation open."""
    return replace(ABSENT, operation=operation)


@pytest.mark.parametrize(
    ("step", "reason", "next_at"),
    [
        (Step.SENT, Reason.REQUEST_OPEN, None),
        (Step.UNRESOLVED, Reason.OUTCOME_UNKNOWN, NOW + MINUTE),
    ],
)
def test_a_request_on_its_way_is_assigning(step: Step, reason: Reason, next_at: datetime | None) -> None:
    operation = an_operation(step, not_before=NOW + MINUTE)

    assert stands(busy(operation)) == Standing(Phase.ASSIGNING, reason, Who.US, next_at)
    assert stands(replace(busy(operation), sighting=a_sighting(an_assignment()))).phase is Phase.ASSIGNING


def test_pending_at_telnyx_is_assigning() -> None:
    pending = Standing(Phase.ASSIGNING, Reason.TELNYX_PENDING, Who.TELNYX)

    assert stands(seen(an_assignment(state=AssignmentState.PENDING))) == pending
    assert stands(busy(an_operation(Step.CONFIRMING))) == pending


@pytest.mark.parametrize(
    ("carriers", "standing"),
    [
        ({}, Standing(Phase.READY)),
        ({"tmobile": CarrierState.ADDED, "others": CarrierState.ADDED}, Standing(Phase.READY)),
        (
            {"tmobile": CarrierState.ADDED, "others": CarrierState.PENDING},
            Standing(Phase.PROPAGATING, Reason.CARRIER_PENDING, Who.CARRIER),
        ),
        (
            {"tmobile": CarrierState.FAILED, "others": CarrierState.PENDING},
            Standing(Phase.BLOCKED, Reason.CARRIER_REFUSED, Who.TELNYX),
        ),
    ],
)
def test_assigned_stands_where_the_carriers_say(carriers: dict[str, CarrierState], standing: Standing) -> None:
    assert stands(seen(replace(an_assignment(), carriers=carriers))) == standing


@pytest.mark.parametrize(
    ("campaign", "standing"),
    [
        (CampaignPhase.SUSPENDED, Standing(Phase.WAITING, Reason.CAMPAIGN_SUSPENDED, Who.TELNYX)),
        (CampaignPhase.REJECTED, Standing(Phase.BLOCKED, Reason.CAMPAIGN_REJECTED, Who.YOU)),
        (CampaignPhase.EXPIRED, Standing(Phase.BLOCKED, Reason.CAMPAIGN_EXPIRED, Who.YOU)),
        (CampaignPhase.DORMANT, Standing(Phase.WAITING, Reason.CAMPAIGN_WAKING, Who.US)),
    ],
)
def test_a_campaign_that_lost_its_approval_outranks_ready(campaign: CampaignPhase, standing: Standing) -> None:
    """Its numbers stay assigned and their messages are filtered: Ready would be a lie (D01)."""
    assert stands(replace(seen(an_assignment()), campaign=a_campaign(campaign))) == standing


@pytest.mark.parametrize("campaign", [CampaignPhase.IN_REVIEW, CampaignPhase.UNKNOWN])
def test_a_campaign_that_reads_oddly_does_not(campaign: CampaignPhase) -> None:
    assert stands(replace(seen(an_assignment()), campaign=a_campaign(campaign))).phase is Phase.READY


@pytest.mark.parametrize("state", AssignmentState)
def test_on_another_campaign_it_is_blocked(state: AssignmentState) -> None:
    standing = stands(seen(an_assignment(state=state, campaign=FOREIGN)))

    assert standing == Standing(Phase.BLOCKED, Reason.FOREIGN_ASSIGNMENT, Who.YOU)


def test_under_its_campaigns_other_id_it_is_ready() -> None:
    found = an_assignment(campaign=TCR_ID)

    assert stands(replace(seen(found), campaign=a_campaign(tcr_id=TCR_ID))).phase is Phase.READY
    assert stands(seen(found)).phase is Phase.BLOCKED


def test_a_failed_assignment_is_retried_and_then_blocked() -> None:
    failed, later = seen(an_assignment(state=AssignmentState.FAILED)), NOW + HOUR
    retrying = an_operation(Step.READY, refusals=1, reason=Reason.TELNYX_REFUSED, not_before=later)
    blocked = an_operation(Step.BLOCKED, refusals=4, reason=Reason.TELNYX_REFUSED, not_before=later)

    assert stands(replace(failed, operation=retrying)) == Standing(Phase.RETRYING, Reason.TELNYX_REFUSED, Who.US, later)
    assert stands(replace(failed, operation=blocked)) == Standing(Phase.BLOCKED, Reason.TELNYX_REFUSED, Who.YOU, later)


def test_what_is_due_again_and_paused_is_not_tried_now() -> None:
    retrying = an_operation(Step.READY, refusals=1, reason=Reason.TELNYX_REFUSED, not_before=NOW)
    later = replace(retrying, not_before=NOW + HOUR)
    paused = replace(busy(retrying), freeze=Freeze("*", NOW - HOUR, "a migration"))

    assert stands(busy(retrying)) == Standing(Phase.RETRYING, Reason.TELNYX_REFUSED, Who.US, NOW)
    assert stands(paused) == Standing(Phase.FROZEN, Reason.FROZEN, Who.YOU)
    assert stands(replace(paused, operation=later)).phase is Phase.RETRYING


@pytest.mark.parametrize("reason", [Reason.REQUEST_REFUSED, Reason.CAPACITY])
def test_a_terminal_answer_blocks(reason: Reason) -> None:
    blocked = an_operation(Step.BLOCKED, refusals=1, reason=reason, not_before=NOW + HOUR)

    assert stands(busy(blocked)) == Standing(Phase.BLOCKED, reason, Who.YOU, NOW + HOUR)


@pytest.mark.parametrize(
    ("campaign", "standing"),
    [
        (CampaignPhase.SUBMITTED, Standing(Phase.WAITING, Reason.CAMPAIGN_IN_REVIEW, Who.CARRIER)),
        (CampaignPhase.IN_REVIEW, Standing(Phase.WAITING, Reason.CAMPAIGN_IN_REVIEW, Who.CARRIER)),
        (CampaignPhase.SUSPENDED, Standing(Phase.WAITING, Reason.CAMPAIGN_SUSPENDED, Who.TELNYX)),
        (CampaignPhase.REJECTED, Standing(Phase.BLOCKED, Reason.CAMPAIGN_REJECTED, Who.YOU)),
        (CampaignPhase.EXPIRED, Standing(Phase.BLOCKED, Reason.CAMPAIGN_EXPIRED, Who.YOU)),
        (CampaignPhase.UNKNOWN, Standing(Phase.BLOCKED, Reason.CAMPAIGN_UNKNOWN, Who.YOU)),
        (CampaignPhase.DORMANT, Standing(Phase.WAITING, Reason.CAMPAIGN_WAKING, Who.US)),
    ],
)
def test_an_absent_number_waits_for_its_campaign(campaign: CampaignPhase, standing: Standing) -> None:
    assert stands(replace(ABSENT, campaign=a_campaign(campaign))) == standing


@pytest.mark.parametrize(("tries", "next_at"), [(1, NOW + 2 * MINUTE), (2, NOW + 10 * MINUTE), (3, NOW + HOUR)])
def test_a_number_of_a_dormant_campaign_says_what_comes_next_and_when(tries: int, next_at: datetime) -> None:
    facts = replace(ABSENT, campaign=asleep(), dormancy=a_dormancy(tries, NOW))

    assert stands(facts) == Standing(Phase.WAITING, Reason.CAMPAIGN_WAKING, Who.US, next_at)


def test_what_keeps_a_dormant_campaign_from_being_woken_is_said_first() -> None:
    """It wakes by a number of ours, which a pause or a pool that only observes never sends."""
    asleep_ = replace(ABSENT, campaign=asleep(), dormancy=a_dormancy(0, NOW))
    paused = Freeze("*", NOW - HOUR, "a migration", until=NOW + HOUR)

    assert stands(replace(asleep_, freeze=paused)) == Standing(Phase.FROZEN, Reason.FROZEN, Who.YOU, NOW + HOUR)
    assert stands(replace(asleep_, pool=OBSERVED)).reason is Reason.OBSERVE_MODE
    assert (
        stands(replace(asleep_, sighting=a_sighting(an_assignment()), freeze=paused)).reason is Reason.CAMPAIGN_WAKING
    )


def test_a_campaign_that_is_approved_only_on_paper_is_waited_for() -> None:
    """Code 10036, though its status reads as approved."""
    early = an_operation(Step.READY, reason=Reason.CAMPAIGN_IN_REVIEW, not_before=NOW + MINUTE)

    assert stands(busy(early)) == Standing(Phase.WAITING, Reason.CAMPAIGN_IN_REVIEW, Who.CARRIER, NOW + MINUTE)


def test_a_pool_that_only_observes_waits_for_a_person() -> None:
    assert stands(replace(ABSENT, pool=OBSERVED)) == Standing(Phase.WAITING, Reason.OBSERVE_MODE, Who.YOU)


def test_a_halted_account_waits_for_a_person_and_a_probe() -> None:
    halted = replace(ABSENT, halt=a_halt(probe_at=NOW + MINUTE))

    assert stands(halted) == Standing(Phase.WAITING, Reason.ACCOUNT_HALTED, Who.YOU, NOW + MINUTE)
    assert stands(replace(halted, pool=OBSERVED)).reason is Reason.OBSERVE_MODE


def test_a_pause_holds_what_would_be_sent_until_its_time_is_up() -> None:
    paused = replace(ABSENT, freeze=Freeze("*", NOW - HOUR, "a migration", until=NOW + HOUR))
    over = Freeze("*", NOW - HOUR, "a migration", until=NOW)

    assert stands(paused) == Standing(Phase.FROZEN, Reason.FROZEN, Who.YOU, NOW + HOUR)
    assert stands(replace(paused, freeze=over)) == stands(ABSENT)
    assert stands(replace(paused, pool=OBSERVED)).reason is Reason.OBSERVE_MODE
    assert stands(replace(paused, halt=a_halt())).reason is Reason.ACCOUNT_HALTED
    assert stands(replace(seen(an_assignment()), freeze=paused.freeze)).phase is Phase.READY


def test_a_halted_account_does_not_hide_that_a_number_is_ready() -> None:
    assert stands(replace(seen(an_assignment()), halt=a_halt())).phase is Phase.READY


@pytest.mark.parametrize("reason", [Reason.TELNYX_UNAVAILABLE, Reason.RATE_LIMITED])
def test_a_write_that_is_due_later_after_a_transient_failure_is_retrying(reason: Reason) -> None:
    later = an_operation(reason=reason, not_before=NOW + MINUTE)

    assert stands(busy(later)) == Standing(Phase.RETRYING, reason, Who.TELNYX, NOW + MINUTE)


def test_with_nothing_in_the_way_it_is_queued() -> None:
    assert stands(ABSENT) == Standing(Phase.QUEUED, Reason.ASSIGN_DUE)
    assert stands(busy(an_operation())) == Standing(Phase.QUEUED, Reason.ASSIGN_DUE, Who.US, NOW)


@pytest.mark.parametrize(("reason", "wait"), [(Reason.RATE_LIMITED, 0), (Reason.NONE, 1)])
def test_what_failed_once_and_is_due_now_is_queued_again(reason: Reason, wait: int) -> None:
    operation = an_operation(reason=reason, not_before=NOW + wait * MINUTE)

    assert stands(busy(operation)).phase is Phase.QUEUED


def test_a_reading_in_doubt_is_drifted() -> None:
    doubted = replace(ABSENT, sighting=a_sighting(an_assignment(), doubted=True))

    assert stands(doubted) == Standing(Phase.DRIFTED, Reason.READING_DIFFERS)


def test_a_number_on_its_way_off_is_drifted() -> None:
    leaving = seen(an_assignment(state=AssignmentState.UNASSIGNING))

    assert stands(leaving) == Standing(Phase.DRIFTED, Reason.READING_DIFFERS)


def test_one_that_could_not_leave_needs_a_person() -> None:
    """Nothing more happens to it by itself, and we neither remove nor assign it."""
    stuck = seen(an_assignment(state=AssignmentState.UNASSIGN_FAILED))

    assert stands(stuck) == Standing(Phase.DRIFTED, Reason.READING_DIFFERS, Who.YOU)


def test_a_status_of_tomorrow_is_waited_for() -> None:
    unknown = seen(an_assignment(state=AssignmentState.UNKNOWN))

    assert stands(unknown) == Standing(Phase.WAITING, Reason.EVIDENCE_STALE, Who.TELNYX)


@pytest.mark.parametrize(
    "facts",
    [
        replace(ABSENT, looked_at=None),
        replace(ABSENT, campaign=None),
        replace(ABSENT, campaign=None, pool=OBSERVED),
    ],
)
def test_before_the_first_look_nothing_is_claimed(facts: Facts) -> None:
    standing = stands(facts)

    assert (standing.phase, standing.reason) == (Phase.WAITING, Reason.EVIDENCE_STALE)


def test_stale_evidence_keeps_the_phase_and_loses_its_freshness() -> None:
    old = a_sighting(an_assignment(), seen_at=NOW - 11 * MINUTE)
    facts = replace(ABSENT, sighting=old, looked_at=NOW - 10 * MINUTE)

    assert stands(facts) == Standing(Phase.READY)
    assert stands(replace(facts, looked_at=None)) == Standing(Phase.READY, fresh=False)


def test_an_unlisted_number_is_not_managed() -> None:
    stranger = replace(ABSENT, pool=None, campaign=None)

    assert stands(stranger) == Standing(Phase.UNMANAGED, Reason.NONE, Who.YOU)
    assert stands(replace(stranger, sighting=a_sighting(an_assignment(), seen_at=NOW))) == Standing(
        Phase.UNMANAGED, Reason.EXTRA_UNOWNED, Who.YOU
    )


CARRIERS = st.dictionaries(st.sampled_from(["tmobile", "others"]), st.sampled_from(CarrierState))
FOUND = st.builds(
    lambda state, campaign, carriers: replace(an_assignment(state=state, campaign=campaign), carriers=carriers),
    st.sampled_from(AssignmentState),
    st.sampled_from([CAMPAIGN, FOREIGN]),
    CARRIERS,
)
SIGHTINGS = st.builds(a_sighting, st.none() | FOUND, doubted=st.booleans())
OPERATIONS = st.builds(
    an_operation,
    st.sampled_from([step for step in Step if step is not Step.CLOSED]),
    refusals=st.integers(0, 4),
    reason=st.sampled_from(Reason),
    not_before=st.integers(-60, 60).map(lambda minutes: NOW + minutes * MINUTE),
)


@given(
    pool=st.sampled_from([ENFORCED, OBSERVED]),
    campaign=st.none() | st.builds(a_campaign, st.sampled_from(CampaignPhase)),
    sighting=st.none() | SIGHTINGS,
    operation=st.none() | OPERATIONS,
    halted=st.booleans(),
    looked=st.booleans(),
)
def test_any_facts_have_one_standing_and_what_is_not_ready_has_a_reason(
    *,
    pool: Pool,
    campaign: Campaign | None,
    sighting: Sighting | None,
    operation: Operation | None,
    halted: bool,
    looked: bool,
) -> None:
    halt = a_halt() if halted else None
    facts = Facts(NUMBER, pool, campaign, sighting, operation, halt, NOW if looked else None)

    standing = stands(facts)

    assert bool(standing.reason) is (standing.phase is not Phase.READY)
    if standing.phase is Phase.READY:
        assert sighting is not None
        assert sighting.assignment is not None
        assert sighting.assignment.is_ready
        assert sighting.assignment.campaign == CAMPAIGN
    if standing.phase is Phase.BLOCKED:
        assert standing.who is not Who.US
