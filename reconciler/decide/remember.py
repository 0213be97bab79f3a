"""remember: what a look teaches about numbers, compared with what was known; only what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from reconciler.model.fleet import Assignment, Listing, Observed, Sighting
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired


def remember(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Sighting, ...]:
    """The sightings to write. A number that looks as it did and has settled needs none: its campaign's
    `looked_at` says how fresh it is."""
    return tuple(_singles(observed, memory)) + tuple(
        sighting
        for listing in observed.listings.values()
        for sighting in (
            *_listed(listing, observed, memory),
            *_lacking(desired, listing, observed, memory, now, patience),
        )
    )


def _singles(observed: Observed, memory: Memory) -> Iterator[Sighting]:
    for number, single in observed.singles.items():
        yield sight(number, single.assignment, "item", single.taken_at, memory.sightings.get(number))


def _listed(listing: Listing, observed: Observed, memory: Memory) -> Iterator[Sighting]:
    for number, found in listing.assignments.items():
        known = memory.sightings.get(number)
        if number in observed.singles or (known is not None and known.seen_at > listing.taken_at):
            continue
        if known is None or known.assignment != found or known.doubted or found.is_settling:
            yield sight(number, found, "listing", listing.taken_at, known)


def _lacking(  # noqa: PLR0913 -- one question, from all the evidence there is
    desired: Desired, listing: Listing, observed: Observed, memory: Memory, now: datetime, patience: Patience
) -> Iterator[Sighting]:
    if not listing.complete:
        return
    for pool in desired.pools_on(listing.campaign):
        for number in pool.numbers:
            known = memory.sightings.get(number)
            if number in listing.assignments or number in observed.singles or known is None or known.doubted:
                continue
            young = known.source == "answer" and now - known.since <= patience.settle_window
            if known.assignment is not None and known.seen_at <= listing.taken_at and not young:
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
        looks=known.looks + 1 if same and known is not None else 0,
    )
