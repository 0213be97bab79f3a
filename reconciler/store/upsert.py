"""upsert: insert or amend. The only place that names a dialect; PostgreSQL's insert has the same form."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert

__all__ = ["insert", "overwrite"]


def overwrite(table: Table, *, newest: str | None = None) -> Insert:
    """Insert a row, or replace the one of the same primary key; with `newest`, not if that is newer by it."""
    statement = insert(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column.name: new[column.name] for column in table.columns if not column.primary_key},
        where=None if newest is None else new[newest] >= table.c[newest],
    )
