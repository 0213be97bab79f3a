"""What Telnyx told while nobody listened is read back: at start, and at each full resync."""

from __future__ import annotations

import json
import sys

import anyio
import httpx
import pytest

from reconciler.app.shapes import EventShape, EventsShape
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.program import LOOK_SECONDS
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def events(stage: Stage) -> tuple[EventShape, ...]:
    """What `tendlc events list` tells."""
    command = [
        sys.executable,
        "-m",
        "reconciler",
        "-c",
        str(stage.config),
        "events",
        "list",
        "--limit",
        "500",
        "-o",
        "json",
    ]
    ended = await anyio.run_process(command)
    return EventsShape.model_validate(json.loads(ended.stdout)).events


async def lost(stage: Stage) -> float:
    """`tendlc_webhooks_lost_total`."""
    async with httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        text = (await http.get("/metrics")).text
    (line,) = [one for one in text.splitlines() if one.startswith("tendlc_webhooks_lost_total ")]
    return float(line.split()[1])


def approve(stage: Stage) -> None:
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()


async def until_told(stage: Stage, source: str) -> EventShape:
    """Wait until the approval is in the inbox, and was read."""
    found: list[EventShape] = []

    async def holds() -> bool:
        found[:] = [one for one in await events(stage) if one.type == "VERIFIED"]
        return bool(found)

    await stage.program.until(SECONDS, "the approval to be in the inbox", holds)
    (one,) = found
    assert (one.source, one.state, one.duplicates) == (source, "processed", 0)
    return one


async def until_given_up(stage: Stage) -> None:
    """Wait until Telnyx has tried five times."""
    with anyio.fail_after(SECONDS):
        while True:
            if stage.line.emulator.outbox.lost:
                return
            await anyio.sleep(LOOK_SECONDS)


async def test_an_approval_that_came_while_the_service_was_down_is_read_back_at_the_start(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        assert await stage.program.stop() == 0
        approve(stage)
        await until_given_up(stage)

        await stage.program.start()

        await until_told(stage, "delivery")
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))
        assert await lost(stage) >= 1
        assert {stage.line.emulator.posts(one) for one in stage.scene.marketing} == {1}


async def test_a_lost_event_is_read_back_by_the_next_full_resync(set_stage: SetStage) -> None:
    """No drift check comes, and no webhook."""
    async with set_stage() as stage:
        text = stage.config.read_text()
        stage.config.write_text(text.replace("every 1h}", "every 1h, full_resync: every 2s, jitter: 0s}"))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        before = (await status_of(stage)).webhooks.last_received_at
        stage.line.drop_webhooks = True
        approve(stage)

        await until_told(stage, "delivery")
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))

        assert await lost(stage) >= 1
        assert (await status_of(stage)).webhooks.last_received_at == before  # of webhooks
        assert {stage.line.emulator.posts(one) for one in stage.scene.marketing} == {1}


async def test_what_did_come_is_not_counted_again(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        text = stage.config.read_text()
        stage.config.write_text(text.replace("every 1h}", "every 1h, full_resync: every 1s, jitter: 0s}"))
        await stage.program.start()
        approve(stage)
        told = await until_told(stage, "webhook")
        calls = stage.line.emulator.journal

        def reads() -> int:
            return sum(call.path == "/webhook_deliveries" for call in calls())

        seen = reads()

        async def read_twice_more() -> bool:
            return reads() >= seen + 2

        await stage.program.until(SECONDS, "two more reads of the deliveries", read_twice_more)
        assert told in await events(stage)
        assert await lost(stage) == 0
