"""Troubles of the store that do not pass by themselves: no 200 is given on them, and the way out is said and works."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.demo import Stage
from reconciler.sandbox.program import ProgramFailed
from reconciler.store.schema import REVISION
from tests.acceptance.conftest import SetStage, until_ready
from tests.acceptance.shim import Shim
from tests.acceptance.trouble import SECONDS, Sender, does_its_job, mounted, tendlc, until_refused

pytestmark = pytest.mark.anyio


def store_of(stage: Stage) -> Path:
    return stage.config.with_name("tendlc.db")


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


async def at_work(stage: Stage) -> Sender:
    """Start it, and let it do its first work."""
    await stage.program.start()
    await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
    sender = Sender(stage)
    assert await sender.send("before") == httpx.codes.OK
    return sender


async def ends_by_itself(stage: Stage, sender: Sender, said: str) -> None:
    """No 200 any more; the end says why, on stderr and by an alert, and it is a failure."""
    accepted = list(sender.accepted)
    with suppress(ProgramFailed):  # it ends while we ask
        await until_refused(stage, sender, "during")
    assert await stage.program.ended() == 1
    assert sender.accepted == accepted
    assert said in stage.program.log_end(200)
    letter = await stage.letters.wait(SECONDS, status="firing", alert="StoreFailed")
    assert said in str(letter["examples"])


@pytest.mark.covers("F-21")
async def test_after_a_failed_sync_it_ends_and_a_restart_goes_on(set_stage: SetStage, disk: Shim) -> None:
    """What could not be synced is not tried again by this process: the system may call those pages clean by now."""
    async with set_stage(settle_window="2s") as stage:
        sender = await at_work(stage)
        disk.fail("sync", errno.EIO)
        await ends_by_itself(stage, sender, "the disk failed")
        assert disk.failed
        disk.fail()
        await stage.program.start()
        await does_its_job(stage, sender.accepted)


def take_away(file: Path, how: str) -> None:
    if how == "replaced":
        shutil.copy(file, file.with_name("copy"))
        file.with_name("copy").rename(file)
    else:
        file.unlink()


def strangers_of(stage: Stage) -> int:
    """How many logs were set aside."""
    return len(list(store_of(stage).parent.glob("tendlc.db-wal.aside-*")))


@pytest.mark.covers("F-20", "H03")
@pytest.mark.parametrize("how", ["removed", "replaced"])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
async def test_a_file_that_is_taken_away(set_stage: SetStage, suffix: str, how: str) -> None:
    """Of a log that was removed all is saved: the process still has it. Of the file, only what took its place."""
    async with set_stage(settle_window="2s") as stage:
        sender = await at_work(stage)
        file = Path(f"{store_of(stage)}{suffix}")
        take_away(file, how)
        await ends_by_itself(stage, sender, "was removed or replaced while in use")
        await stage.program.start()
        await does_its_job(stage, sender.accepted if suffix else ())
        assert strangers_of(stage) == (suffix == "")  # the old file's log is kept, and not applied to another file
        assert (await tendlc(stage, "db", "check")).stdout.endswith(": ok\n")


def spoil(path: Path) -> None:
    """Overwrite the root page of the inbox, as a bad disk does."""
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'inbox'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))


async def refuses_to_start(stage: Stage, *said: str) -> None:
    """It ends at once, with 1, and its last line says what is wrong with which file."""
    began = time.monotonic()
    with pytest.raises(ProgramFailed):
        await stage.program.start()
    assert await stage.program.ended() == 1
    assert time.monotonic() - began < SECONDS
    told = stage.program.log_end(4)
    for words in (*said, str(store_of(stage))):
        assert words in told
    assert "Traceback" not in told


async def starts_anew(stage: Stage) -> None:
    """By the documented way: set aside, start. Nothing is deleted, and the state is rebuilt by looking."""
    before = bytes_of(store_of(stage))
    done = await tendlc(stage, "db", "set-aside")
    assert done.returncode == 0, done.stderr
    aside = done.stdout.splitlines()[0].removeprefix("kept as ")
    assert bytes_of(Path(aside)) == before
    await stage.program.start()
    await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
    assert [stage.line.emulator.posts(number) for number in stage.scene.alerts] == [1] * len(stage.scene.alerts)
    await does_its_job(stage, ())


@pytest.mark.covers("F-18", "H03")
async def test_a_page_that_is_damaged_while_it_runs(set_stage: SetStage) -> None:
    async with set_stage(settle_window="2s") as stage:
        sender = await at_work(stage)
        assert await stage.program.stop() == 0  # so that the page is in the file, and not in the log
        await stage.program.start()
        spoil(store_of(stage))
        await until_refused(stage, sender, "during")

        status, why = await sender.ready()
        assert status == httpx.codes.SERVICE_UNAVAILABLE
        assert "its file is damaged" in why
        page = await sender.get("/")
        assert "its file is damaged" in page.text
        letter = await stage.letters.wait(SECONDS, status="firing", alert="StoreFailed")
        assert "tendlc db set-aside" in str(letter["examples"])
        for count in range(3):
            assert await sender.send(f"later-{count}") == httpx.codes.SERVICE_UNAVAILABLE
        assert await stage.program.stop() == 0

        checked = await tendlc(stage, "db", "check")
        assert checked.returncode == 1
        assert str(store_of(stage)) in checked.stdout
        await refuses_to_start(stage, "its file is damaged", "tendlc db set-aside")
        await starts_anew(stage)


def not_a_database(path: Path) -> None:
    path.write_bytes(b"dear diary, " * 5_000)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.covers("F-18", "H03")
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (spoil, "its file is damaged"),
        (not_a_database, "its file is not a database"),
        (truncated, "its file is damaged"),
    ],
)
async def test_a_damaged_file_at_start(set_stage: SetStage, damage: object, said: str) -> None:
    async with set_stage(settle_window="2s") as stage:
        await at_work(stage)
        assert await stage.program.stop() == 0
        assert callable(damage)
        damage(store_of(stage))
        before = bytes_of(store_of(stage))
        await refuses_to_start(stage, said, "tendlc db set-aside")
        assert bytes_of(store_of(stage)) == before
        await starts_anew(stage)


@pytest.mark.covers("H03")
async def test_a_store_of_a_newer_build_is_refused_and_left_alone(set_stage: SetStage) -> None:
    async with set_stage(settle_window="2s") as stage:
        sender = await at_work(stage)
        assert await stage.program.stop() == 0
        with sqlite3.connect(store_of(stage)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        before = bytes_of(store_of(stage))
        await refuses_to_start(stage, "has revision 9999, which this build does not know", "the newer one")
        assert bytes_of(store_of(stage)) == before
        with sqlite3.connect(store_of(stage)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (REVISION,))
        connection.close()
        await stage.program.start()
        await does_its_job(stage, sender.accepted)


@pytest.mark.covers("F-19")
async def test_a_second_process_never_writes_the_same_store(set_stage: SetStage) -> None:
    async with set_stage(settle_window="2s") as stage:
        sender = await at_work(stage)
        second = await tendlc(stage, "db", "set-aside")
        assert second.returncode == 1
        assert f"in use by process {stage.program.pid}" in second.stderr
        other = stage.config.with_name("other.yaml")
        other.write_text(re.sub(r"listen: 127.0.0.1:\d+", "listen: 127.0.0.1:0", stage.config.read_text()))
        second = await tendlc(stage, "-c", str(other), "serve")
        assert second.returncode == 1
        assert f"in use by process {stage.program.pid}" in second.stderr
        await does_its_job(stage, sender.accepted)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that even root may not write; a test skips where nobody may mount one."""
    with mounted(folder, ("--bind", str(folder)), ("-o", "remount,bind,ro")):
        yield


@pytest.mark.covers("F-16", "H03")
@pytest.mark.parametrize("there", [True, False])
async def test_a_read_only_folder_at_start(set_stage: SetStage, tmp_path: Path, there: bool) -> None:
    """It is refused; and when the folder may be written again, the next start goes on."""
    folder = tmp_path / "state"
    folder.mkdir()
    async with set_stage(settle_window="2s") as stage:
        stage.config.write_text(stage.config.read_text().replace(str(store_of(stage)), str(folder / "tendlc.db")))
        accepted = []
        if there:
            sender = await at_work(stage)
            accepted = sender.accepted
            assert await stage.program.stop() == 0
        with read_only(folder):
            with pytest.raises(ProgramFailed):
                await stage.program.start()
            assert await stage.program.ended() == 1
            told = stage.program.log_end(3)
            assert str(folder / "tendlc.db") in told
            assert "Read-only file system" in told
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        await does_its_job(stage, accepted)
