"""The examination: whole for a person, of a small file at each start."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reconciler.model.errors import StoreError
from reconciler.store.examination import examine, look_through
from reconciler.store.file import set_aside


def large(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (value PRIMARY KEY)")
        connection.executemany("INSERT INTO t VALUES (?)", ((f"{n:0100}",) for n in range(20_000)))
    connection.close()


def test_a_sound_file_has_no_problems(tmp_path: Path) -> None:
    large(tmp_path / "x.db")
    assert examine(tmp_path / "x.db") == ()


def test_damage_and_loose_rows_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    large(path)
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE u (value REFERENCES t); INSERT INTO u VALUES ('none');")
    connection.close()
    assert examine(path) == ("row 1 of u refers to no row of t",)
    with path.open("r+b") as file:
        file.seek(50 * 4096)
        file.write(b"x" * 4096)
    assert examine(path)
    path.write_bytes(b"dear diary, " * 1000)
    assert examine(path) == ("file is not a database",)


def test_what_cannot_be_read_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        examine(tmp_path / "none.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match="the store cannot be read"):
        examine(tmp_path / "folder.db")


def test_a_large_file_is_not_looked_through_at_start(tmp_path: Path) -> None:
    large(tmp_path / "x.db")
    size = (tmp_path / "x.db").stat().st_size
    with (tmp_path / "x.db").open("r+b") as file:
        file.seek(600 * 4096)
        file.write(b"x" * 4096)
    connection = sqlite3.connect(tmp_path / "x.db")
    look_through(connection, size - 1)
    with pytest.raises(sqlite3.DatabaseError):
        look_through(connection, size)
    connection.close()


def test_set_aside_renames_all_that_belongs_together(tmp_path: Path) -> None:
    for suffix in ("", "-wal"):
        (tmp_path / f"x.db{suffix}").write_text(f"this is {suffix}")

    assert set_aside(tmp_path / "x.db", "now") == (tmp_path / "x.db.aside-now", tmp_path / "x.db.aside-now-wal")
    assert (tmp_path / "x.db.aside-now-wal").read_text() == "this is -wal"
    with pytest.raises(StoreError, match="there is no store at"):
        set_aside(tmp_path / "x.db", "later")
