"""examination: looks through the store's file for damage: of a small one at each start, of any for a person."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from reconciler.model.errors import StoreError
from reconciler.store.troubles import DAMAGED

MOST_PROBLEMS = 20


def look_through(connection: sqlite3.Connection, most_bytes: int) -> None:
    """Look for damage; not in a file that is larger than that, for the start would wait. Raises what was found."""
    (size,) = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    if size > most_bytes:
        return
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        damage = sqlite3.DatabaseError(found)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def examine(path: Path) -> tuple[str, ...]:
    """Every problem of the file, the first 20 of them: of its pages, its indexes, and rows that refer to nothing.

    Reads it all, beside a running service too. Raises StoreError where it cannot be read at all.
    """
    if not path.exists():
        raise StoreError(f"there is no store at {path}", "start the service once: it makes the store")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection:
            found = [text for (text,) in connection.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})") if text != "ok"]
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS):
                found.append(f"row {row} of {table} refers to no row of {parent}")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in DAMAGED:
            return (str(error),)
        raise StoreError(f"the store cannot be read: {error}: {path}", "see who may read it, and the disk") from None
    return tuple(found[:MOST_PROBLEMS])
