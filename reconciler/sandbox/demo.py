"""The demo: the main job on the sandbox, step by step, with times. Each step fails loudly if it does not happen."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.sandbox.line import Line
from reconciler.sandbox.mailbox import Mailbox, mailbox
from reconciler.sandbox.program import Program, ProgramFailed, free_port
from reconciler.sandbox.scene import APPROVED, IN_REVIEW, Scene
from reconciler.sandbox.wire import serving

STEP_SECONDS = 30.0
QUIET_SECONDS = 5.0
"""Until the rate limit's burst is whole again after the start."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs: the emulated Telnyx, a real service, a mailbox for its alerts."""

    scene: Scene
    line: Line
    program: Program
    letters: Mailbox
    config: Path
    webhook_url: str
    """Where the service receives events."""


@asynccontextmanager
async def staged(scene: Scene, folder: Path, emulator_port: int = 0) -> AsyncIterator[Stage]:
    """Set the stage in a folder; the service is not started yet. Everything ends with the block."""
    webhook_port, web_port = free_port(), free_port()
    webhook_url = f"http://127.0.0.1:{webhook_port}/webhooks/telnyx"
    emulator = scene.emulator(webhook_url)
    async with serving(emulator, emulator_port) as line, mailbox() as letters:
        config = folder / "tendlc.yaml"
        config.write_text(
            scene.config(
                base_url=line.base_url,
                public_key=emulator.public_key,
                webhook_port=webhook_port,
                web_port=web_port,
                store=folder / "tendlc.db",
                alerts_url=letters.url,
            )
        )
        program = Program(config, web_port, folder / "service.log")
        try:
            yield Stage(scene, line, program, letters, config, webhook_url)
        finally:
            await program.close()


class Story:
    """Tells each step with the time since the start."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._started = time.monotonic()

    def tell(self, text: str) -> None:
        """One step."""
        self._say(f"{time.monotonic() - self._started:6.1f} s  {text}")

    def show(self, text: str) -> None:
        """Something to look at."""
        self._say(text)


async def run_demo(say: Callable[[str], None], show: Callable[[Path, str], str], *, keep: bool) -> None:
    """Run it. `show(config, what)` gives the text of a command such as `status`. Raises ProgramFailed."""
    with tempfile.TemporaryDirectory(prefix="tendlc-sandbox-") as name:
        async with staged(Scene(), Path(name)) as stage:
            story = Story(say)
            await _start(stage, story)
            await _assignment(stage, story)
            await _drift(stage, story)
            await _repair(stage, story)
            for command in ("status", f"explain {stage.scene.alerts[0]}"):
                story.show(f"\n$ tendlc {command}")
                story.show(await asyncio.to_thread(show, stage.config, command))
            if keep:
                story.show(f"\nThe page: {stage.program.page}   config: {stage.config}   Ctrl-C ends it.")
                await asyncio.Event().wait()
            code = await stage.program.stop()
            if code:
                raise ProgramFailed(f"the service ended with {code}\n{stage.program.log_end()}")
            story.tell("the service stopped cleanly")


async def _start(stage: Stage, story: Story) -> None:
    refused, loose = stage.scene.alerts[0], stage.scene.alerts[1]
    stage.line.emulator.fail_next(refused, "refuse", reason="The number is locked by a port-out.", times=None)
    stage.line.emulator.put_on_profile(loose, None)
    await stage.program.start()
    story.tell(f"`tendlc serve` is ready; its page is {stage.program.page}")
    waiting = len(stage.scene.marketing)

    async def read() -> bool:
        return (await stage.program.pool("acme-marketing"))["campaign_phase"] == "in_review"

    await stage.program.until(STEP_SECONDS, "the first look", read)
    await _phase(stage, "acme-marketing", "Waiting", waiting)
    story.tell(f"{waiting} numbers wait: their campaign is in review (a look at start, no event needed)")
    letter = await stage.letters.wait(STEP_SECONDS, status="firing", alert="AssignmentFailed")
    others = len(stage.scene.alerts) - 1
    await _phase(stage, "acme-alerts", "Ready", others)
    if stage.line.emulator.number(loose).messaging_profile_id is None:
        raise ProgramFailed(f"{loose} is on no messaging profile")
    story.tell(f"{loose} was on no messaging profile: it is put on its pool's, as Telnyx asks, and then assigned")
    story.tell(f"the {others} others of acme-alerts are assigned and confirmed")
    story.tell(f"Telnyx refuses {refused}, and an alert comes to the webhook receiver:\n          {letter['summary']}")


async def _assignment(stage: Stage, story: Story) -> None:
    scene, emulator = stage.scene, stage.line.emulator
    waiting = len(scene.marketing)
    await asyncio.sleep(QUIET_SECONDS)
    approved = time.time()
    emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()
    story.tell("after five quiet seconds (days, in life) the carriers approve; Telnyx tells it by a signed webhook")
    first = await _first_post(stage, scene.marketing)
    story.tell(f"the first number is asked for {1000 * (first - approved):.0f} ms later")
    await _phase(stage, "acme-marketing", "Ready", waiting)
    posts = [emulator.posts(number) for number in scene.marketing]
    if posts != [1] * waiting:
        raise ProgramFailed(f"each number must be asked for once, and was: {posts}")
    story.tell(f"all {waiting} are assigned and confirmed by listing, each asked for exactly once")


async def _drift(stage: Stage, story: Story) -> None:
    number = stage.scene.marketing[3]
    stage.line.emulator.remove_by_hand(number, stage.line.now())
    story.tell(f"somebody removes {number} in the portal; no event tells of it")

    async def healed() -> bool:
        return stage.line.emulator.posts(number) > 1 and (await stage.program.phases("acme-marketing")).get(
            "Ready"
        ) == len(stage.scene.marketing)

    await stage.program.until(STEP_SECONDS, f"{number} to be healed", healed)
    story.tell(f"the drift check (`{stage.scene.drift_check}`) found it, and it is assigned again")


async def _repair(stage: Stage, story: Story) -> None:
    number = stage.scene.alerts[0]
    stage.line.emulator.clear_failures(number)
    stage.line.emulator.assign_by_hand(number, APPROVED, stage.line.now())
    story.tell(f"a person mends it: {number} is assigned in the portal")
    letter = await stage.letters.wait(STEP_SECONDS, status="resolved", alert="AssignmentFailed")
    story.tell(f"the next look sees it, and the alert resolves: {letter['summary']}")
    await _phase(stage, "acme-alerts", "Ready", len(stage.scene.alerts))


async def _phase(stage: Stage, pool: str, phase: str, count: int) -> None:
    async def holds() -> bool:
        return (await stage.program.phases(pool)).get(phase) == count

    await stage.program.until(STEP_SECONDS, f"{count} numbers of {pool} to be {phase}", holds)


async def _first_post(stage: Stage, numbers: tuple[str, ...]) -> float:
    def posts() -> list[float]:
        calls = stage.line.emulator.journal()
        return [call.at for call in calls if call.method == "POST" and any(n[1:] in str(call.body) for n in numbers)]

    async def posted() -> bool:
        return bool(posts())

    await stage.program.until(STEP_SECONDS, "the first request", posted)
    return posts()[0]
