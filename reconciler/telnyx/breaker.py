"""The circuit breaker: when call after call finds no Telnyx, nobody calls for a while, and then one at a time asks."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.health import Health

MOST_FAILURES: Final = 5
"""One after the other, with no answer of Telnyx's own between them."""
FIRST_REST_SECONDS: Final = 1.0
LONGEST_REST_SECONDS: Final = 60.0


class Sign(Enum):
    """What the end of one call shows of Telnyx."""

    ANSWERED = auto()
    """It answered, yes or no."""
    FAILED = auto()
    """No connection, no answer, 5xx, or an answer that nobody can read."""
    UNCLEAR = auto()
    """Neither: such as a 4xx without an error document, which a proxy may have made, or a call that was cut off."""


def sign_of(fault: Fault | None) -> Sign:
    """What a call's end shows. None is a success."""
    if fault is None or fault.kind not in (FaultKind.UNREACHABLE, FaultKind.LOST):
        return Sign.ANSWERED
    status = fault.status or 0
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Sign.UNCLEAR
    return Sign.FAILED


class Breaker:
    """Closed, it lets every call pass. After `most_failures` in a row (None: never) it opens for a rest.

    The rest over, one call at a time passes as a probe, until one is answered. A probe that fails doubles the rest.
    Every call that began must come to `ended` or to `dropped`: until then no other probe follows it.
    """

    def __init__(self, most_failures: int | None = MOST_FAILURES) -> None:
        self._most_failures = math.inf if most_failures is None else most_failures
        self._rests_until = 0.0
        self.forget()

    def forget(self) -> None:
        """Begin anew, closed."""
        self._failures = 0
        self._rest_seconds = 0.0
        """The latest rest; 0 while closed."""
        self._probe: object | None = None
        self.health = Health()

    def wait_seconds(self, now: float) -> float:
        """How long no call may begin; infinite until the probe that is out has ended."""
        if not self._rest_seconds:
            return 0.0
        return math.inf if self._probe is not None else max(0.0, self._rests_until - now)

    def begin(self, call: object) -> None:
        """A call may begin now: while not closed, it is the probe."""
        if self._rest_seconds:
            self._probe = call

    def ended(self, call: object, sign: Sign, now: float, at: datetime, detail: str = "") -> float:
        """Take in how a call ended, `at` by the wall clock. How long a rest begins now, in seconds; mostly 0.

        `detail` says in words what failed.
        """
        was_probe = call is self._probe
        if was_probe:
            self._probe = None
        match sign:
            case Sign.ANSWERED:
                self._failures, self._rest_seconds, self._probe = 0, 0.0, None
                self.health = Health(succeeded_at=at)
                return 0.0
            case Sign.FAILED:
                self.health = replace(self.health, failing_since=self.health.failing_since or at, detail=detail)
                return self._failed(now, was_probe=was_probe)
            case Sign.UNCLEAR:
                return 0.0

    def moved(self, by: timedelta) -> None:
        """The wall clock was set by so much."""
        succeeded, failing = self.health.succeeded_at, self.health.failing_since
        self.health = replace(
            self.health,
            succeeded_at=None if succeeded is None else succeeded + by,
            failing_since=None if failing is None else failing + by,
        )

    def dropped(self, call: object) -> None:
        """A call was not made after all, or nobody waited for its end."""
        if call is self._probe:
            self._probe = None

    def _failed(self, now: float, *, was_probe: bool) -> float:
        if self._rest_seconds and not was_probe:
            return 0.0  # it began before the rest, which it has helped to cause
        self._failures += 1
        if self._failures < self._most_failures:
            return 0.0
        self._rest_seconds = min(max(FIRST_REST_SECONDS, 2 * self._rest_seconds), LONGEST_REST_SECONDS)
        self._rests_until = now + self._rest_seconds
        return self._rest_seconds
