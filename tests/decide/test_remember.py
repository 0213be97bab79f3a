"""Only what is new is written, one sighting a number, and an old look never replaces what was learned since."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.remember import remember, sight
from reconciler.model.fleet import Assignment, AssignmentState, CarrierState, Observed, Sighting
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
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
PENDING = an_assignment(state=AssignmentState.PENDING)


def learned(look: Observed, *known: Sighting, wanted: Desired | None = None) -> tuple[Sighting, ...]:
    """The sightings to write."""
    memory = a_memory(*known)
    return remember(wanted or desired(), look, memory, now=NOW, patience=PATIENCE)


def test_a_number_seen_for_the_first_time_is_written_wanted_or_not() -> None:
    look = a_look(a_listing(an_assignment(), an_assignment(OTHER)))

    assert learned(look) == (
        Sighting(NUMBER, NOW, "listing", an_assignment(), since=NOW, was_ready=True),
        Sighting(OTHER, NOW, "listing", an_assignment(OTHER), since=NOW, was_ready=True),
    )


def test_a_settled_number_that_looks_as_before_is_not_written() -> None:
    """A hundred thousand numbers in sync cost no write: their campaign's listing says how fresh they are."""
    assert learned(a_look(a_listing(an_assignment())), a_sighting(an_assignment())) == ()


def test_a_number_that_goes_on_settling_is_not_written() -> None:
    assert learned(a_look(a_listing(PENDING)), a_sighting(PENDING)) == ()


def test_what_our_own_request_told_is_written_again_once_a_listing_shows_it() -> None:
    (sighting,) = learned(a_look(a_listing(PENDING)), a_sighting(PENDING, source="answer"))

    assert (sighting.source, sighting.since, sighting.seen_at) == ("listing", NOW - HOUR, NOW)


@pytest.mark.parametrize(
    "found",
    [an_assignment(tmobile=CarrierState.PENDING), PENDING, an_assignment(campaign=FOREIGN), an_assignment(failure="x")],
)
def test_a_change_starts_anew(found: Assignment) -> None:
    (sighting,) = learned(a_look(a_listing(found)), a_sighting(an_assignment()))

    assert (sighting.assignment, sighting.since) == (found, NOW)


def test_a_read_of_the_number_is_written_and_outweighs_the_listing() -> None:
    look = a_look(a_listing(PENDING), singles=[a_single(found=an_assignment())])

    (sighting,) = learned(look)

    assert (sighting.source, sighting.assignment) == ("item", an_assignment())


def test_a_read_that_found_nothing_is_written() -> None:
    (sighting,) = learned(a_look(a_listing(), singles=[a_single()]), a_sighting(an_assignment()))

    assert (sighting.source, sighting.assignment, sighting.since, sighting.doubted) == ("item", None, NOW, False)


@pytest.mark.parametrize(
    "look", [a_look(a_listing(an_assignment(failure="old"))), a_look(a_listing(), singles=[a_single()]), SILENT]
)
def test_what_was_learned_since_is_not_overwritten(look: Observed) -> None:
    assert learned(look, a_sighting(PENDING, source="answer", seen_at=NOW + SECOND)) == ()


# Silence.


def test_a_number_that_a_complete_listing_lacks_is_doubted_not_forgotten() -> None:
    known = a_sighting(an_assignment())

    (sighting,) = learned(SILENT, known)

    assert (sighting.assignment, sighting.doubted, sighting.seen_at) == (an_assignment(), True, known.seen_at)


def test_it_is_doubted_once() -> None:
    assert learned(SILENT, a_sighting(an_assignment(), doubted=True)) == ()


def test_a_doubt_ends_when_the_number_is_seen_again() -> None:
    (sighting,) = learned(a_look(a_listing(an_assignment())), a_sighting(an_assignment(), doubted=True))

    assert not sighting.doubted


@pytest.mark.parametrize(
    ("look", "known"),
    [
        (a_look(a_listing(complete=False)), a_sighting(an_assignment())),
        (SILENT, a_sighting(None)),
        (SILENT, a_sighting(PENDING, source="answer", seen_at=NOW - WINDOW)),
        (SILENT, a_sighting(an_assignment(campaign=FOREIGN))),
    ],
    ids=["incomplete", "was absent", "our write is young", "is known to be elsewhere"],
)
def test_silence_that_tells_nothing_raises_no_doubt(look: Observed, known: Sighting) -> None:
    assert learned(look, known) == ()


def test_silence_about_a_number_under_the_campaigns_other_id_does() -> None:
    look = a_look(a_listing(), campaigns=[a_campaign(tcr_id=TCR_ID)])

    (sighting,) = learned(look, a_sighting(an_assignment(campaign=TCR_ID)))

    assert sighting.doubted


@pytest.mark.parametrize("order", [1, -1])
def test_a_number_that_moved_between_two_listed_campaigns_has_one_sighting(order: int) -> None:
    here, there = a_listing(), a_listing(an_assignment(campaign=FOREIGN), campaign=FOREIGN)
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))

    (sighting,) = learned(a_look(*(here, there)[::order]), a_sighting(an_assignment()), wanted=wanted)

    assert (sighting.assignment, sighting.doubted) == (an_assignment(campaign=FOREIGN), False)


def test_once_ready_is_remembered() -> None:
    first = sight(NUMBER, an_assignment(), "listing", NOW, a_memory())
    later = sight(NUMBER, None, "item", NOW + MINUTE, a_memory(first))

    assert first.was_ready
    assert later.was_ready
    assert not sight(NUMBER, PENDING, "answer", NOW, a_memory()).was_ready


NUMBERS = st.sampled_from([a_number(which) for which in range(4)])
FOUND = st.builds(
    an_assignment, NUMBERS, st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN])
)
AGES = st.integers(-60, 3600).map(lambda seconds: NOW - seconds * SECOND)
SOURCES = st.sampled_from(["listing", "item", "answer"])
KNOWN = st.lists(
    st.builds(a_sighting, FOUND, seen_at=AGES, source=SOURCES, doubted=st.booleans())
    | st.builds(a_sighting, st.none(), NUMBERS, seen_at=AGES, source=SOURCES),
    unique_by=lambda one: one.number,
)


@given(
    here=st.lists(FOUND, unique_by=lambda one: one.number),
    there=st.lists(FOUND, unique_by=lambda one: one.number),
    known=KNOWN,
    complete=st.booleans(),
    read=st.booleans(),
)
def test_one_sighting_a_number_and_never_an_older_one_than_is_known(
    *, here: list[Assignment], there: list[Assignment], known: list[Sighting], complete: bool, read: bool
) -> None:
    listings = a_listing(*here, complete=complete), a_listing(*there, campaign=FOREIGN)
    look = a_look(*listings, singles=[a_single(a_number(0))] if read else [])
    wanted = desired(a_pool(*(a_number(which) for which in range(3))))
    memory: Memory = a_memory(*known)

    sightings = remember(wanted, look, memory, now=NOW, patience=PATIENCE)

    numbers = [one.number for one in sightings]
    assert len(numbers) == len(set(numbers))
    for one in sightings:
        assert one.number not in memory.sightings or one.seen_at >= memory.sightings[one.number].seen_at
