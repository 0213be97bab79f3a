"""meta: what is known of the store and the account as a whole: the halt, notes, and counts for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from reconciler.model.events import EventState
from reconciler.model.standing import Halt
from reconciler.store.inbox import last_webhook_at
from reconciler.store.kinds import Json
from reconciler.store.tables import alerts, columns, halts, inbox, meta, outbox
from reconciler.store.upsert import overwrite

DROPPED_PARCELS = "dropped_parcels"
"""The note that counts messages which a full outbox lost."""
READ_BACK = "read_back_at"
"""The note of when the list of deliveries was last read."""
RESYNCED = "resynced_at"
"""The note of when a full resync was last asked for."""
CLOCK_SET = "clock_set"
"""The note of the last time to which the clock was set."""

_ACCOUNT = "account"
_HALT = columns(halts, Halt)
_SET_HALT = overwrite(halts)
_SET_NOTE = overwrite(meta)


@dataclass(frozen=True, slots=True)
class Counts:
    """What people and metrics ask for."""

    last_received_at: datetime | None
    """When the last event came by a webhook, a duplicate not counted."""
    unread: int
    """Events in state NEW."""
    quarantined: int
    """Events that could not be used."""
    alerts_firing: int
    parcels_waiting: int
    parcels_dropped: int
    """Messages that a full outbox lost, ever."""


def halt(connection: Connection) -> Halt | None:
    """The halt that holds."""
    row = connection.execute(select(*_HALT).where(halts.c.scope == _ACCOUNT)).one_or_none()
    return None if row is None else Halt(*row)


def set_halt(connection: Connection, new: Halt) -> None:
    """Halt. A halt that holds already keeps its beginning, and never gets an earlier probe."""
    held = halt(connection)
    if held is not None:
        new = Halt(min(held.since, new.since), max(held.probe_at, new.probe_at), new.detail)
    row = {"scope": _ACCOUNT, "since": new.since, "probe_at": new.probe_at, "detail": new.detail}
    connection.execute(_SET_HALT, row)


def lift_halt(connection: Connection, seen_since: datetime) -> None:
    """Lift the halt, unless it began after `seen_since`: then whoever lifts it cannot know of it."""
    connection.execute(delete(halts).where(halts.c.since <= seen_since))


def note(connection: Connection, key: str, value: Json) -> None:
    """Remember a value under a name."""
    connection.execute(_SET_NOTE, {"key": key, "value": value})


def noted(connection: Connection, key: str) -> Json:
    """The value noted under a name; None if there is none."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def notes(connection: Connection) -> dict[str, Json]:
    """All that was noted."""
    return {row.key: row.value for row in connection.execute(select(meta))}


def note_moment(connection: Connection, key: str, at: datetime) -> None:
    """Remember a time under a name."""
    note(connection, key, at.isoformat())


def moment(connection: Connection, key: str) -> datetime | None:
    """The time that was noted under a name."""
    noted = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return datetime.fromisoformat(noted) if isinstance(noted, str) else None


def heard(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """When the list of deliveries was last read, and when the last webhook came."""
    return moment(connection, READ_BACK), last_webhook_at(connection)


def counts(connection: Connection) -> Counts:
    """The counts as they are."""
    return Counts(
        last_received_at=last_webhook_at(connection),
        unread=_count(connection, inbox.c.state == EventState.NEW),
        quarantined=_count(connection, inbox.c.state == EventState.QUARANTINED),
        alerts_firing=_count(connection, alerts.c.firing_since.is_not(None) & alerts.c.resolved_at.is_(None)),
        parcels_waiting=_count(connection, outbox.c.id.is_not(None)),
        parcels_dropped=dropped_parcels(connection),
    )


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(which)).scalar_one()


def dropped_parcels(connection: Connection) -> int:
    """How many messages a full outbox lost, ever."""
    count = noted(connection, DROPPED_PARCELS)
    return count if isinstance(count, int) else 0
