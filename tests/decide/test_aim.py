"""Many triggers become few looks, and a campaign is read again unless it was read lately and approved."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.aim import aim
from reconciler.model.events import EVERYTHING, Cause, Subject
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.ids import ProfileId
from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.memory import Asked
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    PROFILE,
    SECOND,
    a_campaign,
    a_memory,
    a_number,
    a_pool,
    asked,
    desired,
)

WANTED = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))


def looks(*asks: Asked, known: Campaign | None = None) -> tuple[Look, ...]:
    """Where these lead, after `known` was read."""
    return aim(asks, WANTED, a_memory(campaigns=[known] if known else []), now=NOW, patience=PATIENCE)


def test_a_sweep_looks_at_every_campaign_and_reads_it() -> None:
    known = a_campaign()

    assert looks(asked(), known=known) == (Look(CAMPAIGN, known), Look(FOREIGN))


def test_triggers_on_a_campaign_and_its_numbers_make_one_look() -> None:
    assert looks(asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.EVENT)) == (Look(CAMPAIGN),)


@pytest.mark.parametrize(
    ("known", "read"),
    [
        (None, True),
        (a_campaign(read_at=NOW - 10 * MINUTE), False),
        (a_campaign(read_at=NOW - 11 * MINUTE), True),
        (a_campaign(CampaignPhase.IN_REVIEW), True),
        (a_campaign(CampaignPhase.SUSPENDED), True),
    ],
)
@pytest.mark.parametrize("one", [asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.CONFIRM)])
def test_a_look_at_numbers_reads_the_campaign_unless_it_is_freshly_approved(
    one: Asked, known: Campaign | None, *, read: bool
) -> None:
    assert looks(one, known=known) == (Look(CAMPAIGN, known, read_campaign=read),)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.CONFIRM])
def test_whatever_is_asked_of_a_campaign_but_its_numbers_reads_it(cause: Cause) -> None:
    known = a_campaign()

    assert looks(asked(CAMPAIGN, cause), asked(NUMBER, cause), known=known) == (Look(CAMPAIGN, known),)


def test_what_the_config_no_longer_names_is_not_looked_at() -> None:
    assert aim((asked(FOREIGN), asked(a_number(9))), desired(), a_memory(), now=NOW, patience=PATIENCE) == ()


# Messaging profiles and selections.

TAGGED, ON_PROFILE = ByTags(("acme",)), ByProfile(OTHER_PROFILE)
PROFILED = desired(
    a_pool(NUMBER, profile=PROFILE, selections=(TAGGED, ON_PROFILE)),
    a_pool(OTHER, name="zeta", profile=PROFILE, selections=(TAGGED,)),
)


def look(one: Asked, rostered_at: Mapping[ProfileId, datetime] | None = None) -> Look:
    """The look at the campaign of both pools, which was read lately."""
    memory = a_memory(campaigns=[a_campaign()], rostered_at=rostered_at or {})
    (found,) = aim((one,), PROFILED, memory, now=NOW, patience=PATIENCE)
    return found


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause not in (Cause.CONFIRM, Cause.EVENT)])
def test_a_look_at_a_campaign_reads_its_profiles_and_selections_each_once(cause: Cause) -> None:
    found = look(asked(CAMPAIGN, cause), {PROFILE: NOW, OTHER_PROFILE: NOW})

    assert (found.profiles, found.selections) == ((PROFILE, OTHER_PROFILE), (TAGGED, ON_PROFILE))


def test_an_event_waits_for_no_profile_that_was_listed_lately() -> None:
    """An approval is followed by the first request after two calls, not after four."""
    found = look(asked(CAMPAIGN, Cause.EVENT), {PROFILE: NOW, OTHER_PROFILE: NOW})

    assert (found.read_campaign, found.profiles, found.selections) == (True, (), ())


@pytest.mark.parametrize(
    "one", [asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.CONFIRM), asked(CAMPAIGN, Cause.EVENT)]
)
def test_a_look_at_numbers_lists_only_the_profiles_that_are_no_longer_fresh(one: Asked) -> None:
    fresh, old = NOW - PATIENCE.evidence_for_assign, NOW - PATIENCE.evidence_for_assign - SECOND

    assert look(one, {PROFILE: fresh, OTHER_PROFILE: fresh}).profiles == ()
    assert look(one, {PROFILE: old, OTHER_PROFILE: fresh}).profiles == (PROFILE,)
    assert look(one).profiles == (PROFILE, OTHER_PROFILE)


@pytest.mark.parametrize("one", [asked(NUMBER, Cause.EVENT), asked(CAMPAIGN, Cause.CONFIRM)])
def test_a_selection_by_a_profile_is_never_older_than_the_list_of_its_numbers(one: Asked) -> None:
    """A number that was taken off the profile would else be wanted there still, and be put back."""
    assert look(one, {PROFILE: NOW, OTHER_PROFILE: NOW}).selections == ()
    assert look(one, {PROFILE: NOW}).selections == (ON_PROFILE,)


SUBJECTS = st.sampled_from([EVERYTHING, CAMPAIGN, FOREIGN, NUMBER, OTHER, a_number(9)])


@given(st.lists(st.builds(asked, SUBJECTS, st.sampled_from(Cause))))
def test_each_campaign_is_looked_at_once_and_nothing_asked_is_left_out(asks: list[Asked]) -> None:
    chosen = [look.campaign for look in looks(*asks)]
    homes: dict[Subject, set[str]] = {
        EVERYTHING: {CAMPAIGN, FOREIGN},
        CAMPAIGN: {CAMPAIGN},
        FOREIGN: {FOREIGN},
        NUMBER: {CAMPAIGN},
        OTHER: {FOREIGN},
    }

    assert len(chosen) == len(set(chosen))
    assert set(chosen) == {home for one in asks for home in homes.get(one.subject, set())}
