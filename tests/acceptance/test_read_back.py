"""What Telnyx told while nobody listened is read back: at start, and at each full resync."""

from __future__ import annotations

import json
import signal
import sys

import anyio
import httpx
import pytest

from reconciler.app.shapes import EventShape, EventsShape
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.program import LOOK_SECONDS
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_explained, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def events(stage: Stage) -> tuple[EventShape, ...]:
    """What `tendlc events list` tells."""
    listing = ("events", "list", "--limit", "500", "-o", "json")
    ended = await anyio.run_process([sys.executable, "-m", "reconciler", "-c", str(stage.config), *listing])
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


def resync(stage: Stage, rhythm: str) -> None:
    """Let full resyncs come so often from now on."""
    text = stage.config.read_text()
    stage.config.write_text(text.replace("every 1h}", f"every 1h, full_resync: {rhythm}, jitter: 0s}}"))
    stage.program.send(signal.SIGHUP)


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


@pytest.mark.covers("E02", "F-59")
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
        await stage.program.start()
        resync(stage, "every 2s")
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        before = (await status_of(stage)).webhooks.last_received_at
        stage.line.drop_webhooks = True
        approve(stage)

        await until_told(stage, "delivery")
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))

        assert await lost(stage) >= 1
        assert (await status_of(stage)).webhooks.last_received_at == before  # of webhooks
        assert {stage.line.emulator.posts(one) for one in stage.scene.marketing} == {1}


async def test_a_full_resync_finds_what_no_listing_of_ours_shows(set_stage: SetStage) -> None:
    """A number waits for its campaign, and somebody put it on another one: to be known before the approval comes."""
    async with set_stage() as stage:
        number, elsewhere = stage.scene.marketing[0], "7a0e5c1d-0d3e-4a51-8a34-5be0a7c0d009"
        await stage.program.start()
        await until_explained(stage, number, "Waiting", "campaign_in_review")
        stage.line.emulator.add_campaign(elsewhere, status="MNO_PROVISIONED")
        stage.line.emulator.assign_by_hand(number, elsewhere, stage.line.now())

        resync(stage, "every 1s")

        await until_explained(stage, number, "Blocked", "foreign_assignment")


async def test_what_did_come_is_not_counted_again(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        resync(stage, "every 1s")
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
