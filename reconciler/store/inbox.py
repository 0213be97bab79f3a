"""inbox: events, from the wire to their meaning."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from reconciler.model.events import Event, EventSource, EventState, Finished, StoredEvent, Trigger
from reconciler.store import triggers
from reconciler.store.tables import columns, inbox
from reconciler.store.upsert import insert

SAME_ID = "same id, different data"

_EVENT = columns(inbox, StoredEvent)
_FIRST = insert(inbox).on_conflict_do_nothing()
_AGAIN = (
    insert(inbox)
    .on_conflict_do_update(
        index_elements=[inbox.c.event_id, inbox.c.digest], set_={"duplicates": inbox.c.duplicates + 1}
    )
    .returning(inbox.c.duplicates)
)


def receive(
    connection: Connection,
    event_id: str,
    digest: bytes,
    body: bytes,
    at: datetime,
    flaw: str,
    source: EventSource = EventSource.WEBHOOK,
) -> bool:
    """Keep a body. False: it was here already. The constraints decide, so no two callers can both be first."""
    row = {
        "event_id": event_id,
        "digest": digest,
        "sole_id": event_id or None,
        "body": body,
        "received_at": at,
        "state": EventState.QUARANTINED if flaw else EventState.NEW,
        "reason": flaw,
        "event_type": "",
        "type": "",
        "subject": "",
        "duplicates": 0,
        "source": source,
    }
    if connection.execute(_FIRST, row).rowcount:
        return True
    row |= {"sole_id": None, "state": EventState.QUARANTINED, "reason": flaw or SAME_ID}
    duplicates: int = connection.execute(_AGAIN, row).scalar_one()
    return duplicates == 0


def unread_events(connection: Connection, limit: int) -> tuple[StoredEvent, ...]:
    """Events in state NEW, oldest first."""
    unread = select(*_EVENT).where(inbox.c.state == EventState.NEW).order_by(inbox.c.id).limit(limit)
    return tuple(StoredEvent(*row) for row in connection.execute(unread))


def finish_events(connection: Connection, finished: tuple[Finished, ...], wanted: tuple[Trigger, ...]) -> None:
    """Record what events mean, and ask for the looks that they cause."""
    for one in finished:
        told = {"state": one.reading.state, "reason": one.reading.reason, "subject": one.reading.subject}
        if isinstance(one.parsed, Event):
            told |= {"event_type": one.parsed.event_type, "type": one.parsed.type}
        connection.execute(update(inbox).where(inbox.c.id == one.event.id).values(told))
    triggers.ask(connection, wanted)


def events(
    connection: Connection,
    limit: int,
    state: EventState | None = None,
    event_types: tuple[str, ...] = (),
    before: int | None = None,
) -> tuple[StoredEvent, ...]:
    """Stored events, newest first; with `before`, those older than the event of that id."""
    found = select(*_EVENT).order_by(inbox.c.id.desc()).limit(limit)
    if state is not None:
        found = found.where(inbox.c.state == state)
    if event_types:
        found = found.where(inbox.c.event_type.in_(event_types))
    if before is not None:
        found = found.where(inbox.c.id < before)
    return tuple(StoredEvent(*row) for row in connection.execute(found))


def event(connection: Connection, number: int) -> StoredEvent | None:
    """The event of this id."""
    row = connection.execute(select(*_EVENT).where(inbox.c.id == number)).one_or_none()
    return None if row is None else StoredEvent(*row)


def events_after(connection: Connection, number: int, limit: int) -> tuple[StoredEvent, ...]:
    """Stored events after the one of this id, oldest first."""
    page = select(*_EVENT).where(inbox.c.id > number).order_by(inbox.c.id).limit(limit)
    return tuple(StoredEvent(*row) for row in connection.execute(page))
