"""tally: each looked-at pool's drift, counted by class."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from reconciler.model.drift import Drift
from reconciler.model.fleet import Observed
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Desired, DriftClass


def tally(desired: Desired, observed: Observed, drifts: tuple[Drift, ...], *, now: datetime) -> tuple[PoolCheck, ...]:
    """One check for each pool whose campaign's numbers were listed."""
    counts = Counter((drift.pool, drift.kind) for drift in drifts)
    return tuple(
        PoolCheck(pool.name, now, {kind.value: counts[pool.name, kind] for kind in DriftClass})
        for pool in desired.pools
        if pool.campaign in observed.listings
    )
