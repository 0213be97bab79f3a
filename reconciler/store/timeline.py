"""timeline: one line for each step of an operation: the history of a number, for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

from reconciler.model.ids import PhoneNumber
from reconciler.model.standing import Moment
from reconciler.store.tables import journal

_LINE = insert(journal)


def write(connection: Connection, at: datetime, what: str, lines: Iterable[tuple[int, PhoneNumber, str]]) -> None:
    """Write what happened to some operations: (operation, number, detail) each."""
    rows = [
        {"number": number, "operation": operation, "at": at, "what": what, "detail": detail}
        for operation, number, detail in lines
    ]
    if rows:
        connection.execute(_LINE, rows)


def timeline(connection: Connection, number: PhoneNumber, limit: int) -> tuple[Moment, ...]:
    """The last steps of a number's operations, oldest first."""
    last = select(journal).where(journal.c.number == number).order_by(journal.c.id.desc()).limit(limit)
    rows = connection.execute(last).all()
    return tuple(Moment(row.at, row.what, row.detail, f"operation {row.operation}") for row in reversed(rows))
