"""What a look teaches of the numbers' own records: only what is new, and what is not said takes nothing away."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.learn import learn, note
from reconciler.model.fleet import Observed
from reconciler.model.ids import ProfileId
from reconciler.model.lines import Line, LineKind, Membership, Roster
from reconciler.model.pools import Desired
from tests.builders import (
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PROFILE,
    a_line,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_roster,
    desired,
    on_profile,
)

WANTED = desired(a_pool(NUMBER, OTHER, profile=PROFILE))
EARLIER, LATER = NOW - HOUR, NOW + HOUR


def learned(look: Observed, *known: Line, wanted: Desired = WANTED) -> tuple[Line, ...]:
    """The records that a look brings."""
    return learn(wanted, look, a_memory(lines=known))


def read(*lines: Line) -> Observed:
    """A look that read these by themselves."""
    return a_look(lines=lines)


# From lists.


def test_a_number_told_for_the_first_time_is_kept() -> None:
    assert learned(a_look(rosters=[on_profile(NUMBER)])) == (a_line(NUMBER, PROFILE),)


def test_a_number_that_is_where_it_was_needs_no_record() -> None:
    assert learned(a_look(rosters=[on_profile(NUMBER)]), a_line(NUMBER, PROFILE, taken_at=EARLIER)) == ()


def test_a_number_that_has_moved_is_kept() -> None:
    look = a_look(rosters=[on_profile(NUMBER)])

    assert learned(look, a_line(NUMBER, OTHER_PROFILE, taken_at=EARLIER)) == (a_line(NUMBER, PROFILE),)


def test_what_nobody_wants_is_not_kept() -> None:
    assert learned(a_look(rosters=[on_profile(a_number(9))], lines=[a_line(a_number(8))])) == ()


def test_of_two_lists_the_later_one_holds() -> None:
    ours, others = (
        a_roster(a_line(NUMBER, profile, taken_at=at), profile=profile, taken_at=at)
        for profile, at in ((PROFILE, EARLIER), (OTHER_PROFILE, NOW))
    )

    assert learned(a_look(rosters=[ours, others])) == (a_line(NUMBER, OTHER_PROFILE),)


def test_what_was_learned_since_outweighs_a_list() -> None:
    assert learned(a_look(rosters=[on_profile(NUMBER)]), a_line(NUMBER, OTHER_PROFILE, taken_at=LATER)) == ()


# What a list lacks.


def test_a_number_that_a_complete_list_of_its_profile_lacks_is_unclear_from_then_on() -> None:
    known = a_line(NUMBER, PROFILE, taken_at=EARLIER)

    assert learned(a_look(rosters=[on_profile(OTHER)]), known, a_line(OTHER, PROFILE)) == (
        replace(known, unclear=True, taken_at=NOW),
    )


@pytest.mark.parametrize(
    ("known", "complete"),
    [
        (a_line(NUMBER, PROFILE, taken_at=EARLIER), False),
        (a_line(NUMBER, OTHER_PROFILE, taken_at=EARLIER), True),
        (a_line(NUMBER, None, taken_at=EARLIER), True),
        (a_line(NUMBER, PROFILE, taken_at=LATER), True),
        (a_line(NUMBER, PROFILE, taken_at=EARLIER, unclear=True), True),
        (a_line(NUMBER, PROFILE, taken_at=EARLIER, absences=1), True),
    ],
    ids=["incomplete", "of another profile", "on none", "told since", "unclear already", "was not in the account"],
)
def test_silence_tells_nothing_else(known: Line, *, complete: bool) -> None:
    assert learned(a_look(rosters=[on_profile(complete=complete)]), known) == ()


def test_of_what_nobody_wants_no_doubt_is_noted() -> None:
    stranger = a_line(a_number(9), PROFILE, taken_at=EARLIER)

    assert learned(a_look(rosters=[on_profile()]), stranger) == ()


def test_a_list_tells_of_the_numbers_of_every_pool_that_names_its_profile() -> None:
    wanted = desired(a_pool(NUMBER, profile=PROFILE), a_pool(OTHER, name="zeta", campaign=FOREIGN, profile=PROFILE))
    known = a_line(OTHER, PROFILE, taken_at=EARLIER)

    assert learned(a_look(rosters=[on_profile(NUMBER)]), a_line(NUMBER, PROFILE), known, wanted=wanted) == (
        replace(known, unclear=True, taken_at=NOW),
    )


def test_a_read_of_the_number_outweighs_the_list() -> None:
    """It moved between the two."""
    moved = a_line(NUMBER, OTHER_PROFILE)

    assert learned(a_look(rosters=[on_profile(NUMBER)], lines=[moved])) == (moved,)
    assert learned(a_look(rosters=[on_profile()], lines=[moved]), a_line(NUMBER, PROFILE, taken_at=EARLIER)) == (moved,)


# From a read of the number itself.


def test_a_read_is_kept_for_its_time_even_if_it_says_the_same() -> None:
    assert learned(read(a_line()), a_line(taken_at=EARLIER)) == (a_line(),)


def test_the_same_read_is_learned_once() -> None:
    """Else two looks at one answer would count as two reads without the number."""
    gone = a_line(absences=1)

    assert learned(read(a_line()), a_line()) == ()
    assert learned(read(gone), gone) == ()


def test_reads_without_the_number_are_counted_and_leave_what_was_known_of_it() -> None:
    known = a_line(NUMBER, OTHER_PROFILE, taken_at=EARLIER)

    (first,) = learned(read(Line(NUMBER, NOW, absences=1)), known)
    (second,) = learned(read(Line(NUMBER, LATER, absences=1)), first)

    assert first == replace(known, taken_at=NOW, absences=1)
    assert second == replace(known, taken_at=LATER, absences=2)
    assert second.is_gone
    assert learned(read(Line(NUMBER, NOW, absences=1))) == (Line(NUMBER, NOW, absences=1),)


def test_a_number_that_is_read_and_still_gone_is_known_to_be_so_lately() -> None:
    """Else it would be read in every look from then on."""
    gone = a_line(taken_at=EARLIER, absences=2)

    assert learned(read(a_line(absences=1)), gone) == (replace(gone, taken_at=NOW, absences=3),)


def test_a_read_that_shows_it_again_ends_the_count() -> None:
    assert learned(read(a_line()), a_line(taken_at=EARLIER, absences=2)) == (a_line(),)
    assert learned(read(a_line(unclear=True)), a_line(taken_at=EARLIER, absences=2)) == (a_line(unclear=True),)


def test_a_list_that_calls_it_gone_counts_too_and_is_written_down_no_more_than_twice() -> None:
    """Telnyx lists some numbers that were deleted or ported out."""
    known = [a_line(NUMBER, PROFILE, taken_at=EARLIER)]
    for minutes in (1, 2, 3):
        at = NOW + minutes * MINUTE
        gone = a_line(NUMBER, PROFILE, taken_at=at, absences=1)
        known.extend(learned(a_look(rosters=[a_roster(gone, taken_at=at)]), known[-1]))

    assert [line.absences for line in known] == [0, 1, 2]


@pytest.mark.parametrize("where", [None, PROFILE, OTHER_PROFILE])
def test_a_read_that_does_not_tell_its_profile_leaves_the_last_one_that_did(where: ProfileId | None) -> None:
    """Telnyx says UNAVAILABLE for a while: an alert of where it is would else be resolved, and fire again."""
    known = a_line(NUMBER, where, taken_at=EARLIER)

    assert learned(read(a_line(unclear=True)), known) == ()


def test_but_it_is_kept_where_there_is_no_better() -> None:
    unavailable = a_line(unclear=True)

    assert learned(read(unavailable)) == (unavailable,)
    assert learned(read(unavailable), a_line(NUMBER, PROFILE, taken_at=EARLIER, unclear=True)) == (unavailable,)


def test_a_read_that_tells_nothing_at_all_leaves_everything() -> None:
    """A list of some numbers did not show it, and no other was asked: Telnyx's id and the kind are not forgotten."""
    nothing = Line(NUMBER, NOW, unclear=True)

    for known in (
        a_line(NUMBER, PROFILE, taken_at=EARLIER, unclear=True),
        a_line(taken_at=EARLIER, absences=2),
        a_line(taken_at=EARLIER, kind=LineKind.TOLL_FREE),
    ):
        assert learned(read(nothing), known) == ()
    assert learned(read(nothing)) == (nothing,)


