"""Odd hosts: no descriptors left, a log that nobody reads, another zone. The main job is done all the same."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import SetStage, status_of, until_ready
from tests.acceptance.trouble import SECONDS, Sender, cpu_seconds, does_its_job, tendlc, until_kept

pytestmark = pytest.mark.anyio

PIPE_BYTES = 4096
FEW = 3
"""Descriptors that are left to it."""
MANY = 40
"""Connections at once: more than it has descriptors for."""


def descriptors(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


@asynccontextmanager
async def crowd(port: int) -> AsyncIterator[None]:
    """Clients that connect and say nothing, again and again, for as long as the block lasts."""

    async def one() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    await reader.read()
                finally:
                    writer.close()
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as clients:
        tasks = [clients.create_task(one()) for _ in range(MANY)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


@pytest.mark.covers("F-34")
async def test_without_descriptors_it_neither_ends_nor_spins_and_recovers(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        sender = Sender(stage)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        assert await sender.send("before") == httpx.codes.OK
        pid = stage.program.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(pid) + FEW, before[1]))
        began, used = time.monotonic(), cpu_seconds(pid)
        async with crowd(int(stage.webhook_url.split(":")[2].split("/")[0])):
            fresh, turned_away = Sender(stage), 0
            while time.monotonic() - began < 5.0:
                turned_away += await fresh.send(f"during-{turned_away}") != httpx.codes.OK
            assert turned_away
            assert cpu_seconds(pid) - used < (time.monotonic() - began) / 2
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        await until_kept(stage, sender, "after")
        await does_its_job(stage, [*sender.accepted, *fresh.accepted])


@pytest.mark.covers("F-74")
@pytest.mark.parametrize("reader", ["reads-nothing", "is-gone"])
async def test_a_log_that_nobody_reads_is_nobodys_trouble(set_stage: SetStage, reader: str) -> None:
    async with set_stage() as stage:
        sender = Sender(stage)
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        await stage.program.start(output=writing)
        os.close(writing)
        if reader == "is-gone":
            os.close(reading)
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        for count in range(20):  # each is a line of the log, or more
            assert await sender.send(f"one-{count}") == httpx.codes.OK
        await does_its_job(stage, sender.accepted)
        assert await sender.alive_after() < SECONDS / 10
        assert await stage.program.stop() == 0
        if reader == "reads-nothing":
            assert len(os.read(reading, 2 * PIPE_BYTES)) > PIPE_BYTES / 2  # it was full, and nobody waited for it
            os.close(reading)


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?([^\s\",}]*)")


@pytest.mark.covers("F-37")
async def test_another_zone_and_locale_change_nothing(set_stage: SetStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")  # fourteen hours ahead: there it is tomorrow
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("PYTHONUTF8", raising=False)
    async with set_stage() as stage:
        text = stage.config.read_text()
        stage.config.write_text(text.replace("Account notices", "Bescheide für Köln"), encoding="utf-8")
        sender = Sender(stage)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        assert await sender.send("one") == httpx.codes.OK
        await does_its_job(stage, sender.accepted)

        now = datetime.now(UTC)
        for pool in (await status_of(stage)).pools:
            assert pool.checked_at is not None
            assert abs(now - pool.checked_at) < timedelta(minutes=5)
        shown = [
            json.dumps(await stage.program.status()),
            json.dumps(await stage.program.explain(stage.scene.alerts[0])),
            (await tendlc(stage, "events", "list", "-o", "json")).stdout,
            (await tendlc(stage, "status", "-o", "json")).stdout,
            stage.program.log_end(500),
        ]
        for output in shown:
            zones = set(TIME.findall(output))
            assert zones
            assert zones <= {"Z", "+00:00"}, zones
        assert (await tendlc(stage, "numbers")).returncode == 0
