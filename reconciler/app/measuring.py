"""Measuring: how things stand, counted from the store into the metrics."""

from __future__ import annotations

from collections import Counter

from reconciler.app.report import pool_counts
from reconciler.app.stands import stands_of
from reconciler.model.pools import Desired
from reconciler.model.settings import Settings
from reconciler.ports import Clock
from reconciler.store.store import SqlStore
from reconciler.web.metrics import Meter

MEASURE_SECONDS = 15.0
MEASURE_RESTS = 10.0
"""Times as long as counting took is it not done again: of 100,000 numbers it takes seconds."""


async def measure(store: SqlStore, desired: Desired, settings: Settings, meter: Meter, clock: Clock) -> float:
    """Count all. How many seconds to rest."""
    now = clock.now()
    memory = await store.recall(())
    stands = await stands_of(store, memory, desired, settings, now)
    meter.pools(pool_counts(desired, stands, memory, await store.checks()))
    meter.queue(await store.steps(), await store.oldest_seconds(now))
    alerts, _ = await store.alerts()
    meter.alerts(Counter((one.condition.alert, one.condition.level) for one in alerts if one.resolved_at is None))
    took = (clock.now() - now).total_seconds()
    return max(MEASURE_SECONDS, MEASURE_RESTS * took)
