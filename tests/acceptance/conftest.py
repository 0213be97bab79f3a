"""The installed program as a child process, an emulated Telnyx and a mailbox, all on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.app.shapes import ExplainShape, StatusShape
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.scene import Scene
from tests.acceptance.shim import Shim, build

SetStage = Callable[..., AbstractAsyncContextManager[Stage]]


async def status_of(stage: Stage) -> StatusShape:
    """The status, checked against its schema."""
    return StatusShape.model_validate(await stage.program.status())


async def until_ready(stage: Stage, pool: str, count: int) -> None:
    """Wait until so many numbers of a pool are Ready."""

    async def holds() -> bool:
        return (await stage.program.phases(pool)).get("Ready", 0) == count

    await stage.program.until(30.0, f"{count} of {pool} to be Ready", holds)


def declare(stage: Stage, pools: str) -> None:
    """Put other pools into the stage's config file: the lines under `pools:`, as a person writes them."""
    text = stage.config.read_text()
    before, _, after = text.partition("pools:\n")
    stage.config.write_text(f"{before}pools:\n{dedent(pools).strip()}\n{after[after.index('schedule:') :]}")


async def until_explained(stage: Stage, number: str, phase: str, reason: str = "") -> ExplainShape:
    """Wait until a number is in a phase for a reason; the explanation, checked against its schema."""
    found: list[ExplainShape] = []

    async def holds() -> bool:
        found[:] = [ExplainShape.model_validate(await stage.program.explain(number))]
        return (found[0].phase, found[0].reason) == (phase, reason)

    await stage.program.until(30.0, f"{number} to be {phase} {reason}", holds)
    return found[0]


FAST = Behaviour(assignment_seconds=0.2, carrier_seconds=0.2, removal_seconds=0.2, retry_seconds=0.5)


@pytest.fixture
def set_stage(tmp_path: Path) -> SetStage:
    """Make a stage; what is left out is quick and small."""

    @asynccontextmanager
    async def make(**scene: object) -> AsyncIterator[Stage]:
        chosen = {"behaviour": FAST, "rate_limit": "100/s", "drift_check": "every 1h", **scene}
        async with staged(Scene(**chosen), tmp_path) as stage:  # type: ignore[arg-type]  # the caller names the fields
            yield stage

    return make


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shim:
    """The disk under each program that the test starts: it fails as it is told."""
    built = build(tmp_path)
    for name, value in built.environment.items():
        monkeypatch.setenv(name, value)
    return built
