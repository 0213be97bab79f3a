"""learn: what a look teaches about the wanted numbers' own records, compared with what was known; only what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Line
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired


def learn(desired: Desired, observed: Observed, memory: Memory) -> tuple[Line, ...]:
    """The records to keep, at most one a number.

    A number on the messaging profile that it was on needs none: the profile's `rostered_at` says how fresh it is. One
    that a complete list of its profile lacks is unclear from then on, until it is read by itself.
    """
    told = {number: line for number, line in observed.lines_told().items() if desired.pool_of(number) is not None}
    news = (note(line, memory.lines.get(number), alone=number in observed.lines) for number, line in told.items())
    return (*(one for one in news if one is not None), *_lacking(desired, told, observed, memory))


def note(line: Line, known: Line | None, *, alone: bool) -> Line | None:
    """What a reading makes of a number's record; None: nothing new. `alone`: it is of the number by itself.

    What is only not said takes nothing away: a reading without a messaging profile leaves the last clear one, and one
    without the number leaves all that was known of it, and is counted.
    """
    if known is None:
        return replace(line, absences=1) if line.absences else line
    if known.taken_at > line.taken_at:
        return None
    if line.absences:
        is_counted = known.absences > 0 and (known.taken_at == line.taken_at or (known.is_gone and not alone))
        return None if is_counted else replace(known, taken_at=line.taken_at, absences=known.absences + 1)
    is_clear = not known.unclear and not known.absences
    if line.unclear and (is_clear or not line.id):
        return None
    if line.says_the_same(known) and not (alone and line.taken_at > known.taken_at):
        return None
    return line


def _lacking(desired: Desired, told: Mapping[PhoneNumber, Line], observed: Observed, memory: Memory) -> Iterator[Line]:
    for number, known in memory.lines.items():
        roster = None if known.profile is None else observed.rosters.get(known.profile)
        if roster is None or not roster.complete or number in told or desired.pool_of(number) is None:
            continue
        if not known.unclear and not known.absences and known.taken_at <= roster.taken_at:
            yield replace(known, unclear=True, taken_at=roster.taken_at)
