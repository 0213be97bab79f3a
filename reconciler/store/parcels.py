"""parcels: messages on their way, one receiver at a time, and what each receiver is known to have.

A newer message about a group replaces an older one that still waits. An end replaces a beginning too, and where the
receiver never got the beginning, neither is sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, func, or_, select, true, update

from reconciler.model.alerts import AlertName, Attempt, Parcel, Unreached
from reconciler.store import meta
from reconciler.store.kinds import Json
from reconciler.store.tables import groups, outbox
from reconciler.store.tables import meta as notes
from reconciler.store.upsert import insert

MOST_PARCELS = 1000
"""Messages that wait for one receiver. One more drops the oldest, which is counted."""
_RECEIVER = "receiver:"
"""What the notes about receivers begin with."""


class Key(NamedTuple):
    """A group as one receiver has it."""

    receiver: str
    alert: AlertName
    pool: str

    @property
    def where(self) -> ColumnElement[bool]:
        """Its row."""
        return (groups.c.receiver == self.receiver) & (groups.c.alert == self.alert) & (groups.c.pool == self.pool)


class _Trouble(NamedTuple):
    """How a receiver does."""

    failures: int = 0
    """Attempts that failed in a row."""
    until: datetime | None = None
    """Nothing is tried before."""
    at: datetime | None = None
    """When the last of them was."""

    def is_of_before(self, now: datetime) -> bool:
        """Whether the clock was put back since: what was to wait, by that clock, waits no longer."""
        return self.at is not None and now < self.at


def put(connection: Connection, receiver: str, dedup_key: str, body: str, now: datetime) -> None:
    """Put one message into the outbox."""
    row = {
        "receiver": receiver,
        "dedup_key": dedup_key,
        "body": body,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
    }
    connection.execute(insert(outbox), row)
    newest = select(outbox.c.id).where(outbox.c.receiver == receiver).order_by(outbox.c.id.desc()).limit(MOST_PARCELS)
    too_many = delete(outbox).where(outbox.c.receiver == receiver, outbox.c.id.not_in(newest))
    if dropped := connection.execute(too_many).rowcount:
        meta.note(connection, meta.DROPPED_PARCELS, meta.dropped_parcels(connection) + dropped)


def withdraw(connection: Connection, receiver: str, dedup_key: str) -> None:
    """Forget what waits to be said of a group that has ended without a word."""
    connection.execute(delete(outbox).where(outbox.c.receiver == receiver, outbox.c.dedup_key == dedup_key))


def forget_ends(connection: Connection, before: datetime) -> None:
    """Forget the groups whose end was told before this; the end of one that may be known waits yet."""
    ended = select(groups).where(groups.c.started_at.is_(None), groups.c.last_sent_at < before)
    for row in connection.execute(ended).all():
        if not row.last_sent["is_known"]:
            connection.execute(delete(groups).where(Key(row.receiver, row.alert, row.pool).where))


def is_known(connection: Connection, key: Key) -> bool:
    """Whether the receiver may have a message of the group that says that it fires."""
    last_sent = connection.execute(select(groups.c.last_sent).where(key.where)).scalar()
    return last_sent is not None and last_sent["is_known"]


def waiting(connection: Connection, now: datetime) -> frozenset[str]:
    """The receivers for whom something is due."""
    troubles = _troubles(connection)
    let_be = {one for one, trouble in troubles.items() if trouble.until is not None and now < trouble.until}
    of_before = [one for one, trouble in troubles.items() if trouble.is_of_before(now)]
    is_due = or_(_is_due(now), *(outbox.c.receiver == one for one in of_before))
    due = select(outbox.c.receiver).where(is_due).distinct()
    return frozenset(connection.execute(due).scalars()) - (let_be - {*of_before})


def _is_due(now: datetime) -> ColumnElement[bool]:
    """By now, or by a clock that was put back since."""
    return (outbox.c.due_at <= now) | ((outbox.c.attempts == 0) & (outbox.c.created_at > now))


def unreached(connection: Connection) -> tuple[Unreached, ...]:
    """The receivers whose last attempt failed, by name."""
    lines = select(outbox.c.receiver, func.count().label("waiting"), func.min(outbox.c.due_at).label("due_at"))
    waits = {row.receiver: row for row in connection.execute(lines.group_by(outbox.c.receiver))}
    return tuple(
        Unreached(receiver, trouble.failures, trouble.until or waits[receiver].due_at, waits[receiver].waiting)
        if receiver in waits
        else Unreached(receiver, trouble.failures, None, 0)
        for receiver, trouble in sorted(_troubles(connection).items())
    )


def next_at(connection: Connection) -> datetime | None:
    """When the next message is due, or was, as far as no receiver is let be until later."""
    return connection.execute(select(func.min(outbox.c.due_at))).scalar()


def take(connection: Connection, receiver: str, now: datetime) -> Parcel | None:
    """The next message for a receiver. It may have reached it from now on, whatever becomes of us.

    Nobody may hold another parcel for this receiver meanwhile.
    """
    trouble = _troubles(connection).get(receiver, _Trouble())
    of_before = trouble.is_of_before(now)
    if trouble.until is not None and now < trouble.until and not of_before:
        return None
    newer = outbox.alias("newer")
    superseded = exists().where(
        newer.c.receiver == outbox.c.receiver, newer.c.dedup_key == outbox.c.dedup_key, newer.c.id > outbox.c.id
    )
    connection.execute(delete(outbox).where(outbox.c.receiver == receiver, superseded))
    is_due = true() if of_before else _is_due(now)
    due = select(outbox).where(outbox.c.receiver == receiver, is_due).order_by(outbox.c.id).limit(1)
    while (row := connection.execute(due).one_or_none()) is not None:
        letter = json.loads(row.body)
        key = Key(receiver, AlertName(letter["alert"]), letter["pool"])
        known = is_known(connection, key)
        if letter["status"] == "firing" or known:
            if letter["status"] == "firing":
                _know(connection, key, known=True)
            said = (row.body, row.created_at, row.attempts)
            return Parcel(row.id, receiver, row.dedup_key, *said, trouble.failures, is_first=not known)
        connection.execute(delete(outbox).where(outbox.c.id == row.id))  # the end of what it never heard of
        connection.execute(delete(groups).where(key.where, groups.c.started_at.is_(None)))
    return None


def delivered(connection: Connection, parcel: Parcel, attempt: Attempt, now: datetime) -> bool:
    """Take a parcel out, or put it off. False: its receiver has been forgotten, or it was withdrawn."""
    this = outbox.c.id == parcel.id
    if connection.execute(select(outbox.c.id).where(this)).one_or_none() is None:
        if attempt.retry_at is None:
            _note_trouble(connection, parcel.receiver, _Trouble())
        return False
    letter = json.loads(parcel.body)
    key = Key(parcel.receiver, AlertName(letter["alert"]), letter["pool"])
    if attempt.retry_at is None:
        connection.execute(delete(outbox).where(this))
        _know(connection, key, known=letter["status"] == "firing")
    else:
        put_off = update(outbox).where(this).values(due_at=attempt.retry_at, attempts=outbox.c.attempts + 1)
        connection.execute(put_off)
        if attempt.missed and parcel.is_first:
            _know(connection, key, known=False)
    until = attempt.retry_at if attempt.holds_all else None
    _note_trouble(connection, parcel.receiver, _Trouble(attempt.failures, until, now))
    return True


def _know(connection: Connection, key: Key, *, known: bool) -> None:
    """Note whether the receiver may know that the group fires."""
    last_sent = connection.execute(select(groups.c.last_sent).where(key.where)).scalar()
    if last_sent is not None and last_sent["is_known"] is not known:
        connection.execute(update(groups).where(key.where).values(last_sent={**last_sent, "is_known": known}))


def retain(connection: Connection, receivers: Collection[str], changed: Collection[str], now: datetime) -> None:
    """Forget every receiver but these; what waits for one that was `changed` is due now."""
    for table in (outbox, groups):
        connection.execute(delete(table).where(table.c.receiver.not_in(receivers)))
    connection.execute(update(outbox).where(outbox.c.receiver.in_(changed)).values(due_at=now))
    for receiver, trouble in _troubles(connection).items():
        if receiver not in receivers:
            connection.execute(delete(notes).where(notes.c.key == f"{_RECEIVER}{receiver}"))
        elif receiver in changed:
            _note_trouble(connection, receiver, _Trouble(trouble.failures))


def move(connection: Connection, by: timedelta) -> None:
    """The clock was set by so much."""
    for receiver, trouble in _troubles(connection).items():
        until, at = (None if moment is None else moment + by for moment in (trouble.until, trouble.at))
        _note_trouble(connection, receiver, _Trouble(trouble.failures, until, at))


def _troubles(connection: Connection) -> dict[str, _Trouble]:
    """Of every receiver whose last attempt failed."""
    noted = connection.execute(select(notes).where(notes.c.key.startswith(_RECEIVER)))
    return {row.key.removeprefix(_RECEIVER): _trouble(row.value) for row in noted}


def _trouble(noted: Json) -> _Trouble:
    if not isinstance(noted, dict) or not isinstance(failures := noted.get("failures"), int):
        return _Trouble()
    return _Trouble(failures, _moment(noted.get("until")), _moment(noted.get("at")))


def _moment(noted: Json) -> datetime | None:
    return datetime.fromisoformat(noted) if isinstance(noted, str) else None


def _note_trouble(connection: Connection, receiver: str, trouble: _Trouble) -> None:
    if not trouble.failures:
        connection.execute(delete(notes).where(notes.c.key == f"{_RECEIVER}{receiver}"))
        return
    until: Json = None if trouble.until is None else trouble.until.isoformat()
    at: Json = None if trouble.at is None else trouble.at.isoformat()
    meta.note(connection, f"{_RECEIVER}{receiver}", {"failures": trouble.failures, "until": until, "at": at})
