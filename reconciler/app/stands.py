"""Where all wanted numbers stand, counted by pool: some at a time, so that neither loop nor store waits for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from reconciler.decide.facts import facts
from reconciler.decide.opens import opens
from reconciler.decide.phase import phase
from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from reconciler.model.settings import Cron, Every, Settings
from reconciler.model.standing import Phase
from reconciler.store.portions import portions
from reconciler.store.store import SqlStore

AT_ONCE = 1_000
"""Numbers that are recalled and judged in one go: some 30 ms of the store's reader, and as much of the loop."""


@dataclass(slots=True)
class Stands:
    """How the numbers of one pool stand."""

    phases: Counter[Phase] = field(default_factory=Counter)
    blocked: Counter[Reason] = field(default_factory=Counter)
    """Why, of those that only a person can help."""
    fresh: bool = True
    """Whether the evidence of all of them is young enough."""


def stale_after(settings: Settings) -> timedelta:
    """The age at which evidence stops being fresh: two missed drift checks, and never under ten minutes."""
    match settings.drift_check:
        case Every():
            return max(2 * settings.drift_check.interval, timedelta(minutes=10))
        case Cron():
            return timedelta(days=2)


def count_stands(
    numbers: Iterable[PhoneNumber],
    desired: Desired,
    memory: Memory,
    settings: Settings,
    now: datetime,
    counted: dict[PoolName, Stands],
) -> None:
    """Add these wanted numbers to what was counted."""
    limit, opens_at = stale_after(settings), opens(settings.windows, now=now)
    for number in numbers:
        known = facts(number, desired, memory, opens_at)
        if known.pool is not None:
            standing = phase(known, now=now, stale_after=limit)
            stands = counted[known.pool.name]
            stands.phases[standing.phase] += 1
            if standing.phase in (Phase.BLOCKED, Phase.GONE):
                stands.blocked[standing.reason] += 1
            stands.fresh = stands.fresh and standing.fresh


def empty_stands(desired: Desired) -> dict[PoolName, Stands]:
    """Nothing counted yet, of any pool."""
    return {pool.name: Stands() for pool in desired.pools}


def every_number(desired: Desired) -> Iterator[PhoneNumber]:
    """All wanted numbers, pool by pool."""
    return chain.from_iterable(pool.numbers for pool in desired.pools)


async def stands_of(
    store: SqlStore, memory: Memory, desired: Desired, settings: Settings, now: datetime
) -> Mapping[PoolName, Stands]:
    """Count them all, from the store. `memory` is what is known of everything but numbers."""
    counted = empty_stands(desired)
    for portion in portions(every_number(desired), AT_ONCE):
        count_stands(portion, desired, await store.recall_of(portion, memory), settings, now, counted)
    return counted
