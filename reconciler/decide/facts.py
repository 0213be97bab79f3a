"""facts: all that is remembered about one number, in one value."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired
from reconciler.model.standing import EVERYWHERE, Facts


def facts(number: PhoneNumber, desired: Desired, memory: Memory, opens_at: datetime | None = None) -> Facts:
    """Gather them from the config and the memory. `opens_at` is when changes may be made next, if not now."""
    pool = desired.pool_of(number)
    profile = None if pool is None else pool.messaging_profile
    return Facts(
        number=number,
        pool=pool,
        campaign=None if pool is None else memory.campaigns.get(pool.campaign),
        sighting=memory.sightings.get(number),
        operation=memory.operations.get(number),
        halt=memory.halt,
        looked_at=None if pool is None else memory.looked_at.get(pool.campaign),
        line=memory.lines.get(number),
        profile=None if profile is None else memory.profiles.get(profile),
        rostered_at=None if profile is None else memory.rostered_at.get(profile),
        opens_at=opens_at,
        claimed_by=desired.claims_on(number),
        dormancy=None if pool is None else memory.dormancies.get(pool.campaign),
        reversals=memory.reversals.get(number),
        freeze=next((one for one in memory.freezes if one.scope == EVERYWHERE), None),
    )
