"""queue: the work queue as people see it, and what a person may do to it by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, update

from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Operation, Step, Urgency
from reconciler.store import freezes, reversals, timeline
from reconciler.store.portions import portions
from reconciler.store.tables import IN_DOUBT, OPEN, QUEUED, UNRESOLVED, columns, is_free, operations

_OPERATION = columns(operations, Operation)


class Retried(StrEnum):
    """What a person's "now" did to a number's operation."""

    SEND = "send"
    """It is sent as soon as its turn comes."""
    READ = "read"
    """What became of its request is read as soon as the turn comes; it is not sent again while that is unknown."""
    DUE = "due"
    """Nothing: it was due already."""
    UNDER_WAY = "under_way"
    """Nothing: a worker has it in hand."""
    TAKEN = "taken"
    """Nothing: Telnyx took it, and listings will tell."""
    NOTHING_OPEN = "nothing_open"
    """Nothing: the number has no open operation."""


def open_operations(connection: Connection) -> tuple[Operation, ...]:
    """Every open operation, in the order in which they come up."""
    rows = connection.execute(select(*_OPERATION).where(OPEN).order_by(operations.c.not_before, operations.c.id))
    return tuple(Operation(*row) for row in rows)


def listed(connection: Connection, limit: int) -> tuple[Operation, ...]:
    """Open operations in the order of their turns: in doubt, to be sent, and then what only Telnyx can go on with."""
    found: list[Operation] = []
    for questions in (_doubts(), *map(_queued, Urgency), _confirming()):
        if len(found) < limit:
            rows = connection.execute(questions.limit(limit - len(found)))
            found.extend(Operation(*row) for row in rows)
    return tuple(found)


def _doubts() -> Select[Any]:
    by_turn = (operations.c.urgency, operations.c.not_before, operations.c.id)
    return select(*_OPERATION).where(IN_DOUBT).order_by(*by_turn)


def _queued(level: Urgency) -> Select[Any]:
    which = QUEUED & (operations.c.urgency == level)
    return select(*_OPERATION).where(which).order_by(operations.c.not_before, operations.c.id)


def _confirming() -> Select[Any]:
    return select(*_OPERATION).where(OPEN, operations.c.step == Step.CONFIRMING).order_by(operations.c.number)


def oldest_seconds(connection: Connection, now: datetime) -> float:
    """For how many seconds the oldest operation that is due has been due (0.0: none is).

    While everything is paused, what waits to be sent is not due.
    """
    which = (UNRESOLVED,) if freezes.holding(connection, now) is not None else (QUEUED, UNRESOLVED)
    due = [due_at(connection, one, now) for one in which]
    return max([0.0, *((now - at).total_seconds() for at in due if at is not None)])


def due_at(connection: Connection, which: ColumnElement[bool], now: datetime) -> datetime | None:
    """Since when the first of these operations has been due. None: none is."""
    at = connection.execute(select(func.min(operations.c.not_before)).where(which)).scalar()
    return at if at is not None and at <= now else None


def steps(connection: Connection) -> dict[Step, int]:
    """How many operations are open in each step."""
    rows = connection.execute(
        select(operations.c.step, func.count().label("many")).where(OPEN).group_by(operations.c.step)
    )
    return {row.step: row.many for row in rows}


def retry(
    connection: Connection, numbers: Sequence[PhoneNumber], author: str, now: datetime
) -> tuple[tuple[PhoneNumber, Retried], ...]:
    """Bring what these numbers wait for forward to now, and before all sweeps, for a person waits for it.

    What may have been sent is read, never sent again. The backoff begins anew; refusals and attempts stay counted.
    What is held because somebody takes it off again and again is assigned once more.
    """
    held: dict[PhoneNumber, Operation] = {}
    for portion in portions(numbers):
        rows = connection.execute(select(*_OPERATION).where(OPEN, operations.c.number.in_(portion)))
        held.update((one.number, one) for one in (Operation(*row) for row in rows))
    leased = set(_leased(connection, [one.id for one in held.values()], now))
    done = dict.fromkeys(numbers, Retried.NOTHING_OPEN)
    done |= {number: _done(one, now, leased=one.id in leased) for number, one in held.items()}
    sooner = case((operations.c.urgency > Urgency.EVENT, Urgency.EVENT), else_=operations.c.urgency)
    idle = [number for number, what in done.items() if what is Retried.NOTHING_OPEN]
    done |= dict.fromkeys(reversals.forgive(connection, idle, author, now), Retried.SEND)
    for what in (Retried.SEND, Retried.READ):
        found = [one for number, one in held.items() if done[number] is what]
        _bring_forward(connection, what, found, author, now, urgency=sooner)
    return tuple(done.items())


def retry_all(connection: Connection, limit: int, author: str, now: datetime) -> tuple[int, int]:
    """The same for so many of those that wait, in their own places in line: how many to send, and how many to read.

    Those that were brought forward wait no longer, so the next call takes others: fewer than `limit` are the last.
    """
    later = operations.c.not_before > now
    unread = select(*_OPERATION).where(UNRESOLVED, later, is_free(now))
    reads = [Operation(*row) for row in connection.execute(unread.limit(limit))]
    sends: list[Operation] = []
    for level in Urgency:
        waiting = _queued(level).where(later).limit(limit - len(reads) - len(sends))
        sends.extend(Operation(*row) for row in connection.execute(waiting))
    _bring_forward(connection, Retried.READ, reads, author, now)
    _bring_forward(connection, Retried.SEND, sends, author, now)
    return len(sends), len(reads)


def _done(operation: Operation, now: datetime, *, leased: bool) -> Retried:
    match operation.step:
        case Step.READY | Step.BLOCKED:
            return Retried.DUE if operation.not_before <= now else Retried.SEND
        case Step.UNRESOLVED if not leased:
            return Retried.DUE if operation.not_before <= now else Retried.READ
        case Step.SENT | Step.UNRESOLVED:
            return Retried.UNDER_WAY
        case Step.CONFIRMING:
            return Retried.TAKEN
        case Step.CLOSED:
            return Retried.NOTHING_OPEN
        case _:
            assert_never(operation.step)


def _leased(connection: Connection, ids: Iterable[int], now: datetime) -> Iterator[int]:
    for portion in portions(ids):
        yield from connection.execute(
            select(operations.c.id).where(operations.c.id.in_(portion), ~is_free(now))
        ).scalars()


def _bring_forward(
    connection: Connection, what: Retried, found: Sequence[Operation], author: str, now: datetime, **changes: object
) -> None:
    step: dict[str, object] = {"step": Step.READY} if what is Retried.SEND else {}
    for portion in portions(one.id for one in found):
        these = update(operations).where(operations.c.id.in_(portion))
        connection.execute(these.values(not_before=now, trouble=0, **step, **changes))
    detail = f"by {author}: it is {'sent' if what is Retried.SEND else 'read'} as soon as its turn comes"
    timeline.write(connection, now, "asked", [(one.id, one.number, detail) for one in found])
