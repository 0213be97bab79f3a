"""meta: what is known of the store and the account as a whole: the halt, notes, and counts for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select

from reconciler.model.events import EventState
from reconciler.model.standing import Halt
from reconciler.store.inbox import last_webhook_at
from reconciler.store.kinds import Json
from reconciler.store.tables import columns, halts, inbox, meta, outbox
from reconciler.store.upsert import overwrite

DROPPED_PARCELS = "dropped_parcels"
"""The note that counts messages which a full outbox lost."""
READ_BACK = "read_back_at"
"""The note of when the list of deliveries was last read."""
RESYNCED = "resynced_at"
"""The note of when a full resync was last asked for."""
TOUCHED = "touched"
"""The note that counts looks at whether the store can be written."""
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
    quarantined: int
    """Events that could not be used."""
    parcels_waiting: int


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


def touch(connection: Connection) -> None:
    """Write something: only then is it known whether the disk takes it."""
    count = noted(connection, TOUCHED)
    note(connection, TOUCHED, (count if isinstance(count, int) else 0) + 1)


def note_config(connection: Connection, digest: str | None, at: datetime) -> None:
    """This config was taken in then; None: one that is no good was not."""
    if digest is not None:
        note(connection, "config_digest", digest)
        note_moment(connection, "config_loaded_at", at)
    note(connection, "config_valid", digest is not None)


def note_moment(connection: Connection, key: str, at: datetime) -> None:
    """Remember a time under a name."""
    note(connection, key, at.isoformat())


def moment(connection: Connection, key: str) -> datetime | None:
    """The time that was noted under a name."""
    at = noted(connection, key)
    return datetime.fromisoformat(at) if isinstance(at, str) else None


def heard(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """When the list of deliveries was last read, and when the last webhook came."""
    return moment(connection, READ_BACK), last_webhook_at(connection)


def counts(connection: Connection) -> Counts:
    """The counts as they are."""
    return Counts(
        last_received_at=last_webhook_at(connection),
        quarantined=_count(connection, inbox.c.state == EventState.QUARANTINED),
        parcels_waiting=_count(connection, outbox.c.id.is_not(None)),
    )


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(which)).scalar_one()


def dropped_parcels(connection: Connection) -> int:
    """How many messages a full outbox lost, ever."""
    count = noted(connection, DROPPED_PARCELS)
    return count if isinstance(count, int) else 0
