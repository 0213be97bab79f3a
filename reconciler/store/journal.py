"""journal: operations, from intent to verdict. Every write to Telnyx has its row here before it goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select, update

from reconciler.model.alerts import Judgement
from reconciler.model.errors import LeaseLost
from reconciler.model.events import Trigger
from reconciler.model.fleet import Sighting
from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import Line
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.model.plan import Action, Assign, AttachProfile, Verb
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Verdict
from reconciler.store import epochs, facts, freezes, lines, meta, outbox, timeline, triggers, verdicts
from reconciler.store.kinds import INSTANT
from reconciler.store.lineup import lineup, note, of_others
from reconciler.store.portions import portions
from reconciler.store.tables import IN_DOUBT, OPEN, QUEUED, UNRESOLVED, columns, halts, is_free, operations
from reconciler.store.upsert import insert

FOLLOWS_WITHIN = timedelta(minutes=5)
"""An assignment that is planned so soon after its number was put on its profile goes on with what was begun there."""

_OPERATION = columns(operations, Operation)
_BEGIN = (
    insert(operations)
    .on_conflict_do_nothing(index_elements=[operations.c.number], index_where=OPEN)
    .returning(*_OPERATION)
)
_SENT = IN_DOUBT & (operations.c.step == Step.SENT)


def begin(
    connection: Connection, actions: Iterable[Action], urgencies: Mapping[PhoneNumber, Urgency], now: datetime
) -> None:
    """Open an operation for each action whose number has none open: the database sees to that."""
    first = epochs.first_step(connection, now)
    rows = [
        {
            "number": action.number,
            "verb": action.verb,
            "pool": action.pool,
            "campaign": action.campaign,
            "profile": _profile(action),
            "created_at": now,
            "urgency": urgencies.get(action.number, Urgency.SWEEP),
            "attempt": 0,
            "refusals": 0,
            "trouble": 0,
            "lease_token": 0,
            "reason": Reason.NONE,
            **first,
        }
        for action in actions
    ]
    if rows:
        begun = [Operation(*row) for row in connection.execute(_BEGIN, rows)]
        timeline.write(connection, now, "queued", [(one.id, one.number, _asked(one)) for one in begun])


def led_to(connection: Connection, actions: Iterable[Action], now: datetime) -> dict[PhoneNumber, Urgency]:
    """For numbers that were put on their messaging profile a moment ago to be assigned: how urgent that was."""
    ended, since = operations.c.closed_at, now - FOLLOWS_WITHIN
    found: dict[PhoneNumber, Urgency] = {}
    for portion in portions(action.number for action in actions if isinstance(action, Assign)):
        rows = connection.execute(
            select(operations.c.number, operations.c.urgency).where(
                operations.c.number.in_(portion), ended >= since, operations.c.verb == Verb.ATTACH_PROFILE
            )
        )
        found.update((number, urgency) for number, urgency in rows)
    return found


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
    """Lease the operation whose turn it is: what is in doubt first, then what is to be sent, by urgency.

    While halted nothing is sent, and what is in doubt is read no sooner than the next probe. While paused nothing is
    sent either, and what is in doubt is read. Nothing is sent to a campaign that was not read lately.
    """
    # Its worker may be late and not dead: the request may be going out only now, so its window begins anew.
    _doubt(connection, _SENT & is_free(now), now, sent_at=now)
    lined_up = lineup(connection, now)
    if only_unresolved:
        lined_up = replace(lined_up, firsts={})
    if (turn := lined_up.turn(now)) is None:
        return None
    note(connection, lined_up, turn, now)
    if turn.doubt:
        return _lease(connection, UNRESOLVED, now, lease)
    attempt = operations.c.attempt + 1
    which = and_(QUEUED, operations.c.urgency == turn.urgency, *of_others(lined_up.stale))
    operation = _lease(
        connection, which, now, lease, step=Step.SENT, attempt=attempt, sent_at=now, first_absent_at=None
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
    refused = OPEN & ((operations.c.reason == Reason.ACCOUNT_HALTED) | UNRESOLVED) & (operations.c.not_before > now)
    connection.execute(update(operations).where(refused).values(not_before=now))


def _lease(
    connection: Connection, which: ColumnElement[bool], now: datetime, lease: timedelta, **changes: object
) -> Operation | None:
    first = (
        select(operations.c.id)
        .where(which, operations.c.not_before <= now, is_free(now))
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
    """Lease a claimed operation anew. Raises LeaseLost if it is not held under this claim, or writes are held.

    What goes out goes out from now on, so the window in which a read may not show it begins anew.
    """
    if meta.halt(connection) is not None:
        message = f"operation {operation.id} may not go on: writes are halted"
        raise LeaseLost(message, "nothing to do: it goes on once the halt is lifted")
    if freezes.holding(connection, now) is not None:
        message = f"operation {operation.id} may not go on: writes are paused"
        raise LeaseLost(message, "nothing to do: it goes on once they are resumed")
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
    if isinstance(seen, Sighting):
        facts.keep_sightings(connection, [seen])
    elif seen is not None:
        lines.keep_lines(connection, [seen])
    outbox.judge(connection, judgement, now)
    triggers.ask(connection, wanted)


def _held(operation: Operation) -> ColumnElement[bool]:
    return (operations.c.lease_token == operation.lease_token) & operations.c.lease_until.is_not(None)


def _lost(operation: Operation) -> LeaseLost:
    message = f"operation {operation.id} is no longer held under claim {operation.lease_token}"
    return LeaseLost(message, "nothing to do: whoever holds it now reads the number before it acts")


def recover(connection: Connection, now: datetime, settle_window: timedelta) -> int:
    """At start: no lease of a dead process holds, and what it had sent is in doubt. How many are in doubt.

    The first time on a store that was lost or restored, all that it has open is in doubt. How long the process was
    dead only the wall clock tells, and that may have been set: the windows in which reads may lag begin anew.
    """
    epochs.work(connection, now, settle_window)
    _doubt(connection, _SENT, now)
    anew = {"lease_until": None, "sent_at": now, "first_absent_at": None}
    connection.execute(update(operations).where(IN_DOUBT).values(anew))
    return connection.execute(select(func.count()).where(UNRESOLVED)).scalar_one()


def agenda(
    connection: Connection, now: datetime, opens_at: datetime | None = None
) -> tuple[Urgency | None, datetime | None]:
    """How urgent the operation is that `claim` would give now, and when the next falls due (or has).

    With `opens_at`, what waits to be sent is due no sooner; what is in doubt is only read, and goes on.
    """
    lined_up = lineup(connection, now, opens_at)
    turn = lined_up.turn(now)
    return None if turn is None else turn.urgency, lined_up.next_at()
