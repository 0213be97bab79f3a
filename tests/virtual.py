"""The whole service in virtual time: the real flow, store and client on an emulated account, and no waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from reconciler import flow
from reconciler.app.stands import stale_after
from reconciler.decide.enlist import enlist
from reconciler.decide.facts import facts
from reconciler.decide.phase import phase
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.ids import PoolName
from reconciler.model.patience import Patience
from reconciler.model.pools import Declaration, Desired
from reconciler.model.settings import Secret, Settings, TelnyxSettings
from reconciler.model.standing import Standing
from reconciler.ports import Hands
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.store import Inline, open_store
from reconciler.store.store import SqlStore
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import identify, parse_event
from reconciler.telnyx.limiter import Limiter
from tests.builders import NOW, POOL, SECOND

HOOK = "http://127.0.0.1:9/webhooks/telnyx"
KEY = bytes(range(32))
MOST_STEPS = 2_000
"""Of one run: a service that is never done with what is due fails here."""
SETTINGS = Settings(TelnyxSettings(Secret("KEY-sandbox"), (), base_url="http://127.0.0.1:9/v2"))


class Turned:
    """A clock that the world turns, and chance without surprises."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def draw(self) -> float:
        return 0.5


class Virtual(httpx.AsyncBaseTransport):
    """A world: what comes due happens at its time, one thing after the other."""

    def __init__(self, emulator: Emulator, declaration: Declaration) -> None:
        self.clock = Turned()
        self.emulator = emulator
        self.declaration = declaration
        self.store: SqlStore
        self.hands: Hands
        self.desired: Desired
        self.losing_webhooks = False
        self.losing_answers = 0
        """Of so many of the next POSTs, the answer is lost."""
        self.may_send = True
        self.deleted: set[str] = set()
        """Campaigns that Telnyx does not know any more, by the ids in the config."""
        self.alerts: set[tuple[str, str]] = set()
        """Every alert that ever fired: its name and its subject."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the emulator does, at once."""
        query = list(request.url.params.multi_items())
        path = request.url.raw_path.partition(b"?")[0].decode()
        if path.endswith(tuple(f"/campaign/{id_}" for id_ in self.deleted)):
            gone = {"code": "10005", "title": "Resource not found", "detail": "No such campaign"}
            return httpx.Response(404, json={"errors": [gone]})
        headers = {"Authorization": request.headers["authorization"]}
        body = await request.aread()
        reply = self.emulator.apply(request.method, path, query, body, self.clock.time.timestamp(), headers)
        if request.method == "POST" and self.losing_answers:
            self.losing_answers -= 1
            raise httpx.ReadError("the answer was lost", request=request)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)

    @property
    def now(self) -> float:
        """The time, as the emulator counts it."""
        return self.clock.time.timestamp()

    def posts(self) -> list[tuple[float, int]]:
        """The requests to assign that were made: seconds since the beginning, and how each was answered."""
        calls = (one for one in self.emulator.journal() if one.method == "POST")
        return [(round(one.at - NOW.timestamp(), 1), one.status) for one in calls]

    def removals(self) -> int:
        """Requests that would take a number away or move it."""
        return sum(one.method in ("DELETE", "PUT", "PATCH") for one in self.emulator.journal())

    async def sweep(self) -> None:
        """Look everywhere, and do all that is due."""
        await self.store.ask((Trigger(EVERYTHING, Cause.SWEEP, self.clock.time),))
        await self.run(timedelta())

    async def run(self, span: timedelta) -> None:
        """Let time pass, and everything that is due in it happen."""
        end = self.clock.time + span
        for _ in range(MOST_STEPS):
            await self._now()
            agenda = await self.store.agenda(self.clock.time, None if self.may_send else end + SECOND)
            due = self.emulator.next_due(self.now)
            times = [agenda.operations_at, agenda.triggers_at]
            times.append(None if due is None else datetime.fromtimestamp(due, UTC) + timedelta(microseconds=1))
            after = min((at for at in times if at is not None), default=end)
            if after > end or (after == end == self.clock.time):
                self.clock.time = end
                return
            self.clock.time = max(after, self.clock.time + timedelta(milliseconds=1))
        raise AssertionError("the service is never done")

    async def _now(self) -> None:
        """What is due now, until nothing is."""
        hands = self.hands
        for delivery in self.emulator.tick(self.now):
            if not self.losing_webhooks:
                event_id, digest, flaw = identify(delivery.body)
                await self.store.receive(event_id, digest, delivery.body, self.clock.time, flaw)
            self.emulator.delivered(delivery.id, 200, self.now)
        await flow.process_events(hands, self.desired)
        while await flow.reconcile(hands, self.declaration, self.desired, self._adopt) is not None:
            await self._note()
        while (urgency := (await self.store.agenda(self.clock.time)).urgency) is not None:
            done = await flow.execute(hands, lambda: self.desired, urgency, may_send=lambda: self.may_send)
            await self._note()
            if done is None:
                break

    def _adopt(self, desired: Desired) -> None:
        self.desired = desired

    async def _note(self) -> None:
        alerts, _ = await self.store.alerts()
        self.alerts |= {(one.condition.alert, one.condition.subject) for one in alerts if one.resolved_at is None}

    async def phases(self, pool: PoolName = POOL) -> dict[str, int]:
        """How many numbers of a pool are in each phase."""
        return Counter(standing.phase for standing in await self._standings(pool))

    async def reasons(self, pool: PoolName = POOL) -> set[str]:
        """Why numbers of a pool are not Ready."""
        return {standing.reason for standing in await self._standings(pool)}

    async def _standings(self, name: PoolName) -> list[Standing]:
        memory, now, limit = await self.store.recall(None), self.clock.time, stale_after(SETTINGS)
        (pool,) = (one for one in self.desired.pools if one.name == name)
        return [phase(facts(one, self.desired, memory), now=now, stale_after=limit) for one in pool.numbers]


@asynccontextmanager
async def virtual(
    folder: Path,
    declaration: Declaration,
    *,
    behaviour: Behaviour | None = None,
    patience: Patience | None = None,
) -> AsyncIterator[Virtual]:
    """A world whose account holds each campaign and each number that the config names, the campaigns approved."""
    emulator = Emulator(behaviour or Behaviour(), KEY)
    world = Virtual(emulator, declaration)
    for pool in declaration.pools:
        emulator.add_campaign(pool.campaign, status="MNO_PROVISIONED", webhook_url=HOOK, now=world.now)
        for one in pool.listed:
            emulator.add_number(one.number)
    limiter = Limiter(1000, burst=1000)
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=Inline) as store:
        async with TelnyxClient(SETTINGS.telnyx, world.clock, limiter, transport=world) as telnyx:
            world.store = store
            world.desired = enlist(declaration, (), now=NOW)
            world.hands = Hands(telnyx, store, world.clock, world.clock, parse_event, patience or Patience())
            yield world
