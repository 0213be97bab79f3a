"""doubt: which numbers a listing leaves in doubt, so that each must be read by itself before anything is written."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Patience, Step
from reconciler.model.pools import Desired

MOST_SINGLE_READS = 50
"""In one round. Listings that lie about more numbers than this are caught all the same, some rounds later."""


def doubt(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[PhoneNumber, ...]:
    """Wanted numbers that a complete listing lacks although we last saw them on its campaign.

    Listings lag and lie (FIELD:59663385893), so their silence about such a number is not absence. A number that we
    asked for within the settle window is not in doubt: it is young, and waiting is right.
    """
    doubted = []
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None or not listing.complete:
            continue
        for number in pool.numbers:
            if number in listing.assignments or (sighting := memory.sightings.get(number)) is None:
                continue
            operation = memory.operations.get(number)
            if operation is not None and operation.step in (Step.SENT, Step.UNRESOLVED):
                continue  # the executor reads it anyway
            believed = sighting.assignment is not None and sighting.seen_at <= listing.taken_at
            young = sighting.source == "answer" and now - sighting.since <= patience.settle_window
            if believed and not young:
                doubted.append(number)
    return tuple(doubted[:MOST_SINGLE_READS])
