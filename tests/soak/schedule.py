"""What happens in a storm and when: everything follows from its seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.surroundings import seeded

MOST_KILLS = 1_000
MOST_SECONDS = 3_600.0
AT_START = 1 / 5
"""Of all kills, so many do not wait until it is ready."""


class Act(StrEnum):
    """What happens at one moment."""

    TELL = "tell"
    """Telnyx sends an event."""
    UNDO = "undo"
    """Somebody takes a number off its campaign in the portal; no number twice."""
    THROTTLE = "throttle"
    """The next request for some number is answered 429."""
    SUSPEND = "suspend"
    """Marketing's campaign is suspended."""
    APPROVE = "approve"
    """It is approved."""


@dataclass(frozen=True, slots=True)
class Storm:
    """How bad it is, for how long."""

    seconds: float
    kills: int
    seed: int
    numbers: int = 60
    """Half of them on each of two campaigns."""
    errors: float = 0.05
    """Of all requests to Telnyx, so many are lost, or answered 5xx or with half of an answer."""
    events_per_second: float = 3.0
    undone_per_minute: float = 5.0
    throttled_per_minute: float = 4.0
    suspended_every_seconds: float = 120.0

    def __post_init__(self) -> None:
        """Refuse what would not end."""
        if not 0 < self.seconds <= MOST_SECONDS or not 0 <= self.kills <= MOST_KILLS:
            raise ValueError(f"a storm is of {MOST_SECONDS:g} s and {MOST_KILLS} kills at most")

    def draws(self, what: str) -> Random:
        """Chance for one purpose, from its beginning."""
        return seeded(f"{self.seed} {what}")


def kills(storm: Storm, draws: Random) -> Iterator[tuple[float, float | None]]:
    """When to kill at the earliest, in seconds since the beginning, and how long to let it live once it is ready.

    None: it need not be ready. On a machine that is busy the storm lasts longer, but what is killed was at work.
    """
    for at in sorted(draws.uniform(0, storm.seconds) for _ in range(storm.kills)):
        lives = draws.uniform(0, storm.seconds / storm.kills)
        yield at, None if draws.random() < AT_START else lives


def schedule(storm: Storm, draws: Random) -> list[tuple[float, Act]]:
    """All that happens besides kills, with the seconds since the beginning."""
    minutes = storm.seconds / 60
    counts = {
        Act.TELL: round(storm.events_per_second * storm.seconds),
        Act.UNDO: min(storm.numbers, round(storm.undone_per_minute * minutes)),
        Act.THROTTLE: round(storm.throttled_per_minute * minutes),
    }
    acts = [(draws.uniform(0, storm.seconds), act) for act, count in counts.items() for _ in range(count)]
    acts.append((draws.uniform(0, storm.seconds / 5), Act.APPROVE))
    for cycle in range(1, int(storm.seconds / storm.suspended_every_seconds)):
        at = cycle * storm.suspended_every_seconds
        acts += [(at, Act.SUSPEND), (at + draws.uniform(5, 30), Act.APPROVE)]
    return sorted(acts)
