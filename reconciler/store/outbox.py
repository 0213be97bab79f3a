"""outbox: alerts as stored state, and messages on their way to the receivers."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, select, true, update

from reconciler.model.alerts import Alert, Condition, Family, Group, Judgement, Message, Parcel
from reconciler.store import meta
from reconciler.store.portions import portions
from reconciler.store.tables import alerts, columns, groups, outbox
from reconciler.store.upsert import insert, overwrite

MOST_PARCELS = 1000
"""Messages that wait for one receiver. One more drops the oldest, which is counted."""
FORMAT_VERSION = "1"

_firing = insert(alerts)


def _since_it_holds(column: str) -> ColumnElement[datetime]:
    """As it was when it began to hold; anew where it was resolved since."""
    return case((alerts.c.resolved_at.is_(None), alerts.c[column]), else_=_firing.excluded[column])


_FIRE = _firing.on_conflict_do_update(
    index_elements=list(alerts.primary_key),
    set_={
        "reason": _firing.excluded.reason,
        "detail": _firing.excluded.detail,
        "severity": _firing.excluded.severity,
        "pending_since": _since_it_holds("pending_since"),
        "fires_at": _since_it_holds("fires_at"),
        "firing_since": case(
            (alerts.c.resolved_at.is_not(None), _firing.excluded.firing_since),
            (alerts.c.firing_since.is_not(None), alerts.c.firing_since),
            (alerts.c.fires_at <= _firing.excluded.pending_since, _firing.excluded.pending_since),
            else_=None,
        ),
        "resolved_at": None,
    },
)
_SET_GROUP = overwrite(groups)
_PARCEL = columns(outbox, Parcel)


def judge(connection: Connection, judgement: Judgement, now: datetime, seen_since: datetime | None = None) -> None:
    """Fire what holds, at once or when it has held long enough; resolve what was covered and holds no more.

    What began to hold after `seen_since` stays: whoever judges by what was known then cannot know of it.
    """
    told_of = true() if seen_since is None else alerts.c.pending_since <= seen_since
    holding = {(one.alert, one.pool, one.subject) for one in judgement.conditions}
    for family in judgement.families:
        known = select(alerts.c.subject).where(_of(family), alerts.c.resolved_at.is_(None), told_of)
        gone = [s for s in connection.execute(known).scalars() if (family.alert, family.pool, s) not in holding]
        for portion in portions(gone):
            these = (_of(family), alerts.c.subject.in_(portion))
            connection.execute(delete(alerts).where(*these, alerts.c.firing_since.is_(None)))  # never told
            connection.execute(update(alerts).where(*these).values(resolved_at=now))
    rows = [
        {
            "alert": one.alert,
            "pool": one.pool,
            "subject": one.subject,
            "reason": one.reason,
            "detail": one.detail,
            "severity": one.level,
            "pending_since": now,
            "fires_at": now + one.wait,
            "firing_since": None if one.wait else now,
        }
        for one in judgement.conditions
    ]
    if rows:
        connection.execute(_FIRE, rows)


def _of(family: Family | Message) -> ColumnElement[bool]:
    which = (alerts.c.alert == family.alert) & (alerts.c.pool == family.pool)
    if isinstance(family, Family) and family.subject is not None:
        which &= alerts.c.subject == family.subject
    return which


def standing(connection: Connection) -> tuple[tuple[Alert, ...], tuple[Group, ...]]:
    """Every alert that fires, every one that was told and is resolved, and what was last sent of each group.

    What only pends is in none of these.
    """
    told = tuple(
        Group(row.alert, row.pool, row.last_sent_at, frozenset(row.last_sent), row.started_at)
        for row in connection.execute(select(groups).order_by(groups.c.alert, groups.c.pool))
    )
    last_sent = {(group.alert, group.pool): group.last_sent for group in told}
    fired = select(alerts).where(alerts.c.firing_since.is_not(None))
    rows = connection.execute(fired.order_by(alerts.c.alert, alerts.c.pool, alerts.c.subject))
    return tuple(
        Alert(
            Condition(row.alert, row.pool, row.subject, row.reason, row.detail, row.severity),
            row.firing_since,
            row.resolved_at,
        )
        for row in rows
        if row.resolved_at is None or row.subject in last_sent.get((row.alert, row.pool), ())
    ), told


def post(connection: Connection, messages: tuple[Message, ...], receivers: tuple[str, ...], now: datetime) -> None:
    """Put messages into the outbox for each receiver, and note their groups as told."""
    for message in messages:
        subjects = message.subjects if message.status == "firing" else frozenset[str]()
        started_at = message.started_at if subjects else None
        row = {
            "receiver": "",
            "alert": message.alert,
            "pool": message.pool,
            "last_sent_at": now,
            "last_sent": sorted(subjects),
            "started_at": started_at,
        }
        connection.execute(_SET_GROUP, row)
        _forget(connection, message, subjects)
        body = body_of(message)
        rows = [
            {
                "receiver": receiver,
                "dedup_key": message.dedup_key,
                "body": body,
                "created_at": now,
                "due_at": now,
                "attempts": 0,
            }
            for receiver in receivers
        ]
        if rows:
            connection.execute(insert(outbox), rows)
    for receiver in receivers if messages else ():
        _drop(connection, receiver)


def _forget(connection: Connection, message: Message, told: Collection[str]) -> None:
    """Delete the group's alerts that are resolved, and of whose resolve the receivers know now."""
    resolved = select(alerts.c.subject).where(_of(message), alerts.c.resolved_at.is_not(None))
    over = [subject for subject in connection.execute(resolved).scalars() if subject not in told]
    for portion in portions(over):
        connection.execute(delete(alerts).where(_of(message), alerts.c.subject.in_(portion)))


