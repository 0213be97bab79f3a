"""explain: why a number does or does not send, link by link from the config to the carriers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconciler.model.dormancy import WAKE_WAITS
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.lines import Line, LineKind, Membership
from reconciler.model.operations import Step
from reconciler.model.reasons import Reason
from reconciler.model.standing import Check, Explanation, Facts, Phase, Result, Standing


def explain(facts: Facts, standing: Standing, *, now: datetime) -> Explanation:
    """Say it. `standing` is what `phase` made of the same facts."""
    return Explanation(facts, standing, _message(facts, standing), tuple(_checks(facts, now)))


def _message(facts: Facts, standing: Standing) -> str:
    if standing.phase is Phase.READY:
        stale = "" if standing.fresh else " But the last reading is old."
        return "It is assigned, and every carrier that says so has added it: it can send." + stale
    if standing.phase is Phase.UNMANAGED and standing.reason is Reason.NONE:
        return "It is in no pool of this config."
    said = ""
    if facts.operation is not None and facts.operation.detail:
        said = f" Last answer: {facts.operation.detail}"
    elif facts.sighting is not None and facts.sighting.assignment is not None and facts.sighting.assignment.failure:
        said = f" Telnyx says: {facts.sighting.assignment.failure}"
    return standing.reason.sentence + said


def _checks(facts: Facts, now: datetime) -> Iterator[Check]:
    if facts.pool is None:
        yield Check("config", Result.FAIL, "no pool of the config lists it")
    else:
        note = facts.pool.notes.get(facts.number, "")
        evidence = f"pool {facts.pool.name}, campaign {facts.pool.campaign}"
        yield Check("config", Result.OK, f"{evidence}; note: {note}" if note else evidence)
    if facts.halt is not None:
        yield Check("account", Result.FAIL, facts.halt.detail, _age(facts.halt.since, now))
    yield from _number(facts, now)
    yield from _profile(facts, now)
    yield _campaign(facts, now)
    yield _assignment(facts, now)
    yield from _carriers(facts, now)
    yield from _operation(facts, now)


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
            return Check("campaign", Result.WAIT, f"{evidence} {campaign.failure}".rstrip(), age)
        case CampaignPhase.REJECTED | CampaignPhase.EXPIRED:
            return Check("campaign", Result.FAIL, f"{evidence} {campaign.failure}".rstrip(), age)
        case CampaignPhase.UNKNOWN:
            return Check("campaign", Result.UNKNOWN, evidence, age)


def _assignment(facts: Facts, now: datetime) -> Check:
    if facts.sighting is None:
        if facts.looked_at is None:
            return Check("assignment", Result.UNKNOWN, "not read yet")
        return Check("assignment", Result.FAIL, "on no list of its campaign's numbers", _age(facts.looked_at, now))
    age = _age(facts.evidence_at or facts.sighting.seen_at, now)
    found = facts.sighting.assignment
    if found is None:
        return Check("assignment", Result.FAIL, f"on no campaign ({facts.sighting.source})", age)
    evidence = f"{found.state} on campaign {found.campaign} ({facts.sighting.source})"
    if facts.pool is not None:
        aliases = () if facts.campaign is None else facts.campaign.aliases
        if not found.is_on(facts.pool.campaign, aliases):
            return Check("assignment", Result.FAIL, evidence, age)
    match found.state:
        case AssignmentState.ASSIGNED:
            return Check("assignment", Result.OK, evidence, age)
        case AssignmentState.PENDING | AssignmentState.UNASSIGNING:
            return Check("assignment", Result.WAIT, evidence, age)
        case AssignmentState.FAILED | AssignmentState.UNASSIGN_FAILED:
            return Check("assignment", Result.FAIL, f"{evidence} {found.failure}".rstrip(), age)
        case AssignmentState.UNKNOWN:
            return Check("assignment", Result.UNKNOWN, evidence, age)


def _carriers(facts: Facts, now: datetime) -> Iterator[Check]:
    if facts.sighting is None or facts.sighting.assignment is None:
        return
    words = {
        CarrierState.ADDED: Result.OK,
        CarrierState.PENDING: Result.WAIT,
        CarrierState.FAILED: Result.FAIL,
        CarrierState.UNKNOWN: Result.UNKNOWN,
    }
    for carrier, state in sorted(facts.sighting.assignment.carriers.items()):
        yield Check(f"carrier {carrier}", words[state], str(state), _age(facts.evidence_at or now, now))


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
