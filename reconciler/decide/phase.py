"""phase: where a number stands, from the facts about it. Derived each time, never stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.fleet import Assignment, AssignmentState, CampaignPhase
from reconciler.model.lines import Membership
from reconciler.model.operations import Step
from reconciler.model.pools import Mode, OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Facts, Phase, Standing, Who

_CAMPAIGN = {
    Reason.CAMPAIGN_IN_REVIEW: (Phase.WAITING, Who.CARRIER),
    Reason.CAMPAIGN_SUSPENDED: (Phase.WAITING, Who.TELNYX),
    Reason.CAMPAIGN_WAKING: (Phase.WAITING, Who.US),
    Reason.CAMPAIGN_REJECTED: (Phase.BLOCKED, Who.YOU),
    Reason.CAMPAIGN_EXPIRED: (Phase.BLOCKED, Who.YOU),
    Reason.CAMPAIGN_UNKNOWN: (Phase.BLOCKED, Who.YOU),
}


def phase(facts: Facts, *, now: datetime, stale_after: timedelta) -> Standing:
    """The first row that fits. Evidence older than `stale_after` keeps the phase and loses `fresh`."""
    found = facts.found
    fresh = facts.evidence_at is not None and now - facts.evidence_at <= stale_after
    if facts.pool is None:
        reason = Reason.NONE if found is None else Reason.EXTRA_UNOWNED
        return Standing(Phase.UNMANAGED, reason, Who.YOU, None, fresh)
    standing = (
        _from_account(facts)
        or _from_request(facts)
        or _from_campaign_end(facts, now)
        or _from_assignment(facts, found)
        or _from_refusal(facts, now)
        or _from_campaign(facts)
        or _from_profile(facts, facts.pool)
        or _from_reversals(facts, now)
        or _from_permission(facts, now)
        or _from_queue(facts, now)
    )
    next_at = None if standing.next_at is None else max(standing.next_at, now)  # what is due is due now
    return Standing(standing.phase, standing.reason, standing.who, next_at, fresh)


def _from_account(facts: Facts) -> Standing | None:
    line = facts.line
    if line is None:
        return None
    if line.is_gone:
        return Standing(Phase.GONE, Reason.NUMBER_NOT_IN_ACCOUNT, Who.YOU)
    return Standing(Phase.BLOCKED, Reason.NOT_US_LONG_CODE, Who.YOU) if line.is_wrong_kind else None


def _from_request(facts: Facts) -> Standing | None:
    operation = facts.operation
    if operation is None or operation.step not in (Step.SENT, Step.UNRESOLVED):
        return None
    next_at = operation.not_before if operation.step is Step.UNRESOLVED else None
    return Standing(Phase.ASSIGNING, operation.waits_for, Who.US, next_at)


def _from_campaign_end(facts: Facts, now: datetime) -> Standing | None:
    """A campaign that was approved and is no longer stops its numbers' messages, assigned or not.

    One that is dormant waits for a number of ours: what keeps us from sending that is the reason then.
    """
    ended = (CampaignPhase.SUSPENDED, CampaignPhase.DORMANT, CampaignPhase.EXPIRED, CampaignPhase.REJECTED)
    if facts.campaign is None or facts.campaign.phase not in ended:
        return None
    wakes = facts.campaign.phase is CampaignPhase.DORMANT and facts.found is None
    return (_from_permission(facts, now) if wakes else None) or _from_campaign(facts)


def _from_assignment(facts: Facts, found: Assignment | None) -> Standing | None:
    operation = facts.operation
    if found is None:
        if operation is not None and operation.step is Step.CONFIRMING:
            return Standing(Phase.ASSIGNING, Reason.TELNYX_PENDING, Who.TELNYX)
        return None
    if facts.sighting is not None and facts.sighting.doubted:
        return Standing(Phase.DRIFTED, Reason.READING_DIFFERS)
    if not facts.is_here:
        return Standing(Phase.BLOCKED, Reason.FOREIGN_ASSIGNMENT, Who.YOU)
    match found.state:
        case AssignmentState.PENDING:
            return Standing(Phase.ASSIGNING, Reason.TELNYX_PENDING, Who.TELNYX)
        case AssignmentState.ASSIGNED if found.carriers_refusing:
            return Standing(Phase.BLOCKED, Reason.CARRIER_REFUSED, Who.TELNYX)
        case AssignmentState.ASSIGNED if not found.is_ready:
            return Standing(Phase.PROPAGATING, Reason.CARRIER_PENDING, Who.CARRIER)
        case AssignmentState.ASSIGNED:
            return Standing(Phase.READY)
        case AssignmentState.FAILED:
            return None
        case AssignmentState.UNASSIGNING:
            return Standing(Phase.DRIFTED, Reason.READING_DIFFERS)
        case AssignmentState.UNASSIGN_FAILED:
            return Standing(Phase.DRIFTED, Reason.READING_DIFFERS, Who.YOU)  # nothing more happens to it by itself
        case AssignmentState.UNKNOWN:
            return Standing(Phase.WAITING, Reason.EVIDENCE_STALE, Who.TELNYX)


def _from_refusal(facts: Facts, now: datetime) -> Standing | None:
    operation = facts.operation
    if operation is None or not operation.refusals:
        return None
    if operation.step is Step.BLOCKED:
        return Standing(Phase.BLOCKED, operation.waits_for, Who.YOU, operation.not_before)
    held = _from_permission(facts, now) if operation.not_before <= now else None
    return held or Standing(Phase.RETRYING, operation.waits_for, Who.US, operation.not_before)


def _from_campaign(facts: Facts) -> Standing | None:
    reason = Reason.NONE if facts.campaign is None else facts.campaign.obstacle
    if reason is Reason.NONE:
        return None
    where, who = _CAMPAIGN[reason]
    waking = facts.dormancy if reason is Reason.CAMPAIGN_WAKING else None
    return Standing(where, reason, who, None if waking is None else waking.waited_until)


def _from_profile(facts: Facts, pool: Pool) -> Standing | None:
    """What the pool's messaging profile forbids; what may be attached there is due as any other write."""
    if pool.messaging_profile is None:
        return None
    if facts.profile is not None and not facts.profile.exists:
        return Standing(Phase.BLOCKED, Reason.PROFILE_UNKNOWN, Who.YOU)
    match facts.membership:
        case Membership.OTHER:
            return Standing(Phase.BLOCKED, Reason.OTHER_PROFILE, Who.YOU)
        case Membership.NONE if pool.policy.on_missing_profile is not OnMissingProfile.ATTACH:
            return Standing(Phase.BLOCKED, Reason.PROFILE_MISSING, Who.YOU)
        case _:
            return None


