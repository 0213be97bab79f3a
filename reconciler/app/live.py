"""What commands read: from the store where there is one, else by a look at Telnyx. Nothing here writes anywhere."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from reconciler.app.report import explain_shape, plan_shape, status_shape
from reconciler.app.shapes import (
    ConfigShape,
    EventShape,
    EventsShape,
    ExplainShape,
    PlanShape,
    QueueShape,
    StatusShape,
    rfc3339,
)
from reconciler.app.wiring import make_limiter, make_patience, make_telnyx
from reconciler.app.world import SystemClock
from reconciler.decide.diff import diff
from reconciler.decide.doubt import doubt
from reconciler.decide.plan import plan
from reconciler.decide.remember import remember
from reconciler.decide.tally import tally
from reconciler.model.errors import AccessRefused, Fault, FaultKind, ReconcilerError
from reconciler.model.events import EventState
from reconciler.model.fleet import Look, Observed
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Step
from reconciler.model.plan import Plan
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from reconciler.model.settings import Settings
from reconciler.store.file import path_of
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore

MOST_MOMENTS = 50


async def make_plan(settings: Settings, desired: Desired, pools: frozenset[str]) -> tuple[PlanShape, tuple[Fault, ...]]:
    """What would change, by a fresh look at the campaigns of these pools (none named: of all)."""
    memory = await _remembered(settings)
    campaigns = tuple(dict.fromkeys(pool.campaign for pool in desired.pools if not pools or pool.name in pools))
    observed = await _look(settings, desired, memory, campaigns)
    now, patience = SystemClock().now(), make_patience(settings)
    made = plan(desired, observed, diff(desired, observed, memory, now=now, patience=patience), memory)
    if pools:
        made = _only(made, desired, observed, pools)
    return plan_shape(made, observed), tuple(fault for _, fault in observed.faults)


def _only(made: Plan, desired: Desired, observed: Observed, pools: frozenset[str]) -> Plan:
    """The part of a plan that is about these pools; others may be on the same campaigns."""
    actions = tuple(one for one in made.actions if one.pool in pools)
    holds = tuple(one for one in made.holds if one.pool in pools)
    drifted = {one.number for one in actions} | {one.number for one in holds if one.reason is not Reason.EXTRA_UNOWNED}
    looked = [pool for pool in desired.pools if pool.name in pools and pool.campaign in observed.listings]
    unchanged = sum(len(pool.numbers) for pool in looked) - len(drifted)
    return replace(made, actions=actions, holds=holds, unchanged=unchanged)


async def read_status(settings: Settings, desired: Desired) -> StatusShape:
    """The state of all pools."""
    if not path_of(settings.store_url).exists():
        memory, observed, now = await _seen(settings, desired)
        drifts = diff(desired, observed, Memory(), now=now, patience=make_patience(settings))
        return status_shape(
            desired,
            settings,
            memory,
            now=now,
            checks=tally(desired, observed, drifts, now=now),
            alerts=(),
            queue=QueueShape(open=0, oldest_seconds=0, unresolved=0),
            last_received_at=None,
            quarantined=0,
            config=ConfigShape(digest=desired.revision, loaded_at=now, valid=True),
            next_check_at=None,
        )
    with open_store(settings.store_url, writer=False) as store:
        return await status_of(store, desired, settings, SystemClock().now(), None)


async def status_of(
    store: SqlStore, desired: Desired, settings: Settings, now: datetime, next_check_at: datetime | None
) -> StatusShape:
    """The state of all pools, from the store."""
    memory, counts, notes = await store.recall(None), await store.counts(), await store.notes()
    waiting, oldest_seconds = await store.queue(now)
    alerts, _ = await store.alerts()
    loaded_at = notes.get("config_loaded_at")
    return status_shape(
        desired,
        settings,
        memory,
        now=now,
        checks=await store.checks(),
        alerts=alerts,
        queue=QueueShape(
            open=waiting,
            oldest_seconds=oldest_seconds,
            unresolved=sum(one.step is Step.UNRESOLVED for one in memory.operations.values()),
        ),
        last_received_at=counts.last_received_at,
        quarantined=counts.quarantined,
        config=ConfigShape(
            digest=str(notes.get("config_digest", desired.revision)),
            loaded_at=None if not isinstance(loaded_at, str) else datetime.fromisoformat(loaded_at),
            valid=notes.get("config_valid") is not False,
        ),
        next_check_at=next_check_at,
    )


async def read_explanation(settings: Settings, desired: Desired, number: PhoneNumber) -> ExplainShape:
    """Why one number does or does not send."""
    if not path_of(settings.store_url).exists():
        memory, _, now = await _seen(settings, desired)
        return explain_shape(number, desired, settings, memory, (), now)
    with open_store(settings.store_url, writer=False) as store:
        return await explanation_of(store, desired, settings, number, SystemClock().now())


async def explanation_of(
    store: SqlStore, desired: Desired, settings: Settings, number: PhoneNumber, now: datetime
) -> ExplainShape:
    """The same, from the store."""
    memory = await store.recall((number,))
    return explain_shape(number, desired, settings, memory, await store.timeline(number, MOST_MOMENTS), now)


async def read_events(settings: Settings, state: str | None, limit: int) -> EventsShape:
    """The newest events."""
    with _opened(settings) as store:
        found = await store.events(limit, None if state is None else EventState(state))
    return EventsShape(
        events=tuple(
            EventShape(
                id=one.id,
                event_id=one.event_id,
                event_type=one.event_type,
                type=one.type,
                subject=one.subject,
                received_at=one.received_at,
                state=one.state.value,
                reason=one.reason,
                duplicates=one.duplicates,
            )
            for one in found
        )
    )


async def export_events(settings: Settings) -> AsyncIterator[dict[str, object]]:
    """Every event with its body, the oldest first."""
    with _opened(settings) as store:
        async for one in store.all_events():
            try:
                body = {"body": one.body.decode()}
            except UnicodeDecodeError:
                body = {"body_base64": base64.b64encode(one.body).decode()}
            yield {
                "id": one.id,
                "event_id": one.event_id,
                "event_type": one.event_type,
                "type": one.type,
                "subject": one.subject,
                "received_at": rfc3339(one.received_at),
                "state": one.state.value,
                "reason": one.reason,
                "duplicates": one.duplicates,
                **body,
            }


def _opened(settings: Settings) -> SqlStore:
    return open_store(settings.store_url, writer=False)


async def _remembered(settings: Settings) -> Memory:
    if not path_of(settings.store_url).exists():
        return Memory()
    with _opened(settings) as store:
        return await store.recall(None)


async def _seen(settings: Settings, desired: Desired) -> tuple[Memory, Observed, datetime]:
    """What a first look teaches. Raises AccessRefused, or ReconcilerError, where nothing could be read."""
    observed = await _look(settings, desired, Memory(), desired.campaigns)
    now = SystemClock().now()
    if observed.faults and not observed.listings:
        fault = observed.faults[0][1]
        kind = AccessRefused if fault.kind is FaultKind.HALTED else ReconcilerError
        raise kind(f"nothing could be read from Telnyx: {fault.detail}", "check base_url, the network and the key")
    sightings = remember(desired, observed, Memory(), now=now, patience=make_patience(settings))
    memory = Memory(
        campaigns=observed.campaigns,
        sightings={one.number: one for one in sightings},
        looked_at={campaign: one.taken_at for campaign, one in observed.listings.items() if one.complete},
    )
    return memory, observed, now


async def _look(settings: Settings, desired: Desired, memory: Memory, campaigns: tuple[CampaignId, ...]) -> Observed:
    async with make_telnyx(settings, make_limiter(settings), _uncounted, read_only=True) as telnyx:
        observed = await telnyx.observe([Look(one, memory.campaigns.get(one)) for one in campaigns], ())
        now = SystemClock().now()
        if doubted := doubt(desired, observed, memory, now=now, patience=make_patience(settings)):
            observed += await telnyx.observe((), doubted)
        return observed


def _uncounted(operation: str, code: str, seconds: float) -> None:
    """A command has no metrics."""
