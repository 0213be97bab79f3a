"""A reversal is ours, is seen by a read of the number itself, and is counted once."""

import pytest

from reconciler.decide.flap import flap
from reconciler.decide.remember import remember
from reconciler.model.fleet import Assignment, AssignmentState, Observed, Sighting
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Desired
from reconciler.model.reversals import Reversals
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    TCR_ID,
    a_campaign,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_sighting,
    a_single,
    an_assignment,
    an_attachment,
    an_operation,
    desired,
)

GONE = a_look(a_listing(), singles=[a_single()])
FAILED = an_assignment(state=AssignmentState.FAILED)


def put_on(campaign: CampaignId | None, found: Assignment | None = None) -> Sighting:
    """The number, which a request of ours put on this campaign, as it was last seen; assigned unless `found` is."""
    known = a_sighting(found or an_assignment())
    return Sighting(known.number, known.seen_at, known.source, known.assignment, known.since, put_on=campaign)


def reversed_by(look: Observed, memory: Memory, wanted: Desired | None = None) -> tuple[Reversals, ...]:
    wanted = wanted or desired()
    return flap(wanted, remember(wanted, look, memory, now=NOW, patience=PATIENCE), memory, now=NOW)


def sighted(look: Observed, *operations: Operation, known: Sighting | None = None) -> CampaignId | None:
    """What a look at the number makes of who put it there."""
    memory = a_memory(*([known] if known else []), operations=operations, campaigns=[a_campaign(tcr_id=TCR_ID)])
    (seen,) = remember(desired(), look, memory, now=NOW, patience=PATIENCE)
    return seen.put_on


# What a request of ours put there.

SEEN = a_look(a_listing(an_assignment()))


@pytest.mark.parametrize("step", [Step.READY, Step.SENT, Step.UNRESOLVED, Step.CONFIRMING, Step.BLOCKED])
def test_a_number_that_is_assigned_after_our_request_was_put_there_by_it(step: Step) -> None:
    assert sighted(SEEN, an_operation(step, attempt=1)) == CAMPAIGN


def test_so_it_is_where_telnyx_calls_the_campaign_by_another_id() -> None:
    other_name = a_look(a_listing(an_assignment(campaign=TCR_ID)))
    assert sighted(other_name, an_operation(Step.CONFIRMING, attempt=1)) == CAMPAIGN


def test_what_others_assigned_was_not() -> None:
    assert sighted(SEEN) is None
    assert sighted(SEEN, an_operation(Step.READY)) is None
    assert sighted(SEEN, an_attachment(Step.CONFIRMING, attempt=1)) is None


@pytest.mark.parametrize("state", [AssignmentState.PENDING, AssignmentState.FAILED, AssignmentState.UNKNOWN])
def test_what_is_not_assigned_yet_was_not(state: AssignmentState) -> None:
    assert sighted(a_look(a_listing(an_assignment(state=state))), an_operation(Step.CONFIRMING, attempt=1)) is None


@pytest.mark.parametrize(
    "found",
    [an_assignment(state=AssignmentState.UNASSIGNING), an_assignment(campaign=FOREIGN)],
    ids=["leaving", "moved away"],
)
def test_it_stays_so_on_the_way_off(found: Assignment) -> None:
    assert sighted(a_look(a_listing(), singles=[a_single(found=found)]), known=put_on(CAMPAIGN)) == CAMPAIGN


def test_it_ends_when_it_is_off_or_failed() -> None:
    assert sighted(GONE, known=put_on(CAMPAIGN)) is None
    assert sighted(a_look(a_listing(FAILED)), known=put_on(CAMPAIGN)) is None


# Reversals.


def test_a_number_that_we_put_on_its_campaign_and_that_is_on_none_was_taken_off() -> None:
    assert reversed_by(GONE, a_memory(put_on(CAMPAIGN))) == (Reversals(NUMBER, (NOW,)),)


def test_it_is_counted_once() -> None:
    absent = a_sighting(None, NUMBER)
    memory = a_memory(absent, reversals={NUMBER: Reversals(NUMBER, (NOW - HOUR,))})
    assert reversed_by(GONE, memory) == ()


def test_it_is_counted_with_those_before() -> None:
    memory = a_memory(put_on(CAMPAIGN), reversals={NUMBER: Reversals(NUMBER, (NOW - HOUR, NOW - MINUTE))})
    assert reversed_by(GONE, memory) == (Reversals(NUMBER, (NOW - HOUR, NOW - MINUTE, NOW)),)


@pytest.mark.parametrize("look", [a_look(a_listing()), a_look(a_listing(complete=False)), a_look()])
def test_the_silence_of_a_list_is_none(look: Observed) -> None:
    assert reversed_by(look, a_memory(put_on(CAMPAIGN))) == ()


@pytest.mark.parametrize("known", [None, put_on(None), put_on(None, FAILED), put_on(FOREIGN)])
def test_what_we_did_not_put_there_is_none(known: Sighting | None) -> None:
    assert reversed_by(GONE, a_memory(*([known] if known else []))) == ()


def test_what_is_wanted_elsewhere_by_now_or_nowhere_is_none() -> None:
    memory = a_memory(put_on(CAMPAIGN))
    assert reversed_by(GONE, memory, desired(a_pool(OTHER))) == ()
    elsewhere = desired(a_pool(campaign=FOREIGN))
    assert reversed_by(a_look(a_listing(campaign=FOREIGN), singles=[a_single()]), memory, elsewhere) == ()


def test_a_campaign_that_the_config_calls_by_another_id_is_the_same() -> None:
    memory = a_memory(put_on(TCR_ID), campaigns=[a_campaign(tcr_id=TCR_ID)])
    assert reversed_by(GONE, memory) == (Reversals(NUMBER, (NOW,)),)


def test_those_of_yesterday_are_forgotten() -> None:
    memory = a_memory(
        reversals={
            NUMBER: Reversals(NUMBER, (NOW - 24 * HOUR,)),
            OTHER: Reversals(OTHER, (NOW - 25 * HOUR, NOW - HOUR)),
        }
    )
    assert set(reversed_by(a_look(), memory)) == {Reversals(NUMBER, ()), Reversals(OTHER, (NOW - HOUR,))}
