"""When deliveries are read back: after the first look, at a resync, and again after a failure, but not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reconciler.app.backlog import AFTER_A_HALT, REST_SECONDS, TRIES_AFTER, Backlog
from reconciler.app.bell import Bell
from reconciler.app.teller import Teller
from reconciler.app.world import SystemChance
from reconciler.model.errors import StoreError
from reconciler.model.memory import Round
from reconciler.model.plan import Plan
from reconciler.ports import Hands
from reconciler.store import Inline, SqlStore, open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from reconciler.web.metrics import Meter
from tests.builders import SECOND, a_halt
from tests.telnyx.scripted import NOW, Line, Script, reply, scripted, settings
from tests.web.edge import counted

pytestmark = pytest.mark.anyio

EVENT = {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": {"campaignId": "C6X6M95", "type": "VERIFIED"}}
TOLD = reply({"data": [{"id": "d-1", "started_at": NOW.isoformat(), "webhook": EVENT}], "meta": {"total_results": 1}})
NOTHING = reply({"data": [], "meta": {"total_results": 0}})
DOWN = reply({"errors": [{"code": "10007", "title": "Unexpected error"}]}, 500)


@dataclass
class Hand:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """A backlog, and all that it works with."""

    backlog: Backlog
    hands: Hands
    store: SqlStore
    clock: Hand
    script: Script
    meter: Meter
    reading: Bell

    async def step(self) -> float:
        return await self.backlog.step(self.hands)


@asynccontextmanager
async def a_desk(folder: Path, *answers: Line) -> AsyncIterator[Desk]:
    clock, meter, reading = Hand(), Meter("test"), Bell()
    async with scripted(*answers) as script:
        limiter = Limiter(1000, burst=1000)
        with open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=Inline) as store:
            async with TelnyxClient(settings(script.base_url), clock, limiter) as telnyx:
                hands = Hands(telnyx, store, clock, SystemChance(), parse_event)
                yield Desk(Backlog(Teller(meter), reading), hands, store, clock, script, meter, reading)


async def test_nothing_is_read_before_the_first_look_is_over_and_once_after_it(tmp_path: Path) -> None:
    async with a_desk(tmp_path, TOLD) as desk:
        assert await desk.step() == REST_SECONDS
        assert desk.script.asked == []

        desk.backlog.begin(NOW)
        assert await desk.step() == 0
        desk.backlog.begin(NOW + SECOND)
        assert await desk.step() == REST_SECONDS

        assert len(desk.script.asked) == 1


async def test_what_is_new_is_counted_told_and_read(tmp_path: Path) -> None:
    async with a_desk(tmp_path, TOLD, TOLD) as desk:
        with capture_logs() as logs:
            for _ in range(2):
                desk.backlog.ask(desk.clock.now())
                await desk.step()

        assert counted(desk.meter, "tendlc_webhooks_lost_total") == {"": 1.0}
        assert [(one["event"], one["found"], one["new"]) for one in logs] == [
            ("deliveries_read", 1, 1),
            ("deliveries_read", 1, 0),
        ]
        async with asyncio.timeout(5):
            await desk.reading.wait(3600)  # rung: it returns at once


async def test_a_failure_is_told_once_and_tried_again_a_few_times(tmp_path: Path) -> None:
    async with a_desk(tmp_path, *[DOWN] * (len(TRIES_AFTER) + 1), NOTHING) as desk:
        desk.backlog.ask(NOW)
        rests = []
        with capture_logs() as logs:
            for _ in range(len(TRIES_AFTER)):
                await desk.step()
                rests.append(await desk.step())
                desk.clock.at += timedelta(seconds=rests[-1])
            await desk.step()
            assert await desk.step() == REST_SECONDS

        assert [timedelta(seconds=one) for one in rests] == list(TRIES_AFTER)
        assert [one["event"] for one in logs] == ["deliveries_unread"]
        assert len(desk.script.asked) == len(TRIES_AFTER) + 1

        desk.backlog.ask(desk.clock.now())  # the next full resync
        with capture_logs() as logs:
            await desk.step()
        assert [one["event"] for one in logs] == ["deliveries_read"]


async def test_a_read_that_the_store_could_not_keep_is_not_made_again_at_once(tmp_path: Path) -> None:
    """Its loop goes on after seconds, and twenty pages every few seconds would be all that Telnyx hears of us."""
    async with a_desk(tmp_path) as desk:
        desk.backlog.ask(NOW)
        desk.store.close()

        with pytest.raises(StoreError, match="closed"):
            await desk.step()
        assert timedelta(seconds=await desk.step()) == TRIES_AFTER[0]


async def test_while_halted_it_waits_without_a_call(tmp_path: Path) -> None:
    plan = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="digest")
    async with a_desk(tmp_path, NOTHING) as desk:
        await desk.store.reconciled(Round(NOW, NOW, (), plan, halt=a_halt()))
        desk.backlog.ask(NOW)

        await desk.step()
        assert timedelta(seconds=await desk.step()) == AFTER_A_HALT
        assert desk.script.asked == []
