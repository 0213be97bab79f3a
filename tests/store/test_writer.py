"""The writer: one transaction for all that wait; one bad job fails alone; after damage, nothing more is written."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from reconciler.model.errors import StoreError
from reconciler.store.lanes import Task
from reconciler.store.reader import Reader
from reconciler.store.soundness import Soundness
from reconciler.store.troubles import Damaged, Forsaken
from reconciler.store.writer import Writer


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as opened:
        opened.exec_driver_sql("PRAGMA journal_mode = WAL")
        opened.exec_driver_sql("CREATE TABLE t (value PRIMARY KEY)")
        opened.commit()
        yield opened
    engine.dispose()


def insert(value: object) -> Task[object]:
    def job(connection: Connection) -> object:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (value,))
        return value

    return Task(job)


def bad() -> Task[object]:
    def job(connection: Connection) -> object:
        connection.exec_driver_sql("INSERT INTO t VALUES ('half')")
        raise LookupError("bad")

    return Task(job)


def values(connection: Connection) -> list[object]:
    found = list(connection.exec_driver_sql("SELECT value FROM t ORDER BY rowid").scalars())
    connection.rollback()
    return found


def refuse() -> None:
    raise Damaged("gone")


def test_all_that_wait_are_one_transaction(connection: Connection) -> None:
    commits: list[int] = []
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.set_trace_callback(lambda statement: commits.append(1) if statement == "COMMIT" else None)

    tasks = [insert(index) for index in range(9)]
    Writer(connection, Soundness())(tasks)

    assert [task.future.result() for task in tasks] == list(range(9))
    assert sum(commits) == 1


def check_isolation(connection: Connection, is_bad: list[bool]) -> None:
    connection.exec_driver_sql("DELETE FROM t")
    connection.commit()
    tasks = [bad() if wrong else insert(index) for index, wrong in enumerate(is_bad)]
    Writer(connection, Soundness())(tasks)

    assert [isinstance(task.future.exception(), LookupError) for task in tasks] == is_bad
    assert values(connection) == [index for index, wrong in enumerate(is_bad) if not wrong]


def test_one_bad_job_fails_alone(connection: Connection) -> None:
    check_isolation(connection, [index == 5 for index in range(9)])


def test_bad_jobs_fail_alone_wherever_they_stand(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('isolation')}/x.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (value PRIMARY KEY)")
        connection.commit()
        given(st.lists(st.booleans(), max_size=12))(lambda is_bad: check_isolation(connection, is_bad))()
    engine.dispose()


def test_a_librarys_exception_ends_here(connection: Connection) -> None:
    tasks = [insert("secret"), insert("secret"), insert("other")]
    Writer(connection, Soundness())(tasks)

    error = tasks[1].future.exception()
    assert type(error) is StoreError
    assert "secret" not in str(error)
    assert values(connection) == ["secret", "other"]


def test_a_job_whose_caller_gave_up_is_not_begun(connection: Connection) -> None:
    tasks = [insert(1), insert(2)]
    tasks[0].future.cancel()
    Writer(connection, Soundness())(tasks)

    assert values(connection) == [2]


def test_a_full_disk_fails_all_and_mends_itself(connection: Connection) -> None:
    writer = Writer(connection, Soundness())
    connection.exec_driver_sql("PRAGMA max_page_count = 4")
    connection.commit()
    tasks = [insert("small"), insert("x" * 100_000)]
    writer(tasks)
    for task in tasks:
        with pytest.raises(StoreError, match="the disk is full"):
            task.future.result()

    connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    connection.commit()
    task = insert("small")
    writer([task])
    assert task.future.result() == "small"


def test_a_write_that_the_system_refuses_fails_all_and_mends_itself(connection: Connection) -> None:
    """SQLite took it back, and nothing that was answered rests on it: unlike a failed sync."""
    writer = Writer(connection, Soundness())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, before[1]))  # a real write that the system refuses
    try:
        tasks = [insert("small"), insert("x" * 100_000)]
        writer(tasks)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    for task in tasks:
        with pytest.raises(StoreError, match="the disk takes no more of it") as refused:
            task.future.result()
        assert not isinstance(refused.value, Damaged)
    assert values(connection) == []
    late = insert("late")
    writer([late])
    assert late.future.result() == "late"


def an_error(code: int) -> Task[object]:
    def job(connection: Connection) -> object:
        connection.exec_driver_sql("INSERT INTO t VALUES ('half')")
        original = sqlite3.OperationalError("disk I/O error")
        original.sqlite_errorcode = code
        raise OperationalError("COMMIT", None, original)

    return Task(job)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR])
def test_after_a_failed_sync_nothing_more_is_written(connection: Connection, code: int) -> None:
    writer = Writer(connection, Soundness())
    task, late = an_error(code), insert("late")
    writer([task])
    writer([late])

    for one in (task, late):
        with pytest.raises(Forsaken, match="the disk failed"):
            one.future.result()
    assert values(connection) == []


def test_what_a_reader_found_damaged_is_not_written(connection: Connection) -> None:
    soundness = Soundness()
    Reader(connection, soundness)([an_error(sqlite3.SQLITE_CORRUPT)])
    task = insert(1)
    Writer(connection, soundness)([task])

    with pytest.raises(Damaged, match="its file is damaged"):
        task.future.result()
    assert values(connection) == []


def test_a_file_that_is_gone_is_not_written(connection: Connection) -> None:
    task = insert(1)
    Writer(connection, Soundness(refuse))([task])

    assert isinstance(task.future.exception(), Damaged)
    assert values(connection) == []
