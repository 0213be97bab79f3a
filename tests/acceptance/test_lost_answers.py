"""Three of ten answers are lost, whatever was asked: still every number comes right, asked for once, and soon."""

from __future__ import annotations

import sys
import time

import pytest

from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage
from tests.crossings import asked_for, asked_too_soon, removals

pytestmark = pytest.mark.anyio
SETTLE_SECONDS = 20.0
TIMEOUT = "1s"
"""Of a call."""
NUMBERS = tuple(f"+1202555{n:04}" for n in range(100, 140))


@pytest.mark.covers("A01")
@pytest.mark.parametrize(
    ("rate_limit", "hangs", "seed"),
    [("auto", False, 1), ("100/s", False, 2), pytest.param("100/s", True, 3, marks=pytest.mark.covers("F-40"))],
)
async def test_lost_answers_cost_little_more_than_the_settle_window(
    set_stage: SetStage, rate_limit: str, hangs: bool, seed: int
) -> None:
    """Lost with their connection, or waited for in vain until a call's deadline."""
    scene = {"marketing": NUMBERS, "alerts": (), "rate_limit": rate_limit, "settle_window": f"{SETTLE_SECONDS:g}s"}
    async with set_stage(**scene) as stage:
        text = stage.config.read_text()
        stage.config.write_text(text.replace("telnyx:\n", f"telnyx:\n  timeout: {TIMEOUT}\n"))
        await stage.program.start()

        async def waiting() -> bool:
            return (await stage.program.phases("acme-marketing")).get("Waiting") == len(NUMBERS)

        async def ready() -> bool:
            return (await stage.program.phases("acme-marketing")).get("Ready") == len(NUMBERS)

        await stage.program.until(30.0, "the numbers to wait for their campaign", waiting)
        stage.line.faults = Faults(probability=0.3, kinds=(Fault.LOSE_ANSWER,), seed=seed, hangs=hangs)
        approved = time.monotonic()
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()
        await stage.program.until(SETTLE_SECONDS + 20.0, "every number to be Ready", ready)
        seconds = time.monotonic() - approved
        how = f"at rate_limit {rate_limit}{', hanging' if hangs else ''}"
        sys.stdout.write(f"{len(NUMBERS)} Ready {seconds:.1f} s after the approval, {how}\n")

        assert sorted(asked_for(stage.line.crossings)) == sorted(NUMBERS)
        assert [stage.line.emulator.posts(number) for number in NUMBERS] == [1] * len(NUMBERS)
        assert asked_too_soon(stage.line.crossings, SETTLE_SECONDS) == []
        assert removals(stage.line.crossings) == []
        lost = [posts[0] for posts in asked_for(stage.line.crossings).values() if posts[0].fault is not None]
        assert len(lost) >= len(NUMBERS) // 10
