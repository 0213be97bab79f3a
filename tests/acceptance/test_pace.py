"""How fast many numbers are asked for at Telnyx's limit, and how seldom it has to say no: the real program and wire."""

from __future__ import annotations

import json
import os
from http import HTTPStatus

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.emulator import Call
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage

pytestmark = pytest.mark.anyio
SECONDS = 60.0
LIMITED = Behaviour(assignment_seconds=0.2, carrier_seconds=0.2, rate_per_second=20)


async def _assigned(stage: Stage) -> list[Call]:
    """Approve, and wait until all numbers are Ready, each asked for once; the calls since then."""
    numbers, emulator = stage.scene.marketing, stage.line.emulator
    stage.line.faults = Faults(latency_seconds=0.1)
    await stage.program.start()

    async def waiting() -> bool:
        return (await stage.program.phases("acme-marketing")).get("Waiting", 0) == len(numbers)

    async def ready() -> bool:
        return (await stage.program.phases("acme-marketing")).get("Ready", 0) == len(numbers)

    await stage.program.until(SECONDS, "the numbers to wait for their campaign", waiting)
    before = len(emulator.journal())
    emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()
    await stage.program.until(SECONDS, "all numbers to be Ready", ready)
    calls = list(emulator.journal()[before:])
    asked = [call.body for call in calls if call.method == "POST" and call.status != HTTPStatus.TOO_MANY_REQUESTS]
    assert sorted(json.loads(body)["phoneNumber"] for body in asked) == sorted(numbers)
    return calls


def _crowd() -> float:
    """How many want each core of this machine, 1 where there are enough: the program is as much slower for that."""
    return max(1.0, max(os.getloadavg()) / (os.cpu_count() or 1))


@pytest.mark.parametrize(("count", "rate_limit", "share"), [(200, "20/s", 1 / 1.15), (150, "auto", 0.8)])
async def test_many_numbers_are_asked_for_at_the_pace_of_the_limit(
    set_stage: SetStage, count: int, rate_limit: str, share: float
) -> None:
    numbers = tuple(f"+1202{5550000 + index}" for index in range(count))
    async with set_stage(marketing=numbers, alerts=(), rate_limit=rate_limit, behaviour=LIMITED) as stage:
        calls = await _assigned(stage)

    posts = [call.at for call in calls if call.method == "POST"]
    assert posts[-1] - posts[0] <= count / (share * 20) * _crowd()
    assert sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in calls) <= len(calls) / 100
