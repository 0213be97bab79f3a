"""diff: each way in which the observed state differs from the desired one, for the campaigns that were looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Assignment, AssignmentState, Campaign, Listing, Observed, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired, Pool


def diff(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Drift, ...]:
    """Compare. Absence counts only from a read of the number itself, or from a complete listing of a number that
    was never seen on its campaign. What was learned after a listing began outweighs the listing."""
    everywhere = {n: a for listing in observed.listings.values() for n, a in listing.assignments.items()}
    drifts: list[Drift] = []
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None:
            continue
        ids = _ids(pool.campaign, observed, memory)
        for number in pool.numbers:
            sighting = memory.sightings.get(number)
            found, certain, why = _where(number, listing, everywhere, observed, sighting, now=now, patience=patience)
            drift = _judge(number, pool, found, ids, certain=certain, why=why)
            drifts.extend(() if drift is None else (drift,))
    drifts.extend(_extras(desired, observed))
    return tuple(drifts)


def _where(  # noqa: PLR0913 -- one question about one number, from all the evidence there is
    number: PhoneNumber,
    listing: Listing,
    everywhere: Mapping[PhoneNumber, Assignment],
    observed: Observed,
    sighting: Sighting | None,
    *,
    now: datetime,
    patience: Patience,
) -> tuple[Assignment | None, bool, str]:
    """Where the number is, whether that is certain, and if not, why."""
    if sighting is not None and sighting.source == "answer" and sighting.assignment is not None:
        young = now - sighting.since <= patience.settle_window
        gone = number not in everywhere
        if gone and (young or sighting.seen_at > listing.taken_at):
            return sighting.assignment, True, ""  # read-after-write lag: our write is younger than the listing
    if (single := observed.singles.get(number)) is not None:
        return single.assignment, True, ""
    if (found := everywhere.get(number)) is not None:
        return found, True, ""
    if not listing.complete:
        return None, False, listing.flaw or "the listing of its campaign is not complete"
    if sighting is not None and sighting.assignment is not None:
        return None, False, "last seen on its campaign, now not listed, and not yet read by itself"
    return None, True, ""


def _judge(
    number: PhoneNumber, pool: Pool, found: Assignment | None, ids: tuple[CampaignId, ...], *, certain: bool, why: str
) -> Drift | None:
    if not certain:
        return Unproven(number, pool.name, pool.campaign, why)
    if found is None:
        return Missing(number, pool.name, pool.campaign)
    if not found.is_on(pool.campaign, ids):
        return Conflict(number, pool.name, pool.campaign, found)
    match found.state:
        case AssignmentState.PENDING | AssignmentState.ASSIGNED:
            return None
        case AssignmentState.FAILED:
            return Missing(number, pool.name, pool.campaign, found)
        case AssignmentState.UNASSIGNING | AssignmentState.UNASSIGN_FAILED:
            return Unproven(number, pool.name, pool.campaign, "it is being taken off its campaign")
        case AssignmentState.UNKNOWN:
            return Unproven(number, pool.name, pool.campaign, "Telnyx gave it a status that this version does not know")


def _extras(desired: Desired, observed: Observed) -> Iterator[Extra]:
    for campaign, listing in observed.listings.items():
        pools = desired.pools_on(campaign)
        if not pools:
            continue
        for number, found in listing.assignments.items():
            if desired.pool_of(number) is None:
                yield Extra(number, pools[0].name, campaign, found)


def _ids(campaign: CampaignId, observed: Observed, memory: Memory) -> tuple[CampaignId, ...]:
    read: Campaign | None = observed.campaigns.get(campaign) or memory.campaigns.get(campaign)
    return () if read is None else read.aliases
