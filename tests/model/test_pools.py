"""The desired state contradicts itself nowhere, or is not made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.pools import Contradiction, Desired
from tests.builders import CAMPAIGN, FOREIGN, NUMBER, OTHER, a_number, a_pool


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
