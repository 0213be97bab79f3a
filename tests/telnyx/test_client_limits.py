"""What the client's limiter learns over the wire: the pace, pauses, and whether Telnyx is there at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from reconciler.model.errors import Fault
from reconciler.model.fleet import Single
from reconciler.model.health import Health
from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Urgency
from reconciler.telnyx.allowance import HEADROOM
from reconciler.telnyx.breaker import MOST_FAILURES
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.faults import QUOTA_WAIT_SECONDS
from reconciler.telnyx.limiter import MAX_IN_FLIGHT, MAX_PAUSE_SECONDS, PAUSE_SECONDS, Limiter
from tests.telnyx.scripted import NOW, Line, Script, StoppedClock, reply, reset, scripted, settings
from tests.telnyx.virtual import START, VirtualTime

pytestmark = pytest.mark.anyio

NUMBER = PhoneNumber("+12025550123")
ITEM = {"phoneNumber": NUMBER, "campaignId": "4b300178", "assignmentStatus": "ASSIGNED"}
TOO_MANY = {"errors": [{"code": "10011", "title": "Too many requests"}]}
NOT_FOUND = {"errors": [{"code": "10005", "title": "Not found"}]}
PAGE = {"content-type": "text/html"}
EPOCH = int(NOW.timestamp())


class Wire:
    """A client of a script, whose limiter's time a test moves."""

    def __init__(self, script: Script, client: TelnyxClient, limiter: Limiter, clock: StoppedClock) -> None:
        self.script, self.client, self.limiter, self.clock = script, client, limiter, clock
        self.naps: list[float] = []

    async def look(self) -> Single | Fault:
        async with self.client.turn(Urgency.EVENT) as turn:
            return await turn.look(NUMBER)


@asynccontextmanager
async def wired(*lines: Line, ceiling: float | None = 100.0) -> AsyncIterator[Wire]:
    time, naps = [START], []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        time[0] += seconds
        await asyncio.sleep(0)

    limiter, clock = Limiter(ceiling, 50, clock=lambda: time[0], sleep=sleep), StoppedClock()
    async with scripted(*lines) as script, TelnyxClient(settings(script.base_url), clock, limiter) as client:
        wire = Wire(script, client, limiter, clock)
        wire.naps = naps
        yield wire


@pytest.mark.parametrize("status", [200, 404, 502])
async def test_every_answer_teaches_the_pace(status: int) -> None:
    headers = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "19", "X-RateLimit-Reset": "2"}
    async with wired(reply(ITEM if status == 200 else NOT_FOUND, status, headers)) as wire:
        await wire.look()

        assert wire.limiter.per_second == HEADROOM * 10


@pytest.mark.covers("A03")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7", "x-ratelimit-reset": "60"}, 7),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset": str(EPOCH + 20)}, 20),
        ({"x-ratelimit-reset": str(EPOCH + 3620), "date": "Mon, 02 Mar 2026 13:00:00 GMT"}, 20),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:09 GMT", "date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 9),
        ({"retry-after": "999999999"}, MAX_PAUSE_SECONDS),
        ({"retry-after": "soon", "x-ratelimit-reset": "-1", "x-ratelimit-remaining": "-1"}, PAUSE_SECONDS),
        ({}, PAUSE_SECONDS),
    ],
)
async def test_a_429_pauses_everybody_by_the_clock_of_who_sent_it(headers: dict[str, str], seconds: float) -> None:
    async with wired(reply(TOO_MANY, 429, headers), reply(ITEM)) as wire:
        await wire.look()
        assert wire.limiter.per_second == 50
        await wire.look()

        assert sum(wire.naps) == pytest.approx(seconds)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_429_whose_body_cannot_be_read_pauses_everybody_too(encoding: str) -> None:
    async with wired(reply(b"no gzip", 429, {"content-encoding": encoding}), reply(ITEM)) as wire:
        await wire.look()
        assert wire.limiter.per_second == 50
        await wire.look()

        assert sum(wire.naps) == pytest.approx(PAUSE_SECONDS)


async def test_a_carriers_quota_is_one_numbers_wait_and_not_everybodys() -> None:
    quota = {"errors": [{"code": "99999", "title": "Request failed. Daily quota exceeded"}]}
    async with wired(reply(quota, 429), reply(ITEM)) as wire:
        fault = await wire.look()
        await wire.look()

        assert isinstance(fault, Fault)
        assert fault.retry_after_seconds == QUOTA_WAIT_SECONDS
        assert sum(wire.naps) == pytest.approx(PAUSE_SECONDS)


@pytest.mark.covers("F-44")
async def test_calls_that_find_no_telnyx_open_the_breaker_and_one_answer_closes_it() -> None:
    lines = (*[reset] * MOST_FAILURES, reply(b"<html>", 502, PAGE), reply(NOT_FOUND, 404))
    async with wired(*lines) as wire:
        for second in range(MOST_FAILURES):
            wire.clock.time = NOW + timedelta(seconds=second)
            await wire.look()
        assert wire.naps == []
        assert (wire.client.health.succeeded_at, wire.client.health.failing_since) == (None, NOW)
        assert "the connection broke" in wire.client.health.detail
        await wire.look()
        assert wire.naps == [1.0]
        wire.clock.time = NOW + timedelta(minutes=1)
        assert await wire.look() == Single(NUMBER, None, wire.clock.time)

        assert wire.naps == [1.0, 2.0]
        assert wire.client.health == Health(wire.clock.time, None)


async def test_a_proxys_404_is_no_failure_and_no_answer_either() -> None:
    async with wired(*[reply(b"<html>", 404, PAGE)] * 2 * MOST_FAILURES) as wire:
        for _ in range(2 * MOST_FAILURES):
            await wire.look()

        assert wire.naps == []
        assert wire.client.health == Health()


@pytest.mark.covers("F-44")
async def test_while_telnyx_is_away_nobody_is_given_a_turn() -> None:
    time = VirtualTime()
    limiter = Limiter(100, clock=time.clock, sleep=time.sleep)
    async with (
        scripted(*[reset] * MOST_FAILURES, reply(ITEM)) as script,
        TelnyxClient(settings(script.base_url), StoppedClock(), limiter) as client,
    ):
        wire = Wire(script, client, limiter, StoppedClock())
        for _ in range(MOST_FAILURES):
            await wire.look()
        waiting = [asyncio.ensure_future(wire.look()) for _ in range(3)]
        await time.pass_until(0.9)

        assert len(script.asked) == MOST_FAILURES
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
        await time.pass_until(1)
        assert isinstance(await wire.look(), Single)


async def test_who_keeps_a_turn_that_is_used_up_may_take_another_however_many_do() -> None:
    holders = 2 * MAX_IN_FLIGHT
    async with wired(*[reply(ITEM)] * 2 * holders, ceiling=1000) as wire:
        ready = asyncio.Barrier(holders)

        async def twice() -> None:
            async with wire.client.turn(Urgency.HEAL) as turn:
                await turn.look(NUMBER)
                await ready.wait()
                await wire.look()

        async with asyncio.timeout(20):
            await asyncio.gather(*(twice() for _ in range(holders)))

    assert len(wire.script.asked) == 2 * holders
