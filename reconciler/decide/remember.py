"""remember: what a look teaches about numbers, compared with what was known; only what is new."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from reconciler.model.fleet import Assignment, AssignmentState, Observed, Sighting, Single
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation
from reconciler.model.patience import Patience
from reconciler.model.plan import Verb
from reconciler.model.pools import Desired


def remember(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Sighting, ...]:
    """The sightings to write, at most one a number.

    A number that looks as it did and has settled needs none: its campaign's `looked_at` says how fresh it is.
    """
    told = observed.told()
    return (
        *_seen(observed, told, memory),
        *_lacking(desired, observed, told.keys(), memory, now, patience),
    )


def _seen(observed: Observed, told: dict[PhoneNumber, Single], memory: Memory) -> Iterator[Sighting]:
    for number, one in told.items():
        known, found = memory.sightings.get(number), one.assignment
        if known is not None and known.seen_at > one.taken_at:
            continue
        if number in observed.singles:
            yield sight(number, found, "item", one.taken_at, memory)
        elif known is None or known.assignment != found or known.doubted or known.source == "answer":
            yield sight(number, found, "listing", one.taken_at, memory)


def _lacking(
    desired: Desired,
    observed: Observed,
    told: Collection[PhoneNumber],
    memory: Memory,
    now: datetime,
    patience: Patience,
) -> Iterator[Sighting]:
    """Those last seen on a campaign whose complete listing now lacks them."""
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None or not listing.complete:
            continue
        read = observed.campaigns.get(pool.campaign) or memory.campaigns.get(pool.campaign)
        aliases = () if read is None else read.aliases
        for number in pool.numbers:
            known = memory.sightings.get(number)
            if number in told or known is None or known.doubted or known.assignment is None:
                continue
            young = known.seen_at > listing.taken_at or known.outweighs_silence(now, patience.settle_window)
            if known.assignment.is_on(pool.campaign, aliases) and not young:
                yield replace(known, doubted=True)


def sight(number: PhoneNumber, found: Assignment | None, source: str, at: datetime, memory: Memory) -> Sighting:
    """One sighting, carrying over from the last one what still holds."""
    known = memory.sightings.get(number)
    same = known is not None and known.assignment == found
    return Sighting(
        number=number,
        seen_at=at,
        source=source,
        assignment=found,
        since=known.since if same and known is not None else at,
        was_ready=(known is not None and known.was_ready) or (found is not None and found.is_ready),
        put_on=_put_on(found, known, memory.operations.get(number), memory),
    )


def _put_on(
    found: Assignment | None, known: Sighting | None, operation: Operation | None, memory: Memory
) -> CampaignId | None:
    """The campaign that a request of ours put it on. What failed there was put nowhere."""
    if found is None:
        return None
    if operation is not None and operation.verb is Verb.ASSIGN and operation.attempt:
        campaign = memory.campaigns.get(operation.campaign)
        is_here = found.is_on(operation.campaign, () if campaign is None else campaign.aliases)
        if is_here and found.state is AssignmentState.ASSIGNED:
            return operation.campaign
    return None if known is None or found.state is AssignmentState.FAILED else known.put_on
