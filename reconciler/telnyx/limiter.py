"""The one rate limit for all calls to Telnyx: a burst, then a learned pace; the urgent first, and nobody starves."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from reconciler.model.errors import Fault, ReconcilerError
from reconciler.model.health import Health
from reconciler.model.operations import Urgency
from reconciler.ports import Sleep
from reconciler.telnyx.allowance import Allowance, Told
from reconciler.telnyx.breaker import Breaker, Sign

START_PER_SECOND: Final = 2.0
"""Without a ceiling, before anything is learned: the pace of Telnyx's own examples, half a second between calls."""
MAX_LEARNED_PER_SECOND: Final = 50.0
"""Without a ceiling, whatever is learned: little more than 8 calls in flight carry, at 150 ms each."""
MAX_IN_FLIGHT: Final = 8
"""httpx slows down with more in one client: its pool looks through all connections for each call."""
PAUSE_SECONDS: Final = 5.0
"""After a 429 that does not say how long."""
MAX_PAUSE_SECONDS: Final = 300.0
LOWEST_SHARE: Final = 1 / 16
SHARE_BACK_PER_SECOND: Final = 0.05
"""After a 429 has halved it, the pace is what it was 10 seconds after the pause."""
AGING_SECONDS: Final = 5.0
"""Having waited so long counts as much as being one level more urgent."""
CLOCK_GRAIN_SECONDS: Final = 1e-6
"""A wait shorter than this is none: a clock may not be able to show it pass."""


class Crowded(ReconcilerError):
    """More calls wait for their turn than may."""


@dataclass(order=True, slots=True)
class _Waiter:
    place: float
    """Its arrival, later by AGING_SECONDS a level: who came that much earlier goes before who is more urgent."""
    arrival: int
    woken: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


@dataclass(eq=False, slots=True)
class Leave:
    """Leave to make one call, until that has ended or it is given back."""

    given: int = 0
    """Leave is numbered from 1 as it is given."""
    number: int = 0
    """The calls are numbered from 1 as they are sent; 0: not yet."""
    sent_at: float = 0.0


def pause_of(fault: Fault | None) -> float | None:
    """How many seconds nobody may call after a 429; None where it is none.

    A wait longer than any pause is a carrier's quota: that concerns the number alone, and its operation waits.
    """
    if fault is None or fault.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    seconds = fault.retry_after_seconds or PAUSE_SECONDS
    return seconds if seconds <= MAX_PAUSE_SECONDS else PAUSE_SECONDS


