"""Opening: one writer, any number of readers, every promise checked, every refusal with a way out."""

import os
import shutil
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from reconciler.model.errors import StoreBusy, StoreError
from reconciler.store import Inline, SqlStore, open_store, opening, schema
from reconciler.store.lanes import Lane, Task, Work

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def rewrite(path: Path, statement: str) -> None:
    """What another program does to the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_new_store_is_private_and_ready(tmp_path: Path) -> None:
    path = tmp_path / "odd name %#.db"
    old = os.umask(0)
    try:
        with open_store(url(path), writer=True) as store:
            assert await store.receive("e1", b"d", b"{}", NOW, "")
            assert modes(tmp_path) == {0o600}
    finally:
        os.umask(old)


async def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    with open_store(url(path), writer=True) as store:
        await store.receive("e1", b"d", b"{}", NOW, "")
    with open_store(url(path), writer=True) as store:
        assert [event.event_id for event in await store.unread_events(9)] == ["e1"]


def test_a_relative_url_names_a_file_here(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)

    with open_store(f"sqlite:///{path.name}", writer=False):
        pass


def test_every_commit_is_on_the_disk_when_it_returns(path: Path) -> None:
    lanes: dict[str, Lane] = {}

    def lane(name: str, work: Work) -> Lane:
        return lanes.setdefault(name, Inline(name, work))

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    with open_store(url(path), writer=True, lane=lane):
        task = Task(pragmas)
        lanes["writing"].put(task)

        assert task.future.result() == ["wal", 2, 1, 500]


def test_a_promise_that_is_not_kept_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opening.PROMISES, "synchronous", 3)

    with pytest.raises(StoreError, match=r"does not keep `synchronous = 3` here \(it says 2\)") as refused:
        open_store(url(path), writer=True)
    assert "local disk" in refused.value.hint


def test_a_second_writer_is_refused_at_once(path: Path) -> None:
    with open_store(url(path), writer=True):
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()}") as refused:
            open_store(url(path), writer=True)
        assert "end that process" in refused.value.hint
    open_store(url(path), writer=True).close()


def test_a_refused_opening_lets_the_lock_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(opening.PROMISES, "synchronous", 3)
        with pytest.raises(StoreError):
            open_store(url(path), writer=True)

    open_store(url(path), writer=True).close()


async def test_readers_work_beside_the_writer(path: Path, store: SqlStore) -> None:
    with open_store(url(path), writer=False) as one, open_store(url(path), writer=False) as two:
        await store.receive("e1", b"d", b"{}", NOW, "")

        assert len(await one.unread_events(9)) == len(await two.unread_events(9)) == 1
        with pytest.raises(StoreError, match="reading only"):
            await one.receive("e2", b"d", b"{}", NOW, "")


async def test_a_reader_works_alone(path: Path) -> None:
    with open_store(url(path), writer=False) as reader:
        assert await reader.unread_events(9) == ()


def test_a_reader_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at") as refused:
        open_store(url(tmp_path / "none.db"), writer=False)
    assert "start the service" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_reader_does_not_migrate(tmp_path: Path, path: Path) -> None:
    (tmp_path / "void.db").touch()
    with pytest.raises(StoreError, match="the store is empty"):
        open_store(url(tmp_path / "void.db"), writer=False)

    rewrite(path, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreError, match=f"the store has revision 0000, and this build reads {schema.REVISION}"):
        open_store(url(path), writer=False)


def test_a_newer_store_is_refused_and_left_alone(path: Path) -> None:
    rewrite(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="has revision 9999, which this build does not know") as refused:
        open_store(url(path), writer=True)
    assert "newer" in refused.value.hint
    assert path.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    rewrite(tmp_path / "their.db", "CREATE TABLE theirs (id INTEGER)")

    with pytest.raises(StoreError, match="another program's database"):
        open_store(url(tmp_path / "their.db"), writer=True)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"dear diary, " * 1000)

    with pytest.raises(StoreError, match="not a database"):
        open_store(url(path), writer=True)
    assert path.read_bytes() == b"dear diary, " * 1000


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"No such file or directory: .*/none/x\.db"):
        open_store(url(tmp_path / "none" / "x.db"), writer=True)


@pytest.mark.parametrize(
    "wrong",
    ["postgresql://me:hunter2@db/tendlc", "sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "hunter2", ""],
)
def test_other_urls_are_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(wrong, writer=True)
    assert "hunter2" not in str(refused.value)
    assert "sqlite:///tendlc.db" in refused.value.hint


def test_postgresql_is_not_supported_yet() -> None:
    with pytest.raises(StoreError, match="a store of kind postgresql is not supported yet"):
        open_store("postgresql+psycopg://db/tendlc", writer=True)


async def test_a_locked_file_is_busy_and_then_works(path: Path, store: SqlStore) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="another program holds its lock"):
        await store.receive("e1", b"d", b"{}", NOW, "")
    other.close()

    assert await store.receive("e1", b"d", b"{}", NOW, "")


@pytest.mark.parametrize("lost", ["tendlc.db", "tendlc.db-wal"])
async def test_a_file_that_was_replaced_stops_every_write(path: Path, store: SqlStore, lost: str) -> None:
    """What is written to a file without a name would be lost with the process, whatever was answered."""
    await store.receive("e1", b"d", b"{}", NOW, "")
    await store.check()
    file = path.with_name(lost)
    aside = shutil.move(file, path.with_name("aside"))
    with pytest.raises(StoreError, match="was removed or replaced while in use"):
        await store.receive("e2", b"d", b"{}", NOW, "")

    shutil.move(aside, file)
    with pytest.raises(StoreError, match="was removed or replaced while in use"):
        await store.receive("e3", b"d", b"{}", NOW, "")
    with pytest.raises(StoreError, match="was removed or replaced while in use"):
        await store.check()
