"""What only looks never writes: on the wire, every request of every such command is a GET."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.scene import APPROVED, IN_REVIEW, Scene
from tests.acceptance.conftest import status_of

pytestmark = pytest.mark.anyio

ASSIGN, ATTACH, ELSEWHERE, OTHER_PROFILE, THERE = (f"+1303555014{n}" for n in range(5))
STRANGER = "+13035550199"
LOOKS = (
    ("validate",),
    ("plan",),
    ("plan", "-o", "json", "--detailed-exitcode"),
    ("status",),
    ("status", "--exit-code"),
    ("explain", ASSIGN),
    ("explain", STRANGER),
    ("numbers",),
    ("queue", "list"),
    ("alerts", "list"),
    ("events", "list"),
    ("events", "export"),
    ("schema", "config"),
)
ENDS_WELL = {0, 1, 2}
"""1: of what there is no store for yet; 2: where the caller asked to be told of a difference."""


async def tendlc(stage: Stage, *words: str) -> int:
    """Run it, in a thread of its own; its exit code."""
    return await asyncio.to_thread(run, ["-c", str(stage.config), *words])


def every_kind_of_drift(stage: Stage) -> None:
    """One number of the pool for each answer of a plan: assign, attach, and the holds; and an extra one."""
    emulator = stage.line.emulator
    emulator.add_profile("4001a1b2-0d3e-4a51-8a34-5be0a7c0d0ff", name="another")
    emulator.put_on_profile(ATTACH, None)
    emulator.put_on_profile(OTHER_PROFILE, "4001a1b2-0d3e-4a51-8a34-5be0a7c0d0ff")
    emulator.assign_by_hand(ELSEWHERE, IN_REVIEW)
    emulator.assign_by_hand(THERE, APPROVED)
    emulator.add_number(STRANGER)
    emulator.assign_by_hand(STRANGER, APPROVED)


@pytest.mark.covers("C14")
async def test_whatever_only_looks_sends_nothing_but_gets_whatever_there_is_to_do(tmp_path: Path) -> None:
    scene = Scene(alerts=(ASSIGN, ATTACH, ELSEWHERE, OTHER_PROFILE, THERE), rate_limit="100/s")
    async with staged(scene, tmp_path) as stage:
        every_kind_of_drift(stage)
        before = stage.line.emulator.assignments(), stage.line.emulator.numbers()

        for words in LOOKS:
            assert await tendlc(stage, *words) in ENDS_WELL, words

        called = {call.method for call in stage.line.emulator.journal()}
        assert called == {"GET"}
        assert (stage.line.emulator.assignments(), stage.line.emulator.numbers()) == before
        assert not (tmp_path / "tendlc.db").exists()


@pytest.mark.covers("C14")
async def test_a_service_that_only_observes_plans_it_all_and_sends_nothing_but_gets(tmp_path: Path) -> None:
    scene = Scene(alerts=(ASSIGN, ATTACH, ELSEWHERE, OTHER_PROFILE, THERE), rate_limit="100/s", drift_check="every 1s")
    async with staged(scene, tmp_path) as stage:
        every_kind_of_drift(stage)
        text = stage.config.read_text()
        stage.config.write_text(text.replace("pools:\n", "defaults: {policy: {mode: observe}}\npools:\n", 1))
        await stage.program.start()

        async def planned() -> bool:
            (pool,) = (one for one in (await status_of(stage)).pools if one.name == "acme-alerts")
            return {"missing", "missing_prerequisite", "conflict", "other_profile", "extra"} <= pool.drift.keys()

        await stage.program.until(30.0, "every kind of drift to be found", planned)
        looks = len(stage.line.emulator.journal())

        async def looked_again() -> bool:
            return len(stage.line.emulator.journal()) > looks + 15

        await stage.program.until(30.0, "some more looks", looked_again)

        assert {call.method for call in stage.line.emulator.journal()} == {"GET"}
