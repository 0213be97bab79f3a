"""What may go wrong between a client and the API: a value that says it, and the draws that make it happen."""

import random
from collections import deque
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


@unique
class Fault(StrEnum):
    """What happens to one request instead of its answer."""

    LOSE_REQUEST = "lose_request"
    """The connection ends before the API has seen the request."""
    LOSE_ANSWER = "lose_answer"
    """The API does what was asked, then the connection ends without an answer."""
    STATUS_500 = "500"
    STATUS_502 = "502"
    STATUS_503 = "503"
    """Answered so, and not done."""
    HTML = "html"
    """A 200 with a page of some proxy, and not done."""
    TRUNCATED = "truncated"
    """Done, and answered with the first half of the JSON."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How bad the line is. The same value and the same requests give the same faults."""

    latency_seconds: float = 0.0
    """How much later every request reaches the API."""
    upcoming: tuple[Fault, ...] = ()
    """One for each of the next requests, in this order."""
    probability: float = 0.0
    """After those: how likely each request meets one of `kinds`, 0 to 1."""
    kinds: tuple[Fault, ...] = tuple(Fault)
    methods: frozenset[str] = METHODS
    """The requests that faults happen to; the others pass."""
    seed: int = 0
    hangs: bool = False
    """What is lost leaves the connection open: its client waits for as long as it cares to."""

    def __post_init__(self) -> None:
        """Refuse what no line could do."""
        if self.latency_seconds < 0:
            raise ValueError("latency_seconds is never negative")
        if not 0 <= self.probability <= 1 or not self.kinds:
            raise ValueError("probability is from 0 to 1, of at least one kind")
        if not self.methods <= METHODS:
            raise ValueError(f"methods are some of {', '.join(sorted(METHODS))}")


class FaultSource:
    """Draws a fault for each request, as a `Faults` says."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._upcoming = deque(faults.upcoming)
        self._draws = random.Random(faults.seed)  # noqa: S311 -- tests are to be repeatable, not secret

    def draw(self, method: str) -> Fault | None:
        """What happens to the next request; None for nothing."""
        if method not in self.faults.methods:
            return None
        if self._upcoming:
            return self._upcoming.popleft()
        if self._draws.random() < self.faults.probability:
            return self._draws.choice(self.faults.kinds)
        return None
