"""Lists for people: every number with where it stands, and every open operation in the order of their turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

from reconciler.app.live import first_look
from reconciler.app.queue_shapes import NumberShape, NumbersShape, OperationShape, OperationsShape
from reconciler.app.report import pause_shape
from reconciler.app.stands import stale_after
from reconciler.app.world import SystemClock
from reconciler.decide.enlist import enlist
from reconciler.decide.explain import explain
from reconciler.decide.facts import facts
from reconciler.decide.opens import opens
from reconciler.decide.phase import phase
from reconciler.decide.trace import trace
from reconciler.model.fleet import aliases_of
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Declaration, Desired
from reconciler.model.settings import Settings
from reconciler.model.standing import Standing
from reconciler.store.file import path_of
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore

PORTION = 1_000
"""Numbers that are recalled at once for a page."""
MOST_PORTIONS = 10
"""For one page: a filter that few pass ends a page early, and the next one goes on."""
EVERY_OPERATION = 1_000_000
"""More than a store holds open: one for each number."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which numbers are wanted; None: whichever."""

    phase: str | None = None
    pool: str | None = None
    reason: str | None = None

    def __call__(self, pool: str | None, standing: Standing) -> bool:
        """Whether one of this pool that stands like this is."""
        wanted = ((self.phase, standing.phase), (self.pool, pool), (self.reason, standing.reason))
        return all(one in (None, other) for one, other in wanted)


async def read_numbers(
    settings: Settings, declaration: Declaration, which: Filter, *, extras: bool
) -> tuple[NumberShape, ...]:
    """Every wanted number, in the order of the config; with `extras`, also others on the config's campaigns."""
    if not path_of(settings.store_url).exists():
        seen = await first_look(settings, declaration)
        desired, memory, now = seen.desired, seen.after, seen.now
    else:
        with open_store(settings.store_url, writer=False) as store:
            now = SystemClock().now()
            desired = enlist(declaration, await store.selected(declaration.selections), now=now)
            memory = await store.recall(None)
    pools = [pool for pool in desired.pools if which.pool in (None, pool.name)]
    numbers = [number for pool in pools for number in pool.numbers]
    if extras:
        numbers += sorted(_extras(desired, memory))
    return tuple(_shapes(numbers, desired, settings, memory, now, which))


async def numbers_of(
    store: SqlStore,
    desired: Desired,
    settings: Settings,
    now: datetime,
    which: Filter,
    *,
    limit: int,
    after: str = "",
) -> NumbersShape:
    """A page of the wanted numbers, by number: at most so many that come after this one."""
    found: list[NumberShape] = []
    pools = [pool for pool in desired.pools if which.pool in (None, pool.name)]
    for _ in range(MOST_PORTIONS):
        portion = nsmallest(PORTION, (one for pool in pools for one in pool.numbers if one > after))
        memory = await store.recall(portion)
        for shape in _shapes(portion, desired, settings, memory, now, which):
            found.append(shape)
            if len(found) == limit:
                return NumbersShape(numbers=tuple(found), next=shape.number)
        if len(portion) < PORTION:
            return NumbersShape(numbers=tuple(found), next=None)
        after = portion[-1]
    return NumbersShape(numbers=tuple(found), next=after)


def _extras(desired: Desired, memory: Memory) -> Iterator[PhoneNumber]:
    ids = {id_ for campaign in desired.campaigns for id_ in (campaign, *aliases_of(memory.campaigns.get(campaign)))}
    for number, sighting in memory.sightings.items():
        found = sighting.assignment
        is_here = found is not None and not ids.isdisjoint({found.campaign, *found.aliases})
        if is_here and desired.pool_of(number) is None:
            yield number


def _shapes(
    numbers: Iterable[PhoneNumber], desired: Desired, settings: Settings, memory: Memory, now: datetime, which: Filter
) -> Iterator[NumberShape]:
    limit, opens_at = stale_after(settings), opens(settings.windows, now=now)
    for number in numbers:
        known = facts(number, desired, memory, opens_at)
        standing = phase(known, now=now, stale_after=limit)
        pool = None if known.pool is None else known.pool.name
        if not which(pool, standing):
            continue
        sighting, operation = known.sighting, known.operation
        found = None if sighting is None else sighting.assignment
        since = operation.created_at if operation is not None else None if sighting is None else sighting.since
        yield NumberShape(
            number=number,
            pool=pool,
            campaign=known.pool.campaign if known.pool is not None else None if found is None else found.campaign,
            phase=standing.phase,
            reason=standing.reason,
            who=standing.who.value,
            fresh=standing.fresh,
            next_at=standing.next_at,
            since=since,
            message=explain(known, standing, trace(known, now=now)).message,
        )


async def operations_of(store: SqlStore, limit: int, now: datetime) -> OperationsShape:
    """Open operations in the order of their turns."""
    return OperationsShape(
        open=sum((await store.steps()).values()),
        paused=pause_shape(await store.paused(now)),
        operations=tuple(_operation(one, now) for one in await store.operations(limit)),
    )


async def read_operations(settings: Settings, limit: int | None) -> OperationsShape:
    """The same, for a command; None: all of them."""
    with open_store(settings.store_url, writer=False) as store:
        return await operations_of(store, EVERY_OPERATION if limit is None else limit, SystemClock().now())


def _operation(one: Operation, now: datetime) -> OperationShape:
    ours = one.step in (Step.READY, Step.BLOCKED, Step.UNRESOLVED)
    return OperationShape(
        number=one.number,
        verb=one.verb.value,
        pool=one.pool,
        campaign=one.campaign,
        messaging_profile=one.profile,
        step=one.step.value,
        urgency=one.urgency.name.lower(),
        attempt=one.attempt,
        refusals=one.refusals,
        trouble=one.trouble,
        created_at=one.created_at,
        due_at=one.not_before if ours else None,
        due=ours and one.not_before <= now,
        reason=one.waits_for,
        error=one.detail,
    )
