"""A storm over the real program: kills, a bad line, events, people in the portal; then calm, and what must be true."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from random import Random

from reconciler.model.events import StoredEvent
from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.program import ProgramFailed
from reconciler.sandbox.scene import APPROVED, IN_REVIEW, Scene
from reconciler.store.opening import open_store
from tests.crossings import asked_for, asked_too_soon, removals
from tests.soak.schedule import Act, Storm, kills, schedule

SETTLE_SECONDS = 3.0
READY_SECONDS = 30.0
CALM_SECONDS = 180.0
"""A campaign that said no is asked again after a minute."""
BEHAVIOUR = Behaviour(
    assignment_seconds=0.3, carrier_seconds=0.3, removal_seconds=0.3, retry_seconds=0.5, rate_per_second=30
)
ERRORS = (
    *(Fault.STATUS_500, Fault.STATUS_502, Fault.STATUS_503),
    *(Fault.LOSE_ANSWER, Fault.LOSE_REQUEST, Fault.TRUNCATED),
)


@dataclass
class Told:
    """What happened, counted by who was outside."""

    kills: int = 0
    killed_before_ready: int = 0
    calm_seconds: float = 0.0
    undone: dict[str, list[float]] = field(default_factory=dict)
    events: int = 0
    acknowledged: int = 0
    stored: int = 0
    duplicates: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    throttled: int = 0
    posts: int = 0
    broken: list[str] = field(default_factory=list)
    """Every law that was broken, in words."""

    def lines(self) -> list[str]:
        """The figures, for people."""
        wrong = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        kept = f"{self.acknowledged} answered 200, {self.stored} stored, {self.duplicates} came again"
        return [
            f"kills            {self.kills}, of these {self.killed_before_ready} before it was ready",
            f"events           {self.events} sent, {kept}",
            f"requests         {self.requests}, of these {self.throttled} answered 429, and went wrong: {wrong}",
            f"assignments      {self.posts} asked for, {sum(map(len, self.undone.values()))} undone in the portal",
            f"calm             all Ready {self.calm_seconds:.1f} s after the storm",
            *(f"BROKEN           {one}" for one in self.broken),
        ]


async def weather(storm: Storm, folder: Path, say: Callable[[str], None] = lambda _: None) -> Told:
    """Let a storm come and go; what became of it. Raises ProgramFailed if the program ends by itself or never heals."""
    numbers = [f"+1202{5550000 + index}" for index in range(storm.numbers)]
    half = storm.numbers // 2
    scene = Scene(
        marketing=tuple(numbers[:half]),
        alerts=tuple(numbers[half:]),
        drift_check="every 5s",
        rate_limit="40/s",
        settle_window=f"{SETTLE_SECONDS:g}s",
        behaviour=BEHAVIOUR,
    )
    told = Told()
    async with asyncio.timeout(3 * storm.seconds + CALM_SECONDS + 60), staged(scene, folder) as stage:
        await stage.program.start()
        stage.line.faults = Faults(probability=storm.errors, kinds=ERRORS, seed=storm.seed)
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_kill_often(storm, stage, told, began, say))
            tasks.create_task(_act(storm, stage, told, began))
        await _calm(stage, told)
        _look(stage, told, await _stored(stage))
    return told


async def _act(storm: Storm, stage: Stage, told: Told, began: float) -> None:
    draws = storm.draws("acts")
    for at, act in schedule(storm, draws):
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        _do(act, stage, told, draws)


async def _kill_often(storm: Storm, stage: Stage, told: Told, began: float, say: Callable[[str], None]) -> None:
    for at, lives in kills(storm, storm.draws("kills")):
        if lives is not None:
            await stage.program.until(READY_SECONDS, "the service to be ready", stage.program.is_ready)
            await asyncio.sleep(lives)
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        await _kill(stage, told)
        if told.kills % 10 == 0:
            say(f"{time.monotonic() - began:6.1f} s  {told.kills} kills")


def _do(act: Act, stage: Stage, told: Told, draws: Random) -> None:
    line, scene = stage.line, stage.scene
    match act:
        case Act.TELL:
            campaign, type_ = draws.choice((IN_REVIEW, APPROVED)), draws.choice(("VERIFIED", "REVIEW", "SUBMITTED"))
            line.emulator.emit("10dlc.campaign.update", {"campaignId": campaign, "type": type_}, line.now())
        case Act.UNDO:
            _undo(stage, told, draws)
        case Act.THROTTLE:
            number = draws.choice((*scene.marketing, *scene.alerts))
            line.emulator.fail_next(number, "refuse", status=429, code="10011", reason="Too many requests")
        case Act.SUSPEND:
            line.emulator.set_campaign_status(IN_REVIEW, "TCR_SUSPENDED", line.now())
        case Act.APPROVE:
            line.emulator.approve(IN_REVIEW, line.now())
    line.woken.set()


async def _kill(stage: Stage, told: Told) -> None:
    told.kills += 1
    told.killed_before_ready += not await stage.program.is_ready()
    code = await stage.program.stop(signal.SIGKILL)
    if code != -signal.SIGKILL:
        raise ProgramFailed(f"the service ended by itself, with {code}\n{stage.program.log_end()}")
    await stage.program.launch()


def _undo(stage: Stage, told: Told, draws: Random) -> None:
    settled = [
        number
        for number, one in sorted(stage.line.emulator.assignments().items())
        if one.status == AssignmentStatus.ASSIGNED and number not in told.undone
    ]
    if settled:
        number, now = draws.choice(settled), stage.line.now()
        stage.line.emulator.remove_by_hand(number, now, announce=draws.random() < 1 / 2)
        told.undone[number] = [now]


async def _calm(stage: Stage, told: Told) -> None:
    line, began = stage.line, time.monotonic()
    line.faults = Faults()
    for number in (*stage.scene.marketing, *stage.scene.alerts):
        line.emulator.clear_failures(number)
    line.emulator.approve(IN_REVIEW, line.now())
    line.woken.set()

    async def all_ready() -> bool:
        if not await stage.program.is_ready():
            return False
        counts = [(await stage.program.phases(pool)).get("Ready", 0) for pool in ("acme-marketing", "acme-alerts")]
        assigned = [one for one in line.emulator.assignments().values() if one.status == AssignmentStatus.ASSIGNED]
        wanted = [len(stage.scene.marketing), len(stage.scene.alerts)]
        return counts == wanted and len(assigned) == sum(wanted)

    await stage.program.until(CALM_SECONDS, "every number to be Ready after the storm", all_ready)
    told.calm_seconds = time.monotonic() - began


async def _stored(stage: Stage) -> list[StoredEvent]:
    with open_store(f"sqlite:///{stage.config.parent / 'tendlc.db'}", writer=False) as store:
        return [one async for one in store.all_events()]


def _look(stage: Stage, told: Told, stored: list[StoredEvent]) -> None:
    """Count, and find what is not as it must be."""
    line, scene = stage.line, stage.scene
    sent = line.emulator.outbox.history.sent()
    answered = {str(one.event["id"]) for one in sent if any(try_.status == HTTPStatus.OK for try_ in one.attempts)}
    rows = Counter(one.event_id for one in stored)
    told.events, told.acknowledged, told.stored = len(sent), len(answered), len(stored)
    told.duplicates = sum(one.duplicates for one in stored)
    told.requests = len(line.crossings)
    told.faults = Counter(str(one.fault) for one in line.crossings if one.fault is not None)
    told.throttled = sum(one.status == HTTPStatus.TOO_MANY_REQUESTS for one in line.crossings)
    told.posts = sum(map(len, asked_for(line.crossings).values()))
    told.broken += [f"event {id_} was answered 200 and is not stored" for id_ in sorted(answered - rows.keys())]
    told.broken += [f"event {id_} is stored {count} times" for id_, count in rows.items() if count > 1]
    told.broken += asked_too_soon(line.crossings, SETTLE_SECONDS, told.undone)
    told.broken += [f"a DELETE of {one.path}" for one in removals(line.crossings)]
    wanted = dict.fromkeys(scene.marketing, IN_REVIEW) | dict.fromkeys(scene.alerts, APPROVED)
    there = {number: one.campaign_id for number, one in line.emulator.assignments().items()}
    told.broken += [f"{number} is on {there.get(number)}" for number, one in wanted.items() if there.get(number) != one]
