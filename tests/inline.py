"""A whole world in one process: the real flow, store, client and receiver, an emulated Telnyx, and a clock to turn.

No socket, no thread, no real time: the clock moves when it is told to, or when the rate limit makes somebody wait.
The same calls with the same seed give the same world.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

from reconciler import flow
from reconciler.app.judge import JUDGE_SECONDS
from reconciler.app.lists import Filter, numbers_of
from reconciler.app.live import explanation_of, status_of
from reconciler.app.queue_shapes import NumberShape
from reconciler.app.service import MOST_IN_FLIGHT
from reconciler.app.shapes import ExplainShape, StatusShape
from reconciler.app.wiring import make_patience
from reconciler.config.file import ConfigFile
from reconciler.decide import conditions
from reconciler.decide.enlist import enlist
from reconciler.decide.opens import opens
from reconciler.model.alerts import Condition, Message
from reconciler.model.errors import LeaseLost
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.health import Holds
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Agenda
from reconciler.model.operations import Operation
from reconciler.model.pools import Desired
from reconciler.model.settings import Cron, Every
from reconciler.model.verdicts import Verdict
from reconciler.ports import Hands
from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Faults, FaultSource
from reconciler.store import Inline, SqlStore, open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import identify, parse_event
from reconciler.telnyx.limiter import Limiter
from reconciler.telnyx.signature import Keyring
from reconciler.web.metrics import Meter
from reconciler.web.receiver import receiver_app
from tests.builders import CAMPAIGN, POOL
from tests.post import Post
from tests.surroundings import ROUTING, Drawn, Mailbox, TurnedClock, Wire, seeded

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""When every world begins."""
HOOK = "http://hooks.test/webhooks/telnyx"
SIGNING_KEY = bytes(range(32))
MOST_STEPS = 20_000
"""At one time of the clock, and in one wait: a world that is still busy after so many never comes to rest."""
STRIDE = timedelta(minutes=15)
"""While alerts are stored, time goes no further than this at once: when the next message is due, no store tells."""
GRAIN = timedelta(milliseconds=10)
"""The shortest rest of a loop of the service: what says that it is due, and is not, is asked again after this."""


