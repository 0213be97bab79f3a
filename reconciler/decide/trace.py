"""trace: every link of the chain from the config to the carriers, for one number, each with its evidence and age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from reconciler.model.dormancy import WAKE_WAITS
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.lines import Line, LineKind, Membership
from reconciler.model.operations import Step
from reconciler.model.pools import Mode
from reconciler.model.reasons import Reason
from reconciler.model.standing import CARRIER, Check, Facts, Result

_CARRIERS = {
    CarrierState.ADDED: Result.OK,
    CarrierState.PENDING: Result.WAIT,
    CarrierState.FAILED: Result.FAIL,
    CarrierState.UNKNOWN: Result.UNKNOWN,
}


def trace(facts: Facts, *, now: datetime) -> tuple[Check, ...]:
    """Check every link, in the order of the chain. What was not asked about, or holds nothing now, has no check."""
    return tuple(_checks(facts, now))


def _checks(facts: Facts, now: datetime) -> Iterator[Check]:
    yield _config(facts)
    if facts.halt is not None:
        yield Check("account", Result.FAIL, facts.halt.detail, _age(facts.halt.since, now))
    yield from _number(facts, now)
    yield from _profile(facts, now)
    if facts.pool is not None:
        yield _campaign(facts, now)
    if facts.is_lacking:
        yield from _permission(facts, now)
    if facts.pool is not None or facts.sighting is not None:
        yield _assignment(facts, now)
    yield from _carriers(facts, now)
    yield from _operation(facts, now)


def _config(facts: Facts) -> Check:
    if (pool := facts.pool) is None:
        return Check("config", Result.FAIL, "no pool of the config wants it, or wants it still")
    note = f"; note: {pool.notes[facts.number]}" if facts.number in pool.notes else ""
    claims = f"; selected by {', '.join(facts.claimed_by)} too" if facts.claimed_by else ""
    evidence = f"pool {pool.name}, campaign {pool.campaign}{claims}{note}"
    if (rival := pool.undecided.get(facts.number)) is not None and facts.is_lacking:
        evidence += f"; pool {rival}, which stands before it, may have it: its selection was never read completely"
        return Check("config", Result.UNKNOWN, evidence)
    return Check("config", Result.OK, evidence)


def _permission(facts: Facts, now: datetime) -> Iterator[Check]:
    """What holds the next write for it, if something does."""
    if facts.reversals is not None and facts.reversals.held_until(now) is not None:
        times = facts.reversals.lately(now).times
        told = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in times)
        words = f"on no campaign again after we had assigned it, {len(times)} times within 24 h: at {told} UTC"
        yield Check("reversals", Result.FAIL, words, _age(times[-1], now))
    if facts.mode is Mode.OBSERVE:
        yield Check("policy", Result.WAIT, f"drift of class {facts.drift} is only observed")
    if facts.freeze is not None and facts.freeze.holds(now):
        author = f" by {facts.freeze.author}" if facts.freeze.author else ""
        evidence = _because(f"paused{author}", facts.freeze.reason)
        yield Check("freeze", Result.WAIT, evidence, _age(facts.freeze.since, now))
    if facts.opens_at is not None:
        at = facts.opens_at.astimezone(UTC)
        yield Check("window", Result.WAIT, f"the next window for changes opens at {at:%Y-%m-%d %H:%M} UTC")


def _number(facts: Facts, now: datetime) -> Iterator[Check]:
    """Whether the account has it; said only where that was asked."""
    if (line := facts.line) is None:
        return
    age = _age(line.taken_at, now)
    if line.is_gone:
        yield Check("number", Result.FAIL, "not in the account, by two reads", age)
    elif line.absences:
        yield Check("number", Result.UNKNOWN, "one read found no such number in the account", age)
    elif line.is_wrong_kind:
        yield Check("number", Result.FAIL, f"no US long code: {_kind(line)}", age)
    else:
        yield Check("number", Result.OK, f"in the account, {_kind(line)}", age)


def _kind(line: Line) -> str:
    kind = "of a kind that is not told" if line.kind is LineKind.UNKNOWN else line.kind.replace("_", " ")
    return f"{kind} {line.country}".rstrip()


def _profile(facts: Facts, now: datetime) -> Iterator[Check]:
    """Where it is, seen from the messaging profile that its pool names, if it names one."""
    wanted = None if facts.pool is None else facts.pool.messaging_profile
    if wanted is None:
        if facts.operation is not None and facts.operation.reason is Reason.PROFILE_MISSING:
            yield Check("profile", Result.FAIL, "on no messaging profile, as Telnyx says, and its pool names none")
        return
    if facts.profile is not None and not facts.profile.exists:
        yield Check("profile", Result.FAIL, f"no messaging profile {wanted}", _age(facts.profile.read_at, now))
        return
    line = facts.line
    if line is None:
        yield Check("profile", Result.UNKNOWN, "not read yet")
        return
    age = _age(line.taken_at, now)
    match line.membership(wanted):
        case Membership.EXPECTED:
            seen_at = max(line.taken_at, facts.rostered_at or line.taken_at)
            yield Check("profile", Result.OK, f"on messaging profile {wanted}", _age(seen_at, now))
        case Membership.NONE:
            yield Check("profile", Result.FAIL, "on no messaging profile", age)
        case Membership.OTHER:
            yield Check("profile", Result.FAIL, f"on messaging profile {line.profile}, not {wanted}", age)
        case Membership.UNKNOWN:
            yield Check("profile", Result.UNKNOWN, "its messaging profile could not be told", age)


def _campaign(facts: Facts, now: datetime) -> Check:
    campaign = facts.campaign
    if campaign is None:
        return Check("campaign", Result.UNKNOWN, "not read yet")
    evidence = f"{campaign.phase} (campaignStatus {campaign.status or 'not given'})"
    if campaign.phase is CampaignPhase.DORMANT and facts.dormancy is not None:
        evidence += f"; assignments to wake it: {facts.dormancy.tries} of {len(WAKE_WAITS)}"
    age = _age(campaign.read_at, now)
    match campaign.phase:
        case CampaignPhase.APPROVED:
            return Check("campaign", Result.OK, evidence, age)
        case CampaignPhase.SUBMITTED | CampaignPhase.IN_REVIEW | CampaignPhase.DORMANT:
            return Check("campaign", Result.WAIT, evidence, age)
        case CampaignPhase.SUSPENDED:
            return Check("campaign", Result.WAIT, _because(evidence, campaign.failure), age)
        case CampaignPhase.REJECTED | CampaignPhase.EXPIRED:
            return Check("campaign", Result.FAIL, _because(evidence, campaign.failure), age)
        case CampaignPhase.UNKNOWN if campaign.status:
            words = f"campaignStatus {campaign.status}, which this version does not know"
            return Check("campaign", Result.UNKNOWN, words, age)
        case CampaignPhase.UNKNOWN:
            return Check("campaign", Result.UNKNOWN, campaign.failure or "no campaignStatus given", age)


def _because(evidence: str, failure: str) -> str:
    return f"{evidence}: {failure}" if failure else evidence


def _assignment(facts: Facts, now: datetime) -> Check:
    if facts.sighting is None or facts.found is None:
        return _absence(facts, now)
    found, age = facts.found, _age(facts.evidence_at or facts.sighting.seen_at, now)
    evidence = f"{found.state} on campaign {found.campaign} ({facts.sighting.source})"
    if facts.sighting.doubted:
        return Check("assignment", Result.UNKNOWN, f"{evidence}, and a later list lacks it", age)
    if facts.pool is not None and not facts.is_here:
        return Check("assignment", Result.FAIL, evidence, age)
    match found.state:
        case AssignmentState.ASSIGNED:
            return Check("assignment", Result.OK, evidence, age)
        case AssignmentState.PENDING | AssignmentState.UNASSIGNING:
            return Check("assignment", Result.WAIT, evidence, age)
        case AssignmentState.FAILED | AssignmentState.UNASSIGN_FAILED:
            return Check("assignment", Result.FAIL, _because(evidence, found.failure), age)
        case AssignmentState.UNKNOWN:
            return Check("assignment", Result.UNKNOWN, evidence, age)


def _absence(facts: Facts, now: datetime) -> Check:
    """On no campaign, as far as is known."""
    if facts.operation is not None and facts.operation.step is Step.CONFIRMING:
        age = _age(facts.operation.sent_at or now, now)
        return Check("assignment", Result.WAIT, "Telnyx took the request, and does not show it yet", age)
    if facts.sighting is not None:
        at = facts.evidence_at or facts.sighting.seen_at
        return Check("assignment", Result.FAIL, f"on no campaign ({facts.sighting.source})", _age(at, now))
    if facts.looked_at is not None:
        return Check("assignment", Result.FAIL, "on no list of its campaign's numbers", _age(facts.looked_at, now))
    untold = "not read yet" if facts.campaign is None else "its campaign's numbers were never listed completely"
    return Check("assignment", Result.UNKNOWN, untold)


def _carriers(facts: Facts, now: datetime) -> Iterator[Check]:
    if facts.found is None:
        return
    for carrier, state in sorted(facts.found.carriers.items()):
        yield Check(f"{CARRIER} {carrier}", _CARRIERS[state], str(state), _age(facts.evidence_at or now, now))


def _operation(facts: Facts, now: datetime) -> Iterator[Check]:
    if (operation := facts.operation) is None:
        return
    evidence = f"{operation.verb}: {operation.step}, attempt {operation.attempt}"
    if operation.detail:
        evidence += f": {operation.detail}"
    result = Result.FAIL if operation.step is Step.BLOCKED else Result.WAIT
    yield Check("operation", result, evidence, _age(operation.created_at, now))


def _age(then: datetime, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds())
