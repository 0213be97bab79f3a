"""The rate limit: so many requests in a window, and the headers that tell a client about it."""

import math
from dataclasses import dataclass
from typing import Final

UNLIMITED_PER_SECOND: Final = 1000.0
"""What the headers say where nothing is limited, since Telnyx sends them with every answer."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether one request may pass, and the headers of its answer whichever it is."""

    granted: bool
    headers: dict[str, str]


class RateWindow:
    """A fixed window: `limit` requests each `seconds`. Below one a second, one each longer window."""

    def __init__(self, rate_per_second: float | None) -> None:
        rate = rate_per_second or UNLIMITED_PER_SECOND
        self._limited = rate_per_second is not None
        self._limit = max(1, int(rate))
        self._seconds = self._limit / rate
        self._opened = -math.inf
        self._used = 0

    def take(self, now: float, *, with_policy: bool = False) -> Allowance:
        """Count one request at `now`. A refused one costs nothing.

        `x-ratelimit-reset` is in whole seconds from now (KB:rate-limiting; another page says a Unix time). With a
        policy, `x-ratelimit-limit` says how long the window is.
        """
        if not self._opened <= now < self._opened + self._seconds:
            self._opened, self._used = now, 0
        granted = self._used < self._limit or not self._limited
        self._used = min(self._limit, self._used + granted)
        reset = math.ceil(self._opened + self._seconds - now)
        policy = f", {self._limit};w={math.ceil(self._seconds)}" if with_policy else ""
        return Allowance(
            granted,
            {
                "x-ratelimit-limit": f"{self._limit}{policy}",
                "x-ratelimit-remaining": str(self._limit - self._used),
                "x-ratelimit-reset": str(max(1, reset)),
            },
        )
