"""The desired state contradicts itself nowhere, or is not made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.pools import Contradiction, Desired, DriftClass, Mode, Policy
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PROFILE,
    a_declaration,
    a_number,
    a_pool,
    declared,
)


def test_a_number_belongs_to_one_pool() -> None:
    with pytest.raises(Contradiction, match=r"\+12025550123 is in two pools: acme and zeta"):
        Desired("r1", (a_pool(NUMBER), a_pool(NUMBER, name="zeta")))


def test_a_pool_name_is_used_once() -> None:
    with pytest.raises(Contradiction, match="two pools have one name"):
        Desired("r1", (a_pool(NUMBER), a_pool(OTHER)))


def test_it_finds_pools_by_number_and_by_campaign() -> None:
    acme, zeta = a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN)
    wanted = Desired("r1", (acme, zeta))

    assert wanted.pool_of(OTHER) is zeta
    assert wanted.pool_of(a_number(9)) is None
    assert wanted.pools_on(CAMPAIGN) == (acme,)
    assert wanted.campaigns == (CAMPAIGN, FOREIGN)


def test_pools_may_share_a_campaign() -> None:
    wanted = Desired("r1", (a_pool(NUMBER), a_pool(OTHER, name="zeta")))

    assert wanted.campaigns == (CAMPAIGN,)
    assert len(wanted.pools_on(CAMPAIGN)) == 2


def test_a_campaign_is_about_itself_and_a_number_about_its_pools_campaign() -> None:
    wanted = Desired("r1", (a_pool(NUMBER),))

    assert [wanted.campaign_of(one) for one in (CAMPAIGN, NUMBER)] == [CAMPAIGN, CAMPAIGN]
    assert [wanted.campaign_of(one) for one in (FOREIGN, OTHER)] == [None, None]


TAGGED, ON_PROFILE, ON_OTHER = ByTags(("acme",)), ByProfile(PROFILE), ByProfile(OTHER_PROFILE)


def test_a_pool_asks_about_its_own_profile_first_and_each_once() -> None:
    assert a_pool(selections=(TAGGED, ON_OTHER)).profiles == (OTHER_PROFILE,)
    assert a_pool(profile=PROFILE, selections=(ON_OTHER, ON_PROFILE)).profiles == (PROFILE, OTHER_PROFILE)
    assert a_pool().profiles == ()


def test_what_must_be_read_to_judge_a_pool_is_named_as_in_the_faults_of_a_look() -> None:
    pool = a_pool(profile=PROFILE, selections=(TAGGED, ON_OTHER))

    assert pool.sources == {CAMPAIGN, PROFILE, OTHER_PROFILE, str(TAGGED), str(ON_OTHER)}


def test_a_declaration_asks_each_selection_once_in_the_order_of_the_file() -> None:
    pools = declared(selections=(TAGGED, ON_PROFILE)), declared(name="zeta", selections=(ON_OTHER, TAGGED))

    assert a_declaration(*pools).selections == (TAGGED, ON_PROFILE, ON_OTHER)


@pytest.mark.parametrize("mode", Mode)
def test_a_class_of_drift_goes_by_its_own_mode_if_it_has_one(mode: Mode) -> None:
    watched, healed = DriftClass.MISSING, DriftClass.MISSING_PREREQUISITE
    policy = Policy(mode, observed=frozenset({watched}), enforced=frozenset({healed}))

    assert policy.mode_for(watched) is Mode.OBSERVE
    assert policy.mode_for(healed) is Mode.ENFORCE
    assert policy.mode_for(DriftClass.CONFLICT) is mode
    assert Policy(mode, frozenset({watched}), frozenset({watched})).mode_for(watched) is Mode.OBSERVE


@given(st.lists(st.frozensets(st.integers(0, 9), max_size=4), max_size=4))
def test_it_is_made_if_and_only_if_no_number_is_wanted_twice(groups: list[frozenset[int]]) -> None:
    pools = [a_pool(*map(a_number, group), name=f"p{at}") for at, group in enumerate(groups) if group]
    numbers = [number for pool in pools for number in pool.numbers]
    if len(set(numbers)) < len(numbers):
        with pytest.raises(Contradiction):
            Desired("r1", tuple(pools))
        return
    wanted = Desired("r1", tuple(pools))

    assert all(wanted.pool_of(number) is pool for pool in pools for number in pool.numbers)
