"""The service's loops: how they rest, and how they end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.app.world import SystemChance, SystemClock
from reconciler.model.pools import Declaration
from reconciler.model.settings import Draft, Secret, Settings, TelnyxSettings
from reconciler.ports import Hands
from reconciler.store import open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.app.at_work import NUMBERS, a_service, at_work, pool

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class NoFile:
    """A config file that is never read."""

    path: Path

    def read(self) -> Draft:
        return Draft(self.path, "", None, ())

    def fingerprint(self) -> str:
        return ""


async def test_a_loop_whose_brother_took_the_ring_of_the_stop_ends_too(tmp_path: Path) -> None:
    settings = Settings(TelnyxSettings(Secret("KEY"), ()))
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True) as store:
        async with TelnyxClient(settings.telnyx, SystemClock(), Limiter(1)) as telnyx:
            hands = Hands(telnyx, store, SystemClock(), SystemChance(), parse_event)
            service = a_service(NoFile(tmp_path), settings, Declaration("r1", ()), hands, store)

            async def stopped_meanwhile() -> float:
                service.stop()
                await service.executing.wait(0)  # as a loop does that shares the bell
                return 3600.0

            async with asyncio.timeout(10):
                await service._loop("execute", stopped_meanwhile, service.executing)  # noqa: SLF001 -- the race, held still


async def test_who_waits_for_a_turn_when_it_stops_sends_nothing_more(tmp_path: Path) -> None:
    """A stop waits ten seconds: what is begun in these may be cut off, and then nobody knows what became of it."""
    async with at_work(tmp_path, pool("acme", NUMBERS), rate="10/s") as work:
        await work.until("requests that wait for a turn", lambda: len(work.posts()) >= 8)
        work.service.stop()
        sent = len(work.posts())

    assert len(work.posts()) - sent <= 2  # of eight that wait: what is just under way
