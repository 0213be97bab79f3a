"""What Telnyx says, and how much it is worth: ready only if every carrier agrees, absent only if nobody saw it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    NUMBER,
    OTHER,
    SECOND,
    TCR_ID,
    WINDOW,
    a_campaign,
    a_fault,
    a_listing,
    a_look,
    a_number,
    a_sighting,
    a_single,
    an_assignment,
)

ADDED, PENDING, FAILED, UNKNOWN = CarrierState.ADDED, CarrierState.PENDING, CarrierState.FAILED, CarrierState.UNKNOWN


@pytest.mark.parametrize(
    ("carriers", "ready", "settling", "refusing"),
    [
        ({}, True, False, ()),
        ({"tmobile": ADDED, "others": ADDED}, True, False, ()),
        ({"tmobile": ADDED, "others": PENDING}, False, True, ()),
        ({"tmobile": ADDED, "others": UNKNOWN}, False, True, ()),
        ({"tmobile": ADDED, "others": FAILED}, False, False, ("others",)),
    ],
)
def test_assigned_is_ready_only_if_no_carrier_says_otherwise(
    carriers: dict[str, CarrierState], *, ready: bool, settling: bool, refusing: tuple[str, ...]
) -> None:
    assignment = replace(an_assignment(), carriers=carriers)

    assert (assignment.is_ready, assignment.is_settling, assignment.carriers_refusing) == (ready, settling, refusing)


@pytest.mark.parametrize(
    ("state", "settling"),
    [
        (AssignmentState.PENDING, True),
        (AssignmentState.UNASSIGNING, True),
        (AssignmentState.UNKNOWN, True),
        (AssignmentState.FAILED, False),
        (AssignmentState.UNASSIGN_FAILED, False),
    ],
)
def test_what_is_not_assigned_is_never_ready(state: AssignmentState, *, settling: bool) -> None:
    """PENDING with every mapping ADDED still could not send (FIELD:61954600670)."""
    assignment = an_assignment(state=state, tmobile=ADDED)

    assert not assignment.is_ready
    assert assignment.is_settling is settling


def test_an_assignment_is_on_a_campaign_under_any_id_that_either_side_uses() -> None:
    by_tcr = an_assignment(campaign=TCR_ID)
    by_both = an_assignment(campaign=CAMPAIGN, aliases=(TCR_ID,))

    assert by_tcr.is_on(CAMPAIGN, (TCR_ID,))
    assert by_both.is_on(TCR_ID)
    assert not by_tcr.is_on(CAMPAIGN)
    assert not by_both.is_on(FOREIGN, ())


@pytest.mark.parametrize(
    ("phase", "obstacle"),
    [
        (CampaignPhase.SUBMITTED, Reason.CAMPAIGN_IN_REVIEW),
        (CampaignPhase.IN_REVIEW, Reason.CAMPAIGN_IN_REVIEW),
        (CampaignPhase.APPROVED, Reason.NONE),
        (CampaignPhase.REJECTED, Reason.CAMPAIGN_REJECTED),
        (CampaignPhase.SUSPENDED, Reason.CAMPAIGN_SUSPENDED),
        (CampaignPhase.EXPIRED, Reason.CAMPAIGN_EXPIRED),
        (CampaignPhase.UNKNOWN, Reason.CAMPAIGN_UNKNOWN),
    ],
)
def test_only_an_approved_campaign_takes_numbers(phase: CampaignPhase, obstacle: Reason) -> None:
    assert a_campaign(phase).obstacle is obstacle


def test_a_campaign_answers_to_each_of_its_ids() -> None:
    campaign = a_campaign(tcr_id=TCR_ID)

    assert campaign.answers_to(CAMPAIGN)
    assert campaign.answers_to(TCR_ID)
    assert not campaign.answers_to(FOREIGN)
    assert campaign.aliases == (TCR_ID,)


def test_a_read_of_the_number_outweighs_every_listing() -> None:
    look = a_look(a_listing(an_assignment()), singles=[a_single(taken_at=NOW - SECOND)])

    assert look.told()[NUMBER].assignment is None


@given(first_in_order=st.booleans())
def test_of_two_listings_the_later_one_holds(*, first_in_order: bool) -> None:
    here = a_listing(an_assignment(), taken_at=NOW)
    there = a_listing(an_assignment(campaign=FOREIGN), campaign=FOREIGN, taken_at=NOW + SECOND)
    look = a_look(*((here, there) if first_in_order else (there, here)))

    found = look.told()[NUMBER]

    assert found.assignment is not None
    assert (found.assignment.campaign, found.taken_at) == (FOREIGN, NOW + SECOND)


def test_a_number_that_nobody_saw_is_not_told_of() -> None:
    assert a_look(a_listing(an_assignment())).told().keys() == {NUMBER}


def test_a_later_look_adds_to_the_first() -> None:
    first = a_look(a_listing(an_assignment()), faults=[("x", a_fault())])
    later = a_look(singles=[a_single(OTHER)], faults=[(a_number(7), a_fault())])

    both = first + later

    assert both.told().keys() == {NUMBER, OTHER}
    assert [subject for subject, _ in both.faults] == ["x", a_number(7)]
    assert both.campaigns == first.campaigns


@pytest.mark.parametrize(("source", "outweighs"), [("answer", True), ("item", True), ("listing", False)])
def test_what_is_known_of_the_very_number_outweighs_silence_for_the_settle_window(
    source: str, *, outweighs: bool
) -> None:
    known = a_sighting(an_assignment(), source=source, seen_at=NOW)

    assert known.outweighs_silence(NOW + WINDOW, WINDOW) is outweighs
    assert not known.outweighs_silence(NOW + WINDOW + SECOND, WINDOW)
