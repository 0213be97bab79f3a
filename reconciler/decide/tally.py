"""tally: each looked-at pool's drift, counted by class."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from reconciler.model.drift import Drift
from reconciler.model.fleet import Observed
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Desired, DriftClass, Pool

_OF_PROFILES = (DriftClass.UNCOVERED_SENDER, DriftClass.MIXED_CAMPAIGNS)


def tally(desired: Desired, observed: Observed, drifts: tuple[Drift, ...], *, now: datetime) -> tuple[PoolCheck, ...]:
    """One check for each pool whose campaign's numbers were listed.

    What only its messaging profile's list of numbers can tell is left out where that was not read this time.
    """
    counts = Counter((drift.pool, drift.kind) for drift in drifts)
    return tuple(
        PoolCheck(pool.name, now, {kind.value: counts[pool.name, kind] for kind in _judged(pool, observed)})
        for pool in desired.pools
        if pool.campaign in observed.listings
    )


def _judged(pool: Pool, observed: Observed) -> list[DriftClass]:
    unread = pool.messaging_profile is not None and pool.messaging_profile not in observed.rosters
    return [kind for kind in DriftClass if not (unread and kind in _OF_PROFILES)]
