"""facts: all that is remembered about one number, in one value."""

from __future__ import annotations

from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from reconciler.model.standing import Facts


def facts(number: PhoneNumber, desired: Desired, memory: Memory) -> Facts:
    """Gather them from the config and the memory."""
    pool = desired.pool_of(number)
    return Facts(
        number=number,
        pool=pool,
        campaign=None if pool is None else memory.campaigns.get(pool.campaign),
        sighting=memory.sightings.get(number),
        operation=memory.operations.get(number),
        halt=memory.halt,
        looked_at=None if pool is None else memory.looked_at.get(pool.campaign),
    )
