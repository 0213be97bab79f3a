"""outbox: alerts as stored state, and what each receiver was told of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, exists, or_, select, true, update

from reconciler.model.alerts import (
    Alert,
    AlertName,
    Attempt,
    Condition,
    Family,
    Group,
    Judgement,
    Message,
    Parcel,
    Pending,
    Severity,
    Unrest,
)
from reconciler.store import parcels
from reconciler.store.portions import portions
from reconciler.store.tables import alerts, groups, outbox
from reconciler.store.upsert import insert, overwrite

FORMAT_VERSION = "1"
REMEMBERED = timedelta(days=1)
"""How long a receiver's groups are remembered that have ended: they may come back."""

_firing = insert(alerts)


_IS_PUT_BACK = alerts.c.firing_since.is_(None) & (alerts.c.pending_since > _firing.excluded.pending_since)
"""The clock, since it began to pend: it waits anew, for the time that it must and no longer."""


def _since_it_holds(column: str) -> ColumnElement[datetime]:
    """As it was when it began to hold; anew where it was resolved since."""
    return case((alerts.c.resolved_at.is_(None) & ~_IS_PUT_BACK, alerts.c[column]), else_=_firing.excluded[column])


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
    where=or_(  # what holds as it did is not written anew
        *(alerts.c[name] != _firing.excluded[name] for name in ("reason", "detail", "severity")),
        alerts.c.resolved_at.is_not(None),
        _IS_PUT_BACK,
        alerts.c.firing_since.is_(None) & (alerts.c.fires_at <= _firing.excluded.pending_since),
    ),
)
_SET_GROUP = overwrite(groups)


def judge(connection: Connection, judgement: Judgement, now: datetime, seen_since: datetime | None = None) -> None:
    """Fire what holds, at once or when it has held long enough; resolve what was covered and holds no more.

    What began to hold after `seen_since` stays: whoever judges by what was known then cannot know of it.
    """
    told_of = true() if seen_since is None else alerts.c.pending_since <= seen_since
    for family, gone in _over(connection, judgement, alerts.c.resolved_at.is_(None) & told_of).items():
        _resolve(connection, family, gone, now)
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


def _over(connection: Connection, judgement: Judgement, which: ColumnElement[bool]) -> dict[Family, list[str]]:
    """Of each family the subjects that held and hold no more, where there are any; one question for many pools."""
    holding = {(one.alert, one.pool, one.subject) for one in judgement.conditions}
    pools: dict[tuple[AlertName, str | None], list[str]] = {}
    for family in judgement.families:
        pools.setdefault((family.alert, family.subject), []).append(family.pool)
    gone: dict[Family, list[str]] = {}
    for (alert, only), of_alert in pools.items():
        known = select(alerts.c.pool, alerts.c.subject).where(alerts.c.alert == alert, which)
        if only is not None:
            known = known.where(alerts.c.subject == only)
        for portion in portions(of_alert):
            for pool, subject in connection.execute(known.where(alerts.c.pool.in_(portion))):
                if (alert, pool, subject) not in holding:
                    gone.setdefault(Family(alert, pool, only), []).append(subject)
    return gone


def _resolve(connection: Connection, family: Family, gone: list[str], now: datetime) -> None:
    """What somebody was told of stays until its end is told; the rest leaves no trace."""
    for portion in portions(gone):
        these = (_of(family), alerts.c.subject.in_(portion))
        connection.execute(update(alerts).where(*these).values(resolved_at=now))
    _forget_untold(connection, family)


def _of(family: Family | Message) -> ColumnElement[bool]:
    which = (alerts.c.alert == family.alert) & (alerts.c.pool == family.pool)
    if isinstance(family, Family) and family.subject is not None:
        which &= alerts.c.subject == family.subject
    return which


def _told(connection: Connection, alert: AlertName, pool: str) -> set[str]:
    """The subjects that any receiver knows as firing."""
    rows = connection.execute(select(groups.c.last_sent).where(groups.c.alert == alert, groups.c.pool == pool))
    return {subject for last_sent in rows.scalars() for subject in last_sent["subjects"]}


def standing(connection: Connection) -> tuple[tuple[Alert, ...], tuple[Group, ...]]:
    """Every alert that fires, every one that was told and is resolved, and what each receiver was last told.

    What only pends is in none of these.
    """
    told = tuple(
        Group(
            row.receiver,
            row.alert,
            row.pool,
            row.last_sent_at,
            frozenset(row.last_sent["subjects"]),
            Severity(row.last_sent["severity"]),
            row.started_at,
            Unrest(*row.last_sent.get("unrest", ())),
        )
        for row in connection.execute(select(groups).order_by(*groups.primary_key))
    )
    fired = select(alerts).where(alerts.c.firing_since.is_not(None)).order_by(*alerts.primary_key)
    return tuple(
        Alert(
            Condition(row.alert, row.pool, row.subject, row.reason, row.detail, row.severity),
            row.firing_since,
            row.resolved_at,
        )
        for row in connection.execute(fired)
    ), told


