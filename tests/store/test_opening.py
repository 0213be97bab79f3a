"""Opening: one writer, any number of readers, every promise checked, every refusal with a way out."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from reconciler.model.errors import StoreBusy, StoreError
from reconciler.store import Inline, SqlStore, open_store, opening, schema
from reconciler.store.examination import examine
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


@pytest.mark.covers("F-22")
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


@pytest.mark.covers("F-22")
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


def test_a_file_that_is_damaged_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'operations'").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"x" * 4096)
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"its file is damaged: .*tendlc\.db") as refused:
        open_store(url(path), writer=True)
    assert "tendlc db set-aside" in refused.value.hint
    assert path.read_bytes() == before


async def test_a_log_of_another_file_is_set_aside_and_not_applied(tmp_path: Path, path: Path) -> None:
    """As when a backup is put in the place of a store whose service was killed."""
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    killed_with(path, b"kept in the log only")
    log = path.with_name("tendlc.db-wal")
    content = bytes_of(log)
    backup.rename(path)
    with open_store(url(path), writer=True) as store:
        assert await store.unread_events(9) == ()
    assert [bytes_of(one) for one in aside(tmp_path)] == [content]
    assert examine(path) == ()


@pytest.mark.parametrize("moved", ["neither", "both", "lock"])
async def test_a_log_that_may_belong_to_its_file_is_applied(tmp_path: Path, path: Path, moved: str) -> None:
    """After a kill; after both were restored together; and where no writer noted what it wrote."""
    killed_with(path, b"kept in the log only")
    if moved == "both":
        for file in (path, path.with_name("tendlc.db-wal")):
            shutil.copy(file, tmp_path / "copy")
            (tmp_path / "copy").rename(file)
    if moved == "lock":
        path.with_name("tendlc.db.lock").unlink()
    with open_store(url(path), writer=True) as store:
        assert [one.event_id for one in await store.unread_events(9)] == ["e1"]
    assert aside(tmp_path) == []


def aside(folder: Path) -> list[Path]:
    return list(folder.rglob("*-wal.aside-*"))


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


def killed_with(path: Path, body: bytes) -> None:
    """A writer that was killed after it kept an event."""
    script = f"""
import asyncio, os
from datetime import UTC, datetime
from reconciler.store import open_store
store = open_store({url(path)!r}, writer=True)
asyncio.run(store.receive("e1", b"d", {body!r}, datetime(2026, 1, 1, tzinfo=UTC), ""))
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 9


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