class Limiter:
    """Turns to call, `burst` at once and then at a pace; 8 calls in flight. Belongs to one event loop.

    The pace is what `ceiling_per_second` allows (None: `auto`) and what the answers' headers allow, whichever is less.
    `auto` starts at 2/s and may learn up to 50/s; where the headers are missing it stays at 2/s. What is learned may
    double the pace with each answer, no more. A 429 halves it: once, however many calls in flight are answered so. From
    the pause's end on it comes back by steps that do not grow: others may use the account, and need the same limit.

    After a pause, a rest of the breaker or the end of what was left of a window there is no burst. `clock` is
    monotonic, in seconds. `on_pace` is told of each new pace, `on_pause` of the seconds of each pause and rest that
    begins, less what was paused already.
    """

    def __init__(
        self,
        ceiling_per_second: float | None = None,
        burst: int = 5,
        *,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        max_waiting: int = 1000,
        on_pace: Callable[[float], None] = lambda _: None,
        on_pause: Callable[[float], None] = lambda _: None,
    ) -> None:
        if burst < 1:
            raise ValueError("a burst is 1 or more")
        self._burst = burst
        self._breaker = breaker or Breaker()
        self._clock = clock
        self._sleep = sleep
        self._max_waiting = max_waiting
        self._on_pace = on_pace
        self._on_pause = on_pause
        self._line: list[_Waiter] = []
        self._arrivals = itertools.count()
        self._out: set[Leave] = set()
        self._given = self._sent = 0
        self._allowance = Allowance()
        self._pace = 0.0
        self._top = self._trusted = 0.0
        """What the pace may never pass, and what it may be by what was learned so far."""
        self._share = 1.0
        """Of that, so much is in force: less than all after a 429."""
        self._halved_after = self._foreign = 0
        """Leave up to these numbers was given before the pace was last halved, and to call another account."""
        self._saved = float(burst)
        """Turns saved up at `_counted_at`, which is in the future while a pause lasts."""
        self._counted_at = self._share_at = self._paused_until = clock()
        self._was_shut = False
        self.change_ceiling(ceiling_per_second)

    @property
    def per_second(self) -> float:
        """The pace in force."""
        return self._pace

    @property
    def health(self) -> Health:
        """How calls have fared."""
        return self._breaker.health

    def moved(self, by: timedelta) -> None:
        """The wall clock was set by so much: what `health` tells moves with it."""
        self._breaker.moved(by)

    def change_ceiling(self, per_second: float | None) -> None:
        """Another ceiling, from now on. What was learned stays, and there is no new burst."""
        if per_second is not None and not per_second > 0:
            raise ValueError("a rate is more than 0 per second")
        self._ceiling, self._top = per_second, per_second or MAX_LEARNED_PER_SECOND
        if self._allowance.per_second is None:
            self._trusted = per_second or START_PER_SECOND
        self._update(self._clock())
        self._nudge()

    def forget(self) -> None:
        """Another address or account: no pause, rest or limit of the one before holds any more. No new burst either."""
        now = self._clock()
        self._allowance, self._share, self._foreign = Allowance(), 1.0, self._given
        self._counted_at = self._share_at = self._paused_until = now
        self._breaker.forget()
        self.change_ceiling(self._ceiling)

    async def acquire(self, urgency: Urgency) -> Leave:
        """Wait for a turn and take it. Raises Crowded where 1,000 wait already. Cancelled, it has taken none."""
        if len(self._line) >= self._max_waiting:
            raise Crowded(
                "too many calls to Telnyx wait for their turn", "raise telnyx.rate_limit, or check less often"
            )
        waiter = _Waiter(self._clock() + AGING_SECONDS * urgency, next(self._arrivals))
        insort(self._line, waiter)
        try:
            await self._come_first(waiter)
            return self._give()
        finally:
            self._line.remove(waiter)
            self._nudge()

    def send(self, leave: Leave) -> None:
        """The call goes out now."""
        self._sent += 1
        leave.number, leave.sent_at = self._sent, self._clock()

    def heard(
        self,
        leave: Leave,
        sign: Sign,
        told: Told,
        at: datetime,
        pause_seconds: float | None = None,
        detail: str = "",
    ) -> None:
        """A call has ended, `at` by the wall clock: what that shows, and what its answer told of the limit.

        `pause_seconds` is how long a 429 asks everybody to wait, `detail` says in words what failed.
        """
        now = self._clock()
        self._out.discard(leave)
        if leave.given <= self._foreign:
            self._nudge()
            return
        self._allowance.learn(told, leave.number, leave.sent_at, now, len(self._out))
        if (learned := self._allowance.per_second) is not None:
            self._trusted = min(learned, self._top, 2 * self._trusted)
        rest_seconds = self._breaker.ended(leave, sign, now, at, detail)
        self._note_pause(now, now + rest_seconds)
        if pause_seconds is not None:
            self._halve(leave, now)
            self.pause(pause_seconds)
        self._update(now)
        self._nudge()

    def release(self, leave: Leave) -> None:
        """Nobody waits for this call any more: a turn that was not used is given back. After `heard`, nothing."""
        if leave not in self._out:
            return
        self._out.discard(leave)
        self._breaker.dropped(leave)
        if not leave.number:
            self._saved = min(self._saved + 1, float(self._burst))
        self._nudge()

    def pause(self, seconds: float) -> None:
        """Give no turn for so many seconds (at most 300), and then no burst. A pause never shortens another."""
        now = self._clock()
        self._update(now)
        until = now + min(max(0.0, seconds), MAX_PAUSE_SECONDS)
        self._note_pause(now, until)
        if until > self._counted_at:
            self._saved = min(self._saved + (until - self._counted_at) * self._pace, 1.0)
            self._counted_at = self._share_at = until

    def _note_pause(self, now: float, until: float) -> None:
        seconds = until - max(now, self._paused_until)
        if seconds > 0:
            self._paused_until = until
            self._on_pause(seconds)

    def _halve(self, leave: Leave, now: float) -> None:
        self._update(now)
        if leave.given > self._halved_after:  # else it was out already when the pace was halved, and shows nothing new
            self._share = max(self._share / 2, LOWEST_SHARE)
            self._halved_after = self._given

    def _update(self, now: float) -> None:
        """Count what was saved up at the pace so far, and take the pace of now."""
        if now > self._counted_at:
            self._saved = min(self._saved + (now - self._counted_at) * self._pace, float(self._burst))
            self._counted_at = now
        if now > self._share_at:
            self._share = min(1.0, self._share + (now - self._share_at) * SHARE_BACK_PER_SECOND)
            self._share_at = now
        pace = min(self._top, self._trusted) * self._share
        if pace != self._pace:
            self._pace = pace
            self._on_pace(pace)

    def _give(self) -> Leave:
        self._given += 1
        leave = Leave(self._given)
        self._out.add(leave)
        self._breaker.begin(leave)
        self._saved = (min(self._saved, 1.0) if self._was_shut else self._saved) - 1
        self._was_shut = False
        return leave

    def _wait_seconds(self) -> float:
        """How long the first in line waits; infinite: until a call ends."""
        now = self._clock()
        self._update(now)
        if len(self._out) >= MAX_IN_FLIGHT:
            return math.inf
        newest = self._allowance.newest
        unseen = sum(not leave.number or leave.number > newest for leave in self._out)
        shut = max(self._breaker.wait_seconds(now), self._allowance.closed_seconds(now, unseen))
        if shut > CLOCK_GRAIN_SECONDS:
            self._was_shut = True
        return max(shut, self._counted_at - now + max(0.0, 1 - self._saved) / self._pace)

    def _nudge(self) -> None:
        if self._line:
            self._line[0].woken.set()

    async def _come_first(self, waiter: _Waiter) -> None:
        """Only the first in line waits for the next turn; somebody more urgent may come before it meanwhile."""
        while True:
            wait = self._wait_seconds() if self._line[0] is waiter else math.inf
            if wait <= CLOCK_GRAIN_SECONDS:
                return
            await self._rest(waiter.woken, wait)

    async def _rest(self, woken: asyncio.Event, seconds: float) -> None:
        """Until so much time has passed, or something has changed."""
        woken.clear()
        if math.isinf(seconds):
            await woken.wait()
            return
        ends = (asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(woken.wait()))
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
