"""Which alerts one round judged, and which of them hold: the judgements of each station, put together."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.decide import campaigns, conditions, drifts, reversals, sightings
from reconciler.model.alerts import Judgement
from reconciler.model.fleet import Sighting
from reconciler.model.memory import Findings, Memory
from reconciler.model.operations import Operation
from reconciler.model.pools import Pool
from reconciler.model.verdicts import Verdict


def judged(findings: Findings, *, wait: timedelta) -> Judgement:
    """What holds of the pools where a look was. `wait` is how long a drift may last.

    What was not looked at is not judged, so nothing that was said of it is resolved.
    """
    desired, observed = findings.desired, findings.observed
    total = Judgement()
    for campaign in desired.campaigns:
        is_listed = campaign in observed.listings
        if is_listed or campaign in observed.campaigns:
            total += campaigns.of_campaign(campaign, findings)
            for pool in desired.pools_on(campaign):
                total += _of_pool(pool, findings, wait)
        if not is_listed:
            for pool in desired.pools_on(campaign):
                total += drifts.of_unread(pool, findings, wait=wait)
    return total


def _of_pool(pool: Pool, findings: Findings, wait: timedelta) -> Judgement:
    memory, settled = findings.memory, findings.settled
    read = memory.campaigns.get(pool.campaign)
    total = (
        conditions.of_pool(pool, read, memory, settled)
        + sightings.of_pool(pool, read, memory, settled, now=findings.at)
        + reversals.of_pool(pool, read, memory, now=findings.at)
        + drifts.of_senders(pool, findings)
    )
    if pool.campaign not in findings.observed.listings:
        return total
    told = {one.subject for one in total.conditions}
    return total + drifts.of_drifts(pool, findings, told, wait=wait)


def judged_number(
    operation: Operation, verdict: Verdict, pool: Pool | None, seen: Sighting | None, memory: Memory, now: datetime
) -> Judgement:
    """What holds of one operation's number, from what just came of it. `pool` wants it, `seen` is what was learned."""
    failing = conditions.of_operation(operation, verdict, pool)
    if pool is None:
        return failing
    known = seen or memory.sightings.get(operation.number)
    read = memory.campaigns.get(pool.campaign)
    return failing + sightings.of_number(operation, verdict, pool, read, known, now=now)
