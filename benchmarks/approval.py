"""From an approval's webhook to the first request, and how many calls it takes until every number is Ready."""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from reconciler.sandbox.announce import sign
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.scene import IN_REVIEW, SIGNING_KEY, Scene

RUNS = 5
DEADLINE_SECONDS = 120.0


async def measure() -> list[str]:
    """The figures, as lines."""
    first = [(await _approved(20, "auto"))[0] for _ in range(RUNS)]
    middle, worst = 1000 * median(first), 1000 * max(first)
    lines = [f"200 to 1st POST   {middle:.0f} ms median, {worst:.0f} ms worst of {RUNS} (20 numbers, shipped limits)"]
    for count, rate in ((20, "auto"), (100, "50/s"), (400, "50/s")):
        _, calls, seconds = await _approved(count, rate)
        bound = count + 10 + count / 25
        lines.append(
            f"{count:4} to Ready     {calls} calls (bound {bound:.0f}) in {seconds:.1f} s at rate_limit {rate}"
        )
    return lines


async def _approved(count: int, rate: str) -> tuple[float, int, float]:
    """Seconds from the 200 to the first POST; calls and seconds from the approval to all Ready."""
    numbers = tuple(f"+1202{5550000 + n}" for n in range(count))
    scene = Scene(
        marketing=numbers,
        alerts=(),
        rate_limit=rate,
        drift_check="every 1h",
        behaviour=Behaviour(assignment_seconds=1.0, carrier_seconds=1.0),
    )
    with tempfile.TemporaryDirectory() as folder:
        async with staged(scene, Path(folder)) as stage:
            await stage.program.start()
            await _rested(stage)
            emulator = stage.line.emulator
            before = len(emulator.journal())
            stage.line.drop_webhooks = True
            emulator.approve(IN_REVIEW, stage.line.now())
            stage.line.woken.set()
            answered = await _tell(stage)
            stage.line.drop_webhooks = False

            async def all_ready() -> bool:
                return (await stage.program.phases("acme-marketing")).get("Ready", 0) == count

            await stage.program.until(DEADLINE_SECONDS, "all to be Ready", all_ready)
            seconds = time.time() - answered
            calls = emulator.journal()[before:]
            posts = [call.at for call in calls if call.method == "POST"]
            return posts[0] - answered, len(calls), seconds


async def _rested(stage: Stage) -> None:
    """Wait for the first look, and then until the rate limit's burst is whole again, as on a quiet day."""

    async def looked() -> bool:
        return (await stage.program.pool("acme-marketing"))["campaign_phase"] == "in_review"

    await stage.program.until(DEADLINE_SECONDS, "the first look", looked)
    await asyncio.sleep(3.0)


async def _tell(stage: Stage) -> float:
    """Send the approval's event; the time of its 200."""
    told = {
        "event_type": "10dlc.campaign.update",
        "id": "approved",
        "payload": {"campaignId": IN_REVIEW, "type": "VERIFIED"},
    }
    body = json.dumps({"data": told}).encode()
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(stage.webhook_url, content=body, headers=sign(SIGNING_KEY, body, int(time.time())))
    answer.raise_for_status()
    return time.time()


if __name__ == "__main__":
    print("\n".join(asyncio.run(measure())))
