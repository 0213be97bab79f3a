"""Alerts for people: what fires, pends and is inhibited, from the store; and a test of every receiver."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from reconciler.app.shapes import AlertListShape, AlertRowShape, AlertTestShape, StepShape, UnreachedShape
from reconciler.app.wiring import make_sinks
from reconciler.app.world import SystemClock
from reconciler.decide.inhibit import inhibit
from reconciler.decide.route import route
from reconciler.model.alerts import Alert, AlertName, Message, Pending, Said, Sent, Severity
from reconciler.model.errors import ReconcilerError
from reconciler.model.routing import Routing, worst
from reconciler.model.settings import AlertSettings, Settings
from reconciler.ports import Sink
from reconciler.store.opening import open_store
from reconciler.store.outbox import body_of
from reconciler.store.store import SqlStore

TEST_POOL = "tendlc-test"
"""What a test names as its pool."""


async def read_alerts(settings: Settings) -> AlertListShape:
    """Every alert, from the store."""
    with open_store(settings.store_url, writer=False) as store:
        return await alerts_of(store, settings.alerts)


async def alerts_of(store: SqlStore, settings: AlertSettings) -> AlertListShape:
    """The same, from a store that is open."""
    (alerts, _), pending = await store.alerts(), await store.pending()
    firing = [alert for alert in alerts if alert.resolved_at is None]
    quiet, routing = inhibit(firing, settings.routing.inhibitions), settings.routing
    rows = [
        *_rows("firing", (alert for alert in firing if alert not in quiet), routing),
        *_rows("inhibited", quiet, routing),
        *_rows("pending", pending, routing),
    ]
    return AlertListShape(
        alerts=tuple(sorted(rows, key=lambda row: (row.alert, row.pool, row.state))),
        unreached=tuple(
            UnreachedShape(receiver=one.receiver, failures=one.failures, next_at=one.next_at, waiting=one.waiting)
            for one in await store.unreached()
        ),
        dropped=await store.dropped_parcels(),
    )


def _rows(state: str, found: Iterable[Alert | Pending], routing: Routing) -> Iterable[AlertRowShape]:
    groups: dict[tuple[AlertName, str], list[Alert | Pending]] = {}
    for one in found:
        groups.setdefault((one.condition.alert, one.condition.pool), []).append(one)
    for (alert, pool), members in groups.items():
        conditions = sorted(one.condition for one in members)
        told = route((Alert(one, _since(members[0])) for one in conditions), routing)
        reasons = Counter(one.reason for one in conditions)
        yield AlertRowShape(
            alert=alert,
            pool=pool,
            severity=worst(one.level for one in conditions).value,
            state=state,
            count=len(conditions),
            since=min(map(_since, members)),
            fires_at=min((one.fires_at for one in members if isinstance(one, Pending)), default=None),
            reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
            example=conditions[0].subject,
            detail=conditions[0].detail,
            receivers=tuple(name for name, mine in told.items() if mine),
        )


def _since(one: Alert | Pending) -> datetime:
    return one.since if isinstance(one, Pending) else one.firing_since


async def try_receivers(settings: Settings, name: str | None) -> AlertTestShape:
    """Send a firing and a resolve to one receiver of the config (None: to each), all of them side by side.

    Raises ReconcilerError if the config has none.
    """
    sinks = make_sinks(settings)
    if not sinks:
        raise ReconcilerError("the config names no receiver of alerts", "add one to alerts.receivers")
    chosen = sinks if name is None else {name: sinks[name]}
    steps = await asyncio.gather(*(_try(sink, settings.alerts.routing.link) for sink in chosen.values()))
    flat = tuple(step for some in steps for step in some)
    return AlertTestShape(
        ok=all(step.ok for step in flat),
        steps=flat,
        notes={name: sink.notes for name, sink in chosen.items() if sink.notes},
    )


async def _try(sink: Sink, link: str) -> tuple[StepShape, ...]:
    steps = []
    for message in _test_messages(sink.name, link):
        began = time.monotonic()
        outcome = await sink.send(body_of(message, message.started_at))
        steps.append(
            StepShape(
                receiver=sink.name,
                status=message.status,
                ok=isinstance(outcome, Sent),
                detail=outcome.detail,
                seconds=round(time.monotonic() - began, 3),
            )
        )
    return tuple(steps)


def _test_messages(receiver: str, link: str) -> Iterable[Message]:
    for status in ("firing", "resolved"):
        end = "Resolved: " if status == "resolved" else ""
        yield Message(
            receiver=receiver,
            status=status,
            alert=AlertName.NOTIFICATION_FAILED,
            severity=Severity.INFO,
            pool=TEST_POOL,
            count=1,
            reasons=(("test", 1),),
            examples=((receiver, "a test of this receiver"),),
            started_at=SystemClock().now(),
            dedup_key=f"tendlc/test/{receiver}",
            said=Said(
                f"{end}A test of the alerts' way to {receiver}",
                "Nothing is wrong, and sending is not affected.",
                "Nothing is done.",
                "Nothing is to be done but to see that this and its resolve arrived.",
                "tendlc alerts list",
                link,
            ),
        )
