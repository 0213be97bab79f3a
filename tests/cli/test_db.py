"""db: looks through the store's file, and sets it aside so that the next start makes a new one."""

from __future__ import annotations

from pathlib import Path

from reconciler.store import open_store
from tests.cli.conftest import Shell


def test_a_sound_store_is_ok(shell: Shell) -> None:
    told = shell("db", "check")

    assert (told.code, told.err) == (0, "")
    assert told.out.endswith("tendlc.db: ok\n")


def test_a_damaged_store_is_named_with_the_way_out(shell: Shell) -> None:
    file = shell.folder / "tendlc.db"
    file.write_bytes(b"dear diary, " * 1000)
    told = shell("db", "check")

    assert (told.code, told.out) == (1, f"{file}: file is not a database\n")
    assert "tendlc db set-aside" in told.err
    assert file.read_bytes() == b"dear diary, " * 1000


def test_a_store_that_is_set_aside_is_kept_whole(shell: Shell) -> None:
    file = shell.folder / "tendlc.db"
    before = file.read_bytes()
    told = shell("db", "set-aside")

    assert told.code == 0, told.err
    kept = told.out.splitlines()[0].removeprefix("kept as ")
    assert Path(kept).read_bytes() == before
    assert not file.exists()
    assert shell("db", "set-aside").code == 1


def test_the_store_of_a_running_service_is_not_set_aside(shell: Shell) -> None:
    with open_store(f"sqlite:///{shell.folder}/tendlc.db", writer=True):
        told = shell("db", "set-aside")

    assert (told.code, told.out) == (1, "")
    assert "in use by process" in told.err
    assert (shell.folder / "tendlc.db").exists()
