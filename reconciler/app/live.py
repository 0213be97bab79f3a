"""What commands read: from the store where there is one, else by a look at Telnyx. Nothing here writes anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reconciler.app.report import explain_shape, plan_shape, status_shape
from reconciler.app.shapes import (
    ConfigShape,
    ExplainShape,
    PlanShape,
    QueueShape,
    StatusShape,
)
from reconciler.app.stands import count_stands, empty_stands, every_number, stands_of
from reconciler.app.wiring import make_limiter, make_patience, make_telnyx
from reconciler.app.world import SystemClock
from reconciler.compose.closer import closer
from reconciler.compose.rounds import found, planned, taught, undone
from reconciler.decide.aim import aim
from reconciler.decide.enlist import enlist
from reconciler.decide.flap import flap
from reconciler.decide.learn import learn
from reconciler.decide.remember import remember
from reconciler.decide.tally import tally
from reconciler.model.errors import AccessRefused, Fault, FaultKind, ReconcilerError
from reconciler.model.events import Cause
from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Selected
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Step
from reconciler.model.plan import Plan
from reconciler.model.pools import Declaration, Desired
from reconciler.model.reasons import Reason
from reconciler.model.settings import Settings
from reconciler.store.file import path_of
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore

MOST_MOMENTS = 50


async def make_plan(
    settings: Settings, declaration: Declaration, pools: frozenset[str]
) -> tuple[PlanShape, tuple[Fault, ...]]:
    """What would change, by a fresh look at the campaigns of these pools (none named: of all)."""
    memory, selected = await _remembered(settings, declaration)
    seen = await _look(settings, declaration, memory, selected, pools)
    patience = make_patience(settings)
    drifts = found(seen.desired, seen.observed, seen.before, seen.after, now=seen.now, patience=patience)
    made = planned(seen.desired, seen.observed, drifts, seen.before, now=seen.now)
    if pools:
        made = _only(made, seen.desired, seen.observed, pools)
    return plan_shape(made, seen.desired, seen.observed), tuple(fault for _, fault in seen.observed.faults)


def _only(made: Plan, desired: Desired, observed: Observed, pools: frozenset[str]) -> Plan:
    """The part of a plan that is about these pools; others may be on the same campaigns."""
    actions = tuple(one for one in made.actions if one.pool in pools)
    holds = tuple(one for one in made.holds if one.pool in pools)
    looked = [pool for pool in desired.pools if pool.name in pools and pool.campaign in observed.listings]
    wanted = {number for pool in looked for number in pool.numbers}
    beside = (Reason.MIXED_CAMPAIGNS, Reason.CLAIMED_ELSEWHERE)
    drifted = {one.number for one in actions} | {one.number for one in holds if one.reason not in beside}
    unchanged = len(wanted - drifted)
    return replace(made, actions=actions, holds=holds, unchanged=unchanged)


async def read_status(settings: Settings, declaration: Declaration) -> StatusShape:
    """The state of all pools."""
    if not path_of(settings.store_url).exists():
        seen = await first_look(settings, declaration)
        drifts = found(
            seen.desired, seen.observed, seen.before, seen.after, now=seen.now, patience=make_patience(settings)
        )
        stands = empty_stands(seen.desired)
        count_stands(every_number(seen.desired), seen.desired, seen.after, settings, seen.now, stands)
        return status_shape(
            seen.desired,
            settings,
            seen.after,
            stands,
            now=seen.now,
            checks=tally(seen.desired, seen.observed, drifts, now=seen.now),
            alerts=(),
            queue=QueueShape(open=0, oldest_seconds=0, unresolved=0),
            last_received_at=None,
            quarantined=0,
            config=ConfigShape(digest=declaration.revision, loaded_at=seen.now, valid=True),
            next_check_at=None,
        )
    with open_store(settings.store_url, writer=False) as store:
        now = SystemClock().now()
        desired = enlist(declaration, await store.selected(declaration.selections), now=now)
        return await status_of(store, desired, settings, now, None)


async def status_of(
    store: SqlStore, desired: Desired, settings: Settings, now: datetime, next_check_at: datetime | None
) -> StatusShape:
    """The state of all pools, from the store."""
    memory, counts, notes = await store.recall(()), await store.counts(), await store.notes()
    steps, (alerts, _) = await store.steps(), await store.alerts()
    loaded_at = notes.get("config_loaded_at")
    return status_shape(
        desired,
        settings,
        memory,
        await stands_of(store, memory, desired, settings, now),
        now=now,
        checks=await store.checks(),
        alerts=alerts,
        queue=QueueShape(
            open=sum(steps.values()),
            oldest_seconds=await store.oldest_seconds(now),
            unresolved=steps.get(Step.UNRESOLVED, 0),
        ),
        last_received_at=counts.last_received_at,
        quarantined=counts.quarantined,
        config=ConfigShape(
            digest=str(notes.get("config_digest", desired.revision)),
            loaded_at=None if not isinstance(loaded_at, str) else datetime.fromisoformat(loaded_at),
            valid=notes.get("config_valid") is not False,
        ),
        next_check_at=next_check_at,
        epoch=await store.epoch(),
    )


async def read_explanation(settings: Settings, declaration: Declaration, number: PhoneNumber) -> ExplainShape:
    """Why one number does or does not send."""
    if not path_of(settings.store_url).exists():
        seen = await first_look(settings, declaration)
        return explain_shape(number, seen.desired, settings, seen.after, (), seen.now)
    with open_store(settings.store_url, writer=False) as store:
        now = SystemClock().now()
        desired = enlist(declaration, await store.selected(declaration.selections), now=now)
        return await explanation_of(store, desired, settings, number, now)


async def explanation_of(
    store: SqlStore, desired: Desired, settings: Settings, number: PhoneNumber, now: datetime
) -> ExplainShape:
    """The same, from the store."""
    memory = await store.recall((number,))
    return explain_shape(number, desired, settings, memory, await store.timeline(number, MOST_MOMENTS), now)


@dataclass(frozen=True, slots=True)
class Seen:
    """One look of a command: what is wanted by it, what it saw, and what is known before and after it."""

    desired: Desired
    observed: Observed
    before: Memory
    """With what the look taught of campaigns, profiles and the account's numbers, but not of assignments."""
    after: Memory
    now: datetime


