"""While Telnyx is away the program asks ever more seldom, burns nothing, and goes on by itself: the real program."""

from __future__ import annotations

import re

import httpx
import pytest

from reconciler.sandbox.demo import Stage
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def _metric(stage: Stage, name: str) -> float:
    """The sum of a metric's samples."""
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{stage.program.page}/metrics")).text
    return sum(float(value) for value in re.findall(rf"^{name} (\S+)$", text, re.MULTILINE))


@pytest.mark.covers("F-44", "A03")
async def test_an_outage_is_waited_out(set_stage: SetStage) -> None:
    async with set_stage(drift_check="every 1s") as stage:
        numbers = stage.scene.marketing
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        stage.line.faults = Faults(probability=1.0, kinds=(Fault.STATUS_503, Fault.LOSE_REQUEST))
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()

        async def rested() -> bool:
            return await _metric(stage, "tendlc_telnyx_throttled_seconds_total") >= 1 + 2

        await stage.program.until(SECONDS, "two rests", rested)
        failed = await _metric(stage, r'tendlc_telnyx_requests_total\{code="(?:503|lost)",operation="\w+"\}')
        assert failed <= 5 + 1  # five before the first rest, and a probe before the second
        stage.line.faults = Faults()

        await until_ready(stage, "acme-marketing", len(numbers))
        assert [stage.line.emulator.posts(number) for number in numbers] == [1] * len(numbers)
