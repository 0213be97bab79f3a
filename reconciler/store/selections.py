"""selections: the last complete answer to each choice of numbers that only the account can make."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Selected, Selection
from reconciler.store.portions import portions
from reconciler.store.tables import selected, selections
from reconciler.store.upsert import overwrite

_DATE = overwrite(selections, newest="taken_at")
_CHOOSE = insert(selected)


def keep(connection: Connection, answers: Iterable[Selected]) -> None:
    """Keep complete answers, each in place of an older one. An incomplete one is not kept: it would pass for whole."""
    for answer in answers:
        dated = {"selection": str(answer.selection), "taken_at": answer.taken_at}
        if answer.complete and connection.execute(_DATE, dated).rowcount:
            _replace(connection, str(answer.selection), answer.numbers)


def _replace(connection: Connection, selection: str, numbers: frozenset[PhoneNumber]) -> None:
    """Write what differs: most answers are the one before, and some are of 100,000 numbers."""
    before = _numbers(connection, selection)
    for portion in portions(before - numbers):
        of_it = (selected.c.selection == selection) & selected.c.number.in_(portion)
        connection.execute(delete(selected).where(of_it))
    rows = [{"selection": selection, "number": number} for number in sorted(numbers - before)]
    if rows:
        connection.execute(_CHOOSE, rows)


def chosen(connection: Connection, asked: Collection[Selection]) -> tuple[Selected, ...]:
    """What these last chose, in their order, where that was ever read completely."""
    taken_at = _taken_at(connection, [str(one) for one in asked])
    return tuple(
        Selected(one, _numbers(connection, str(one)), taken_at[str(one)], complete=True)
        for one in asked
        if str(one) in taken_at
    )


def _taken_at(connection: Connection, asked: Collection[str]) -> dict[str, datetime]:
    return {
        row.selection: row.taken_at
        for portion in portions(asked)
        for row in connection.execute(select(selections).where(selections.c.selection.in_(portion)))
    }


def _numbers(connection: Connection, selection: str) -> frozenset[PhoneNumber]:
    chosen_by_it = select(selected.c.number).where(selected.c.selection == selection)
    return frozenset(connection.execute(chosen_by_it).scalars())
