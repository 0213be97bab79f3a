"""A service at work in this process: its loops run, on an emulated Telnyx, by a config file that a test rewrites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler import flow
from reconciler.app.service import Service
from reconciler.app.wiring import make_limiter, make_patience, make_telnyx
from reconciler.app.world import SystemChance, SystemClock
from reconciler.config import ConfigFile
from reconciler.model.pools import Declaration
from reconciler.model.settings import Settings
from reconciler.ports import Clock, Hands, PoolsFile
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Call, Emulator
from reconciler.sandbox.line import Line
from reconciler.sandbox.scene import SIGNING_KEY
from reconciler.sandbox.wire import serving
from reconciler.store import SqlStore, open_store
from reconciler.telnyx.events import parse_event
from reconciler.web.metrics import Meter

LOOK_SECONDS = 0.01
SECONDS = 20.0
CAMPAIGN = "9c1f7c52-0d3e-4a51-8a34-5be0a7c0d001"
OTHER = "4b30019f-a9df-e17b-3529-70677db27ec4"
"""Both are approved, and send no webhooks: what happens is seen by looking."""
NUMBERS = tuple(f"+1202555{n:04}" for n in range(100, 140))


def pool(name: str, numbers: Iterable[str], campaign: str = CAMPAIGN, **policy: str) -> str:
    """A pool of a config."""
    lines = "".join(f'      - "{number}"\n' for number in numbers)
    rules = "".join(f", {key}: {value}" for key, value in policy.items())
    return f"""\
  - name: {name}
    campaign: {campaign}
    policy: {{allow_empty: true{rules}}}
    numbers:
{lines}"""


async def nothing(_: Service, __: Settings) -> None:
    """No part of these services depends on the settings."""


def a_service(
    file: PoolsFile,
    settings: Settings,
    declaration: Declaration,
    hands: Hands,
    store: SqlStore,
    refit: Callable[[Service, Settings], Awaitable[None]] = nothing,
) -> Service:
    """A service that tells nobody of its alerts."""
    return Service(
        file=file,
        settings=settings,
        declaration=declaration,
        hands=hands,
        store=store,
        sinks={},
        meter=Meter("test"),
        refit=refit,
    )


@dataclass
class Work:
    """A running service, and the world around it."""

    service: Service
    line: Line
    file: Path
    rate: str
    schedule: str = ""

    def write(self, *pools: str) -> None:
        """Write a config with these pools."""
        self.file.write_text(config(self.line, *pools, rate=self.rate, schedule=self.schedule))

    async def reload(self, *pools: str) -> None:
        """Write a config with these pools, and take it in."""
        self.write(*pools)
        await self.service.reload()

    def posts(self) -> list[Call]:
        """Every request for an assignment."""
        return [call for call in self.line.emulator.journal() if call.method == "POST"]

    def writes(self) -> list[Call]:
        """Everything but reads."""
        return [call for call in self.line.emulator.journal() if call.method != "GET"]

    def posts_of(self, numbers: Iterable[str]) -> list[int]:
        """How often each of these was asked for."""
        return [self.line.emulator.posts(number) for number in numbers]

    def is_on(self, campaign: str, numbers: Iterable[str]) -> bool:
        """Whether all of these are assigned to a campaign."""
        found = self.line.emulator.assignments()
        return all(n in found and (found[n].campaign_id, found[n].status) == (campaign, "ASSIGNED") for n in numbers)

    async def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until this holds. Raises TimeoutError."""
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    if holds():
                        return
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"waited {SECONDS:.0f} s for {what}") from None

    async def until_looked(self) -> None:
        """Wait until nothing that is due waits to be looked at."""
        async with asyncio.timeout(SECONDS):
            while True:
                if not await self.service.store.due_triggers(self.service.hands.clock.now(), 1):
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def until_quiet(self) -> None:
        """Wait until no operation is open either."""
        async with asyncio.timeout(SECONDS):
            while True:
                await self.until_looked()
                if not await self.service.store.operations_open():
                    return
                await asyncio.sleep(LOOK_SECONDS)


def config(line: Line, *pools: str, rate: str, schedule: str = "") -> str:
    """A whole config."""
    return f"""\
version: 1
telnyx: {{base_url: {line.base_url}, api_key: KEY-sandbox, rate_limit: {rate}, settle_window: 1s}}
schedule: {{drift_check: every 1h{schedule}}}
pools:{" []" if not pools else ""}
{"".join(pools)}"""


@asynccontextmanager
async def at_work(
    folder: Path,
    *pools: str,
    rate: str = "100/s",
    schedule: str = "",
    seconds: float = 0.05,
    numbers: Iterable[str] = NUMBERS,
    clock: Clock | None = None,
) -> AsyncIterator[Work]:
    """Run a service on these pools. An assignment takes so many seconds."""
    emulator = Emulator(Behaviour(assignment_seconds=seconds, carrier_seconds=0.05), SIGNING_KEY)
    for campaign in (CAMPAIGN, OTHER):
        emulator.add_campaign(campaign, status="MNO_PROVISIONED")
    for number in numbers:
        emulator.add_number(number)

    clock = clock or SystemClock()
    async with serving(emulator) as line:
        path = folder / "tendlc.yaml"
        path.write_text(config(line, *pools, rate=rate, schedule=schedule))
        file = ConfigFile(path, {})
        settings, declaration = flow.load(file)
        with open_store(f"sqlite:///{folder}/tendlc.db", writer=True) as store:
            async with make_telnyx(
                settings, make_limiter(settings), lambda *_: None, read_only=False, clock=clock
            ) as telnyx:
                hands = Hands(telnyx, store, clock, SystemChance(), parse_event, make_patience(settings))
                service = a_service(file, settings, declaration, hands, store)
                running = asyncio.create_task(service.run())
                try:
                    yield Work(service, line, path, rate, schedule)
                finally:
                    service.stop()
                    await running
