"""troubles: what SQLite's errors mean to us, and the way out of each. SQLAlchemy's words hold SQL; ours do not."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from reconciler.model.errors import StoreBusy, StoreError


class Damaged(StoreError):
    """Nothing more may be written by this process: what was answered before may not be what the disk holds."""


class Forsaken(Damaged):
    """Damage that ends with this process: another one begins with what is on the disk, and goes on."""


_PRIMARY = 0xFF
"""SQLite's extended error codes carry the primary one in the low byte."""
_REBUILT = "stop the service, run `tendlc db set-aside`, and start it: the store is rebuilt by looking"
_TROUBLES: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, "another program holds its lock", "end that program, or wait until it is done"),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "another program holds its lock", "end that program, or wait until it is done"),
    sqlite3.SQLITE_FULL: (StoreError, "the disk is full", "free some space; delete nothing of the store by hand"),
    sqlite3.SQLITE_READONLY: (
        StoreError,
        "it may not be written",
        "let the service's user write the file and its folder",
    ),
    sqlite3.SQLITE_PERM: (StoreError, "it may not be opened", "let the service's user write the file and its folder"),
    sqlite3.SQLITE_CANTOPEN: (StoreError, "its file cannot be opened", "see that its folder exists and may be written"),
    sqlite3.SQLITE_IOERR: (
        Forsaken,
        "the disk failed",
        "see the system's log; on a disk that works, the restart goes on",
    ),
    sqlite3.SQLITE_CORRUPT: (Damaged, "its file is damaged", _REBUILT),
    sqlite3.SQLITE_NOTADB: (Damaged, "its file is not a database", _REBUILT),
}
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""The primary codes of a file that is no good."""
_REFUSED_WRITES = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""What the system did not take: over a quota, over a limit of the process, read-only by now. SQLite takes the
transaction back, and nothing that was promised rests on it; unlike after a failed sync, of whose pages the system may
say later that they are on the disk, and they are not."""


def told(error: SQLAlchemyError | sqlite3.Error) -> StoreError | None:
    """The trouble that the store itself is in; None: the statement was at fault, not the store."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    if code in _REFUSED_WRITES:
        return StoreError("the store cannot be used: the disk takes no more of it", "see its space, quota and limits")
    if (trouble := _TROUBLES.get(code & _PRIMARY)) is None:
        return None
    kind, what, hint = trouble
    return kind(f"the store cannot be used: {what}", hint)
