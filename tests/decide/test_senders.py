"""What a number pool may send from and no campaign of its own covers: told once, and only where it is known."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.senders import senders
from reconciler.model.drift import Drift, MixedCampaigns, UncoveredSender, Unproven
from reconciler.model.fleet import AssignmentState, Observed, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.lines import Line, LineKind, Profile, Roster
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    POOL,
    PROFILE,
    SECOND,
    TCR_ID,
    a_campaign,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    a_profile,
    a_roster,
    a_sighting,
    an_assignment,
    desired,
    on_profile,
)

ZETA = PoolName("zeta")
POOLED = a_profile(pooled=True)
STRANGER, SECOND_STRANGER = a_number(1), a_number(2)
WANTED = desired(a_pool(profile=PROFILE))
SLOW = PATIENCE.slow_recheck


def read(number: PhoneNumber, age: timedelta = timedelta()) -> Sighting:
    """A read that showed the number on no campaign."""
    return a_sighting(None, number, source="item", seen_at=NOW - age)


def drifts(
    *sightings: Sighting, roster: Roster | None = None, look: Observed | None = None, wanted: Desired = WANTED
) -> tuple[Drift, ...]:
    """What is told of the pools' profiles."""
    seen = look or a_look(a_listing(), rosters=[roster or on_profile(NUMBER, STRANGER)])
    return senders(wanted, seen, a_memory(*sightings, profiles=[POOLED]), now=NOW, patience=PATIENCE)


def test_a_number_that_nobody_wants_and_no_campaign_has_is_an_uncovered_sender() -> None:
    assert drifts(read(STRANGER)) == (UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),)


def test_until_that_is_read_it_is_not_claimed() -> None:
    unread = Unproven(STRANGER, POOL, CAMPAIGN, "whether a campaign covers it has not been read")

    assert drifts() == (unread,)
    assert drifts(read(STRANGER, SLOW + SECOND)) == (unread,)
    assert drifts(read(STRANGER, SLOW)) == (UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),)


@pytest.mark.parametrize("campaign", [CAMPAIGN, FOREIGN])
def test_a_number_on_any_campaign_is_covered(campaign: CampaignId) -> None:
    told = drifts(a_sighting(an_assignment(STRANGER, campaign=campaign)))

    assert not any(isinstance(one, UncoveredSender | Unproven) for one in told)


def test_a_number_that_some_pool_wants_is_that_pools_matter() -> None:
    wanted = desired(a_pool(profile=PROFILE), a_pool(STRANGER, name=ZETA, campaign=FOREIGN))

    assert drifts(read(STRANGER), wanted=wanted) == ()


@pytest.mark.parametrize(
    "line",
    [
        a_line(PhoneNumber("+18005550123"), PROFILE, kind=LineKind.TOLL_FREE),
        a_line(PhoneNumber("+18005550123"), PROFILE, kind=LineKind.UNKNOWN),
        a_line(PhoneNumber("+442071234567"), PROFILE, country="GB"),
        a_line(STRANGER, PROFILE, country="CA"),
    ],
)
def test_what_can_be_on_no_campaign_may_send_without_one(line: Line) -> None:
    assert drifts(roster=a_roster(line)) == ()


@pytest.mark.parametrize(
    ("look", "profile"),
    [
        (a_look(a_listing(), rosters=[on_profile(STRANGER)]), a_profile(pooled=False)),
        (a_look(a_listing(), rosters=[on_profile(STRANGER)]), None),
        (a_look(a_listing()), POOLED),
        (a_look(rosters=[on_profile(STRANGER)]), POOLED),
    ],
    ids=["no number pool", "the profile was never read", "its numbers were not listed", "the campaign was not"],
)
def test_nothing_is_told_where_nothing_is_picked_or_not_enough_was_seen(
    look: Observed, profile: Profile | None
) -> None:
    memory = a_memory(read(STRANGER), profiles=[profile] if profile else [])

    assert senders(WANTED, look, memory, now=NOW, patience=PATIENCE) == ()


def test_a_pool_that_names_no_profile_has_no_senders() -> None:
    assert drifts(read(STRANGER), wanted=desired()) == ()


def test_what_an_incomplete_list_shows_is_there_all_the_same() -> None:
    torn = on_profile(NUMBER, STRANGER, complete=False)

    assert drifts(read(STRANGER), roster=torn) == (UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),)


# Mixed campaigns.


