"""Receivers side by side, on real sockets: one that hangs holds up nobody, and a stop begins nothing more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.alerts.webhook import WebhookSink
from reconciler.app.postman import NOTIFY_SECONDS, Postman
from reconciler.app.teller import Teller
from reconciler.app.world import SystemChance, SystemClock
from reconciler.model.alerts import AlertName, Condition, Family, Grouping, Judgement, Sent
from reconciler.model.errors import Fault
from reconciler.model.routing import Audience, Routing
from reconciler.model.settings import AlertSettings, LogReceiver, Secret
from reconciler.ports import Hands, Sink
from reconciler.sandbox.mailbox import mailbox
from reconciler.store import open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from reconciler.web.metrics import Meter
from tests.builders import MINUTE
from tests.telnyx.scripted import settings

pytestmark = pytest.mark.anyio

FAILED = AlertName.ASSIGNMENT_FAILED


@asynccontextmanager
async def hanging() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A receiver that takes a request and never answers: its URL, and whether it was asked."""
    asked = asyncio.Event()
    held: set[asyncio.StreamWriter] = set()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(writer)
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", asked
        for writer in held:
            writer.close()


@asynccontextmanager
async def hands_of(folder: Path) -> AsyncIterator[Hands]:
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True) as store:
        async with TelnyxClient(settings("http://127.0.0.1:1"), SystemClock(), Limiter(1)) as telnyx:
            yield Hands(telnyx, store, SystemClock(), SystemChance(), parse_event)


async def fire(hands: Hands, *pools: str) -> None:
    """Something holds in these pools, for longer than the wait."""
    conditions = tuple(Condition(FAILED, pool, "+12025550123", "capacity") for pool in pools)
    families = tuple(Family(FAILED, pool) for pool in pools)
    await hands.store.judge(Judgement(families, conditions), hands.clock.now() - MINUTE)


async def notify(hands: Hands, *names: str) -> int:
    return len(await flow.notify(hands, Grouping(), Routing(tuple(map(Audience, names)))))


@pytest.mark.covers("F-72")
async def test_a_receiver_that_hangs_delays_no_other(tmp_path: Path) -> None:
    async with hanging() as (url, asked), mailbox() as box, hands_of(tmp_path) as hands:
        stuck: Sink = WebhookSink("stuck", Secret(url), hands.clock)
        quick: Sink = WebhookSink("quick", Secret(box.url), hands.clock)
        async with asyncio.TaskGroup() as tasks:
            postman = Postman(tasks, Teller(Meter("test")), lambda: False)
            await fire(hands, "a")
            assert await notify(hands, "stuck", "quick") == 2
            postman.go(hands, [stuck, quick])
            async with asyncio.timeout(5):
                await asked.wait()
            await box.wait(5, pool="a")

            began = time.monotonic()
            await fire(hands, *(f"p{index}" for index in range(20)))
            await notify(hands, "stuck", "quick")
            postman.go(hands, [stuck, quick])
            async with asyncio.timeout(5):
                await box.wait(5, pool="p9")
            took = time.monotonic() - began

            underway = [task for task in asyncio.all_tasks() if task.get_name().startswith("deliver to")]
            assert {task.get_name() for task in underway} >= {"deliver to stuck"}
            for task in underway:
                task.cancel()
        assert [letter["pool"] for letter in box.letters] == ["a", *sorted(f"p{index}" for index in range(20))]
        assert took < 5  # the one that hangs has 10 s, and has them still


async def test_one_parcel_is_under_way_to_a_receiver_at_a_time(tmp_path: Path) -> None:
    async with hanging() as (url, asked), hands_of(tmp_path) as hands:
        stuck = WebhookSink("stuck", Secret(url), hands.clock)
        async with asyncio.TaskGroup() as tasks:
            postman = Postman(tasks, Teller(Meter("test")), lambda: False)
            await fire(hands, "a", "b")
            await notify(hands, "stuck")
            for _ in range(3):
                postman.go(hands, [stuck])
            async with asyncio.timeout(5):
                await asked.wait()
            underway = [task for task in asyncio.all_tasks() if task.get_name() == "deliver to stuck"]
            assert len(underway) == 1
            underway[0].cancel()


