"""reversals: which alerts hold of numbers that somebody takes off their campaign again and again."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.fleet import AssignmentState, Campaign
from reconciler.model.memory import Memory
from reconciler.model.pools import Pool
from reconciler.model.reasons import Reason


def of_pool(pool: Pool, campaign: Campaign | None, memory: Memory, *, now: datetime) -> Judgement:
    """Flapping for each number of a pool for which nothing is written, because what we write does not last.

    It ends by itself with that, and when the number is on a campaign, whoever put it there.
    """
    aliases = () if campaign is None else campaign.aliases
    holding = []
    for number in pool.numbers if memory.reversals else ():
        known = memory.reversals.get(number)
        if known is None or known.held_until(now) is None:
            continue
        sighting = memory.sightings.get(number)
        found = None if sighting is None else sighting.assignment
        if found is None or (found.state is AssignmentState.FAILED and found.is_on(pool.campaign, aliases)):
            detail = f"taken off {len(known.times)} times, last seen at {known.times[-1]:%Y-%m-%d %H:%M} UTC"
            holding.append(Condition(AlertName.FLAPPING, pool.name, number, Reason.FLAPPING, detail))
    return Judgement((Family(AlertName.FLAPPING, pool.name),), tuple(holding))
