"""opening: from a URL to a store in use: the lock, the promises SQLite must make, and the tables of this build."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from reconciler.model.errors import StoreError
from reconciler.store import schema
from reconciler.store.epochs import open_epoch
from reconciler.store.examination import look_through
from reconciler.store.file import Identity, make_private, path_of, sole_writer
from reconciler.store.lanes import Lane, OpenLane, Thread
from reconciler.store.reader import Reader
from reconciler.store.room import Room, free_bytes
from reconciler.store.soundness import Soundness
from reconciler.store.store import SqlStore
from reconciler.store.troubles import told
from reconciler.store.witness import Witness
from reconciler.store.writer import Writer

BUSY_MILLISECONDS = 500
"""How long SQLite waits for another program's lock: less than the second in which a webhook must be answered."""

LOOK_BYTES = 256_000_000
"""Up to this size a store is looked through at each start: less than a second, if the system has it in memory."""

PROMISES = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_MILLISECONDS}
"""What the writing connection must say of itself. 2 is FULL: a commit is on the disk when it returns."""


def open_store(url: str, *, writer: bool, lane: OpenLane = Thread, min_free_bytes: int = 0) -> SqlStore:
    """Open the store that a URL such as `sqlite:///tendlc.db` names.

    The writer makes and migrates it, and keeps every other writer out; with less than `min_free_bytes` on its disk it
    takes no events. A reader works beside a running writer.
    Raises StoreError with the way out: in use, missing, unreadable, of another version, not able to keep a promise.
    """
    path = path_of(url)
    with ExitStack() as stack:
        try:
            writing, reading, witness = _lanes(stack, path, lane, writer=writer)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _refused(path, error) from None
        except StoreError as trouble:
            raise _named(path, trouble) from None
        room = Room(partial(free_bytes, path.parent), min_free_bytes)
        return SqlStore(writing, reading, stack.pop_all().close, room, witness)


def _lanes(stack: ExitStack, path: Path, lane: OpenLane, *, writer: bool) -> tuple[Lane | None, Lane, Witness | None]:
    """The lane that writes, if this is the writer, and the one that reads; and the writer's witness."""
    writing, witness, soundness = None, None, Soundness()
    if writer:
        tenure = stack.enter_context(sole_writer(path))
        tenure.part_from_strangers()
        make_private(path)
        connection = _connect(stack, path, "rw", begin="BEGIN IMMEDIATE")
        _promise(connection)
        look_through(_raw(connection), LOOK_BYTES)
        witness = Witness(path)
        stack.callback(witness.close)
        open_epoch(connection, witness, is_new=schema.upgrade(connection))
        tenure.sign()
        soundness = Soundness(Identity(path).check)
        writing = lane("writing", Writer(connection, soundness))
        stack.callback(writing.close)
    elif not path.exists():
        raise StoreError(f"there is no store at {path}", "start the service once: it makes the store")
    connection = _connect(stack, path, "ro", begin="BEGIN")
    schema.check(connection)
    reading = lane("reading", Reader(connection, soundness))
    stack.callback(reading.close)
    return writing, reading, witness


def _refused(path: Path, error: SQLAlchemyError | sqlite3.Error) -> StoreError:
    """Why a store cannot be opened, with its name: a person will have to look at it."""
    trouble = told(error) or StoreError(f"the store cannot be opened: {type(error).__name__}")
    return _named(path, trouble)


def _named(path: Path, trouble: StoreError) -> StoreError:
    return trouble if str(path) in str(trouble) else type(trouble)(f"{trouble}: {path}", trouble.hint)


def _connect(stack: ExitStack, path: Path, mode: str, *, begin: str) -> Connection:
    """One connection, to be used by one thread at a time. SQLAlchemy's own pool and BEGIN are out of the way."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_MILLISECONDS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )

    engine: Engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    connection = engine.connect()
    stack.callback(connection.close)
    return connection


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 -- `connect` above made it
    return raw


def _promise(connection: Connection) -> None:
    """Set what a durable 200 needs, and see that it took: some file systems and builds quietly say no."""
    raw = _raw(connection)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")
    for pragma, wanted in PROMISES.items():
        (found,) = raw.execute(f"PRAGMA {pragma}").fetchone()
        if found != wanted:
            hint = "put the store on a local disk: without this promise a webhook answered 200 could be lost"
            raise StoreError(f"SQLite does not keep `{pragma} = {wanted}` here (it says {found})", hint)