async def test_once_stopping_nothing_more_is_begun(tmp_path: Path) -> None:
    stopping = False
    async with mailbox() as box, hands_of(tmp_path) as hands:
        sink = WebhookSink("ops", Secret(box.url), hands.clock)
        async with asyncio.TaskGroup() as tasks:
            postman = Postman(tasks, Teller(Meter("test")), lambda: stopping)
            await fire(hands, "a")
            await notify(hands, "ops")
            stopping = True
            postman.go(hands, [sink])
        assert not box.letters
        stopping = False
        async with asyncio.TaskGroup() as tasks:
            Postman(tasks, Teller(Meter("test")), lambda: stopping).go(hands, [sink])
        assert len(box.letters) == 1


@pytest.mark.covers("F-72")
async def test_what_a_killed_process_had_under_way_arrives_under_the_same_id(tmp_path: Path) -> None:
    """Whether it had arrived nobody knows: it is sent again, and its receiver can tell."""
    async with mailbox() as box:
        for fires in (True, False):
            async with hands_of(tmp_path) as hands:
                if fires:
                    await fire(hands, "a")
                    assert await notify(hands, "ops") == 1
                    parcel = await hands.store.take_parcel("ops", hands.clock.now())
                    assert parcel is not None
                    await WebhookSink("ops", Secret(box.url), hands.clock).send(parcel.body)  # and then it dies
                else:
                    assert await notify(hands, "ops") == 0
                    await flow.deliver(hands, WebhookSink("ops", Secret(box.url), hands.clock))
                    assert await flow.deliver(hands, WebhookSink("ops", Secret(box.url), hands.clock)) is None

        assert len({str(letter["id"]) for letter in box.letters}) == 1
        assert len(box.letters) == 2


@dataclass
class Broken:
    """A receiver with a bug."""

    name: str = "broken"
    notes: str = ""

    async def send(self, body: str) -> Sent | Fault:
        raise RuntimeError(body[:1])


def settings_of(*names: str) -> AlertSettings:
    receivers = tuple(LogReceiver(name) for name in names)
    return AlertSettings(receivers=receivers, routing=Routing(tuple(map(Audience, names))))


async def test_what_goes_wrong_on_the_way_is_raised_in_the_loop_and_stops_no_other(tmp_path: Path) -> None:
    async with mailbox() as box, hands_of(tmp_path) as hands:
        sinks: dict[str, Sink] = {"broken": Broken(), "ops": WebhookSink("ops", Secret(box.url), hands.clock)}
        alerts = settings_of("broken", "ops")
        async with asyncio.TaskGroup() as tasks:
            postman = Postman(tasks, Teller(Meter("test")), lambda: False, lambda: 0.0)
            await fire(hands, "a")
            await postman.step(hands, alerts, sinks)
            async with asyncio.timeout(5):
                await asyncio.wait([one for one in asyncio.all_tasks() if one.get_name().startswith("deliver to")])
            with pytest.raises(RuntimeError):
                await postman.step(hands, alerts, sinks)
        assert [letter["pool"] for letter in box.letters] == ["a"]


async def test_a_look_at_all_alerts_is_followed_by_a_pause_that_no_ring_cuts_short(tmp_path: Path) -> None:
    times = iter([100.0, 100.5, 101.0, 105.0, 105.1])
    async with hands_of(tmp_path) as hands, asyncio.TaskGroup() as tasks:
        postman = Postman(tasks, Teller(Meter("test")), lambda: False, lambda: next(times))

        assert await postman.step(hands, settings_of(), {}) == NOTIFY_SECONDS
        assert await postman.step(hands, settings_of(), {}) == 4.0
        assert await postman.step(hands, settings_of(), {}) == NOTIFY_SECONDS


async def test_who_left_the_config_is_forgotten_before_anything_else_is_posted(tmp_path: Path) -> None:
    async with hands_of(tmp_path) as hands, asyncio.TaskGroup() as tasks:
        postman = Postman(tasks, Teller(Meter("test")), lambda: False, lambda: 0.0)
        await fire(hands, "a")
        await postman.step(hands, settings_of("gone", "ops"), {})
        assert await hands.store.waiting(hands.clock.now()) == {"gone", "ops"}

        await postman.step(hands, settings_of("ops", "new"), {})

        assert await hands.store.waiting(hands.clock.now()) == {"ops", "new"}
        _, groups = await hands.store.alerts()
        assert {group.receiver for group in groups} == {"ops", "new"}
