"""remember: what a look teaches about numbers, compared with what was known; only what is new."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from reconciler.model.fleet import Assignment, Observed, Sighting, Single
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.patience import Patience
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
            yield sight(number, found, "item", one.taken_at, known)
        elif known is None or known.assignment != found or known.doubted or known.source == "answer":
            yield sight(number, found, "listing", one.taken_at, known)


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


def sight(number: PhoneNumber, found: Assignment | None, source: str, at: datetime, known: Sighting | None) -> Sighting:
    """One sighting, carrying over from the last one what still holds."""
    same = known is not None and known.assignment == found
    return Sighting(
        number=number,
        seen_at=at,
        source=source,
        assignment=found,
        since=known.since if same and known is not None else at,
        was_ready=(known is not None and known.was_ready) or (found is not None and found.is_ready),
    )
