"""Drift is counted by class, for the pools that were looked at."""

from reconciler.decide.tally import tally
from reconciler.model.drift import Conflict, Extra, Missing, Unproven
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
    a_listing,
    a_look,
    a_number,
    a_pool,
    an_assignment,
    desired,
)

NONE = dict.fromkeys((kind.value for kind in DriftClass), 0)


def test_each_class_is_counted_and_none_is_left_out() -> None:
    drifts = (
        Missing(NUMBER, POOL, CAMPAIGN),
        Missing(OTHER, POOL, CAMPAIGN),
        Unproven(a_number(1), POOL, CAMPAIGN, "incomplete"),
        Conflict(a_number(2), POOL, CAMPAIGN, an_assignment(a_number(2))),
        Extra(a_number(3), POOL, CAMPAIGN, an_assignment(a_number(3))),
    )

    checks = tally(desired(), a_look(a_listing()), drifts, now=NOW)

    assert checks == (PoolCheck(POOL, NOW, NONE | {"missing": 2, "unproven": 1, "conflict": 1, "extra": 1}),)


def test_a_pool_without_drift_was_checked_all_the_same() -> None:
    assert tally(desired(), a_look(a_listing()), (), now=NOW) == (PoolCheck(POOL, NOW, NONE),)


def test_a_pool_that_was_not_looked_at_was_not_checked() -> None:
    wanted = desired(a_pool(NUMBER), a_pool(OTHER, name="zeta", campaign=FOREIGN))

    checks = tally(wanted, a_look(a_listing(campaign=FOREIGN)), (), now=NOW)

    assert [check.pool for check in checks] == [PoolName("zeta")]