def test_a_profile_that_sends_from_another_campaign_is_mixed_once_with_counts() -> None:
    seen = [a_sighting(an_assignment(n, campaign=FOREIGN), n) for n in (SECOND_STRANGER, STRANGER)]
    roster = on_profile(NUMBER, STRANGER, SECOND_STRANGER)

    assert drifts(*seen, roster=roster) == (MixedCampaigns(STRANGER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 2}),)


def test_the_pools_own_number_on_another_campaign_mixes_it_too() -> None:
    told = drifts(a_sighting(an_assignment(campaign=FOREIGN)), roster=on_profile(NUMBER))

    assert told == (MixedCampaigns(NUMBER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 1}),)


def test_a_campaign_is_the_same_under_its_other_id() -> None:
    memory = a_memory(
        a_sighting(an_assignment(campaign=TCR_ID)), profiles=[POOLED], campaigns=[a_campaign(tcr_id=TCR_ID)]
    )
    look = a_look(a_listing(), rosters=[on_profile(NUMBER)])

    assert senders(WANTED, look, memory, now=NOW, patience=PATIENCE) == ()


# Two pools on one profile.


def sharing(campaign: CampaignId = FOREIGN) -> Desired:
    """Two pools whose numbers are on one messaging profile."""
    return desired(a_pool(profile=PROFILE), a_pool(OTHER, name=ZETA, campaign=campaign, profile=PROFILE))


def test_two_campaigns_on_one_profile_are_told_to_both_pools() -> None:
    seen = a_sighting(an_assignment()), a_sighting(an_assignment(OTHER, campaign=FOREIGN))
    look = a_look(a_listing(), a_listing(campaign=FOREIGN), rosters=[on_profile(NUMBER, OTHER)])

    assert drifts(*seen, look=look, wanted=sharing()) == (
        MixedCampaigns(OTHER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 1}),
        MixedCampaigns(NUMBER, ZETA, FOREIGN, PROFILE, {CAMPAIGN: 1}),
    )


@pytest.mark.parametrize("campaign", [CAMPAIGN, FOREIGN])
def test_an_uncovered_sender_is_told_once_under_the_first_pool(campaign: CampaignId) -> None:
    look = a_look(a_listing(), a_listing(campaign=FOREIGN), rosters=[on_profile(NUMBER, OTHER, STRANGER)])

    told = drifts(read(STRANGER), look=look, wanted=sharing(campaign))

    assert told == (UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),)


def test_a_campaign_whose_pools_name_two_profiles_has_each_judged_for_itself() -> None:
    wanted = desired(a_pool(profile=PROFILE), a_pool(OTHER, name=ZETA, profile=OTHER_PROFILE))
    others = a_roster(a_line(SECOND_STRANGER, OTHER_PROFILE), profile=OTHER_PROFILE)
    look = a_look(a_listing(), rosters=[on_profile(STRANGER), others])
    memory = a_memory(read(STRANGER), read(SECOND_STRANGER), profiles=[POOLED, replace(POOLED, id=OTHER_PROFILE)])

    assert senders(wanted, look, memory, now=NOW, patience=PATIENCE) == (
        UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),
        UncoveredSender(SECOND_STRANGER, ZETA, CAMPAIGN, OTHER_PROFILE),
    )


NUMBERS = [a_number(which) for which in range(6)]
SIGHTINGS = st.builds(
    lambda number, found, late: a_sighting(
        None if found is None else replace(found, number=number), number, seen_at=NOW - late * HOUR
    ),
    st.sampled_from(NUMBERS),
    st.none()
    | st.builds(an_assignment, state=st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN])),
    st.integers(0, 12),
)


@given(
    st.lists(st.sampled_from(NUMBERS), unique=True),
    st.lists(SIGHTINGS, unique_by=lambda one: one.number),
    st.booleans(),
)
def test_every_sender_of_the_profile_is_wanted_covered_or_told_once(
    listed: list[PhoneNumber], known: Iterable[Sighting], complete: bool
) -> None:
    wanted = desired(a_pool(*NUMBERS[:3], profile=PROFILE))
    memory: Memory = a_memory(*known, profiles=[POOLED])
    look = a_look(a_listing(), rosters=[on_profile(*listed, complete=complete)])

    told = senders(wanted, look, memory, now=NOW, patience=PATIENCE)

    alone = [one.number for one in told if not isinstance(one, MixedCampaigns)]
    covered = {number for number, one in memory.sightings.items() if one.assignment is not None}
    assert sorted(alone) == sorted(set(listed) - set(NUMBERS[:3]) - covered)
    assert len(told) - len(alone) <= 1
