"""tally: each looked-at pool's drift, counted by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from reconciler.model.drift import Drift, Unproven
from reconciler.model.fleet import Observed
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Desired, DriftClass, Pool

_OF_PROFILES = (DriftClass.UNCOVERED_SENDER, DriftClass.MIXED_CAMPAIGNS)


def tally(desired: Desired, observed: Observed, drifts: tuple[Drift, ...], *, now: datetime) -> tuple[PoolCheck, ...]:
    """One check for each pool whose campaign's numbers were listed.

    A class that this look did not judge is not in it: what was last counted still stands. Of what is unproven, only
    numbers that the pool wants are counted.
    """
    counts = Counter((drift.pool, drift.kind) for drift in drifts if _is_counted(drift, desired))
    return tuple(
        PoolCheck(pool.name, now, {kind.value: counts[pool.name, kind] for kind in _judged(pool, observed)})
        for pool in desired.pools
        if pool.campaign in observed.listings
    )


def _is_counted(drift: Drift, desired: Desired) -> bool:
    return not isinstance(drift, Unproven) or desired.pool_of(drift.number) is not None


def _judged(pool: Pool, observed: Observed) -> Iterator[DriftClass]:
    """What a number pool sends from is judged only where its profile was listed; most looks need not list it anew."""
    listed = pool.messaging_profile is None or pool.messaging_profile in observed.rosters
    return (kind for kind in DriftClass if listed or kind not in _OF_PROFILES)
