"""tally: each looked-at pool's drift, counted by class."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Observed
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Desired

CLASSES = {Missing: "missing", Unproven: "unproven", Conflict: "conflict", Extra: "extra"}


def tally(desired: Desired, observed: Observed, drifts: tuple[Drift, ...], *, now: datetime) -> tuple[PoolCheck, ...]:
    """One check for each pool whose campaign's numbers were listed."""
    counts = Counter((drift.pool, CLASSES[type(drift)]) for drift in drifts)
    return tuple(
        PoolCheck(pool.name, now, {name: counts[pool.name, name] for name in CLASSES.values()})
        for pool in desired.pools
        if pool.campaign in observed.listings
    )