def pending(connection: Connection) -> tuple[Pending, ...]:
    """Every condition that holds, and has not held long enough to fire."""
    rows = connection.execute(select(alerts).where(alerts.c.firing_since.is_(None)).order_by(*alerts.primary_key))
    return tuple(
        Pending(
            Condition(row.alert, row.pool, row.subject, row.reason, row.detail, row.severity),
            row.pending_since,
            row.fires_at,
        )
        for row in rows
    )


def post(connection: Connection, messages: tuple[Message, ...], now: datetime) -> None:
    """Put messages into the outbox, each for its receiver, and note their groups as told."""
    for message in messages:
        key = parcels.Key(message.receiver, message.alert, message.pool)
        is_known = parcels.is_known(connection, key) and not message.unsaid
        subjects, unrest = message.subjects if message.status == "firing" else frozenset[str](), message.unrest
        last_sent = {"subjects": sorted(subjects), "severity": message.severity, "is_known": is_known}
        row = {
            "receiver": message.receiver,
            "alert": message.alert,
            "pool": message.pool,
            "last_sent_at": now,
            "last_sent": {**last_sent, "unrest": [unrest.changes, unrest.returns]},
            "started_at": message.started_at if subjects else None,
        }
        connection.execute(_SET_GROUP, row)
        if message.unsaid:
            parcels.withdraw(connection, message.receiver, message.dedup_key)
        else:
            parcels.put(connection, message.receiver, message.dedup_key, body_of(message, now), now)
    parcels.forget_ends(connection, now - REMEMBERED)
    for message in {(one.alert, one.pool): one for one in messages}.values():
        _forget_untold(connection, message)
    if any(message.unsaid for message in messages):
        _relieve(connection, now)


def take(connection: Connection, receiver: str, now: datetime) -> Parcel | None:
    """The next message for a receiver, as `parcels.take` has it; one that is left nothing has its alert ended."""
    parcel = parcels.take(connection, receiver, now)
    if parcel is None:
        _relieve(connection, now)
    return parcel


def delivered(connection: Connection, parcel: Parcel, attempt: Attempt, now: datetime) -> None:
    """Note what became of a parcel, and whether its receiver is one that keeps failing."""
    if parcels.delivered(connection, parcel, attempt, now):
        judge(connection, attempt.judgement, now)


def retain(connection: Connection, receivers: Collection[str], changed: Collection[str], now: datetime) -> None:
    """Forget every receiver but these: what it was told, what is on its way to it, and that it cannot be reached.

    What waits for one that was `changed` is due now.
    """
    parcels.retain(connection, receivers, changed, now)
    _relieve(connection, now)
    _sweep(connection)


def _relieve(connection: Connection, now: datetime) -> None:
    """End the alert of every receiver for which nothing waits: no attempt would ever show that it is back."""
    failing, waits = AlertName.NOTIFICATION_FAILED, exists().where(outbox.c.receiver == alerts.c.subject)
    for_nothing = select(alerts.c.subject).where(alerts.c.alert == failing, alerts.c.resolved_at.is_(None), ~waits)
    over = tuple(Family(failing, "", receiver) for receiver in connection.execute(for_nothing).scalars())
    judge(connection, Judgement(over), now)


def _sweep(connection: Connection) -> None:
    """Delete what is resolved and nobody knows of any more."""
    over = select(alerts.c.alert, alerts.c.pool).where(alerts.c.resolved_at.is_not(None)).distinct()
    for alert, pool in connection.execute(over).all():
        _forget_untold(connection, Family(alert, pool))


def _forget_untold(connection: Connection, which: Family | Message) -> None:
    resolved = select(alerts.c.subject).where(_of(which), alerts.c.resolved_at.is_not(None))
    over = set(connection.execute(resolved).scalars())
    for portion in portions(over - _told(connection, which.alert, which.pool)):
        connection.execute(delete(alerts).where(_of(which), alerts.c.subject.in_(portion)))


def body_of(message: Message, now: datetime) -> str:
    """The message as receivers get it: JSON text. Its `id` tells it from every other."""
    said = message.said
    identity = f"{message.receiver}\0{message.dedup_key}\0{message.status}\0{now.timestamp()}"
    return json.dumps(
        {
            "format_version": FORMAT_VERSION,
            "id": f"msg_{hashlib.sha256(identity.encode()).hexdigest()[:32]}",
            "status": message.status,
            "alert": message.alert,
            "severity": message.severity,
            "pool": message.pool,
            "count": message.count,
            "reasons": [{"reason": reason, "count": count} for reason, count in message.reasons],
            "examples": [{"subject": subject, "detail": detail} for subject, detail in message.examples],
            "started_at": _rfc3339(message.started_at),
            "sent_at": _rfc3339(now),
            "dedup_key": message.dedup_key,
            "summary": said.summary,
            "what": said.what,
            "affected": said.affected,
            "we_do": said.ours,
            "you_do": said.yours,
            "command": said.command,
            "link": said.link,
        }
    )


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
