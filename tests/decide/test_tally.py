"""Drift is counted by class, for the pools that were looked at."""

from reconciler.decide.tally import tally
from reconciler.model.drift import Conflict, Extra, Missing, MixedCampaigns, UncoveredSender, Unproven
from reconciler.model.ids import PoolName
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import DriftClass
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    NUMBER,
    OTHER,
    POOL,
    PROFILE,
    a_listing,
    a_look,
    a_number,
    a_pool,
    an_assignment,
    desired,
    on_profile,
)

NONE = dict.fromkeys((kind.value for kind in DriftClass), 0)


def test_each_class_is_counted_and_none_is_left_out() -> None:
    wanted = desired(a_pool(NUMBER, OTHER, a_number(1), a_number(2)))
    drifts = (
        Missing(NUMBER, POOL, CAMPAIGN),
        Missing(OTHER, POOL, CAMPAIGN),
        Unproven(a_number(1), POOL, CAMPAIGN, "incomplete"),
        Conflict(a_number(2), POOL, CAMPAIGN, an_assignment(a_number(2))),
        Extra(a_number(3), POOL, CAMPAIGN, an_assignment(a_number(3))),
    )

    checks = tally(wanted, a_look(a_listing()), drifts, now=NOW)

    assert checks == (PoolCheck(POOL, NOW, NONE | {"missing": 2, "unproven": 1, "conflict": 1, "extra": 1}),)


def test_a_pool_without_drift_was_checked_all_the_same() -> None:
    assert tally(desired(), a_look(a_listing()), (), now=NOW) == (PoolCheck(POOL, NOW, NONE),)


def test_a_pool_that_was_not_looked_at_was_not_checked() -> None:
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))

    checks = tally(wanted, a_look(a_listing(campaign=FOREIGN)), (), now=NOW)

    assert [check.pool for check in checks] == [PoolName("zeta")]


# What a messaging profile's number pool sends from is not listed in every look.

STRANGER = a_number(9)
OF_PROFILES = {"uncovered_sender", "mixed_campaigns"}


def test_the_senders_are_counted_where_their_profile_was_listed() -> None:
    drifts = (
        UncoveredSender(STRANGER, POOL, CAMPAIGN, PROFILE),
        MixedCampaigns(NUMBER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 3}),
    )

    (check,) = tally(desired(a_pool(profile=PROFILE)), a_look(a_listing(), rosters=[on_profile()]), drifts, now=NOW)

    assert check.drift == NONE | {"uncovered_sender": 1, "mixed_campaigns": 1}


def test_a_look_that_did_not_list_the_profile_says_nothing_of_its_senders() -> None:
    """Not that there are none: the count would go up and down with every look."""
    (check,) = tally(desired(a_pool(profile=PROFILE)), a_look(a_listing()), (), now=NOW)

    assert NONE.keys() - check.drift.keys() == OF_PROFILES


def test_a_pool_without_a_profile_has_no_senders() -> None:
    (check,) = tally(desired(), a_look(a_listing()), (), now=NOW)

    assert check.drift == NONE


def test_a_sender_that_was_not_read_yet_is_not_the_pools_own_number() -> None:
    drifts = Unproven(STRANGER, POOL, CAMPAIGN, "unread"), Unproven(NUMBER, POOL, CAMPAIGN, "torn")

    (check,) = tally(desired(a_pool(profile=PROFILE)), a_look(a_listing(), rosters=[on_profile()]), drifts, now=NOW)

    assert check.drift == NONE | {"unproven": 1}
