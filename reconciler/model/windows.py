"""Windows: the times of the week at which changes may be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, time, tzinfo


@dataclass(frozen=True, slots=True)
class Window:
    """On these days, from `start` to before `end`; where `end` is not after `start`, to `end` of the day after."""

    days: frozenset[int]
    """0 is Monday."""
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows, by the clocks of one place. None at all: changes may be made at any time."""

    windows: tuple[Window, ...] = ()
    zone: tzinfo = UTC