class World:
    """What happens at Telnyx is done to `emulator`; what the service makes of it happens in `calm` and `wait`."""

    def __init__(self, folder: Path, pools: str, *, rest: str, behaviour: Behaviour, rate: str, seed: int) -> None:
        self.emulator = Emulator(behaviour, SIGNING_KEY)
        self.clock = TurnedClock(MONDAY)
        self.messages: list[Message] = []
        """Every message about alerts, in order."""
        self.verdicts: list[tuple[Operation, Verdict]] = []
        """What came of each step of an operation, in order."""
        self.fired: set[tuple[str, str]] = set()
        """Every alert that ever fired, told or not: its name and its subject."""
        self.shuffled = False
        """Whether chance says which of the things that are due comes next."""
        self.crowded = False
        """Whether all that is due goes on side by side, as in the service, and chance says who waits for whom."""
        self._folder = folder
        self._rate = rate
        self._rest = rest
        self._draws = seeded(seed)
        self._config = folder / "tendlc.yaml"
        folder.mkdir(exist_ok=True)
        self._write(pools, rest)
        self._file = ConfigFile(self._config, {})
        self.settings, self.declaration = flow.load(self._file)
        self.desired: Desired = enlist(self.declaration, (), now=MONDAY)
        self.wire = Wire(self.emulator, self.clock, seed)
        self._chance = Drawn(seed)
        self._sweeps_at: datetime | None = None
        self._unread = self._untold = True
        self._heard = False
        self._holds = Holds(frozenset(), MONDAY)
        self._judges_at = MONDAY
        self._loops = deque(
            (self._carry, self._sweep_if_due, self._read_events, self._reconcile, self._execute, self._notify)
        )
        self._stack = AsyncExitStack()
        self.post = Post(self.emulator, SIGNING_KEY, HOOK, seed)
        self.store: SqlStore
        self.hands: Hands

    # What a test does.

    @property
    def config(self) -> str:
        """The config file's text."""
        return self._config.read_text()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock.time

    @property
    def seconds(self) -> float:
        """The time as the emulator's verbs take it, in Unix seconds: Telnyx has a clock of its own."""
        return self.clock.true.timestamp()

    def fault(self, faults: Faults) -> None:
        """Make the line to Telnyx this bad from now on; `Faults()` mends it."""
        self.wire.source = FaultSource(faults)

    async def calm(self) -> None:
        """Do what is due now, and what that makes due, until nothing is."""
        for _ in range(MOST_STEPS):
            if not await self.step():
                return
        raise AssertionError(f"still busy after {MOST_STEPS:,} steps, at {self.now}")

    async def wait(self, span: timedelta) -> None:
        """Let so much time pass, whatever the clock is set to, from due time to due time, doing what is due."""
        end = self.clock.true + span
        for _ in range(MOST_STEPS):
            await self.calm()
            if self.clock.true >= end:
                return
            await self.turn(self.clock.shown(end))
        raise AssertionError(f"something was due {MOST_STEPS:,} times by {self.now}")

    async def turn(self, end: datetime) -> None:
        """Turn the clock to when something is due next, and not past `end`. It is not done yet: `step` does it."""
        due = await self.next_due()
        self.clock.time = min(end, max(due or end, self.now + GRAIN))
        self._untold = True

    async def until(self, holds: Callable[[], Awaitable[bool]], within: timedelta) -> None:
        """Let time pass until something holds."""
        end = self.clock.true + within
        while not await holds():
            assert self.clock.true < end, f"it does not hold after {within}"
            due, last = await self.next_due(), self.clock.shown(end)
            await self.wait(min(last, max(due or last, self.now + GRAIN)) - self.now)

    async def sweep(self) -> None:
        """Look everywhere, now, and do what that makes due."""
        await self._ask(Cause.SWEEP)
        await self.calm()

    async def resync(self) -> None:
        """Read everything anew, however fresh, and what was told and did not come, and do what that makes due."""
        await self.store.resync(self.now)
        await self._read_back()
        await self.calm()

    async def declare(self, pools: str, rest: str | None = None) -> None:
        """Write another config, and reload it as on SIGHUP; the client to Telnyx stays as it is.

        Raises ConfigError, with the last one still in force.
        """
        self._write(pools, self._rest if rest is None else rest)
        await self._reload()

    async def reload(self, text: str) -> None:
        """The same, with a whole file as somebody left it."""
        self._config.write_text(text)
        await self._reload()

    async def _reload(self) -> None:
        settings, declaration = flow.load(self._file)
        self.desired = await flow.wanted(self.hands, declaration)
        self.settings, self.declaration = settings, declaration
        await self._ask(Cause.RELOAD)

    async def set_clock(self, by: timedelta) -> None:
        """Somebody sets this machine's clock, and the service notices."""
        self.clock.set(by)
        self._judges_at += by
        self._holds = replace(self._holds, since=self._holds.since + by)
        self._schedule()
        self.hands.telnyx.moved(by)
        await flow.follow(self.hands, by, self.now)

    async def restart(self) -> None:
        """End the process and start it again: all that lasts is the store."""
        await self.close()
        await self.start()

    async def explain(self, number: str) -> ExplainShape:
        """What `tendlc explain` says."""
        return await explanation_of(self.store, self.desired, self.settings, PhoneNumber(number), self.now)

    async def numbers(self) -> dict[str, NumberShape]:
        """What `tendlc numbers` says, by number."""
        page = await numbers_of(self.store, self.desired, self.settings, self.now, Filter(), limit=1_000)
        return {one.number: one for one in page.numbers}

    async def status(self) -> StatusShape:
        """What `tendlc status` says."""
        return await status_of(self.store, self.desired, self.settings, self.now, self._sweeps_at)

    async def alerts(self) -> tuple[Condition, ...]:
        """What holds now, whether or not it has held for long enough to be told."""
        stored, _ = await self.store.alerts()
        return tuple(sorted(one.condition for one in stored if one.resolved_at is None))

    async def phases(self, pool: str = POOL) -> dict[str, int]:
        """How many numbers of a pool are in each phase, as the status has it."""
        (found,) = (one for one in (await self.status()).pools if one.name == pool)
        return found.phases

    async def reasons(self, pool: str = POOL) -> set[str]:
        """Why numbers of a pool do not send; of one that does, it is empty."""
        (found,) = (one for one in self.desired.pools if one.name == pool)
        return {(await self.explain(number)).reason for number in found.numbers}

    def posts(self) -> list[tuple[float, int]]:
        """The requests to assign that reached Telnyx: seconds since the beginning, and how each was answered."""
        calls = (one for one in self.emulator.journal() if one.method == "POST")
        return [(round(one.at - MONDAY.timestamp(), 1), one.status) for one in calls]

    def removals(self) -> int:
        """How many requests would have taken a number away or moved it."""
        return sum(one.method in ("DELETE", "PUT", "PATCH") for one in self.emulator.journal())

    def assigned(self) -> dict[str, tuple[str, AssignmentStatus]]:
        """Where Telnyx has each number that it has on a campaign, and how far that has come."""
        return {number: (one.campaign_id, one.status) for number, one in self.emulator.assignments().items()}

    # The service, step by step.

    async def start(self) -> None:
        """As `serve` does: recover, and look everywhere."""
        self._stack = stack = AsyncExitStack()
        self.store = stack.enter_context(open_store(f"sqlite:///{self._folder}/tendlc.db", writer=True, lane=Inline))
        limiter = Limiter(self.settings.telnyx.ceiling_per_second, clock=self.clock.elapsed, sleep=self.clock.sleep)
        telnyx = TelnyxClient(self.settings.telnyx, self.clock, limiter, transport=self.wire)
        stack.push_async_callback(telnyx.close)
        telnyx.learn(*(await self.store.recall(())).campaigns.values())
        patience = make_patience(self.settings)
        self.hands = Hands(telnyx, self.store, self.clock, self._chance, parse_event, patience)
        self._meter, self._started = Meter("test"), self.now
        self.post.receiver = receiver_app(
            settings=self.settings.webhook,
            check=Keyring(self.settings.telnyx.public_keys).check,
            identify=identify,
            inbox=self.store,
            clock=self.clock,
            wake=self._ring,
            meter=self._meter,
        )
        self.desired = await flow.wanted(self.hands, self.declaration)
        await flow.recover(self.hands, self.desired)
        await self.store.judge(conditions.of_start(), self.now)
        await self._ask(Cause.START)
        self._heard, self._holds = False, Holds(frozenset(), self.now)
        self._schedule()

    async def close(self) -> None:
        """Close the store and the client."""
        await self._stack.aclose()

    async def step(self) -> bool:
        """Do one of the things that are due now. Whether there was one."""
        if self.shuffled:
            self._draws.shuffle(self._loops)
        agenda = await self.store.agenda(self.now, self._opens_at())
        self.wire.crowded = self.crowded
        done = await (self._side_by_side(agenda) if self.crowded else self._in_turn(agenda))
        if done:
            await self._note()
        return done

    async def _in_turn(self, agenda: Agenda) -> bool:
        """One step of the first loop that has something to do. Each has its turn before one has another."""
        loops = self._loops
        for _ in range(len(loops)):
            loop = loops.popleft()
            loops.append(loop)
            if await loop(agenda):
                return True
        return False

    async def _side_by_side(self, agenda: Agenda) -> bool:
        """One step of each loop, and as many of executing as the service has at a time. If one fails, all end."""
        loops = [*self._loops, *[self._execute] * (MOST_IN_FLIGHT - 1)]
        self._draws.shuffle(loops)
        tasks = [asyncio.ensure_future(loop(agenda)) for loop in loops]
        try:
            return any(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        agenda = await self.store.agenda(self.now, self._opens_at())
        stored, _ = await self.store.alerts()
        due = (
            agenda.operations_at,
            agenda.triggers_at,
            agenda.parcels_at,
            self.desired.until,
            self._sweeps_at,
            *(None if at is None else self.clock.shown(at) for at in self._told_at()),
            self.now + STRIDE if stored else None,
        )
        return min((at for at in due if at is not None), default=None)

    async def _carry(self, _: Agenda) -> bool:
        return await self.post.carry(self.clock.true)

    async def _sweep_if_due(self, _: Agenda) -> bool:
        if self._sweeps_at is None or self.now < self._sweeps_at:
            return False
        self._schedule()
        await self._ask(Cause.SWEEP)
        return True

    async def _read_events(self, _: Agenda) -> bool:
        if not self._unread:
            return False
        self._unread = bool(await flow.process_events(self.hands, self.desired))
        return self._unread

    async def _reconcile(self, agenda: Agenda) -> bool:
        if self.desired.until is not None and self.now >= self.desired.until:
            self.desired = await flow.wanted(self.hands, self.declaration)
            await self._ask(Cause.SWEEP)
        elif agenda.triggers_at is None or agenda.triggers_at > self.now:
            return False
        done = await flow.reconcile(self.hands, self.declaration, self.desired, self._adopt, opens_at=self._opens_at)
        if done is not None and not self._heard and all(one.subject != EVERYTHING for one in done.asked):
            await self._read_back()
        return done is not None

    def _told_at(self) -> tuple[datetime | None, ...]:
        """When something comes from Telnyx next, or happens there; by its clock."""
        return self.post.next_due(), _not_before(self.emulator.next_due(self.seconds))

    def _adopt(self, desired: Desired) -> None:
        self.desired = desired

    async def _execute(self, agenda: Agenda) -> bool:
        if agenda.urgency is None:
            return False
        try:
            done = await flow.execute(
                self.hands, lambda: self.desired, agenda.urgency, may_send=lambda: self._opens_at() is None
            )
        except LeaseLost:
            return True
        if done is not None:
            self.verdicts.append(done)
        return done is not None

    async def _notify(self, _: Agenda) -> bool:
        if not self._untold:
            return False
        self._untold = False
        if self.now >= self._judges_at:
            self._judges_at = self.now + timedelta(seconds=JUDGE_SECONDS)
            unsigned, opens_at = self._meter.refusals.told(self._started), self._opens_at()
            self._holds = await flow.judge(self.hands, self.desired, unsigned, self._holds, opens_at)
            await self._note()
        self.messages.extend(await flow.notify(self.hands, self.settings.alerts.grouping, ROUTING))
        delivered = await flow.deliver(self.hands, Mailbox())
        self._untold = delivered is not None
        return self._untold

    async def _note(self) -> None:
        """Note what fires, at once: what is resolved before it is told leaves no trace in the store."""
        self.fired |= {(one.alert.value, one.subject) for one in await self.alerts()}

    def _ring(self) -> None:
        self._unread = True

    async def _read_back(self) -> None:
        """Take in what Telnyx told and did not reach us: after the first look, and at each resync."""
        self._heard = self._unread = True
        await flow.read_back(self.hands)

    async def _ask(self, cause: Cause) -> None:
        await self.store.ask((Trigger(EVERYTHING, cause, self.now),))

    def _schedule(self) -> None:
        match self.settings.drift_check:
            case Every(interval):
                self._sweeps_at = self.now + interval
            case Cron():
                self._sweeps_at = None

    def _opens_at(self) -> datetime | None:
        return opens(self.settings.windows, now=self.now)

    def _write(self, pools: str, rest: str) -> None:
        self._config.write_text(
            f"version: 1\n"
            f"telnyx: {{base_url: 'http://telnyx.test/v2', api_key: {self.emulator.behaviour.api_key},"
            f" public_key: {self.emulator.public_key}, rate_limit: {self._rate}}}\n"
            f"pools:\n{dedent(pools).strip()}\n{dedent(rest)}"
        )


def pool_of(numbers: Iterable[str], *more: str, name: str = POOL) -> str:
    """A pool of these numbers, as a person writes it, with more lines of it."""
    listed = ", ".join(f"'{number}'" for number in numbers)
    lines = (f"campaign: {CAMPAIGN}", f"numbers: [{listed}]", *more)
    return "\n".join((f"- name: {name}", *(f"  {line}" for line in lines), ""))


def account_of(numbers: Iterable[str], status: str = "MNO_PROVISIONED") -> Callable[[Emulator], None]:
    """The numbers, and the campaign of `pool_of` in this status; nothing is assigned."""

    def stage(emulator: Emulator) -> None:
        emulator.add_campaign(CAMPAIGN, status=status, webhook_url=HOOK)
        for number in numbers:
            emulator.add_number(number)

    return stage


@asynccontextmanager
async def a_world(
    folder: Path,
    pools: str,
    *,
    rest: str = "",
    behaviour: Behaviour | None = None,
    rate: str = "100/s",
    seed: int = 0,
    stage: Callable[[Emulator], None] = lambda _: None,
) -> AsyncIterator[World]:
    """A world with this config: the lines under `pools:`, and other sections as `rest`.

    `stage` puts into the account what is there before the service starts.
    """
    world = World(folder, pools, rest=rest, behaviour=behaviour or Behaviour(), rate=rate, seed=seed)
    stage(world.emulator)
    await world.start()
    try:
        yield world
    finally:
        await world.close()


def _not_before(seconds: float | None) -> datetime | None:
    """The first time of a clock of whole microseconds at which it is due."""
    if seconds is None:
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    return at if at.timestamp() >= seconds else at + timedelta(microseconds=1)