# Whatever is told of whatever was known.

TIMES = st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
PROFILES = st.none() | st.sampled_from([PROFILE, OTHER_PROFILE])
LINES = st.builds(
    a_line,
    profile=PROFILES,
    taken_at=TIMES,
    kind=st.sampled_from(LineKind),
    unclear=st.booleans(),
    absences=st.integers(0, 3),
)


@given(line=LINES, known=st.none() | LINES, alone=st.booleans())
def test_a_note_is_never_older_and_the_second_time_there_is_none(
    *, line: Line, known: Line | None, alone: bool
) -> None:
    kept = note(line, known, alone=alone)

    if kept is None:
        return
    assert kept.taken_at == line.taken_at
    assert known is None or kept.taken_at >= known.taken_at
    assert known is None or kept != known
    assert note(line, kept, alone=alone) is None


@given(line=LINES, known=LINES, alone=st.booleans())
def test_what_was_clear_becomes_unknown_only_where_the_number_is_not_there(
    *, line: Line, known: Line, alone: bool
) -> None:
    kept = note(line, known, alone=alone) or known

    if known.membership(PROFILE) is not Membership.UNKNOWN and kept.membership(PROFILE) is Membership.UNKNOWN:
        assert line.absences


ROSTERS = st.builds(
    lambda lines, at, complete: a_roster(
        *(replace(one, profile=PROFILE, unclear=False, taken_at=at) for one in lines), taken_at=at, complete=complete
    ),
    st.lists(LINES, max_size=1),
    TIMES,
    st.booleans(),
)


@given(ROSTERS, st.lists(LINES, max_size=1), st.lists(LINES, max_size=1))
def test_a_look_is_learned_once(roster: Roster, lines: Iterable[Line], known: list[Line]) -> None:
    """Had the first write been lost, or the same look been judged twice, it would tell the same."""
    look = a_look(rosters=[roster], lines=lines)

    kept = learned(look, *known)

    assert len(kept) <= 1
    assert learned(look, *(kept or known)) == ()
