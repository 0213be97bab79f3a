"""diff: each way in which the observed state differs from the desired one, for the campaigns that were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Assignment, AssignmentState, Listing, Observed, Sighting, Single
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired, Pool


def diff(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Drift, ...]:
    """Compare what is wanted with what was seen and what is remembered.

    Absence counts only from a read of the number itself, or from a complete listing of a number that was never seen
    on a campaign. What was learned after the look outweighs the look.
    """
    told = observed.told()
    drifts: list[Drift] = []
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None:
            continue
        ids = _ids(pool.campaign, observed, memory)
        for number in pool.numbers:
            found, doubt = _where(told.get(number), listing, memory.sightings.get(number), ids, now, patience)
            drift = _judge(number, pool, found, ids, doubt)
            drifts.extend(() if drift is None else (drift,))
    drifts.extend(_extras(desired, observed))
    return tuple(drifts)


def _where(
    told: Single | None,
    listing: Listing,
    known: Sighting | None,
    ids: tuple[CampaignId, ...],
    now: datetime,
    patience: Patience,
) -> tuple[Assignment | None, str]:
    """Where the number is, and what speaks against that being certain."""
    if known is not None and known.assignment is not None:
        unseen = told is None or told.assignment is None
        looked_at = listing.taken_at if told is None else told.taken_at
        if known.seen_at > looked_at or (unseen and known.outweighs_silence(now, patience.settle_window)):
            return known.assignment, ""
        elsewhere = not known.assignment.is_on(listing.campaign, ids)
        if told is None and elsewhere and known.outweighs_silence(now, patience.evidence_for_assign):
            return known.assignment, ""  # where it was read to be, this listing would not show it
    if told is not None:
        return told.assignment, ""
    if not listing.complete:
        return None, listing.flaw or "the listing of its campaign is not complete"
    if known is not None and known.assignment is not None:
        return None, "last seen on a campaign, now not listed, and not yet read by itself"
    return None, ""


def _judge(
    number: PhoneNumber, pool: Pool, found: Assignment | None, ids: tuple[CampaignId, ...], doubt: str
) -> Drift | None:
    if doubt:
        return Unproven(number, pool.name, pool.campaign, doubt)
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
    read = observed.campaigns.get(campaign) or memory.campaigns.get(campaign)
    return () if read is None else read.aliases
