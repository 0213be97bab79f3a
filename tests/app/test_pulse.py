"""A loop that hangs is seen from outside."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.app.pulse import HANGS_SECONDS, Pulse

pytestmark = pytest.mark.anyio


@pytest.mark.covers("Q09")
async def test_a_step_that_does_not_end_is_seen_and_one_that_ended_is_not() -> None:
    times = [0.0]
    pulse, go = Pulse(lambda: times[0]), asyncio.Event()

    async def step() -> float:
        await go.wait()
        return 1.0

    running = asyncio.ensure_future(pulse.felt("reconcile", step)())
    await asyncio.sleep(0)
    times[0] = HANGS_SECONDS
    assert pulse.hanging() == []
    times[0] += 1
    assert pulse.hanging() == ["reconcile"]

    go.set()
    await running
    assert pulse.hanging() == []


async def test_a_step_that_fails_does_not_hang() -> None:
    times = [0.0]
    pulse = Pulse(lambda: times[0])

    async def step() -> float:
        raise LookupError

    with pytest.raises(LookupError):
        await pulse.felt("judge", step)()
    times[0] = 2 * HANGS_SECONDS
    assert pulse.hanging() == []
