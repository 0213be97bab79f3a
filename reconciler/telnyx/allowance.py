"""What Telnyx allows: read from the headers of every answer, and made into a pace and into what is left of a window.

Telnyx publishes no figures. Its answers carry `x-ratelimit-limit`, `-remaining` and `-reset` (KB:rate-limiting), and
nothing says how long a window is, whether it is fixed or slides, or who else uses the account. So two things are
learned apart:

- **The pace** is the limit over the window, a few percent less. The window is the largest reset seen lately: a reset
  counts down within a window, so every single one is too small, and the limit over it too much. A window whose end is
  near is thus mistaken for a short one until its successor tells its whole length, which the second point makes safe.
  A window shorter than a second looks like a second, which is slow, and safe as well.
- **What is left** is what `remaining` says, less the calls that it cannot know of yet. That is the truth about this
  window, whoever shares the account: with nothing left no call starts before the window's end, or before an answer to
  a call under way tells of more. A reset is rounded up, so the end is the earliest that any answer of the window
  allows: the first one's, where windows are short, and not a second after the last one's.

At 95 % of a limit, no stretch of time as long as a window has more calls than the limit, wherever windows begin; and
what is left is seldom the brake, as it is if pace and limit are the same. Where a window slides, what is left comes
back call by call, and pace and answers keep each other in balance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from reconciler.telnyx import wire
from reconciler.telnyx.faults import read_seconds

HEADROOM: Final = 0.95
"""Of what is allowed, this much is used."""
HIGHEST_LIMIT: Final = 1_000_000
LONGEST_WINDOW_SECONDS: Final = 3600.0
"""A limit or a window beyond these is none that concerns us, or junk."""
MAX_CLOSED_SECONDS: Final = 300.0
"""However long a window lasts, so long after its last answer one call asks again."""
GRACE_SECONDS: Final = 1.0
"""How long the first call of a window is waited for."""
LOWEST_PER_SECOND: Final = 1 / 60
"""Whatever the headers say, one call a minute: an absurd one must not silence the service."""
SKEW: Final = timedelta(seconds=2.5)
"""Clocks this far apart agree: `Date` is in whole seconds, and servers renew it once a second."""
_HEADER_CHARACTERS: Final = 200

_COUNT = re.compile(r"\s*([0-9]{1,9})\s*(?:;(.*))?")
_WINDOW = re.compile(r'(?:^|;)\s*w\s*=\s*"?([0-9]{1,9})"?\s*(?:;|$)')


@dataclass(frozen=True, slots=True)
class Told:
    """What the headers of one answer say of the limit; None for what they do not say, or not legibly."""

    limit: int | None = None
    """Calls in a window."""
    window_seconds: float | None = None
    """How long a window is, where a policy says so (`100, 100;w=60`)."""
    remaining: int | None = None
    """Calls left in this window."""
    reset_seconds: float | None = None
    """Until this window ends, 1 or more: rounded up to a whole second, of a duration or of a time."""


NOTHING: Final = Told()


def read_told(headers: Mapping[str, str], now: datetime) -> Told:
    """What an answer's headers say. `headers` are found under lower-case names, `now` is our time. Raises nothing."""
    policies = _policies(headers.get(wire.RATE_LIMIT, ""))
    limit, window = policies[0] if policies else (None, None)
    windowed = [(count, seconds) for count, seconds in policies if seconds is not None]
    if windowed and window is None:  # the limit itself, and then the policies behind it
        limit, window = min(windowed, key=lambda policy: (policy[0] != limit, policy[0] / policy[1]))
    reset = read_seconds(headers.get(wire.RATE_LIMIT_RESET, ""), server_time(headers, now))
    return Told(
        limit,
        window,
        _count(headers.get(wire.RATE_LIMIT_REMAINING, "")),
        None if reset is None or reset > LONGEST_WINDOW_SECONDS else max(1.0, reset),
    )


