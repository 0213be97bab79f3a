"""Telnyx is away, slow, refuses the key or the pace: the whole service slows or stops, says so once, and comes back."""

from __future__ import annotations

import ssl
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from reconciler.decide.vitals import UNAVAILABLE_AFTER
from reconciler.telnyx.breaker import LONGEST_REST_SECONDS, MOST_FAILURES
from reconciler.telnyx.limiter import PAUSE_SECONDS
from tests.builders import CAMPAIGN, HOUR, MINUTE, SECOND, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(8))
WANTED = pool_of(NUMBERS)
ACCOUNT = account_of(NUMBERS)
OFTEN = "schedule: {drift_check: every 2m}"
UNWELL = {"errors": [{"code": "10007", "title": "Unexpected error"}]}
TOO_MANY = {"errors": [{"code": "10011", "title": "Too many requests"}]}
NO_KEY = {"errors": [{"code": "10009", "title": "Authentication failed"}]}


class Trouble:
    """What the line answers from now on in place of Telnyx, and how often it was asked meanwhile."""

    def __init__(
        self, world: World, answer: httpx.Response | Exception, *methods: str, lasts: timedelta = timedelta(days=1)
    ) -> None:
        self.asked: list[float] = []
        self._end = world.now + lasts
        self._world = world
        self._answer = answer
        self._methods = methods
        world.wire.instead = self._instead

    async def _instead(self, request: httpx.Request) -> httpx.Response | None:
        if self._world.now >= self._end or (self._methods and request.method not in self._methods):
            return None
        self.asked.append(self._world.clock.elapsed())
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def end(self) -> None:
        """Telnyx answers again."""
        self._end = self._world.now


async def live(world: World, span: timedelta) -> None:
    """Let time pass. Calls that wait for their turn turn the clock themselves, so there may never be a calm."""
    end = world.now + span
    while world.now < end:
        done = await world.step()
        await world.turn(world.now if done else end)


def writes(world: World) -> int:
    """Requests that reached Telnyx and would change something."""
    return sum(one.method != "GET" for one in world.emulator.journal())


async def all_ready_once_each(world: World, within: timedelta = 15 * MINUTE) -> None:
    """The end is as if nothing had been, and no request was made twice."""

    async def ready() -> bool:
        return await world.phases() == {"Ready": len(NUMBERS)}

    end = world.now + within
    while not await ready():
        assert world.now < end, await world.phases()
        await live(world, 10 * SECOND)
    assert [world.emulator.posts(number) for number in NUMBERS] == [1] * len(NUMBERS)
    assert {campaign for campaign, _ in world.assigned().values()} == {CAMPAIGN}
    assert world.removals() == 0


AWAY = [
    pytest.param(httpx.ConnectError("[Errno -2] Name or service not known"), id="the name is not found"),
    pytest.param(httpx.ConnectError("[Errno 111] Connection refused"), id="the connection is refused"),
    pytest.param(httpx.ConnectError(str(ssl.SSLCertVerificationError("certificate verify failed"))), id="TLS"),
    pytest.param(httpx.ConnectTimeout("timed out"), id="nobody answers the door"),
    pytest.param(httpx.ReadTimeout("timed out"), id="no answer"),
    pytest.param(httpx.ReadError("reset"), id="the connection breaks"),
    pytest.param(httpx.Response(500, json=UNWELL), id="500"),
    pytest.param(httpx.Response(502, html="<h1>Bad gateway</h1>"), id="502 of a proxy"),
    pytest.param(httpx.Response(503, json=UNWELL), id="503"),
    pytest.param(httpx.Response(504, text=""), id="504 and nothing"),
    pytest.param(httpx.Response(200, json=UNWELL), id="200 with an error"),
    pytest.param(httpx.Response(200, html="<h1>Maintenance</h1>"), id="200 with HTML"),
]


