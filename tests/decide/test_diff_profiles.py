"""Messaging profiles in drift: what is known of them counts as far as it is newest, clear and fresh."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.diff import diff
from reconciler.model.drift import (
    BESIDE,
    Claimed,
    Conflict,
    Drift,
    Ineligible,
    Missing,
    MissingPrerequisite,
    OffProfile,
    OtherProfile,
    Unproven,
)
from reconciler.model.fleet import AssignmentState, Listing, Observed
from reconciler.model.ids import PoolName, ProfileId
from reconciler.model.lines import Line, LineKind, Membership, Profile, Roster
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    POOL,
    PROFILE,
    SECOND,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_profile,
    a_roster,
    an_assignment,
    desired,
    on_profile,
)

WANTED = desired(a_pool(profile=PROFILE))
ABSENT, ASSIGNED = a_listing(), a_listing(an_assignment())
MISSING = Missing(NUMBER, POOL, CAMPAIGN)
NO_PROFILE = MissingPrerequisite(NUMBER, POOL, CAMPAIGN, PROFILE)
ELSEWHERE = OtherProfile(NUMBER, POOL, CAMPAIGN, PROFILE, OTHER_PROFILE)
UNREAD = Unproven(NUMBER, POOL, CAMPAIGN, "its messaging profile has not been read since it was last in question")
UNTOLD = Unproven(NUMBER, POOL, CAMPAIGN, "Telnyx does not tell its messaging profile", slow=True)


def drifts(look: Observed, *lines: Line, wanted: Desired = WANTED, profile: Profile | None = None) -> tuple[Drift, ...]:
    """How what was seen differs, with these records known, those that the look taught among them."""
    memory = a_memory(lines=lines, profiles=[profile] if profile else [])
    return diff(wanted, look, memory, now=NOW, patience=PATIENCE)


# What is known.


@pytest.mark.parametrize(
    ("line", "drift"),
    [
        (a_line(NUMBER, PROFILE), MISSING),
        (a_line(), NO_PROFILE),
        (a_line(NUMBER, OTHER_PROFILE), ELSEWHERE),
        (a_line(unclear=True), UNTOLD),
        (a_line(NUMBER, PROFILE, unclear=True), UNREAD),
    ],
    ids=["there", "on none", "elsewhere", "unavailable", "in doubt"],
)
def test_an_absent_number_drifts_by_where_its_record_says_it_is(line: Line, drift: Drift) -> None:
    assert drifts(a_look(ABSENT), line) == (drift,)


def test_a_number_without_a_record_is_unproven() -> None:
    assert drifts(a_look(ABSENT)) == (UNREAD,)


def test_one_read_without_the_number_proves_nothing_and_two_do() -> None:
    again = "one read found no such number in the account; it is read again"

    assert drifts(a_look(ABSENT), a_line(absences=1)) == (replace(UNREAD, why=again),)
    assert drifts(a_look(ABSENT), a_line(absences=2)) == (
        Ineligible(NUMBER, POOL, CAMPAIGN, Reason.NUMBER_NOT_IN_ACCOUNT, "two reads found no such number"),
    )


@pytest.mark.parametrize("wanted", [WANTED, desired()], ids=["with a profile", "without"])
@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (a_line(NUMBER, PROFILE, kind=LineKind.TOLL_FREE), "toll_free US"),
        (a_line(NUMBER, PROFILE, country="CA"), "long_code CA"),
        (a_line(NUMBER, PROFILE, kind=LineKind.SHORT_CODE, country=""), "short_code"),
    ],
)
def test_a_number_of_the_wrong_kind_can_be_on_no_campaign(line: Line, detail: str, wanted: Desired) -> None:
    expected = Ineligible(NUMBER, POOL, CAMPAIGN, Reason.NOT_US_LONG_CODE, detail)

    assert drifts(a_look(ABSENT), line, wanted=wanted) == (expected,)


def test_a_profile_that_does_not_exist_is_told_before_anything_that_was_known_of_it() -> None:
    """It was deleted a moment ago: the list that showed the number there is still fresh, and Telnyx would refuse it."""
    unknown = Ineligible(NUMBER, POOL, CAMPAIGN, Reason.PROFILE_UNKNOWN, f"messaging profile {PROFILE}")

    for lines in ([], [a_line()], [a_line(NUMBER, OTHER_PROFILE)], [a_line(NUMBER, PROFILE, taken_at=NOW - MINUTE)]):
        assert drifts(a_look(ABSENT), *lines, profile=a_profile(exists=False)) == (unknown,)
    assert drifts(a_look(ABSENT), a_line(), profile=a_profile()) == (NO_PROFILE,)


# Which of several tellings counts.


@pytest.mark.parametrize("complete", [True, False])
def test_what_the_list_shows_is_there(*, complete: bool) -> None:
    """Whenever that was first noted, and although the list as a whole is no evidence."""
    look = a_look(ABSENT, rosters=[on_profile(NUMBER, complete=complete)])

    assert drifts(look, a_line(NUMBER, PROFILE, taken_at=NOW - HOUR)) == (MISSING,)


@pytest.mark.parametrize(("line", "drift"), [(a_line(), NO_PROFILE), (a_line(NUMBER, OTHER_PROFILE), ELSEWHERE)])
def test_a_read_of_the_number_outweighs_the_list(line: Line, drift: Drift) -> None:
    assert drifts(a_look(ABSENT, rosters=[on_profile(NUMBER)], lines=[line]), line) == (drift,)


@pytest.mark.parametrize(("line", "drift"), [(a_line(), NO_PROFILE), (a_line(NUMBER, OTHER_PROFILE), ELSEWHERE)])
def test_what_was_learned_after_the_list_began_outweighs_it(line: Line, drift: Drift) -> None:
    """It was read just before a request: by the list alone it would be planned, ended and planned again, for ever."""
    look = a_look(ABSENT, rosters=[on_profile(NUMBER, taken_at=NOW - MINUTE)])

    assert drifts(look, line) == (drift,)


def test_of_the_lists_of_two_profiles_the_later_one_holds() -> None:
    """It moved between the two, and neither list was wrong."""
    ours = on_profile(NUMBER, taken_at=NOW - MINUTE)
    moved = a_line(NUMBER, OTHER_PROFILE)

    assert drifts(a_look(ABSENT, rosters=[ours, a_roster(moved, profile=OTHER_PROFILE)]), moved) == (ELSEWHERE,)


def test_a_read_that_does_not_tell_leaves_what_is_known() -> None:
    look = a_look(ABSENT, lines=[a_line(unclear=True)])

    assert drifts(look, a_line(taken_at=NOW - HOUR)) == (NO_PROFILE,)
    assert drifts(look, a_line(unclear=True)) == (UNTOLD,)


# For how long.


@pytest.mark.parametrize(
    ("line", "drift", "most"),
    [
        (a_line(NUMBER, PROFILE), MISSING, PATIENCE.evidence_for_assign),
        (a_line(), NO_PROFILE, PATIENCE.slow_recheck),
        (a_line(NUMBER, OTHER_PROFILE), ELSEWHERE, PATIENCE.slow_recheck),
    ],
)
def test_what_was_known_too_long_ago_is_unproven(line: Line, drift: Drift, most: timedelta) -> None:
    fresh, old = (replace(line, taken_at=NOW - most - late) for late in (0 * SECOND, SECOND))

    assert drifts(a_look(ABSENT), fresh) == (drift,)
    assert drifts(a_look(ABSENT), old) == (UNREAD,)


# On its campaign.


@pytest.mark.parametrize("state", [AssignmentState.ASSIGNED, AssignmentState.PENDING])
@pytest.mark.parametrize("profile", [None, OTHER_PROFILE])
def test_on_its_campaign_and_off_its_profile_is_told(state: AssignmentState, profile: ProfileId | None) -> None:
    listing = a_listing(an_assignment(state=state))

    assert drifts(a_look(listing), a_line(NUMBER, profile)) == (OffProfile(NUMBER, POOL, CAMPAIGN, PROFILE, profile),)


@pytest.mark.parametrize("lines", [[], [a_line(unclear=True)], [a_line(NUMBER, PROFILE)], [a_line(absences=1)]])
def test_on_its_campaign_nothing_is_said_of_a_profile_that_is_not_known(lines: list[Line]) -> None:
    assert drifts(a_look(ASSIGNED), *lines) == ()


def test_a_failed_assignment_drifts_by_its_profile_too() -> None:
    failed = an_assignment(state=AssignmentState.FAILED)

    assert drifts(a_look(a_listing(failed)), a_line()) == (NO_PROFILE,)
    assert drifts(a_look(a_listing(failed)), a_line(NUMBER, PROFILE)) == (replace(MISSING, found=failed),)


# Who has it.


def test_what_another_pool_has_is_told_to_the_pool_that_selects_it_too() -> None:
    wanted = desired(a_pool(claimed={OTHER: PoolName("zeta")}), a_pool(OTHER, name="zeta", campaign=FOREIGN))

    assert drifts(a_look(ASSIGNED), wanted=wanted) == (Claimed(OTHER, POOL, CAMPAIGN, PoolName("zeta")),)


UNDECIDED = desired(a_pool(profile=PROFILE, undecided={NUMBER: PoolName("vip")}))
WAITS = "a selection of pool vip, which stands before this one, was never read and may choose it"


@pytest.mark.parametrize("line", [a_line(), a_line(NUMBER, PROFILE), a_line(NUMBER, OTHER_PROFILE)])
def test_what_a_pool_before_it_may_have_is_not_written_for(line: Line) -> None:
    assert drifts(a_look(ABSENT), line, wanted=UNDECIDED) == (Unproven(NUMBER, POOL, CAMPAIGN, WAITS),)


def test_where_it_is_already_that_changes_nothing() -> None:
    found = an_assignment(campaign=FOREIGN)

    assert drifts(a_look(ASSIGNED), a_line(NUMBER, PROFILE), wanted=UNDECIDED) == ()
    assert drifts(a_look(ABSENT, a_listing(found, campaign=FOREIGN)), wanted=UNDECIDED) == (
        Conflict(NUMBER, POOL, CAMPAIGN, found),
    )


# Whatever is known.

LINES = st.builds(
    a_line,
    profile=st.none() | st.sampled_from([PROFILE, OTHER_PROFILE]),
    taken_at=st.integers(-60, 8 * 3600).map(lambda seconds: NOW - seconds * SECOND),
    kind=st.sampled_from([LineKind.LONG_CODE, LineKind.UNKNOWN]),
    unclear=st.booleans(),
    absences=st.integers(0, 1),
)
LISTINGS = st.builds(
    lambda found, complete: a_listing(*found, complete=complete),
    st.lists(
        st.builds(an_assignment, state=st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN])),
        max_size=1,
    ),
    st.booleans(),
)
ROSTERS = st.builds(
    lambda numbers, late, complete: on_profile(*numbers, taken_at=NOW - late * SECOND, complete=complete),
    st.sampled_from([[], [NUMBER]]),
    st.integers(0, 900),
    st.booleans(),
)


@given(LISTINGS, st.lists(ROSTERS, max_size=1), st.lists(LINES, max_size=1), st.booleans())
def test_a_number_that_is_known_to_be_off_its_profile_is_never_called_merely_missing(
    listing: Listing, rosters: list[Roster], lines: list[Line], exists: bool
) -> None:
    """And only one whose last clear record is of no profile is called without one."""
    look = a_look(listing, rosters=rosters)
    told = look.lines_told().get(NUMBER)
    newest = max((one for one in (told, *lines) if one is not None), key=lambda one: one.taken_at, default=None)
    where = Membership.UNKNOWN if newest is None else newest.membership(PROFILE)

    for drift in drifts(look, *lines, profile=a_profile(exists=exists)):
        if isinstance(drift, Missing):
            assert where is Membership.EXPECTED
            assert exists
        if isinstance(drift, MissingPrerequisite):
            assert where is Membership.NONE


@given(
    LISTINGS,
    st.lists(ROSTERS, max_size=1),
    st.lists(LINES.filter(lambda line: not line.absences), max_size=1),
    st.lists(st.builds(a_profile, exists=st.booleans(), pooled=st.booleans()), max_size=1),
)
def test_a_pool_without_a_profile_is_judged_as_if_there_were_no_profiles(
    listing: Listing, rosters: list[Roster], lines: list[Line], profiles: list[Profile]
) -> None:
    memory = a_memory(lines=lines, profiles=profiles)
    plain = diff(desired(), a_look(listing), a_memory(), now=NOW, patience=PATIENCE)

    assert diff(desired(), a_look(listing, rosters=rosters), memory, now=NOW, patience=PATIENCE) == plain


@given(LISTINGS, st.lists(ROSTERS, max_size=1), st.lists(LINES, max_size=1))
def test_a_wanted_number_drifts_in_one_way_at_most(listing: Listing, rosters: list[Roster], lines: list[Line]) -> None:
    found: list[Drift] = [
        one for one in drifts(a_look(listing, rosters=rosters), *lines) if not isinstance(one, BESIDE)
    ]

    assert len(found) <= 1