def server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    """What time it is where the answer was made: its `Date` if that differs from our clock, which is finer."""
    try:
        date = parsedate_to_datetime(headers.get(wire.DATE, ""))
    except (ValueError, OverflowError):
        return now
    date = date.replace(tzinfo=date.tzinfo or UTC)
    return now if abs(date - now) < SKEW else date


def _policies(text: str) -> list[tuple[int, float | None]]:
    """The legible ones of a list of limits, each with its window."""
    found = []
    for item in text[:_HEADER_CHARACTERS].split(","):
        match = _COUNT.fullmatch(item)
        if match is None or not 1 <= int(match[1]) <= HIGHEST_LIMIT:
            continue
        window = _WINDOW.search(match[2] or "")
        seconds = float(window[1]) if window else 0.0
        found.append((int(match[1]), seconds if 1 <= seconds <= LONGEST_WINDOW_SECONDS else None))
    return found


def _count(text: str) -> int | None:
    match = _COUNT.fullmatch(text[:_HEADER_CHARACTERS].partition(",")[0])
    return int(match[1]) if match else None


class Allowance:
    """What has been learned so far. Times are of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._stated_seconds: float | None = None
        self._window_seconds = 0.0
        """The largest reset seen lately; 0: none was."""
        self._seen_at = 0.0
        self._next_seconds = 0.0
        """The largest since then, from the windows after that one."""
        self._remaining: int | None = None
        self._ends_at = 0.0
        """When this window is over for sure."""
        self._first = 0
        """The call that found this window open."""
        self.newest = 0
        """The latest call whose answer has told what is left."""

    @property
    def per_second(self) -> float | None:
        """The pace that keeps within it; None while that cannot be told."""
        seconds = self._stated_seconds or self._window_seconds
        if self._limit is None or not seconds:
            return None
        return max(HEADROOM * self._limit / seconds, LOWEST_PER_SECOND)

    def closed_seconds(self, now: float, unseen: int) -> float:
        """How long no call may start. `unseen` calls are under way of which the newest answer cannot know."""
        if self._remaining is None or self._remaining > unseen:
            return 0.0
        # The window over, the first call finds out about its successor, and the others wait for what it is told.
        ends_at = self._ends_at + (GRACE_SECONDS if unseen else 0.0)
        return max(0.0, ends_at - now)

    def learn(self, told: Told, call: int, sent_at: float, now: float, others: int) -> None:
        """Take in what an answer told: to this call (they are numbered as they are sent), with so many others out."""
        if told.limit is not None:
            if told.limit != self._limit:  # another limit has another window
                self._window_seconds = 0.0
            self._limit, self._stated_seconds = told.limit, told.window_seconds
        if told.reset_seconds is not None:
            self._learn_window(told.reset_seconds, now)
        if told.remaining is None or call < self._first:
            return
        if call < self.newest and self._remaining is not None:
            self._remaining = min(self._remaining, told.remaining)
            return
        ends_at = now + min(math.ceil(told.reset_seconds or 1.0), MAX_CLOSED_SECONDS)
        # Answers overtake each other, and an old window's last may come when its successor has begun.
        is_next = self._remaining is None or sent_at >= self._ends_at or told.remaining > self._remaining + others
        self._ends_at = ends_at if is_next else min(self._ends_at, ends_at)
        self._first = call if is_next else self._first
        self._remaining, self.newest = told.remaining, call

    def _learn_window(self, seconds: float, now: float) -> None:
        seconds = math.floor(seconds)  # the time of a reset is rounded up, so the wait for it has too long a fraction
        age = now - self._seen_at
        if seconds >= self._window_seconds:
            self._window_seconds, self._seen_at, self._next_seconds = seconds, now, 0.0
        elif age > self._window_seconds:
            self._next_seconds = max(self._next_seconds, seconds)
            if age > 3 * self._window_seconds:  # none as long in two windows: it has changed
                self._window_seconds, self._seen_at, self._next_seconds = self._next_seconds, now, 0.0