def _from_reversals(facts: Facts, now: datetime) -> Standing | None:
    until = None if facts.reversals is None else facts.reversals.held_until(now)
    return None if until is None else Standing(Phase.BLOCKED, Reason.FLAPPING, Who.YOU, until)


def _from_permission(facts: Facts, now: datetime) -> Standing | None:
    if facts.mode is Mode.OBSERVE and facts.campaign is not None:
        return Standing(Phase.WAITING, Reason.OBSERVE_MODE, Who.YOU)
    if facts.halt is not None:
        return Standing(Phase.WAITING, Reason.ACCOUNT_HALTED, Who.YOU, facts.halt.probe_at)
    if facts.freeze is not None and facts.freeze.holds(now):
        return Standing(Phase.FROZEN, Reason.FROZEN, Who.YOU, facts.freeze.until)
    if facts.opens_at is not None and facts.campaign is not None:
        return Standing(Phase.WAITING, Reason.OUTSIDE_WINDOW, Who.US, facts.opens_at)
    return None


def _from_queue(facts: Facts, now: datetime) -> Standing:
    operation = facts.operation
    where = facts.membership
    due = Reason.PROFILE_MISSING if where is Membership.NONE else Reason.ASSIGN_DUE
    if operation is None:
        is_decided = facts.pool is None or facts.number not in facts.pool.undecided
        is_seen = facts.campaign is not None and facts.evidence_at is not None
        known = is_decided and is_seen and where is not Membership.UNKNOWN
        return Standing(Phase.QUEUED, due) if known else Standing(Phase.WAITING, Reason.EVIDENCE_STALE)
    if operation.reason is Reason.CAMPAIGN_IN_REVIEW:
        return Standing(Phase.WAITING, operation.reason, Who.CARRIER, operation.not_before)
    if operation.reason is not Reason.NONE and operation.not_before > now:
        return Standing(Phase.RETRYING, operation.reason, Who.TELNYX, operation.not_before)
    return Standing(Phase.QUEUED, due, Who.US, operation.not_before)
