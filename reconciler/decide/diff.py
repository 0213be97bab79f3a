"""diff: each way in which the observed state differs from the desired one, for the campaigns that were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.model.drift import (
    Claimed,
    Conflict,
    Drift,
    Extra,
    Ineligible,
    Missing,
    MissingPrerequisite,
    OffProfile,
    OtherProfile,
    Unproven,
)
from reconciler.model.fleet import Assignment, AssignmentState, Listing, Observed, Sighting, Single, aliases_of
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line, Membership
from reconciler.model.memory import Memory
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired, Pool
from reconciler.model.reasons import Reason


def diff(
    desired: Desired, observed: Observed, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Drift, ...]:
    """Compare what is wanted with what was seen and what is remembered, which includes what this look taught of lines.

    Absence counts only from a read of the number itself, or from a complete listing of a number that was never seen
    on a campaign. What was learned after the look outweighs the look.
    """
    told, lines = observed.told(), observed.lines_told()
    drifts: list[Drift] = []
    for pool in desired.pools:
        listing = observed.listings.get(pool.campaign)
        if listing is None:
            continue
        ids = _ids(pool.campaign, observed, memory)
        for number in pool.numbers:
            found, doubt = _where(told.get(number), listing, memory.sightings.get(number), ids, now, patience)
            where = _membership(number, pool, lines.get(number), memory, now, patience)
            drift = _judge(number, pool, found, ids, doubt, where, memory)
            drifts.extend(() if drift is None else (drift,))
        drifts.extend(Claimed(number, pool.name, pool.campaign, owner) for number, owner in pool.claimed.items())
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
    """Which campaign the number is on, and what speaks against that being certain."""
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


def _membership(
    number: PhoneNumber, pool: Pool, told: Line | None, memory: Memory, now: datetime, patience: Patience
) -> Membership:
    """Where it is, seen from the pool's messaging profile; as expected where the pool names none."""
    if pool.messaging_profile is None:
        return Membership.EXPECTED
    known = memory.lines.get(number)
    is_newest = told is not None and (known is None or known.taken_at <= told.taken_at)
    if told is not None and is_newest and not told.unclear:
        return told.membership(pool.messaging_profile)
    return memory.membership(number, pool.messaging_profile, now=now, patience=patience)


def _judge(
    number: PhoneNumber,
    pool: Pool,
    found: Assignment | None,
    ids: tuple[CampaignId, ...],
    doubt: str,
    where: Membership,
    memory: Memory,
) -> Drift | None:
    name, campaign, line = pool.name, pool.campaign, memory.lines.get(number)
    if line is not None and line.is_gone:
        return Ineligible(number, name, campaign, Reason.NUMBER_NOT_IN_ACCOUNT, "two reads found no such number")
    if line is not None and line.is_wrong_kind:
        return Ineligible(number, name, campaign, Reason.NOT_US_LONG_CODE, f"{line.kind} {line.country}".rstrip())
    if doubt:
        return Unproven(number, name, campaign, doubt)
    if found is None:
        return _absent(number, pool, None, where, memory)
    if not found.is_on(campaign, ids):
        return Conflict(number, name, campaign, found)
    match found.state:
        case AssignmentState.PENDING | AssignmentState.ASSIGNED:
            return _present(number, pool, where, line)
        case AssignmentState.FAILED:
            return _absent(number, pool, found, where, memory)
        case AssignmentState.UNASSIGNING | AssignmentState.UNASSIGN_FAILED:
            return Unproven(number, name, campaign, "it is being taken off its campaign")
        case AssignmentState.UNKNOWN:
            return Unproven(number, name, campaign, "Telnyx gave it a status that this version does not know")


def _present(number: PhoneNumber, pool: Pool, where: Membership, line: Line | None) -> Drift | None:
    """On its campaign. Where its profile is not known, nothing is said of that."""
    if pool.messaging_profile is None or where not in (Membership.NONE, Membership.OTHER):
        return None
    return OffProfile(number, pool.name, pool.campaign, pool.messaging_profile, None if line is None else line.profile)


def _absent(number: PhoneNumber, pool: Pool, found: Assignment | None, where: Membership, memory: Memory) -> Drift:
    """Not on its campaign, or only by an assignment that failed."""
    name, campaign, profile, line = pool.name, pool.campaign, pool.messaging_profile, memory.lines.get(number)
    if (rival := pool.undecided.get(number)) is not None:
        why = f"a selection of pool {rival}, which stands before this one, was never read and may choose it"
        return Unproven(number, name, campaign, why)
    if line is not None and line.absences:
        return Unproven(number, name, campaign, "one read found no such number in the account; it is read again")
    read = None if profile is None else memory.profiles.get(profile)
    if read is not None and not read.exists:
        return Ineligible(number, name, campaign, Reason.PROFILE_UNKNOWN, f"messaging profile {profile}")
    if profile is None or where is Membership.EXPECTED:
        return Missing(number, name, campaign, found)
    if where is Membership.NONE:
        return MissingPrerequisite(number, name, campaign, profile)
    if where is Membership.OTHER and line is not None and line.profile is not None:
        return OtherProfile(number, name, campaign, profile, line.profile)
    if line is not None and line.unclear and line.profile is None:
        return Unproven(number, name, campaign, "Telnyx does not tell its messaging profile", slow=True)
    return Unproven(number, name, campaign, "its messaging profile has not been read since it was last in question")


def _extras(desired: Desired, observed: Observed) -> Iterator[Extra]:
    for campaign, listing in observed.listings.items():
        pools = desired.pools_on(campaign)
        if not pools:
            continue
        for number, found in listing.assignments.items():
            if desired.pool_of(number) is None:
                yield Extra(number, pools[0].name, campaign, found)


def _ids(campaign: CampaignId, observed: Observed, memory: Memory) -> tuple[CampaignId, ...]:
    return aliases_of(observed.campaigns.get(campaign) or memory.campaigns.get(campaign))
