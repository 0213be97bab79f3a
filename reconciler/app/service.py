"""The running service: the config in force, and one loop for each step of the flow, woken when there is work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial

import structlog

from reconciler import flow
from reconciler.app.backlog import Backlog
from reconciler.app.bell import IDLE_SECONDS, Bell, seconds_until
from reconciler.app.caretaker import Caretaker
from reconciler.app.judge import Judge
from reconciler.app.loop import TROUBLE_SECONDS, loop
from reconciler.app.measuring import measure
from reconciler.app.postman import Postman
from reconciler.app.pulse import Pulse
from reconciler.app.report import not_ours
from reconciler.app.teller import Teller
from reconciler.app.timekeeper import Timekeeper
from reconciler.decide import conditions
from reconciler.decide.enlist import enlist
from reconciler.decide.opens import opens
from reconciler.model.alerts import Judgement
from reconciler.model.errors import ConfigError, LeaseLost, StoreError
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.pools import Declaration, Desired
from reconciler.model.settings import Settings
from reconciler.model.verdicts import StopAll
from reconciler.ports import Hands, PoolsFile, Sink
from reconciler.schedule import Schedule
from reconciler.store.store import SqlStore
from reconciler.web.metrics import Meter

MOST_IN_FLIGHT = 8
"""Operations at a time, as many as the client has in flight. Numbers are independent; where no answer comes, half of
these read what is in doubt (`store.lineup`), and the others go on."""
WATCH_SECONDS = 30.0
"""Between two looks at whether the config file has changed."""

log = structlog.get_logger()


class Service:
    """Holds what a reload changes, and runs the loops. `store` is also `hands.store`."""

    def __init__(
        self,
        *,
        file: PoolsFile,
        settings: Settings,
        declaration: Declaration,
        hands: Hands,
        store: SqlStore,
        sinks: Mapping[str, Sink],
        meter: Meter,
        refit: Callable[[Service, Settings], Awaitable[None]],
    ) -> None:
        """`refit` makes the parts anew that a reloaded config changes."""
        self.file = file
        self.settings = settings
        self.declaration = declaration
        self.desired: Desired = enlist(declaration, (), now=hands.clock.now())
        """What is wanted now; what selections chose is taken in when the service runs."""
        self.hands = hands
        self.store = store
        self.sinks = sinks
        self.meter = meter
        self.teller = Teller(meter)
        self.schedule = Schedule(self.sweep, self.resync)
        self._bells = tuple(Bell() for _ in range(8))
        self.reading, self.planning, self.executing, self.notifying = self._bells[:4]
        self.judging, self._measuring, self._watching, self._timing = self._bells[4:]
        self._judge, self.pulse = Judge(meter.refusals, hands.clock.now()), Pulse()
        self._timekeeper = Timekeeper(hands.clock, self._moved, self._settled)
        self.backlog = Backlog(self.teller, self.reading)
        self.caretaker = Caretaker(meter, store, hands.clock)
        self._refit = refit
        self._reloading = asyncio.Lock()
        self._fingerprint = file.fingerprint()
        self._stopping = False

    async def run(self) -> None:
        """Recover, sweep, and go on until cancelled."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._loop("watch the store", self._care, self.caretaker.bell))
                while not self._stopping and not await self._begun():
                    await self.planning.wait(TROUBLE_SECONDS)
                postman = Postman(loops, self.teller, lambda: self._stopping)
                for name, step, bell in (
                    ("read events", self._read_events, self.reading),
                    ("read deliveries", lambda: self.backlog.step(self.hands), self.backlog.bell),
                    ("reconcile", self._reconcile, self.planning),
                    *((f"execute {one}", self._execute, self.executing) for one in range(1, MOST_IN_FLIGHT + 1)),
                    ("judge", lambda: self._judge.step(self.hands, self.desired, self._opens_at()), self.judging),
                    ("keep time", lambda: self._timekeeper.step(self.hands, self.store), self._timing),
                    ("notify", lambda: self._notify(postman), self.notifying),
                    ("measure", self._measure, self._measuring),
                    ("watch the config", self.watch, self._watching),
                ):
                    loops.create_task(self._loop(name, step, bell), name=name)
        finally:
            self.schedule.stop()

    async def _begun(self) -> bool:
        """Take up what was left. False: the store is in trouble now, and all of it may be done again."""
        try:
            await self.store.judge(conditions.of_start(), self.hands.clock.now())
            await self._note_config(valid=True)
            await self._enlist(self.declaration)
            if left := await flow.recover(self.hands, self.desired):
                log.info("recovered", unresolved=left)
            if (epoch := await self.store.epoch()).is_told(self.hands.clock.now()):
                log.warning("store_not_as_left", cause=epoch.cause.value, epoch=epoch.number, since=str(epoch.began_at))
            await self._ask(Cause.START)
            self.schedule.start(self.settings, (await self.store.recall(())).resynced_at)
        except StoreError as trouble:
            log.warning("begin_failed", detail=str(trouble), retry_in_seconds=TROUBLE_SECONDS)
            return False
        return True

    def stop(self) -> None:
        """Let every loop end after the step that it is in."""
        self._stopping = True
        for bell in (*self._bells, self.backlog.bell, self.caretaker.bell):
            bell.ring()

    async def sweep(self) -> None:
        """Ask for a look everywhere: what the schedule calls."""
        await self._ask(Cause.SWEEP)

    async def resync(self) -> None:
        """Ask for everything to be read anew, however fresh, and for what was told and did not come."""
        now = self.hands.clock.now()
        await self.store.resync(now)
        self.backlog.ask(now)
        self.planning.ring()

    async def sync(self) -> None:
        """The same, for a person who waits for it."""
        await self._ask(Cause.REQUEST)

    async def reload(self) -> None:
        """Take the config file's new content. Raises ConfigError, and keeps the last good one, if it is invalid."""
        async with self._reloading:
            try:
                await self._take_in()
            except StoreError:
                self._fingerprint = ""  # of no file: the next look takes in what could not be taken in now
                raise

    async def _take_in(self) -> None:
        hands, now = self.hands, self.hands.clock.now()
        try:
            settings, declaration = await self._load()
            desired = await flow.wanted(self.hands, declaration)
            await self._refit(self, settings)
        except ConfigError as error:
            told = [f"{problem.place}: {problem.message}" for problem in error.problems]
            log.warning("config_reload_failed", problems=told[:5], count=len(told))
            await self.store.judge(conditions.of_reload(error.problems), now)
            await self._note_config(valid=False)
            self.notifying.ring()
            raise
        self.settings, self.declaration, self.desired = settings, declaration, desired
        await self._probe_anew(hands)
        self.schedule.change(settings, (await self.store.recall(())).resynced_at)
        await self.store.judge(conditions.of_reload(()), now)
        await self._note_config(valid=True)
        log.info("config_reloaded", digest=desired.revision[:12], pools=len(desired.pools))
        await self._ask(Cause.RELOAD)

    async def _load(self) -> tuple[Settings, Declaration]:
        try:
            return await asyncio.to_thread(flow.load, self.file)
        finally:  # of what was just read, valid or not: only what changes from now on is news
            self._fingerprint = await asyncio.to_thread(self.file.fingerprint)

    async def _probe_anew(self, hands: Hands) -> None:
        """What an account or key was refused says nothing of the one that took its place."""
        if hands is not self.hands:
            await self.store.probe(self.hands.clock.now())
            await self._ask(Cause.PROBE)

    async def _ask(self, cause: Cause) -> None:
        await self.store.ask((Trigger(EVERYTHING, cause, self.hands.clock.now()),))
        self.planning.ring()

    async def _note_config(self, *, valid: bool) -> None:
        now = self.hands.clock.now()
        self.meter.config_loaded(now, ok=valid)
        await self.store.note_config(self.desired.revision if valid else None, now)

    async def _loop(self, name: str, step: Callable[[], Awaitable[float]], bell: Bell) -> None:
        """Call a step for ever. It answers how long it may rest."""
        await loop(name, self.pulse.felt(name, step), bell, is_stopping=lambda: self._stopping, tell=self._tell)

    async def _tell(self, judgement: Judgement) -> None:
        await self.store.judge(judgement, self.hands.clock.now())

    async def _read_events(self) -> float:
        finished = await flow.process_events(self.hands, self.desired)
        self.teller.events(finished)
        if finished:
            self.planning.ring()
        return 0.0 if len(finished) == flow.MOST_EVENTS else IDLE_SECONDS

    async def _reconcile(self) -> float:
        hands, declaration, started = self.hands, self.declaration, self.hands.clock.now()
        if self.desired.until is not None and started >= self.desired.until:
            await self._enlist(declaration)
            await self._ask(Cause.SWEEP)
        async with AsyncExitStack() as failing:
            failing.push_async_callback(self.store.let_go)
            adopt = partial(self._adopt, declaration)
            done = await flow.reconcile(hands, declaration, self.desired, adopt, opens_at=self._opens_at)
            failing.pop_all()
        if done is None:
            agenda = await self.store.agenda(started, self._opens_at())
            return seconds_until(self.hands.clock.now(), agenda.triggers_at, self.desired.until)
        self.teller.round(done)
        if done.halt is not None:
            await self._probe_anew(hands)
        if all(one.subject != EVERYTHING for one in done.asked):
            self.backlog.begin(done.finished_at)
        self.executing.ring()
        self.notifying.ring()
        read = {one.id: one for one in done.campaigns}
        self.teller.not_ours(not_ours(self.desired, read, self.settings.webhook.public_url))
        return 0.0

    async def _enlist(self, declaration: Declaration) -> None:
        """Take what is wanted now."""
        self._adopt(declaration, await flow.wanted(self.hands, declaration))

    def _adopt(self, declaration: Declaration, desired: Desired) -> None:
        """Want this from now on, unless the config was reloaded meanwhile: then that was found anew anyway."""
        if declaration is self.declaration:
            self.desired = desired

    async def watch(self) -> float:
        """Reload if the config file, or a file that it names, has changed since it was last looked at."""
        if await asyncio.to_thread(self.file.fingerprint) != self._fingerprint:
            log.info("config_changed")
            with contextlib.suppress(ConfigError):  # told in the log, in the status and by an alert
                await self.reload()
        return WATCH_SECONDS

    async def _notify(self, postman: Postman) -> float:
        if self.caretaker.writes_fail:  # a message whose sending cannot be noted would be sent again and again
            return TROUBLE_SECONDS
        return await postman.step(self.hands, self.settings.alerts, self.sinks)

    async def _care(self) -> float:
        return await self.caretaker.step(self.settings.alerts, self.sinks)

    async def _measure(self) -> float:
        return await measure(self.store, self.desired, self.settings, self.meter, self.hands.clock)

    def _opens_at(self) -> datetime | None:
        return opens(self.settings.windows, now=self.hands.clock.now())

    def _may_send(self) -> bool:
        return not self._stopping and self._opens_at() is None

    async def _execute(self) -> float:
        hands = self.hands
        agenda = await self.store.agenda(hands.clock.now(), self._opens_at())
        if agenda.urgency is None:
            return seconds_until(hands.clock.now(), agenda.operations_at)
        try:
            done = await flow.execute(hands, lambda: self.desired, agenda.urgency, may_send=self._may_send)
        except LeaseLost as lost:
            log.warning("lease_lost", detail=str(lost))
            return 0.0
        if done is None:
            return 0.05  # another of these loops took it; the agenda is right again in a moment
        self.teller.operation(*done, self.hands.clock.now())
        if isinstance(done[1], StopAll):
            await self._probe_anew(hands)
        for bell in (self.executing, self.planning, self.notifying):
            bell.ring()
        return 0.0

    def _moved(self, by: timedelta) -> None:
        for one in (self._judge, self.backlog, self.teller, self.hands.telnyx):
            one.moved(by)

    async def _settled(self) -> None:
        self.schedule.anew(self.settings, (await self.store.recall(())).resynced_at)
        for bell in (*self._bells, self.backlog.bell):
            bell.ring()