@pytest.mark.covers("F-38", "F-39", "F-44", "A03")
@pytest.mark.parametrize("answer", AWAY)
async def test_telnyx_is_away_for_a_while(tmp_path: Path, answer: httpx.Response | Exception) -> None:
    """Webhooks are kept, calls become few, one alert comes after five minutes, and in the end all is right."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=account_of(NUMBERS, "MNO_PENDING")) as world:
        await live(world, MINUTE)
        trouble = Trouble(world, answer)
        world.emulator.approve(CAMPAIGN, world.seconds)
        began = world.clock.elapsed()
        await live(world, UNAVAILABLE_AFTER - 30 * SECOND)
        assert world.fired == set()
        await live(world, 15 * MINUTE)

        minutes = (world.clock.elapsed() - began) / LONGEST_REST_SECONDS
        assert len(trouble.asked) <= MOST_FAILURES + 6 + minutes  # the rest doubles six times, and then is a minute
        assert writes(world) == 0
        assert set(world.post.answers) == {200}
        assert await world.phases() == {"Waiting": len(NUMBERS)}
        assert world.fired == {("TelnyxApiUnavailable", "")}
        assert [(one.alert, one.status, one.count) for one in world.messages] == [("TelnyxApiUnavailable", "firing", 1)]

        trouble.end()
        await all_ready_once_each(world)
        assert await world.alerts() == ()


@pytest.mark.covers("F-44", "A03")
@pytest.mark.parametrize("answer", AWAY)
async def test_writes_alone_fail_for_a_while(tmp_path: Path, answer: httpx.Response | Exception) -> None:
    """Reads work, so nothing opens; what may have been done is read, and asked again after the settle window only."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=ACCOUNT) as world:
        trouble = Trouble(world, answer, "POST")
        await live(world, 50 * SECOND)
        nothing_sent = isinstance(answer, httpx.ConnectError | httpx.ConnectTimeout)
        if not nothing_sent:
            assert len(trouble.asked) == len(NUMBERS)

        trouble.end()
        await all_ready_once_each(world)


@pytest.mark.covers("A03")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, PAUSE_SECONDS),
        ({"retry-after": "30"}, 30.0),
        ({"x-ratelimit-reset": "45"}, 45.0),
        ({"retry-after": "x"}, 5.0),
    ],
)
@pytest.mark.parametrize("methods", [("GET",), ("POST",), ("GET", "POST")], ids=["reads", "writes", "both"])
async def test_429_slows_everybody_and_says_nothing_of_any_number(
    tmp_path: Path, headers: dict[str, str], seconds: float, methods: tuple[str, ...]
) -> None:
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=ACCOUNT) as world:
        trouble = Trouble(world, httpx.Response(429, json=TOO_MANY, headers=headers), *methods, lasts=4 * MINUTE)
        await all_ready_once_each(world)

        pauses = [later - sooner for sooner, later in pairwise(trouble.asked)]
        assert len(pauses) > 1
        assert min(pauses) >= seconds - 0.001
        assert all(at >= (4 * MINUTE).total_seconds() for at, _ in world.posts())
        assert world.fired == set()


@pytest.mark.covers("A04", "F-45")
@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("body", [NO_KEY, None], ids=["Telnyx's own", "a proxy's"])
async def test_a_key_that_is_revoked_in_the_middle_stops_everything_with_one_alert(
    tmp_path: Path, status: int, body: object
) -> None:
    """After three of eight: no write, no alert of a number, one probe a minute; and on it goes by itself."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=ACCOUNT) as world:
        while writes(world) < 3:
            assert await world.step()
        refusal = httpx.Response(status, json=body) if body else httpx.Response(status, html="<h1>No</h1>")
        trouble = Trouble(world, refusal)
        await live(world, 10 * MINUTE)

        assert writes(world) == 3
        assert len(trouble.asked) <= 2 + 10
        assert world.fired == {("TelnyxAuthFailed", "")}
        assert [(one.alert, one.status, one.count) for one in world.messages] == [("TelnyxAuthFailed", "firing", 1)]
        assert world.removals() == 0
        assert len(world.assigned()) == 3

        trouble.end()
        await all_ready_once_each(world)
        assert await world.alerts() == ()


@pytest.mark.covers("A04")
async def test_a_key_of_an_account_that_has_none_of_it_takes_nothing_away(tmp_path: Path) -> None:
    """Everything reads as not found, for an hour, and then as it was."""
    async with a_world(tmp_path, WANTED, rest=OFTEN, stage=ACCOUNT) as world:
        await all_ready_once_each(world)
        before, there = writes(world), world.assigned()
        trouble = Trouble(world, httpx.Response(404, json={"errors": [{"code": "10005", "title": "Not found"}]}))
        await live(world, HOUR)

        assert trouble.asked
        assert writes(world) == before
        assert "Ready" not in await world.phases() or world.fired

        trouble.end()
        await live(world, 15 * MINUTE)
        assert writes(world) == before
        assert world.assigned() == there
        assert await world.phases() == {"Ready": len(NUMBERS)}


@pytest.mark.covers("F-40", "A01")
async def test_a_telnyx_that_is_slow_is_not_a_telnyx_that_is_away(tmp_path: Path) -> None:
    """Each answer takes twenty seconds, and no more is asked because of it."""
    async with a_world(tmp_path, WANTED, rest="schedule: {drift_check: every 2h}", stage=ACCOUNT) as world:

        async def slow(_: httpx.Request) -> httpx.Response | None:
            world.clock.time += 20 * SECOND
            return None

        world.wire.instead = slow
        await all_ready_once_each(world, HOUR)
        assert world.fired == set()