async def _remembered(settings: Settings, declaration: Declaration) -> tuple[Memory, tuple[Selected, ...]]:
    if not path_of(settings.store_url).exists():
        return Memory(), ()
    with open_store(settings.store_url, writer=False) as store:
        return await store.recall(None), await store.selected(declaration.selections)


async def first_look(settings: Settings, declaration: Declaration) -> Seen:
    """What a first look teaches. Raises AccessRefused, or ReconcilerError, where nothing could be read."""
    seen = await _look(settings, declaration, Memory(), (), frozenset())
    if seen.observed.faults and not seen.observed.listings:
        fault = seen.observed.faults[0][1]
        kind = AccessRefused if fault.kind is FaultKind.HALTED else ReconcilerError
        raise kind(f"nothing could be read from Telnyx: {fault.detail}", "check base_url, the network and the key")
    return seen


async def _look(
    settings: Settings,
    declaration: Declaration,
    memory: Memory,
    selected: tuple[Selected, ...],
    pools: frozenset[str],
) -> Seen:
    """Look at the campaigns of these pools (none named: of all), as a round of the service would."""
    patience = make_patience(settings)
    started = SystemClock().now()
    desired = enlist(declaration, selected, now=started)
    campaigns = dict.fromkeys(pool.campaign for pool in desired.pools if not pools or pool.name in pools)
    asked = tuple(Asked(campaign, Cause.REQUEST, 0, started) for campaign in campaigns)
    async with make_telnyx(settings, make_limiter(settings), _uncounted, read_only=True) as telnyx:
        observed = await telnyx.observe(aim(asked, desired, memory, now=started, patience=patience), ())
        whole = {one.selection: one for one in (*selected, *observed.selected.values()) if one.complete}
        now = SystemClock().now()
        desired = enlist(declaration, whole.values(), now=now)
        doubted, records = closer(desired, observed, memory, now=now, patience=patience)
        if doubted or records:
            observed += await telnyx.observe((), doubted, lines=records)
    now = SystemClock().now()
    before = taught(memory, observed, learn(desired, observed, memory))
    sightings = remember(desired, observed, before, now=now, patience=patience)
    before = undone(before, flap(desired, sightings, before, now=now))
    seen = {one.number: one for one in sightings}
    listed_at = {campaign: one.taken_at for campaign, one in observed.listings.items() if one.complete}
    after = replace(before, sightings={**memory.sightings, **seen}, looked_at={**memory.looked_at, **listed_at})
    return Seen(desired, observed, before, after, now)


def _uncounted(operation: str, code: str, seconds: float) -> None:
    """A command has no metrics."""
