"""Time that a test moves, and servers with limits of every kind on the other side of a network that takes its time."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from reconciler.model.operations import Urgency
from reconciler.telnyx.allowance import NOTHING, read_told
from reconciler.telnyx.breaker import Sign
from reconciler.telnyx.limiter import Leave, Limiter

START = 100.0
EPOCH = 1_800_000_000
"""The Unix time at START."""
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class VirtualTime:
    """Time that passes only while everybody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._order = count()

    def clock(self) -> float:
        return self.now

    def wall(self) -> datetime:
        return datetime.fromtimestamp(EPOCH, UTC) + timedelta(seconds=self.now - START)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken.wait()

    async def settle(self) -> None:
        """Let everybody do what can be done at this time."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def pass_until(self, end: float) -> None:
        """Let time pass up to `end` seconds after the start."""
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= START + end:
            await self._step()
        self.now = START + end

    async def pass_while(self, holds: Callable[[], bool], most_seconds: float) -> None:
        """Let time pass as long as something holds."""
        await self.settle()
        while holds():
            assert self._sleepers, "everybody waits for somebody else"
            assert self.now < START + most_seconds, "it takes too long"
            await self._step()

    async def _step(self) -> None:
        self.now, _, woken = heapq.heappop(self._sleepers)
        woken.set()
        await self.settle()


@dataclass
class Limit:
    """So many calls in each `seconds`, in windows that a first call opens. What is refused costs nothing."""

    calls: int
    seconds: float
    opened: float = field(default=-math.inf, init=False)
    used: int = field(default=0, init=False)

    def take(self, now: float) -> tuple[bool, int, float]:
        """Whether a call passes; how many are left, and how long the window is open."""
        if now >= self.opened + self.seconds:
            self.opened, self.used = self._opening(now), 0
        granted = self.used < self.calls
        self.used += granted
        return granted, self.calls - self.used, self.opened + self.seconds - now

    def _opening(self, now: float) -> float:
        return now


class Aligned(Limit):
    """The same, in windows of the clock."""

    def _opening(self, now: float) -> float:
        return now // self.seconds * self.seconds


@dataclass
class Sliding:
    """So many calls in any stretch of time as long as the window; the reset is when the oldest of them is out of it."""

    calls: int
    seconds: float
    times: deque[float] = field(default_factory=deque, init=False)

    def take(self, now: float) -> tuple[bool, int, float]:
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        granted = len(self.times) < self.calls
        if granted:
            self.times.append(now)
        return granted, self.calls - len(self.times), self.times[0] + self.seconds - now


@dataclass
class Bucket:
    """Refilled all the time; the reset is when it is full."""

    calls: int
    seconds: float
    level: float = field(default=0.0, init=False)
    at: float = field(default=START, init=False)

    def take(self, now: float) -> tuple[bool, int, float]:
        self.level = max(0.0, self.level - (now - self.at) * self.calls / self.seconds)
        self.at = now
        granted = self.level <= self.calls - 1
        self.level += granted
        return granted, int(self.calls - self.level), self.level * self.seconds / self.calls


Server = Limit | Sliding | Bucket
Headers = Callable[[Server, int, float, float], dict[str, str]]
"""From the server, what is left, until when and the Unix time to the headers of one answer."""


def in_seconds(server: Server, left: int, ends: float, _: float) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(server.calls),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": str(max(1, math.ceil(ends))),
    }


def as_epoch(server: Server, left: int, ends: float, now: float) -> dict[str, str]:
    return in_seconds(server, left, ends, now) | {"x-ratelimit-reset": str(math.ceil(now + ends))}


def with_policy(server: Server, left: int, ends: float, now: float) -> dict[str, str]:
    limit = f"{server.calls}, {server.calls};w={math.ceil(server.seconds)}"
    return in_seconds(server, left, ends, now) | {"x-ratelimit-limit": limit}


def limit_only(server: Server, left: int, ends: float, now: float) -> dict[str, str]:
    return {"x-ratelimit-limit": in_seconds(server, left, ends, now)["x-ratelimit-limit"]}


def absurd(_: Server, left: int, ends: float, now: float) -> dict[str, str]:
    return dict.fromkeys(("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"), f"-{left + ends + now}")


def none(*_: object) -> dict[str, str]:
    return {}


class Traffic:
    """Workers that call a server with a limit, as executors do, and what came of it."""

    def __init__(
        self,
        server: Server,
        ceiling: float | None = None,
        headers: Headers = in_seconds,
        latency: float = 0.1,
        jitter: float = 0.0,
    ) -> None:
        self.time = VirtualTime()
        self.server = server
        self.limiter = Limiter(ceiling, clock=self.time.clock, sleep=self.time.sleep)
        self.sent: list[float] = []
        self.refused = 0
        self._headers, self._latency, self._jitter = headers, latency, jitter
        self._draws = Random(7)  # noqa: S311 -- tests are to be repeatable, not secret
        self._left = 0

    async def run(self, calls: int, workers: int = 8, most_seconds: float = 10_000) -> None:
        """Make so many calls that are not refused."""
        self._left = calls
        tasks = [asyncio.ensure_future(self._work()) for _ in range(workers)]
        await self.time.pass_while(lambda: not all(task.done() for task in tasks), most_seconds)
        for task in tasks:
            await task

    @property
    def seconds(self) -> float:
        """From the first call that passed to the last."""
        return self.sent[-1] - self.sent[0]

    def others_call(self, per_second: float) -> asyncio.Task[None]:
        """Somebody else uses the same account, as fast as that, and knows no limit."""

        async def others() -> None:
            while True:
                await self.time.sleep(1 / per_second)
                self.server.take(self.time.now)

        return asyncio.ensure_future(others())

    async def _work(self) -> None:
        while self._left > 0:
            self._left -= 1
            leave = await self.limiter.acquire(Urgency.HEAL)
            try:
                await self.call(leave)
            finally:
                self.limiter.release(leave)

    async def call(self, leave: Leave) -> None:
        """Make one call with this leave."""
        sent_at = self.time.now
        self.limiter.send(leave)
        await self.time.sleep(self._way())
        granted, left, ends = self.server.take(self.time.now)
        headers = self._headers(self.server, left, ends, EPOCH + self.time.now - START)
        await self.time.sleep(self._way())
        told = read_told(headers, self.time.wall())
        if granted:
            self.sent.append(sent_at)
            self.limiter.heard(leave, Sign.ANSWERED, told, AT)
        else:
            self.refused += 1
            self._left += 1
            self.limiter.heard(leave, Sign.ANSWERED, told, AT, pause_seconds=max(1, math.ceil(ends)))

    def _way(self) -> float:
        return self._latency / 2 + self._draws.random() * self._jitter


def end(limiter: Limiter, leave: Leave, sign: Sign = Sign.ANSWERED, headers: Mapping[str, str] | None = None) -> None:
    """A call that was sent and answered at once."""
    limiter.send(leave)
    limiter.heard(leave, sign, NOTHING if headers is None else read_told(headers, AT), AT)
