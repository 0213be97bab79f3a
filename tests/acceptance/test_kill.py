"""kill -9 and restart: the same end state, nothing asked for twice, no accepted event lost."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time

import httpx
import pytest

from reconciler.sandbox.announce import sign
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.scene import IN_REVIEW, SIGNING_KEY
from tests.acceptance.conftest import SetStage

pytestmark = pytest.mark.anyio
SECONDS = 80.0
"""What is tried again after many kills may wait a minute, and what is in doubt is read for a settle window more."""


async def _send(http: httpx.AsyncClient, stage: Stage, event_id: str) -> bool:
    """Send an event as Telnyx does; whether it was accepted."""
    told = {"event_type": "10dlc.campaign.update", "id": event_id, "payload": {"campaignId": IN_REVIEW, "type": "X"}}
    body = json.dumps({"data": told}).encode()
    try:
        answer = await http.post(stage.webhook_url, content=body, headers=sign(SIGNING_KEY, body, int(time.time())))
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


@pytest.mark.parametrize("latency", [0.0, 0.05])
async def test_killed_again_and_again_it_ends_the_same(set_stage: SetStage, latency: float) -> None:
    async with set_stage(settle_window="2s", rate_limit="40/s") as stage, httpx.AsyncClient(trust_env=False) as http:
        emulator, numbers = stage.line.emulator, stage.scene.marketing
        stage.line.faults = Faults(latency_seconds=latency)
        accepted: list[str] = []
        await stage.program.start()
        emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()

        for kill, posts in enumerate((1, 4, 8, 12, 17)):
            accepted += [i for i in (f"before-{kill}-{n}" for n in range(3)) if await _send(http, stage, i)]

            async def so_many(wanted: int = posts) -> bool:
                return sum(emulator.posts(number) for number in numbers) >= wanted

            await stage.program.until(SECONDS, f"{posts} requests", so_many)
            await stage.program.stop(signal.SIGKILL)
            await stage.program.start()

        async def all_ready() -> bool:
            return (await stage.program.phases("acme-marketing")).get("Ready") == len(numbers)

        await stage.program.until(SECONDS, "every number to be Ready", all_ready)
        assert [emulator.posts(number) for number in numbers] == [1] * len(numbers)
        exported = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "reconciler", "-c", str(stage.config), "events", "export"],
            capture_output=True,
            check=True,
            timeout=30,
        )
        stored = {json.loads(line)["event_id"] for line in exported.stdout.splitlines()}
        assert len(accepted) >= 3
        assert set(accepted) <= stored


@pytest.mark.covers("H03")
async def test_killed_in_the_middle_and_its_store_gone_it_asks_for_nothing_twice(set_stage: SetStage) -> None:
    async with set_stage(settle_window="2s", rate_limit="40/s") as stage:
        emulator, numbers = stage.line.emulator, stage.scene.marketing
        await stage.program.start()
        emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()

        async def some() -> bool:
            return sum(emulator.posts(number) for number in numbers) >= 3

        await stage.program.until(SECONDS, "3 requests", some)
        await stage.program.stop(signal.SIGKILL)
        for file in stage.config.parent.glob("*.db*"):
            if not file.name.endswith(".witness"):
                file.unlink()
        await stage.program.start()

        async def all_ready() -> bool:
            return (await stage.program.phases("acme-marketing")).get("Ready") == len(numbers)

        await stage.program.until(SECONDS, "every number to be Ready", all_ready)
        assert [emulator.posts(number) for number in numbers] == [1] * len(numbers)
        said = (await stage.program.status())["store"]
        assert isinstance(said, dict)
        assert said["cause"] == "lost"
        assert "store_not_as_left" in stage.program.log_end(200)
