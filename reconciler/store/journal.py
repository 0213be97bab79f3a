"""journal: operations, from intent to verdict. Every write to Telnyx has its row here before it goes out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import ColumnElement, Connection, case, func, literal, or_, select, update

from reconciler.model.alerts import Judgement
from reconciler.model.errors import LeaseLost
from reconciler.model.events import Trigger
from reconciler.model.fleet import Sighting
from reconciler.model.ids import ProfileId
from reconciler.model.lines import Line
from reconciler.model.operations import Operation, Step, Urgency, Verdict
from reconciler.model.plan import Action, Assign, AttachProfile
from reconciler.model.reasons import Reason
from reconciler.store import facts, lines, meta, outbox, timeline, triggers, verdicts
from reconciler.store.kinds import INSTANT
from reconciler.store.tables import IN_DOUBT, OPEN, QUEUED, columns, halts, operations
from reconciler.store.upsert import insert

_OPERATION = columns(operations, Operation)
_BEGIN = (
    insert(operations)
    .on_conflict_do_nothing(index_elements=[operations.c.number], index_where=OPEN)
    .returning(*_OPERATION)
)
_SENT = IN_DOUBT & (operations.c.step == Step.SENT)
_UNRESOLVED = IN_DOUBT & (operations.c.step == Step.UNRESOLVED)


def begin(connection: Connection, actions: Iterable[Action], urgency: Urgency, now: datetime) -> None:
    """Open an operation for each action whose number has none open: the database sees to that."""
    rows = [
        {
            "number": action.number,
            "verb": action.verb,
            "pool": action.pool,
            "campaign": action.campaign,
            "profile": _profile(action),
            "step": Step.READY,
            "created_at": now,
            "not_before": now,
            "urgency": urgency,
            "attempt": 0,
            "refusals": 0,
            "trouble": 0,
            "lease_token": 0,
            "reason": Reason.NONE,
            "detail": "",
        }
        for action in actions
    ]
    if rows:
        begun = [Operation(*row) for row in connection.execute(_BEGIN, rows)]
        timeline.write(connection, now, "queued", [(one.id, one.number, _asked(one)) for one in begun])


def _asked(operation: Operation) -> str:
    return f"{operation.verb} to {operation.profile or operation.campaign} for pool {operation.pool}"


def _profile(action: Action) -> ProfileId | None:
    match action:
        case Assign():
            return None
        case AttachProfile():
            return action.profile
        case _:
            assert_never(action)


def claim(
    connection: Connection, now: datetime, lease: timedelta, *, only_unresolved: bool = False
) -> Operation | None:
    """Lease the most urgent due operation: what is in doubt first, then what is to be sent.

    While halted nothing is sent, and what is in doubt is read no sooner than the next probe.
    """
    lost = or_(operations.c.lease_until.is_(None), operations.c.lease_until <= now)
    # Its worker may be late and not dead: the request may be going out only now, so its window begins anew.
    _doubt(connection, _SENT & lost, now, sent_at=now)
    halt = meta.halt(connection)
    operation = None
    if halt is None or halt.probe_at <= now:
        operation = _lease(connection, _UNRESOLVED, now, lease)
    if operation is not None or halt is not None or only_unresolved:
        return operation
    attempt = operations.c.attempt + 1
    operation = _lease(
        connection, QUEUED, now, lease, step=Step.SENT, attempt=attempt, sent_at=now, first_absent_at=None
    )
    if operation is not None:
        aim = (
            f"campaign {operation.campaign}" if operation.profile is None else f"messaging profile {operation.profile}"
        )
        detail = f"request {operation.attempt}, for {aim}"
        timeline.write(connection, now, "intent", [(operation.id, operation.number, detail)])
    return operation


def probe(connection: Connection, now: datetime) -> None:
    """Where writes are halted, let a look tell now whether they may go on, and then go on at once."""
    connection.execute(update(halts).where(halts.c.probe_at > now).values(probe_at=now))
    refused = OPEN & (operations.c.reason == Reason.ACCOUNT_HALTED) & (operations.c.not_before > now)
    connection.execute(update(operations).where(refused).values(not_before=now))


def _lease(
    connection: Connection, which: ColumnElement[bool], now: datetime, lease: timedelta, **changes: object
) -> Operation | None:
    free = or_(operations.c.lease_until.is_(None), operations.c.lease_until <= now)
    first = (
        select(operations.c.id)
        .where(which, operations.c.not_before <= now, free)
        .order_by(operations.c.urgency, operations.c.not_before, operations.c.id)
        .limit(1)
    )
    row = connection.execute(
        update(operations)
        .where(operations.c.id == first.scalar_subquery())
        .values(lease_token=operations.c.lease_token + 1, lease_until=now + lease, **changes)
        .returning(*_OPERATION)
    ).one_or_none()
    return None if row is None else Operation(*row)


def _doubt(connection: Connection, which: ColumnElement[bool], now: datetime, **changes: object) -> None:
    """The holders of these are gone, and nobody knows how far they came: only a read can tell."""
    lost = connection.execute(
        update(operations)
        .where(which)
        .values(step=Step.UNRESOLVED, not_before=now, lease_until=None, **changes)
        .returning(operations.c.id, operations.c.number)
    )
    detail = "its worker ended before it told the outcome"
    timeline.write(connection, now, "interrupted", [(id_, number, detail) for id_, number in lost])


def renew(connection: Connection, operation: Operation, now: datetime, lease: timedelta) -> None:
    """Lease a claimed operation anew. Raises LeaseLost if it is no longer held under this claim, or writes are halted.

    What goes out goes out from now on, so the window in which a read may not show it begins anew.
    """
    if meta.halt(connection) is not None:
        message = f"operation {operation.id} may not go on: writes are halted"
        raise LeaseLost(message, "nothing to do: it goes on once the halt is lifted")
    held = _held(operation) & (operations.c.lease_until > now)
    sent_at = case((operations.c.step == Step.SENT, literal(now, INSTANT)), else_=operations.c.sent_at)
    renewed = update(operations).where(operations.c.id == operation.id, held)
    if not connection.execute(renewed.values(lease_until=now + lease, sent_at=sent_at)).rowcount:
        raise _lost(operation)


def record(
    connection: Connection,
    operation: Operation,
    verdict: Verdict,
    seen: Sighting | Line | None,
    judgement: Judgement,
    wanted: tuple[Trigger, ...],
    now: datetime,
) -> None:
    """Write what came of a claimed operation. Raises LeaseLost if it is no longer held under this claim."""
    if not verdicts.apply(connection, operation, verdict, _held(operation), now):
        raise _lost(operation)
    match seen:
        case Sighting():
            facts.keep_sightings(connection, [seen])
        case Line():
            lines.keep_lines(connection, [seen])
        case None:
            pass
        case _:
            assert_never(seen)
    outbox.judge(connection, judgement, now)
    triggers.ask(connection, wanted)


def _held(operation: Operation) -> ColumnElement[bool]:
    return (operations.c.lease_token == operation.lease_token) & operations.c.lease_until.is_not(None)


def _lost(operation: Operation) -> LeaseLost:
    message = f"operation {operation.id} is no longer held under claim {operation.lease_token}"
    return LeaseLost(message, "nothing to do: whoever holds it now reads the number before it acts")


def recover(connection: Connection, now: datetime) -> int:
    """At start: no lease of a dead process holds, and what it had sent is in doubt. How many are in doubt."""
    _doubt(connection, _SENT, now)
    connection.execute(update(operations).where(IN_DOUBT).values(lease_until=None))
    return connection.execute(select(func.count()).where(_UNRESOLVED)).scalar_one()


def open_operations(connection: Connection) -> tuple[Operation, ...]:
    """Every open operation, in the order in which they come up."""
    rows = connection.execute(select(*_OPERATION).where(OPEN).order_by(operations.c.not_before, operations.c.id))
    return tuple(Operation(*row) for row in rows)


def queue(connection: Connection, now: datetime) -> tuple[int, float]:
    """How many operations are open, and for how many seconds the oldest that is due has been due (0.0: none is)."""
    opened = connection.execute(select(func.count()).where(OPEN)).scalar_one()
    due = [
        connection.execute(select(func.min(operations.c.not_before)).where(which)).scalar()
        for which in (QUEUED, _UNRESOLVED)
    ]
    waited = [(now - at).total_seconds() for at in due if at is not None]
    return opened, max([0.0, *waited])


def agenda(
    connection: Connection, now: datetime, opens_at: datetime | None = None
) -> tuple[Urgency | None, datetime | None]:
    """The most urgent operation that `claim` would give now, and when the next falls due (or has).

    With `opens_at`, what waits to be sent is due no sooner; what is in doubt is only read, and goes on.
    """
    halt = meta.halt(connection)
    urgency, not_before, lease_until = operations.c.urgency, operations.c.not_before, operations.c.lease_until
    doubted = connection.execute(select(urgency, not_before, lease_until).where(IN_DOUBT))
    waits = [(level, max(due, held or due)) for level, due, held in doubted]
    if halt is None or halt.probe_at > now:  # once a probe is due, only a look can tell when these may go on
        for level in Urgency:  # one by one, each is a look into the index, however long the queue
            first = connection.execute(select(func.min(not_before)).where(QUEUED, urgency == level)).scalar()
            waits.extend([] if first is None else [(level, max(first, opens_at or first))])
    if halt is not None:
        waits = [(level, max(at, halt.probe_at)) for level, at in waits]
    claimable = [level for level, at in waits if at <= now]
    return min(claimable, default=None), min((at for _, at in waits), default=None)
