"""The inbox for people: events listed, shown one by one, exported."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from reconciler.app.shapes import EventDetailShape, EventShape, EventsShape
from reconciler.model.events import EventSource, EventState, StoredEvent
from reconciler.model.settings import Settings
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore


async def events_of(
    store: SqlStore,
    limit: int,
    *,
    state: EventState | None = None,
    event_type: str | None = None,
    source: EventSource | None = None,
    before: int | None = None,
) -> EventsShape:
    """The newest events of a kind; with `before`, those older than the event of that id."""
    found = await store.events(limit, state, event_type, before, source)
    return EventsShape(events=tuple(event_shape(one) for one in found))


async def read_events(
    settings: Settings, limit: int, state: EventState | None, event_type: str | None, source: EventSource | None
) -> EventsShape:
    """The same, for a command."""
    with open_store(settings.store_url, writer=False) as store:
        return await events_of(store, limit, state=state, event_type=event_type, source=source)


async def read_event(settings: Settings, number: int) -> StoredEvent | None:
    """One event, for a command."""
    with open_store(settings.store_url, writer=False) as store:
        return await store.event(number)


def event_shape(one: StoredEvent) -> EventShape:
    """An event for output, without its body."""
    return EventShape.model_validate(one, from_attributes=True)


def detail_shape(one: StoredEvent) -> EventDetailShape:
    """An event for output, whole."""
    return EventDetailShape(**dict(event_shape(one)), **_body(one))


def _body(one: StoredEvent) -> dict[str, Any]:
    try:
        return {"body": one.body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(one.body).decode()}


async def export_events(settings: Settings) -> AsyncIterator[dict[str, object]]:
    """Every event with its body, the oldest first."""
    with open_store(settings.store_url, writer=False) as store:
        async for one in store.all_events():
            yield detail_shape(one).model_dump(mode="json", exclude_unset=True)
