"""doubt: which numbers a listing leaves in doubt, so that each must be read by itself before anything is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from reconciler.model.fleet import Listing, Observed, Sighting
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Line, Membership
from reconciler.model.memory import Memory, longest_unread
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired, DriftClass, Mode, Pool
from reconciler.model.reasons import Reason

MOST_SINGLE_READS = 50
"""In one round. The longest unseen go first, so that however many are in doubt, each has its turn."""
MOST_REREAD = 10
"""In one round, of those whose last reading is only old: what is urgent waits for the round to end."""


def doubt(
    desired: Desired,
    observed: Observed,
    memory: Memory,
    *,
    now: datetime,
    patience: Patience,
    old: datetime | None = None,
) -> tuple[PhoneNumber, ...]:
    """Wanted numbers that their campaign's listing lacks and whose absence it does not show.

    Listings lag and lie (FIELD:59663385893), so their silence about a number that we know to be on a campaign is not
    absence, and the silence of an incomplete one tells nothing. A listing that broke off is listed again instead.
    Nor is a number read again and again while nothing may be written for it: its last read will do. After these come
    the numbers that a number pool may send from and no pool wants: whether a campaign covers them. At last, some of
    those that no listing shows and that were last read before `old`: each listing tells of its own campaign only.
    """
    broken = observed.broken
    told = observed.told()
    doubted: dict[PhoneNumber, datetime | None] = {}
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None or pool.campaign in broken:
            continue
        campaign = observed.campaigns.get(pool.campaign) or memory.campaigns.get(pool.campaign)
        held = (
            pool.policy.mode_for(DriftClass.MISSING) is not Mode.ENFORCE
            or campaign is None
            or campaign.obstacle is not Reason.NONE
        )
        for number in pool.numbers:
            known, operation = memory.sightings.get(number), memory.operations.get(number)
            is_held = held or _is_barred(memory.lines.get(number), pool)
            if is_held and operation is None and _is_known_absent(known, now, patience):
                continue
            if number not in told and _is_doubtful(listing, known, operation, now, patience):
                doubted[number] = _seen_at(known)
    doubtful = [*longest_unread(doubted), *_senders(desired, observed, memory, told, now, patience)][:MOST_SINGLE_READS]
    again = [] if old is None else _last_read_before(old, desired, observed, memory, told)
    return tuple(dict.fromkeys([*doubtful, *again]))[:MOST_SINGLE_READS]


def _last_read_before(
    old: datetime, desired: Desired, observed: Observed, memory: Memory, told: Collection[PhoneNumber]
) -> list[PhoneNumber]:
    broken = observed.broken
    unread: dict[PhoneNumber, datetime | None] = {}
    for pool in desired.pools:
        if pool.campaign not in observed.listings or pool.campaign in broken:
            continue
        for number in pool.numbers:
            known = memory.sightings.get(number)
            if number not in told and number not in memory.operations and (known is None or known.seen_at < old):
                unread[number] = _seen_at(known)
    return longest_unread(unread)[:MOST_REREAD]


def _senders(
    desired: Desired,
    observed: Observed,
    memory: Memory,
    told: Collection[PhoneNumber],
    now: datetime,
    patience: Patience,
) -> list[PhoneNumber]:
    """Of the profiles' numbers that nobody wants, those that no listing shows, the longest unread first."""
    unread: dict[PhoneNumber, datetime | None] = {}
    of_pools = {pool.messaging_profile for pool in desired.pools}
    for profile, roster in observed.rosters.items():
        read = observed.profiles.get(profile) or memory.profiles.get(profile)
        if read is None or not read.pooled or profile not in of_pools:
            continue
        for number, line in roster.lines.items():
            known = memory.sightings.get(number)
            lately = known is not None and now - known.seen_at <= patience.slow_recheck
            if desired.pool_of(number) is not None or number in told or lately:
                continue
            if number.is_us_long_code and not line.is_wrong_kind:
                unread[number] = _seen_at(known)
    return longest_unread(unread)


def _seen_at(known: Sighting | None) -> datetime | None:
    return None if known is None else known.seen_at


def _is_barred(line: Line | None, pool: Pool) -> bool:
    """Whether its own record keeps it from being assigned, whatever the listing says."""
    if line is None:
        return False
    is_elsewhere = pool.messaging_profile is not None and line.membership(pool.messaging_profile) is Membership.OTHER
    return is_elsewhere or line.is_gone or line.is_wrong_kind


def _is_known_absent(known: Sighting | None, now: datetime, patience: Patience) -> bool:
    return known is not None and known.assignment is None and known.outweighs_silence(now, patience.evidence_for_assign)


def _is_doubtful(
    listing: Listing, known: Sighting | None, operation: Operation | None, now: datetime, patience: Patience
) -> bool:
    step = None if operation is None else operation.step
    if step in (Step.SENT, Step.UNRESOLVED):
        return False  # the executor reads it anyway
    if operation is not None and step is Step.CONFIRMING:
        # Telnyx took it, so whatever was read meanwhile, its silence is a question once it must show.
        return operation.sent_at is None or now > operation.sent_at + patience.settle_window
    if known is None or known.assignment is None:
        return not listing.complete and step is None
    return known.seen_at <= listing.taken_at and not known.outweighs_silence(now, patience.settle_window)