def _drop(connection: Connection, receiver: str) -> None:
    newest = select(outbox.c.id).where(outbox.c.receiver == receiver).order_by(outbox.c.id.desc()).limit(MOST_PARCELS)
    too_many = delete(outbox).where(outbox.c.receiver == receiver, outbox.c.id.not_in(newest))
    if dropped := connection.execute(too_many).rowcount:
        meta.note(connection, meta.DROPPED_PARCELS, meta.dropped_parcels(connection) + dropped)


_older = outbox.alias("older")
_HEAD = ~exists().where(
    _older.c.receiver == outbox.c.receiver, _older.c.dedup_key == outbox.c.dedup_key, _older.c.id < outbox.c.id
)
"""The oldest message about its group for its receiver."""


def parcels(connection: Connection, now: datetime, limit: int) -> tuple[Parcel, ...]:
    """Messages to deliver now, oldest first: one for each receiver, so that a broken one cannot fill the batch.

    Messages about one group reach a receiver in their order: a resolve never overtakes its firing. Those about
    different groups may pass each other, so a message that a receiver will not take holds up only its own group.
    """
    first = select(func.min(outbox.c.id)).where(outbox.c.due_at <= now, _HEAD).group_by(outbox.c.receiver)
    rows = connection.execute(select(*_PARCEL).where(outbox.c.id.in_(first)).order_by(outbox.c.id).limit(limit))
    return tuple(Parcel(*row) for row in rows)


def next_at(connection: Connection) -> datetime | None:
    """When the next message is due, or was."""
    return connection.execute(select(func.min(outbox.c.due_at)).where(_HEAD)).scalar()


def delivered(connection: Connection, parcel: Parcel, retry_at: datetime | None) -> None:
    """Take a parcel out, or put it off."""
    this = outbox.c.id == parcel.id
    if retry_at is None:
        connection.execute(delete(outbox).where(this))
    else:
        put_off = update(outbox).where(this).values(due_at=retry_at, attempts=outbox.c.attempts + 1)
        connection.execute(put_off)


def body_of(message: Message) -> str:
    """The message as receivers get it: JSON text."""
    return json.dumps(
        {
            "format_version": FORMAT_VERSION,
            "status": message.status,
            "alert": message.alert,
            "severity": message.severity,
            "pool": message.pool,
            "count": message.count,
            "reasons": [{"reason": reason, "count": count} for reason, count in message.reasons],
            "examples": [{"subject": subject, "detail": detail} for subject, detail in message.examples],
            "started_at": message.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "dedup_key": message.dedup_key,
            "summary": message.summary,
        }
    )
