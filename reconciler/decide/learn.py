"""learn: what a look teaches about the wanted numbers' own records, compared with what was known; only what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.model.fleet import Observed
from reconciler.model.lines import Line
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired


def learn(desired: Desired, observed: Observed, memory: Memory) -> tuple[Line, ...]:
    """The records to keep, at most one a number.

    A number on the messaging profile that it was on needs none: the profile's `rostered_at` says how fresh it is. One
    that a complete list of its profile lacks is unclear from then on, until it is read by itself.
    """
    return (*_told(desired, observed, memory), *_lacking(desired, observed, memory))


def _told(desired: Desired, observed: Observed, memory: Memory) -> Iterator[Line]:
    for number, line in observed.lines_told().items():
        known = memory.lines.get(number)
        if desired.pool_of(number) is None or (known is not None and known.taken_at > line.taken_at):
            continue
        if line.absences:
            before = 0 if known is None else known.absences
            yield replace(line, absences=before + 1)
        elif number in observed.lines or known is None or not known.says_the_same(line):
            yield line


def _lacking(desired: Desired, observed: Observed, memory: Memory) -> Iterator[Line]:
    told = observed.lines_told()
    for number, known in memory.lines.items():
        roster = None if known.profile is None else observed.rosters.get(known.profile)
        if roster is None or not roster.complete or number in told or desired.pool_of(number) is None:
            continue
        if not known.unclear and known.taken_at <= roster.taken_at:
            yield replace(known, unclear=True, taken_at=roster.taken_at)
