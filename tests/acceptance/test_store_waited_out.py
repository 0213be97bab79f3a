"""Troubles of the disk that pass: 503 while they last, said everywhere, nothing lost, and nobody has to do anything."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.demo import Stage
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, until_ready
from tests.acceptance.shim import Shim
from tests.acceptance.trouble import (
    ALIVE_SECONDS,
    SECONDS,
    Sender,
    cpu_seconds,
    does_its_job,
    mounted,
    other_program,
    until_kept,
    until_refused,
)
from tests.alerts.listener import listening, refuses

pytestmark = pytest.mark.anyio

Strike = Callable[[], Callable[[], None]]
"""Does the harm; what it gives undoes it."""
LASTS_SECONDS = 6.0
"""How long each trouble lasts: longer than any pause between two tries."""


@asynccontextmanager
async def working(set_stage: SetStage) -> AsyncIterator[tuple[Stage, Sender]]:
    """A program that has done its first work and has nothing more to do."""
    async with set_stage() as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        yield stage, Sender(stage)


async def trouble_passes(stage: Stage, sender: Sender, strike: Strike, said: str) -> None:
    """The whole of what is required of a trouble that passes."""
    assert await sender.send("before") == httpx.codes.OK
    mend = strike()
    try:
        await until_refused(stage, sender, "during")
        began, used = time.monotonic(), cpu_seconds(stage.program.pid)
        refused = 0
        while time.monotonic() - began < LASTS_SECONDS:
            refused += await sender.send(f"during-again-{refused}") == httpx.codes.SERVICE_UNAVAILABLE
            assert await sender.alive_after() < ALIVE_SECONDS + 1.0
            status, why = await sender.ready()
            assert (status, said in why) == (httpx.codes.SERVICE_UNAVAILABLE, True), why
        assert refused >= 2
        assert cpu_seconds(stage.program.pid) - used < (time.monotonic() - began) / 2  # it does not spin
        page = await sender.get("/")
        assert said in page.text
        shown = (await sender.get("/api/v1/status")).json()
        assert said in shown["store_trouble"]
        letter = await stage.letters.wait(SECONDS, status="firing", alert="StoreFailed")
        assert said in str(letter["examples"])
        assert letter["severity"] == "critical"
    finally:
        mend()
    await until_kept(stage, sender, "after")

    async def ready() -> bool:
        return (await sender.ready())[0] == httpx.codes.OK

    await stage.program.until(SECONDS, "it to be ready again", ready)
    await stage.letters.wait(SECONDS, status="resolved", alert="StoreFailed")
    await does_its_job(stage, sender.accepted)


@pytest.mark.covers("F-15", "E07")
async def test_a_limit_on_the_size_of_files(set_stage: SetStage) -> None:
    """The log is a file under the limit too, and loses lines; that fails nothing."""
    async with working(set_stage) as (stage, sender):
        pid = stage.program.pid

        def strike() -> Callable[[], None]:
            before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

            def mend() -> None:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

            return mend

        await trouble_passes(stage, sender, strike, "the disk takes no more of it")
        assert '"log_lines_lost"' in stage.program.log_end(2000)


@pytest.mark.covers("F-15", "F-16", "E07", "H03")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(errno.ENOSPC, "the disk is full", id="no-space"),
        pytest.param(errno.EDQUOT, "the disk takes no more of it", id="over-quota"),
        pytest.param(errno.EROFS, "the disk takes no more of it", id="read-only-file-system"),
        pytest.param(errno.EIO, "the disk takes no more of it", id="bad-disk"),
    ],
)
async def test_writes_that_the_system_refuses(set_stage: SetStage, disk: Shim, error: int, said: str) -> None:
    async with working(set_stage) as (stage, sender):

        def strike() -> Callable[[], None]:
            disk.fail("write", error)
            return disk.fail

        await trouble_passes(stage, sender, strike, said)
        assert disk.failed


@pytest.mark.covers("F-17", "H03")
@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
async def test_another_program_that_holds_the_lock(set_stage: SetStage, kind: str) -> None:
    async with working(set_stage) as (stage, sender):

        def strike() -> Callable[[], None]:
            return other_program(stage.config.with_name("tendlc.db"), f"BEGIN {kind}").close

        await trouble_passes(stage, sender, strike, "another program holds its lock")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 40 MB; a test skips where nobody may mount one."""
    folder.mkdir()
    with mounted(folder, ("-t", "tmpfs", "-o", "size=40m", "tmpfs")):
        yield


def fill(folder: Path, leave: int) -> Callable[[], None]:
    """Fill a file system until so many bytes are left; what it gives makes room again."""
    filler = folder / "filler"
    found = os.statvfs(folder)
    size = found.f_bavail * found.f_frsize - leave
    with filler.open("wb", buffering=0) as file, suppress(OSError):  # the program writes meanwhile
        os.posix_fallocate(file.fileno(), 0, size - 1_000_000)
        for _ in range(1000 if leave else 1_000_000):
            file.write(b"x" * 1000)
    return filler.unlink


@pytest.mark.covers("F-15", "H03")
@pytest.mark.parametrize(
    ("floor", "leave", "said"),
    [
        pytest.param("20MB", 10_000_000, "20 MB is the floor", id="below-the-floor"),
        pytest.param("0B", 0, "the disk is full", id="not-a-byte-left"),
    ],
)
async def test_a_small_disk_that_fills_up(
    set_stage: SetStage, tmp_path: Path, floor: str, leave: int, said: str
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk):
        async with set_stage() as stage:
            text = stage.config.read_text().replace(str(tmp_path / "tendlc.db"), str(disk / "tendlc.db"))
            stage.config.write_text(text.replace("webhook:\n", f"webhook:\n  min_free_space: {floor}\n"))
            sender = Sender(stage)
            await stage.program.start()
            await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
            await trouble_passes(stage, sender, lambda: fill(disk, leave), said)
            assert "on a file system in memory" in stage.program.log_end(2000)
            assert await stage.program.stop() == 0


@pytest.mark.covers("F-15")
async def test_a_message_is_not_sent_again_and_again_because_it_cannot_be_noted(
    set_stage: SetStage, disk: Shim
) -> None:
    """A receiver that was down comes back while the disk is full: it gets the message once, or twice at the most."""
    status = ["500 Down"]

    async def reply(writer: asyncio.StreamWriter) -> None:
        await refuses(status[0], "")(writer)

    def told(requests: list[bytes]) -> int:
        return sum(b'"CampaignNotApproved"' in request for request in requests)

    async with listening(reply) as (url, requests), set_stage() as stage:
        line = f"    - {{name: ops, webhook: {{url: '{url.reveal()}'}}}}\n"
        stage.config.write_text(stage.config.read_text() + line)
        await stage.program.start()
        sender = Sender(stage)
        stage.line.emulator.set_campaign_status(IN_REVIEW, "MNO_REJECTED", stage.line.now())
        stage.line.woken.set()

        async def tried() -> bool:
            return told(requests) > 0

        await stage.program.until(SECONDS, "an attempt", tried)
        disk.fail("write", errno.ENOSPC)
        await until_refused(stage, sender, "during")
        status[0] = "204 No Content"
        before = told(requests)
        began = time.monotonic()
        while time.monotonic() - began < 5 * LASTS_SECONDS:
            assert await sender.alive_after() < SECONDS
            await asyncio.sleep(0.5)
        assert told(requests) - before <= 2
        disk.fail()
        await until_kept(stage, sender, "after")
