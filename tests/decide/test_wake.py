"""One number of one campaign at a time, and never before the last one had its time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.wake import wake
from reconciler.model.dormancy import Dormancy
from reconciler.model.drift import Conflict, Drift, Missing, MissingPrerequisite, Unproven
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Desired, DriftClass, Mode, OnMissingProfile
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    POOL,
    PROFILE,
    SECOND,
    a_campaign,
    a_dormancy,
    a_memory,
    a_number,
    a_pool,
    an_assignment,
    an_operation,
    asleep,
    desired,
    taken_off,
)

ZETA = PoolName("zeta")
ONE, TWO, THREE, FOUR = (a_number(which) for which in range(4))
WANTED = desired(a_pool(ONE, TWO), a_pool(THREE, FOUR, name=ZETA))
MISSING = (Missing(ONE, POOL, CAMPAIGN), Missing(TWO, POOL, CAMPAIGN), Missing(THREE, ZETA, CAMPAIGN))


def woken(
    drifts: Iterable[Drift] = MISSING,
    *,
    wanted: Desired = WANTED,
    campaign: Campaign | None = None,
    dormancy: Dormancy | None = None,
    operations: Iterable[Operation] = (),
    now: datetime = NOW,
) -> set[PhoneNumber]:
    """The numbers that are to wake their campaigns."""
    memory = a_memory(campaigns=[campaign or asleep()], dormancies=[dormancy or a_dormancy()], operations=operations)
    return set(wake(wanted, tuple(drifts), memory, now=now))


def test_the_first_missing_number_wakes_it_whatever_pools_there_are() -> None:
    assert woken() == {ONE}
    assert woken(MISSING[1:]) == {TWO}


@pytest.mark.parametrize(("tries", "number"), [(0, ONE), (1, TWO), (2, THREE)])
def test_each_try_takes_another(tries: int, number: PhoneNumber) -> None:
    assert woken(dormancy=a_dormancy(tries)) == {number}
    assert woken(MISSING[:1], dormancy=a_dormancy(tries)) == {ONE}


@pytest.mark.parametrize("phase", [phase for phase in CampaignPhase if phase is not CampaignPhase.DORMANT])
def test_only_a_dormant_campaign_is_woken(phase: CampaignPhase) -> None:
    assert woken(campaign=a_campaign(phase)) == set()


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CLOSED])
@pytest.mark.parametrize("number", [ONE, FOUR, a_number(9)])
def test_nothing_is_tried_while_anything_of_it_is_under_way(step: Step, number: PhoneNumber) -> None:
    assert woken(operations=[an_operation(step, number)]) == set()
    assert woken(operations=[an_operation(step, number, campaign=FOREIGN)]) == {ONE}


@pytest.mark.parametrize(
    ("dormancy", "is_due"),
    [
        (a_dormancy(1, NOW - 2 * MINUTE), True),
        (a_dormancy(1, NOW - 2 * MINUTE + SECOND), False),
        (a_dormancy(2, NOW - 10 * MINUTE), True),
        (a_dormancy(2, NOW - 10 * MINUTE + SECOND), False),
        (a_dormancy(3, NOW - 24 * HOUR), False),
    ],
)
def test_every_try_has_its_time_and_there_are_three(dormancy: Dormancy, is_due: bool) -> None:
    assert bool(woken(dormancy=dormancy)) is is_due


def test_a_reading_from_before_the_last_try_is_no_reason_for_the_next() -> None:
    tried = a_dormancy(1, NOW - 5 * MINUTE)

    assert woken(campaign=asleep(NOW - 6 * MINUTE), dormancy=tried) == set()
    assert woken(campaign=asleep(NOW - 4 * MINUTE), dormancy=tried) == {TWO}


def test_what_may_be_done_goes_before_what_is_only_shown() -> None:
    watched = desired(a_pool(ONE, TWO, mode=Mode.OBSERVE), a_pool(THREE, FOUR, name=ZETA))

    assert woken(wanted=watched) == {THREE}
    assert woken(MISSING[:2], wanted=watched) == {ONE}


def test_a_number_on_no_profile_wakes_it_only_where_no_other_can() -> None:
    loose = MissingPrerequisite(ONE, POOL, CAMPAIGN, PROFILE)
    left = desired(a_pool(ONE, TWO, profile=PROFILE, on_missing_profile=OnMissingProfile.SKIP))

    assert woken([loose, *MISSING[1:]]) == {TWO}
    assert woken([loose]) == {ONE}
    assert woken([loose], wanted=left) == set()


def test_no_number_is_put_on_a_profile_where_none_may_be_assigned() -> None:
    loose = MissingPrerequisite(ONE, POOL, CAMPAIGN, PROFILE)
    watched = a_pool(ONE, TWO, profile=PROFILE, observed=frozenset({DriftClass.MISSING}))

    assert woken([loose, MISSING[2]], wanted=desired(watched, a_pool(THREE, name=ZETA))) == {THREE}
    assert woken([loose, MISSING[1]], wanted=desired(watched)) == {TWO}  # only shown, as any of its actions


def test_a_number_that_is_elsewhere_or_in_doubt_wakes_nothing() -> None:
    taken = Conflict(ONE, POOL, CAMPAIGN, an_assignment(ONE, campaign=FOREIGN))

    assert woken([taken, Unproven(TWO, POOL, CAMPAIGN, "a part is missing")]) == set()


DORMANCIES = st.builds(
    lambda tries, minutes: a_dormancy(tries, NOW - minutes * MINUTE), st.integers(0, 4), st.integers(0, 90)
)


@given(
    st.lists(st.sampled_from(MISSING), unique_by=lambda one: one.number),
    DORMANCIES,
    st.lists(
        st.builds(an_operation, st.sampled_from([Step.READY, Step.SENT]), st.sampled_from([ONE, TWO])), max_size=1
    ),
)
def test_it_is_one_number_or_none(drifts: list[Missing], dormancy: Dormancy, operations: list[Operation]) -> None:
    chosen = woken(drifts, dormancy=dormancy, operations=operations)

    assert len(chosen) <= 1
    assert chosen <= {drift.number for drift in drifts}
    if chosen:
        assert not operations
        assert dormancy.tries < 3


def test_a_number_that_is_held_wakes_nothing() -> None:
    memory = a_memory(campaigns=[asleep()], dormancies=[a_dormancy()], reversals=taken_off(ONE))
    assert wake(WANTED, MISSING, memory, now=NOW) == {TWO}
