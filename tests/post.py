"""How webhooks travel from an emulated Telnyx to the receiver: each way says when each of them arrives, if at all."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.announce import Delivery, sign
from reconciler.sandbox.emulator import Emulator
from tests.surroundings import seeded

AT_ONCE = timedelta()
A_MINUTE = timedelta(minutes=1)
FIVE_HOURS = timedelta(hours=5)

Way: TypeAlias = Callable[[Delivery, Random], tuple[timedelta, ...]]
"""How long each copy of an attempt is on its way; no copy: the event is lost for good."""


def every_one(_: Delivery, __: Random) -> tuple[timedelta, ...]:
    """Each arrives once, at once."""
    return (AT_ONCE,)


def none(_: Delivery, __: Random) -> tuple[timedelta, ...]:
    """None arrives."""
    return ()


def doubled(_: Delivery, draws: Random) -> tuple[timedelta, ...]:
    """Each arrives twice or three times, the copies up to a minute later."""
    return (AT_ONCE, *(draws.random() * A_MINUTE for _ in range(draws.randint(1, 2))))


def reordered(_: Delivery, draws: Random) -> tuple[timedelta, ...]:
    """Each arrives once, within a minute, so that later ones overtake it."""
    return (draws.random() * A_MINUTE,)


def delayed(_: Delivery, draws: Random) -> tuple[timedelta, ...]:
    """Each arrives once, within five hours: long after what it tells of."""
    return (draws.random() * FIVE_HOURS,)


def at_random(delivery: Delivery, draws: Random) -> tuple[timedelta, ...]:
    """Each in a way of its own."""
    return draws.choice((every_one, none, doubled, reordered, delayed))(delivery, draws)


WAYS: tuple[Way, ...] = (every_one, none, doubled, reordered, delayed, at_random)


class Post:
    """Takes what the emulator sends, and brings it to the receiver when its time has come.

    What is long on its way is signed when it arrives, as by a Telnyx that is late: a copy kept back by the network
    for more than the tolerance would be refused, and sent again with a new signature.
    """

    receiver: ASGIApp
    """Who takes them: to be set before the first is carried."""

    def __init__(self, emulator: Emulator, signing_key: bytes, url: str, seed: int) -> None:
        self.way: Way = every_one
        self.key: bytes | None = signing_key
        """What it is signed with; None: it is not signed."""
        self.answers: list[int] = []
        """What the receiver answered, in order."""
        self._emulator = emulator
        self._url = url
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(self._receive))
        self._draws = seeded(seed)
        self._under_way: list[tuple[datetime, int, Delivery]] = []
        self._places = itertools.count()

    def next_due(self) -> datetime | None:
        """When the next one arrives."""
        return self._under_way[0][0] if self._under_way else None

    async def carry(self, now: datetime) -> bool:
        """Take what was sent, and bring what arrives now. Whether there was anything."""
        sent = self._emulator.tick(now.timestamp())
        for delivery in sent:
            copies = self.way(delivery, self._draws) if delivery.url == self._url else ()
            if not copies:
                self._emulator.discard(delivery.id)
            for wait in copies:
                heapq.heappush(self._under_way, (now + wait, next(self._places), delivery))
        arrived = 0
        while self._under_way and self._under_way[0][0] <= now:
            arrived += 1
            await self._bring(heapq.heappop(self._under_way)[-1], now)
        return bool(sent or arrived)

    async def _receive(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.receiver(scope, receive, send)

    async def _bring(self, delivery: Delivery, now: datetime) -> None:
        status = await self.send(delivery.body, now)
        self._emulator.delivered(delivery.id, status, now.timestamp())

    async def send(self, body: bytes, now: datetime) -> int:
        """Bring any body, signed now, and note what the receiver answers."""
        headers = sign(self.key, body, now.timestamp()) if self.key else {}
        answer = await self._http.post(self._url, content=body, headers=headers)
        self.answers.append(answer.status_code)
        return answer.status_code
