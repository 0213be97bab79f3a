"""inbox: events, from the wire to their meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from reconciler.model.events import Delivery, Event, EventSource, EventState, Finished, StoredEvent, Trigger
from reconciler.store import dormancies, triggers
from reconciler.store.tables import BY_WEBHOOK, columns, inbox
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

_AFTER_ALL = (
    update(inbox)
    .where((inbox.c.sole_id == bindparam("known")) & (inbox.c.source == EventSource.DELIVERY))
    .values(duplicates=inbox.c.duplicates + 1)
)
"""A webhook that came after it was read back."""


def receive(
    connection: Connection,
    event_id: str,
    digest: bytes,
    body: bytes,
    at: datetime,
    flaw: str,
    source: EventSource = EventSource.WEBHOOK,
) -> bool:
    """Keep a body. False: it was here already. The constraints decide, so no two callers can both be first.

    The list of deliveries may render an event otherwise than its webhook did: of these two, only the id must agree.
    """
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
    if source is EventSource.DELIVERY:
        return False
    if event_id and connection.execute(_AFTER_ALL, {"known": event_id}).rowcount:
        return False
    row |= {"sole_id": None, "state": EventState.QUARANTINED, "reason": flaw or SAME_ID}
    duplicates: int = connection.execute(_AGAIN, row).scalar_one()
    return duplicates == 0


def take_back(connection: Connection, deliveries: Iterable[Delivery], at: datetime) -> int:
    """Keep what deliveries tell of; how many events were not here."""
    return sum(
        receive(connection, one.event_id, one.digest, one.body, at, "", EventSource.DELIVERY) for one in deliveries
    )


def last_webhook_at(connection: Connection) -> datetime | None:
    """When the last event came by a webhook, a duplicate not counted."""
    newest = select(inbox.c.received_at).where(BY_WEBHOOK).order_by(inbox.c.id.desc()).limit(1)
    return connection.execute(newest).scalar()


def unread_events(connection: Connection, limit: int) -> tuple[StoredEvent, ...]:
    """Events in state NEW, oldest first."""
    unread = select(*_EVENT).where(inbox.c.state == EventState.NEW).order_by(inbox.c.id).limit(limit)
    return tuple(StoredEvent(*row) for row in connection.execute(unread))


def finish_events(connection: Connection, finished: tuple[Finished, ...], wanted: tuple[Trigger, ...]) -> None:
    """Record what events mean, what they tell of dormant campaigns, and ask for the looks that they cause."""
    for one in finished:
        told = {"state": one.reading.state, "reason": one.reading.reason, "subject": one.reading.subject}
        if isinstance(one.parsed, Event):
            told |= {"event_type": one.parsed.event_type, "type": one.parsed.type}
        connection.execute(update(inbox).where(inbox.c.id == one.event.id).values(told))
    dormancies.tell(connection, [dormancy for one in finished if (dormancy := one.dormancy) is not None])
    triggers.ask(connection, wanted)


def events(
    connection: Connection,
    limit: int,
    state: EventState | None = None,
    event_type: str | None = None,
    before: int | None = None,
    source: EventSource | None = None,
) -> tuple[StoredEvent, ...]:
    """Stored events, newest first; with `before`, those older than the event of that id."""
    found = select(*_EVENT).order_by(inbox.c.id.desc()).limit(limit)
    if state is not None:
        found = found.where(inbox.c.state == state)
    if event_type is not None:
        found = found.where(inbox.c.event_type == event_type)
    if source is not None:
        found = found.where(inbox.c.source == source)
    if before is not None:
        found = found.where(inbox.c.id < before)
    return tuple(StoredEvent(*row) for row in connection.execute(found))


def event(connection: Connection, number: int) -> StoredEvent | None:
    """The event of this id."""
    row = connection.execute(select(*_EVENT).where(inbox.c.id == number)).one_or_none()
    return None if row is None else StoredEvent(*row)


def inspect(connection: Connection, number: int, now: datetime) -> StoredEvent | None:
    """A person looked at this event: noted where it is quarantined, the first time. None: there is none."""
    unseen = (inbox.c.state == EventState.QUARANTINED) & inbox.c.inspected_at.is_(None)
    connection.execute(update(inbox).where(inbox.c.id == number, unseen).values(inspected_at=now))
    return event(connection, number)


def events_after(connection: Connection, number: int, limit: int) -> tuple[StoredEvent, ...]:
    """Stored events after the one of this id, oldest first."""
    page = select(*_EVENT).where(inbox.c.id > number).order_by(inbox.c.id).limit(limit)
    return tuple(StoredEvent(*row) for row in connection.execute(page))
