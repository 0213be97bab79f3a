"""flap: which assignments of ours a look shows to be undone, and which reversals count no more; only what is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.model.fleet import Sighting
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from reconciler.model.reversals import Reversals


def flap(desired: Desired, sightings: Iterable[Sighting], memory: Memory, *, now: datetime) -> tuple[Reversals, ...]:
    """The reversals to keep, at most one row a number; one without times is to be forgotten.

    A reversal is a number that a request of ours put on the campaign where it is wanted, and that a read of the number
    itself now shows to be on none. So neither a refusal is one, nor a list that lacks it, nor what others had put
    there, nor a number that the config since wants elsewhere. `sightings` are those that the look made, `memory` is
    what was known before it.
    """
    kept = {number: one.lately(now) for number, one in memory.reversals.items()}
    for one in sightings:
        if one.assignment is None and _was_ours(memory.sightings.get(one.number), desired, memory):
            kept[one.number] = kept.get(one.number, Reversals(one.number, ())).and_at(one.seen_at)
    return tuple(one for number, one in kept.items() if one != memory.reversals.get(number))


def _was_ours(known: Sighting | None, desired: Desired, memory: Memory) -> bool:
    if known is None or known.put_on is None or (pool := desired.pool_of(known.number)) is None:
        return False
    read = memory.campaigns.get(pool.campaign)
    return known.put_on == pool.campaign or (read is not None and read.answers_to(known.put_on))
