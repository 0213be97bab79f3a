"""What a world in one process runs on: a clock to turn, chance by a seed, a line to an emulated Telnyx, a mailbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias, assert_never
from urllib.parse import parse_qsl

import httpx

from reconciler.model.alerts import Sent
from reconciler.model.routing import Audience, Routing
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults, FaultSource

MOST_PAUSES = 12
"""How often others may go on before a request arrives, and again before its answer does."""


def seeded(seed: int | str) -> Random:
    """Draws that the seed tells."""
    return Random(seed)  # noqa: S311 -- tests are to be repeatable, not secret


class TurnedClock:
    """A clock that stands until it is turned. It may also be set to another time while none passes."""

    def __init__(self, time: datetime) -> None:
        self.time = time
        self._began = time
        self._off = timedelta()

    def now(self) -> datetime:
        return self.time

    @property
    def true(self) -> datetime:
        """The time that everybody else has."""
        return self.time - self._off

    def shown(self, true: datetime) -> datetime:
        """What this clock shows when everybody else has this time."""
        return true + self._off

    def elapsed(self) -> float:
        return (self.true - self._began).total_seconds()

    def set(self, by: timedelta) -> None:
        """Set it forward, or back."""
        self.time += by
        self._off += by

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Drawn:
    """Chance by a seed."""

    def __init__(self, seed: int) -> None:
        self._draws = seeded(seed)

    def draw(self) -> float:
        return self._draws.random()


class KilledError(BaseException):
    """The process dies here: whatever it was about to do, it does not."""


Instead: TypeAlias = Callable[[httpx.Request], Awaitable[httpx.Response | None]]
"""What is answered in place of Telnyx, and never reaches it; None: nothing is. It may raise what httpx raises."""


async def as_it_is(_: httpx.Request) -> None:
    """Answer nothing in place of Telnyx."""


class Wire(httpx.AsyncBaseTransport):
    """Brings requests to the emulator as a server on loopback would, faults of the line included."""

    def __init__(self, emulator: Emulator, clock: TurnedClock, seed: int) -> None:
        self.source = FaultSource(Faults())
        self.instead: Instead = as_it_is
        self.crowded = False
        """Whether chance says how many others go on while a request, and while its answer, is on the line."""
        self._draws = seeded(seed)
        self._emulator = emulator
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer as the line lets it through. Raises ReadError where it lets none through."""
        await self._pause()
        try:
            return await self.instead(request) or self._respond(request)
        finally:
            await self._pause()

    async def _pause(self) -> None:
        for _ in range(self._draws.randrange(MOST_PAUSES) if self.crowded else 0):
            await asyncio.sleep(0)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        match self.source.draw(request.method):
            case None:
                return self.apply(request)
            case Fault.LOSE_REQUEST:
                raise httpx.ReadError("cut before it arrived")
            case Fault.LOSE_ANSWER:
                self.apply(request)
                raise httpx.ReadError("cut before the answer")
            case Fault.STATUS_500 | Fault.STATUS_502 | Fault.STATUS_503 as status:
                trouble = {"code": "10007", "title": "Unexpected error", "detail": "An unexpected error occurred."}
                return httpx.Response(int(status), json={"errors": [trouble]})
            case Fault.HTML:
                return httpx.Response(200, html="<!doctype html><title>Maintenance</title><p>Back soon.</p>")
            case Fault.TRUNCATED:
                whole = self.apply(request).content
                return httpx.Response(200, content=whole[: len(whole) // 2])
            case fault:
                assert_never(fault)

    def apply(self, request: httpx.Request) -> httpx.Response:
        """What Telnyx answers, and has done then."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        now = self._clock.true.timestamp()
        reply = self._emulator.apply(request.method, path, pairs, request.content, now, request.headers)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)


class Mailbox:
    """A receiver of alerts that takes everything."""

    name = "mailbox"
    notes = ""

    async def send(self, body: str) -> Sent:
        assert body
        return Sent("delivered")


ROUTING = Routing(audiences=(Audience(Mailbox.name),))
