"""SIGTERM and SIGINT whatever goes on, and storms of SIGHUP: it ends in time, and goes on where it was."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from reconciler.app.run import DRAIN_SECONDS
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_ready
from tests.acceptance.dam import Dam, dammed

pytestmark = pytest.mark.anyio
SECONDS = 30.0
BUSY = 4.0
"""For a machine that does other things as well: from the end of the drain to that of the process."""

Moment = Callable[[Stage, Dam], AbstractAsyncContextManager[None]]
"""The signal is sent within it."""


def approve(stage: Stage) -> None:
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until this holds."""
    for _ in range(3_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not hold")


async def begun(stage: Stage, count: int = 3) -> None:
    async def holds() -> bool:
        return sum(map(stage.line.emulator.posts, stage.scene.marketing)) >= count

    await stage.program.until(SECONDS, "some requests", holds)


@asynccontextmanager
async def while_it_starts(stage: Stage, _: Dam) -> AsyncIterator[None]:
    starting, log = asyncio.ensure_future(stage.program.start()), stage.config.parent / "service.log"
    await eventually(lambda: log.exists() and "listening" in log.read_text())
    yield
    await asyncio.gather(starting, return_exceptions=True)


@asynccontextmanager
async def while_it_recovers(stage: Stage, dam: Dam) -> AsyncIterator[None]:
    async with while_posts_hang(stage, dam):
        await stage.program.stop(signal.SIGKILL)
    dam.close()
    await stage.program.start()
    held = dam.held
    await eventually(lambda: dam.held > held)  # a read of what is in doubt
    yield
    dam.open()


@asynccontextmanager
async def while_posts_hang(stage: Stage, dam: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
    approve(stage)
    await begun(stage)
    dam.close()
    await begun(stage, 5)
    yield
    dam.open()


@asynccontextmanager
async def while_a_listing_drips(stage: Stage, dam: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
    dam.dripping = True
    approve(stage)

    async def drips() -> bool:
        return dam.dripped > 0

    await stage.program.until(SECONDS, "an answer to drip", drips)
    yield
    dam.open()


@asynccontextmanager
async def while_callers_are_silent(stage: Stage, _: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    approve(stage)
    async with AsyncExitStack() as stack:
        for number in range(30):
            port = int(stage.webhook_url.split(":")[2].split("/")[0])
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            if number % 2:
                writer.write(b"POST /webhooks/telnyx HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{")
        yield


@asynccontextmanager
async def while_a_receiver_of_alerts_hangs(stage: Stage, _: Dam) -> AsyncIterator[None]:
    called = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    good = stage.config.read_text().replace(stage.letters.url, f"http://127.0.0.1:{port}/")
    stage.config.write_text(good)
    await stage.program.start()
    approve(stage)
    stage.config.write_text(good.replace("campaign:", "campagin:"))
    stage.program.send(signal.SIGHUP)  # an alert
    async with asyncio.timeout(SECONDS):
        await called.wait()
    yield
    server.close()
    stage.config.write_text(good)


@asynccontextmanager
async def while_the_store_is_busy(stage: Stage, _: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    approve(stage)
    await begun(stage)
    other = sqlite3.connect(stage.config.parent / "tendlc.db", isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@asynccontextmanager
async def while_it_reloads(stage: Stage, _: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    approve(stage)
    await begun(stage)
    for _count in range(50):
        stage.program.send(signal.SIGHUP)
    yield


@asynccontextmanager
async def while_it_is_paused(stage: Stage, _: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    approve(stage)
    async with httpx.AsyncClient(trust_env=False, base_url=stage.program.page) as http:
        until = {"reason": "a test", "until": "2100-01-01T00:00:00+00:00", "by": "test"}
        (await http.post("/api/v1/queue/pause", json=until)).raise_for_status()
        yield
        await stage.program.start()
        (await http.post("/api/v1/queue/resume", json={})).raise_for_status()
        assert await stage.program.stop() == 0


@asynccontextmanager
async def while_it_is_halted(stage: Stage, _: Dam) -> AsyncIterator[None]:
    await stage.program.start()
    emulator = stage.line.emulator
    right = emulator.behaviour
    emulator.behaviour = replace(right, api_key="KEY-other")
    approve(stage)

    async def halted() -> bool:
        return (await status_of(stage)).halt is not None

    await stage.program.until(SECONDS, "the halt", halted)
    yield
    await stage.program.start()
    emulator.behaviour = replace(right, api_key="KEY-new")
    stage.config.write_text(stage.config.read_text().replace(right.api_key, "KEY-new"))
    stage.program.send(signal.SIGHUP)
    await stage.program.until(SECONDS, "the end of the halt", lambda: _not(halted))
    assert await stage.program.stop() == 0


async def _not(holds: Callable[[], Awaitable[bool]]) -> bool:
    return not await holds()


TERM, INT = (signal.SIGTERM,), (signal.SIGINT,)


@pytest.mark.parametrize(
    ("moment", "signals"),
    [
        (while_it_starts, TERM),
        (while_it_recovers, TERM),
        (while_posts_hang, INT + INT),
        (while_a_listing_drips, TERM),
        (while_callers_are_silent, INT),
        (while_a_receiver_of_alerts_hangs, TERM),
        (while_the_store_is_busy, TERM + TERM),
        (while_it_reloads, INT),
        (while_it_is_paused, TERM + INT),
        (while_it_is_halted, TERM),
    ],
)
async def test_it_ends_in_time_and_goes_on_where_it_was(
    set_stage: SetStage, moment: Moment, signals: tuple[signal.Signals, ...]
) -> None:
    async with set_stage(rate_limit="20/s", settle_window="2s") as stage, AsyncExitStack() as stack:
        upstream = stage.line.base_url
        dam = await stack.enter_async_context(dammed(int(upstream.split(":")[2].split("/")[0])))
        through = f"http://127.0.0.1:{dam.port}/{upstream.split('/', 3)[3]}"
        stage.config.write_text(stage.config.read_text().replace(upstream, through))
        async with moment(stage, dam):
            began = time.monotonic()
            for one in signals:
                stage.program.send(one)
                await asyncio.sleep(0.1)
            assert await stage.program.ended() == 0, stage.program.log_end()
            assert time.monotonic() - began < DRAIN_SECONDS + BUSY
        approve(stage)

        await stage.program.start()
        for pool, numbers in (("acme-marketing", stage.scene.marketing), ("acme-alerts", stage.scene.alerts)):
            await until_ready(stage, pool, len(numbers))

        assert [stage.line.emulator.posts(one) for one in stage.scene.marketing] == [1] * len(stage.scene.marketing)


@pytest.mark.covers("C08", "C09", "C10")
async def test_two_hundred_hangups_are_a_few_reloads(set_stage: SetStage) -> None:
    """The file is another one, broken, half written or missing meanwhile: in the end what it says then holds."""
    async with set_stage(rate_limit="10/s") as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        approve(stage)
        good = stage.config.read_text()
        other = good.replace("every 1h", "every 2h")
        texts = (other, good, good.replace("campaign:", "campagin:"), good[: len(good) // 2], None)
        for number in range(200):
            text = texts[number % len(texts)]
            stage.config.unlink(missing_ok=True)
            if text is not None:
                stage.config.write_text(text)
            stage.program.send(signal.SIGHUP)
            await asyncio.sleep(0.01)
        stage.config.write_text(other)
        stage.program.send(signal.SIGHUP)

        async def is_in_force() -> bool:
            status = await status_of(stage)
            return status.config.valid and status.next_check_at is not None and hours(status.next_check_at) > 1.5

        await stage.program.until(SECONDS, "the last config", is_in_force)
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))
        assert [stage.line.emulator.posts(one) for one in stage.scene.marketing] == [1] * len(stage.scene.marketing)
        log = stage.program.log_end(100_000)
        assert log.count('"config_reload') < 200
        assert len(log) < 200_000
        assert await stage.program.stop() == 0


def hours(at: datetime) -> float:
    """From now until then."""
    return (at.timestamp() - time.time()) / 3600
