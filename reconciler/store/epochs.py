"""epochs: which epoch the store is in, and what a new one makes of what it remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from reconciler.model.epochs import Epoch, Mark, Origin, begun
from reconciler.model.operations import Step
from reconciler.store import meta, timeline
from reconciler.store.tables import OPEN, journal, operations, sightings
from reconciler.store.witness import Witness

EPOCH = "epoch"
"""The note of the store's epoch."""
_TIMES = ("began_at", "settles_at", "add_only_since")
_READ_FIRST = "asked for in a store that is gone, for all we know: it is read before anything is sent"


def epoch(connection: Connection) -> Epoch:
    """The store's epoch."""
    return _noted(connection) or Epoch()


def far(connection: Connection) -> int:
    """How far the journal has come."""
    return connection.execute(select(func.max(journal.c.id))).scalar() or 0


def open_epoch(connection: Connection, witness: Witness, *, is_new: bool) -> None:
    """At opening for writing: compare the store with its witness, and note a new epoch where they do not agree.

    The store first, then the witness: what dies in between is seen again.
    """
    with connection.begin():
        noted, come = _noted(connection), far(connection)
        found = begun(noted, come, witness.read(), is_new=is_new)
        if found != noted:
            _note(connection, found)
    witness.begin(Mark(found.number, come))


def work(connection: Connection, now: datetime, settle_window: timedelta) -> None:
    """At start of a service: the first on a new epoch takes nothing that is remembered for certain, or for ours.

    Each open operation is read once reads can show what was asked for by a store that is gone.
    """
    found = epoch(connection)
    if not found.is_doubtful or found.began_at is not None:
        return
    settles_at = now + settle_window
    _note(connection, Epoch(found.number, found.cause, now, settles_at, now))
    connection.execute(update(sightings).where(sightings.c.put_on.is_not(None)).values(put_on=None))
    doubted = connection.execute(
        update(operations)
        .where(OPEN)
        .values(step=Step.UNRESOLVED, sent_at=now, first_absent_at=None, lease_until=None, not_before=settles_at)
        .returning(operations.c.id, operations.c.number)
    ).all()
    timeline.write(connection, now, "doubted", [(id_, number, _READ_FIRST) for id_, number in doubted])


def first_step(connection: Connection, now: datetime) -> dict[str, object]:
    """How an operation that is planned now begins: to be sent; or, in a young epoch, as if that had been done.

    The look that planned it is the first that did not show it; a read of the number itself is the second.
    """
    found = epoch(connection)
    if not found.doubts(now):
        return {"step": Step.READY, "not_before": now, "sent_at": None, "first_absent_at": None, "detail": ""}
    began_at, at = found.began_at or now, max(now, found.settles_at or now)
    asked = {"sent_at": began_at, "first_absent_at": began_at, "detail": _READ_FIRST}
    return {"step": Step.UNRESOLVED, "not_before": at, **asked}


def move(connection: Connection, by: timedelta) -> None:
    """The clock was set by so much. Since when nothing is ours stays: it is compared with history."""
    found = epoch(connection)
    if found.began_at is not None and found.settles_at is not None:
        _note(connection, replace(found, began_at=found.began_at + by, settles_at=found.settles_at + by))


def _noted(connection: Connection) -> Epoch | None:
    said = meta.noted(connection, EPOCH)
    if not isinstance(said, dict):
        return None
    number, cause = said.get("number"), said.get("cause")
    at = [_moment(said.get(name)) for name in _TIMES]
    return Epoch(number if isinstance(number, int) else 1, Origin(str(cause)), *at)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _note(connection: Connection, new: Epoch) -> None:
    times = zip(_TIMES, (new.began_at, new.settles_at, new.add_only_since), strict=True)
    said = {name: None if at is None else at.isoformat() for name, at in times}
    meta.note(connection, EPOCH, {"number": new.number, "cause": new.cause.value, **said})
