"""Each way of differing has its class, and nothing is missing until absence is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.diff import diff
from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Assignment, AssignmentState, Observed, Sighting, Single
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    POOL,
    SECOND,
    TCR_ID,
    WINDOW,
    a_campaign,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_sighting,
    a_single,
    an_assignment,
    desired,
)

SILENT = a_look(a_listing())
GONE = "last seen on a campaign, now not listed, and not yet read by itself"


def drifts(look: Observed, memory: Memory | None = None, wanted: Desired | None = None) -> tuple[Drift, ...]:
    """How what was seen differs."""
    return diff(wanted or desired(), look, memory or a_memory(), now=NOW, patience=PATIENCE)


@pytest.mark.parametrize("state", [AssignmentState.PENDING, AssignmentState.ASSIGNED])
def test_a_number_on_its_campaign_is_in_sync(state: AssignmentState) -> None:
    assert drifts(a_look(a_listing(an_assignment(state=state)))) == ()


def test_a_number_that_was_never_there_is_missing_from_a_complete_listing() -> None:
    assert drifts(SILENT) == (Missing(NUMBER, POOL, CAMPAIGN),)


def test_so_is_one_that_was_last_read_to_be_on_none() -> None:
    assert drifts(SILENT, a_memory(a_sighting(None))) == (Missing(NUMBER, POOL, CAMPAIGN),)


def test_a_failed_assignment_is_missing_and_keeps_what_was_found() -> None:
    found = an_assignment(state=AssignmentState.FAILED, failure="carrier said no")

    assert drifts(a_look(a_listing(found))) == (Missing(NUMBER, POOL, CAMPAIGN, found),)


def test_an_incomplete_listing_shows_no_absence() -> None:
    assert drifts(a_look(a_listing(complete=False))) == (Unproven(NUMBER, POOL, CAMPAIGN, "1 numbers listed, of 2"),)


def test_a_number_last_seen_assigned_is_not_missing_until_it_was_read_by_itself() -> None:
    seen = a_memory(a_sighting(an_assignment()))

    assert drifts(SILENT, seen) == (Unproven(NUMBER, POOL, CAMPAIGN, GONE),)
    assert drifts(a_look(a_listing(), singles=[a_single()]), seen) == (Missing(NUMBER, POOL, CAMPAIGN),)


def test_a_read_of_the_number_shows_its_absence_even_if_the_listing_is_incomplete() -> None:
    look = a_look(a_listing(complete=False), singles=[a_single()])

    assert drifts(look) == (Missing(NUMBER, POOL, CAMPAIGN),)


def test_a_read_of_the_number_outweighs_the_listing() -> None:
    assert drifts(a_look(a_listing(), singles=[a_single(found=an_assignment())])) == ()


def test_a_number_on_another_campaign_is_a_conflict() -> None:
    found = an_assignment(campaign=FOREIGN)
    by_read = a_look(a_listing(), singles=[a_single(found=found)])
    by_listing = a_look(a_listing(), a_listing(found, campaign=FOREIGN))

    assert drifts(by_read) == (Conflict(NUMBER, POOL, CAMPAIGN, found),)
    assert drifts(by_listing) == (Conflict(NUMBER, POOL, CAMPAIGN, found),)


def test_a_number_that_was_read_on_another_campaign_is_not_expected_in_a_listing_of_ours() -> None:
    """Were it unproven, its campaign would be looked at again at once, and with many such numbers for ever."""
    found = an_assignment(campaign=FOREIGN)
    fresh, old = (
        a_sighting(found, source="item", seen_at=NOW - age)
        for age in (PATIENCE.evidence_for_assign, PATIENCE.evidence_for_assign + SECOND)
    )

    assert drifts(SILENT, a_memory(fresh)) == (Conflict(NUMBER, POOL, CAMPAIGN, found),)
    assert drifts(SILENT, a_memory(old)) == (Unproven(NUMBER, POOL, CAMPAIGN, GONE),)
    assert drifts(a_look(a_listing(), singles=[a_single()]), a_memory(fresh)) == (Missing(NUMBER, POOL, CAMPAIGN),)


@pytest.mark.parametrize("state", AssignmentState)
def test_on_another_campaign_it_is_a_conflict_in_every_state(state: AssignmentState) -> None:
    """A failed one too: asking for it anyway could be answered "already assigned", time and again."""
    found = an_assignment(state=state, campaign=FOREIGN)

    assert drifts(a_look(a_listing(), singles=[a_single(found=found)])) == (Conflict(NUMBER, POOL, CAMPAIGN, found),)


def test_a_campaign_is_the_same_under_its_other_id() -> None:
    """Shared campaigns are listed under their TCR id (OAS PhoneNumberCampaign)."""
    look = a_look(a_listing(an_assignment(campaign=TCR_ID)), campaigns=[a_campaign(tcr_id=TCR_ID)])
    remembered = a_look(a_listing(an_assignment(campaign=TCR_ID)))

    assert drifts(look) == ()
    assert drifts(Observed(NOW, listings=remembered.listings), a_memory(campaigns=[a_campaign(tcr_id=TCR_ID)])) == ()


@pytest.mark.parametrize(
    "state", [AssignmentState.UNASSIGNING, AssignmentState.UNASSIGN_FAILED, AssignmentState.UNKNOWN]
)
def test_a_number_in_between_is_neither_there_nor_missing(state: AssignmentState) -> None:
    (drift,) = drifts(a_look(a_listing(an_assignment(state=state))))

    assert isinstance(drift, Unproven)


def test_a_strange_number_on_the_campaign_is_extra() -> None:
    stranger = an_assignment(OTHER)

    assert drifts(a_look(a_listing(an_assignment(), stranger))) == (Extra(OTHER, POOL, CAMPAIGN, stranger),)


def test_the_number_of_another_pool_is_not_extra() -> None:
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))

    (drift,) = drifts(
        a_look(a_listing(an_assignment(), an_assignment(OTHER)), a_listing(campaign=FOREIGN)), None, wanted
    )

    assert isinstance(drift, Conflict)


def test_a_campaign_that_was_not_listed_is_not_compared() -> None:
    assert drifts(a_look(campaigns=[a_campaign()])) == ()


# Reads lag behind writes, and a listing takes its time.


@pytest.mark.parametrize("look", [SILENT, a_look(a_listing(), singles=[a_single()]), a_look(a_listing(complete=False))])
@pytest.mark.parametrize("source", ["answer", "item"])
def test_within_the_settle_window_what_is_known_of_the_number_outweighs_silence(look: Observed, source: str) -> None:
    answer = an_assignment(state=AssignmentState.PENDING)
    young = a_sighting(answer, source=source, seen_at=NOW - WINDOW)
    old = a_sighting(answer, source=source, seen_at=NOW - WINDOW - SECOND)

    assert drifts(look, a_memory(young)) == ()
    assert drifts(look, a_memory(old)) != ()


@pytest.mark.parametrize("source", ["answer", "item"])
@pytest.mark.parametrize("shown", [[], [an_assignment(state=AssignmentState.FAILED)]])
def test_what_was_learned_after_the_listing_began_outweighs_it(source: str, shown: list[Assignment]) -> None:
    listing = a_listing(*shown, taken_at=NOW - 2 * MINUTE)
    later = a_sighting(an_assignment(state=AssignmentState.PENDING), source=source, seen_at=NOW - 90 * SECOND)

    assert drifts(a_look(listing), a_memory(later)) == ()


STATES = st.sampled_from(AssignmentState)
FOUND = st.builds(an_assignment, state=STATES, campaign=st.sampled_from([CAMPAIGN, FOREIGN]))
SIGHTINGS = st.builds(
    a_sighting,
    st.none() | FOUND,
    source=st.sampled_from(["listing", "item", "answer"]),
    seen_at=st.integers(-3600, 60).map(lambda seconds: NOW + seconds * SECOND),
    doubted=st.booleans(),
)


@given(
    complete=st.booleans(), known=st.none() | SIGHTINGS, read=st.none() | st.builds(a_single, found=st.none() | FOUND)
)
def test_missing_is_said_only_of_what_was_shown_to_be_absent_or_failed(
    *, complete: bool, known: Sighting | None, read: Single | None
) -> None:
    """Silence shows it only in a complete listing, of a number that was never seen on a campaign."""
    look = a_look(a_listing(complete=complete), singles=[read] if read else [])

    for drift in drifts(look, a_memory(*[known] if known else [])):
        if isinstance(drift, Missing) and drift.found is None:
            never_there = known is None or known.assignment is None
            assert (read is not None and read.assignment is None) or (complete and read is None and never_there)
        elif isinstance(drift, Missing):
            assert drift.found is not None
            assert drift.found.state is AssignmentState.FAILED


NUMBERS = [a_number(which) for which in range(8)]


@given(
    wanted=st.lists(st.sampled_from(NUMBERS), unique=True),
    listed=st.lists(st.sampled_from(NUMBERS), unique=True),
)
def test_with_nothing_else_known_it_is_the_difference_of_two_sets(
    wanted: list[PhoneNumber], listed: list[PhoneNumber]
) -> None:
    pool = a_pool(*wanted)
    look = a_look(a_listing(*map(an_assignment, listed)))

    found = drifts(look, None, desired(pool))

    assert {drift.number for drift in found if isinstance(drift, Missing)} == set(pool.numbers) - set(listed)
    assert {drift.number for drift in found if isinstance(drift, Extra)} == set(listed) - set(pool.numbers)
    assert len(found) == len({drift.number for drift in found})
