"""How near to Telnyx's limit many numbers are asked for, and how often it has to say no."""

import asyncio
import tempfile
from http import HTTPStatus
from pathlib import Path

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import staged
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.scene import IN_REVIEW, Scene

LATENCY_SECONDS = 0.1
DEADLINE_SECONDS = 120.0
CASES = ((200, "20/s", 20), (150, "auto", 5), (150, "auto", 20), (150, "auto", 40))
"""Numbers, `rate_limit`, and the requests a second that Telnyx allows."""


async def measure() -> list[str]:
    """The figures, as lines."""
    lines = []
    for count, rate, limit in CASES:
        seconds, refused, calls = await _asked(count, rate, limit)
        share = count / seconds / limit
        told = f"{seconds:.1f} s from first to last request, {share:.2f} of the limit"
        lines.append(f"{count} at {limit}/s, {rate:4}   {told}; {refused} of {calls} calls 429")
    return lines


async def _asked(count: int, rate: str, limit: int) -> tuple[float, int, int]:
    """Seconds from the first POST to the last; calls that met a 429, and all calls, from the approval to all Ready."""
    numbers = tuple(f"+1202{5550000 + n}" for n in range(count))
    behaviour = Behaviour(assignment_seconds=0.2, carrier_seconds=0.2, rate_per_second=limit)
    scene = Scene(marketing=numbers, alerts=(), rate_limit=rate, drift_check="every 1h", behaviour=behaviour)
    with tempfile.TemporaryDirectory() as folder:
        async with staged(scene, Path(folder)) as stage:
            stage.line.faults = Faults(latency_seconds=LATENCY_SECONDS)
            emulator = stage.line.emulator
            await stage.program.start()

            async def stand(phase: str) -> bool:
                return (await stage.program.phases("acme-marketing")).get(phase, 0) == count

            await stage.program.until(DEADLINE_SECONDS, "all to wait", lambda: stand("Waiting"))
            before = len(emulator.journal())
            emulator.approve(IN_REVIEW, stage.line.now())
            stage.line.woken.set()
            await stage.program.until(DEADLINE_SECONDS, "all to be Ready", lambda: stand("Ready"))
            calls = emulator.journal()[before:]
    posts = [call.at for call in calls if call.method == "POST"]
    refused = sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in calls)
    return posts[-1] - posts[0], refused, len(calls)


if __name__ == "__main__":
    print("\n".join(asyncio.run(measure())))
