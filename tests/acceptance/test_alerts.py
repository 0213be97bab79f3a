"""Alerts of the program itself: who joins is told, who leaves is forgotten, and a kill repeats nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from reconciler.app.shapes import AlertListShape
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.mailbox import Mailbox, mailbox
from reconciler.sandbox.program import free_port
from reconciler.sandbox.scene import APPROVED, IN_REVIEW
from tests.acceptance.conftest import SetStage, until_ready
from tests.alerts.listener import TOKEN, listening, refuses

pytestmark = pytest.mark.anyio
SECONDS = 30.0


def told(box: Mailbox) -> list[tuple[object, object]]:
    return [(letter["status"], letter["alert"]) for letter in box.letters]


def receivers(stage: Stage, *lines: str) -> None:
    """Put other receivers into the config, for the next reload."""
    text = stage.config.read_text()
    before, _, _ = text.partition("  receivers:\n")
    stage.config.write_text("".join([before, "  receivers:\n", *(f"    - {line}\n" for line in lines)]))


async def alerts_of(stage: Stage) -> AlertListShape:
    async with httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        return AlertListShape.model_validate((await http.get("/api/v1/alerts")).json())


async def is_delivered(stage: Stage, receiver: str) -> bool:
    """Whether the service knows that a message arrived. Until then, a kill has it sent again, under the same id."""
    async with httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        metrics = (await http.get("/metrics")).text
    return f'tendlc_notifications_total{{receiver="{receiver}",result="delivered"}} 0' not in metrics


async def test_a_kill_and_a_start_repeat_nothing_and_forget_nothing(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        number = stage.scene.alerts[2]
        stage.line.emulator.fail_next(number, "refuse", reason="The number is locked.", times=None)
        await stage.program.start()
        await stage.letters.wait(SECONDS, status="firing", alert="AssignmentFailed")
        await stage.program.until(SECONDS, "the delivery to be written down", lambda: is_delivered(stage, "mailbox"))
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts) - 1)

        for _ in range(2):
            stage.program.send(signal.SIGKILL)
            await stage.program.ended()
            await stage.program.start()
        stage.line.emulator.clear_failures(number)
        stage.line.emulator.assign_by_hand(number, APPROVED, stage.line.now())
        stage.program.send(signal.SIGHUP)
        await stage.letters.wait(SECONDS, status="resolved", alert="AssignmentFailed")

        assert told(stage.letters) == [("firing", "AssignmentFailed"), ("resolved", "AssignmentFailed")]


async def test_who_joins_is_told_of_what_fires_and_who_leaves_is_forgotten(set_stage: SetStage) -> None:
    async with set_stage() as stage, mailbox() as late:
        number = stage.scene.alerts[2]
        stage.line.emulator.fail_next(number, "refuse", reason="The number is locked.", times=None)
        receivers(
            stage,
            f"{{name: mailbox, webhook: {{url: '{stage.letters.url}'}}}}",
            f"{{name: nowhere, webhook: {{url: 'http://127.0.0.1:{free_port()}/'}}}}",
        )
        await stage.program.start()
        await stage.letters.wait(SECONDS, status="firing", alert="AssignmentFailed")

        async def unreached() -> bool:
            return [one.receiver for one in (await alerts_of(stage)).unreached] == ["nowhere"]

        await stage.program.until(SECONDS, "a failure of `nowhere`", unreached)
        (row,) = (await alerts_of(stage)).alerts
        assert (row.alert, row.state, row.example, row.receivers) == (
            *("AssignmentFailed", "firing", number, ("mailbox", "nowhere")),
        )

        receivers(
            stage,
            f"{{name: mailbox, webhook: {{url: '{stage.letters.url}'}}}}",
            f"{{name: late, slack: {{webhook_url: '{late.url}'}}}}",
        )
        stage.program.send(signal.SIGHUP)
        letter = await late.wait(SECONDS)
        assert str(letter["text"]).startswith("🟠 AssignmentFailed acme-alerts: warning. 1 number of pool")

        async def forgotten() -> bool:
            return not (await alerts_of(stage)).unreached

        await stage.program.until(SECONDS, "`nowhere` to be forgotten", forgotten)
        assert told(stage.letters) == [("firing", "AssignmentFailed")]


@asynccontextmanager
async def hanging() -> AsyncIterator[str]:
    """A receiver that takes what comes and answers nothing, until the block ends: its URL."""
    writers: set[asyncio.StreamWriter] = set()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        with suppress(ConnectionError):
            await reader.read()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{TOKEN}"
        for writer in writers:
            writer.close()


@pytest.mark.covers("F-72", "O04")
async def test_receivers_that_are_down_hang_or_are_too_busy_hold_up_nothing_and_show_no_secret(
    set_stage: SetStage,
) -> None:
    """The other receiver is told, approvals are taken in and their numbers assigned; what could not be told waits."""
    busy = refuses("429 Too Many Requests", f"no more for {TOKEN}", "Retry-After: 1")
    async with set_stage() as stage, hanging() as hang, listening(busy) as (too_busy, _):
        stage.line.emulator.fail_next(stage.scene.alerts[2], "refuse", reason="The number is locked.", times=None)
        urls = {
            "mailbox": stage.letters.url,
            "down": f"http://127.0.0.1:{free_port()}/{TOKEN}",
            "hang": hang,
            "busy": too_busy.reveal(),
        }
        receivers(stage, *(f"{{name: {name}, webhook: {{url: '{url}'}}}}" for name, url in urls.items()))
        await stage.program.start()
        letter = await stage.letters.wait(SECONDS, status="firing", alert="AssignmentFailed")
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))

        async def all_are_tried() -> bool:
            waits = {one.receiver: one.waiting for one in (await alerts_of(stage)).unreached}
            return waits.keys() == {"busy", "down", "hang"} and all(waits.values())

        await stage.program.until(SECONDS, "one failure of each", all_are_tried)
        shown = f"{letter} {await alerts_of(stage)} {await stage.program.status()}"
        assert await stage.program.stop() == 0

        kept = b"".join(one.read_bytes() for one in stage.config.parent.iterdir() if one != stage.config)
        assert b"AssignmentFailed" in kept
        for secret in (TOKEN, "user:pass", stage.scene.behaviour.api_key):
            assert secret not in shown
            assert secret.encode() not in kept
