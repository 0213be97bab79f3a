"""conditions: which alerts hold, from facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.errors import Problem
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Membership
from reconciler.model.memory import Memory
from reconciler.model.operations import Done, GiveUp, Keep, Operation, Retry, Tried, Verdict
from reconciler.model.pools import DriftClass, Mode, OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt

_ENDED = (CampaignPhase.REJECTED, CampaignPhase.SUSPENDED, CampaignPhase.EXPIRED, CampaignPhase.UNKNOWN)


def of_operation(operation: Operation, verdict: Verdict) -> Judgement:
    """AssignmentFailed for one number, from what has just come of its operation."""
    family = Family(AlertName.ASSIGNMENT_FAILED, operation.pool, operation.number)
    return Judgement((family,), _failing(operation, verdict))


def of_pool(
    pool: Pool, campaign: Campaign | None, memory: Memory, settled: Mapping[PhoneNumber, tuple[Operation, Verdict]]
) -> Judgement:
    """AssignmentFailed and CampaignNotApproved for one pool, from what is remembered and what was just settled."""
    families = [Family(AlertName.ASSIGNMENT_FAILED, pool.name)]
    holding: list[Condition] = []
    aliases = () if campaign is None else campaign.aliases
    for number in pool.numbers:
        operation, verdict = settled.get(number) or (memory.operations.get(number), Keep())
        sighting = memory.sightings.get(number)
        found = None if sighting is None else sighting.assignment
        if operation is not None and (failing := _failing(operation, verdict)):
            holding.extend(failing)
        elif found is not None and found.state is AssignmentState.FAILED and found.is_on(pool.campaign, aliases):
            if pool.campaign in memory.dormancies:
                continue  # it was to wake its campaign, and to fail
            holding.append(_failed(pool.name, number, Reason.TELNYX_REFUSED, found.failure))
        elif found is None and (reason := _unassignable(number, pool, campaign, memory)) is not Reason.NONE:
            holding.append(_failed(pool.name, number, reason, reason.sentence))
    if campaign is not None:
        families.append(Family(AlertName.CAMPAIGN_NOT_APPROVED, pool.name))
        if _is_ended(campaign, pool) and pool.numbers:
            detail = f"campaign {campaign.id} is {campaign.phase} ({campaign.status or 'not found'}) {campaign.failure}"
            name = AlertName.CAMPAIGN_NOT_APPROVED
            holding.append(Condition(name, pool.name, campaign.id, campaign.obstacle, detail.rstrip()))
    return Judgement(tuple(families), tuple(holding))


def _is_ended(campaign: Campaign, pool: Pool) -> bool:
    """Whether a person should look: also where it is dormant, and nothing may be done for this pool to wake it."""
    is_watched = pool.policy.mode_for(DriftClass.MISSING) is not Mode.ENFORCE
    return campaign.phase in _ENDED or (campaign.phase is CampaignPhase.DORMANT and is_watched)


def of_halt(halt: Halt | None) -> Judgement:
    """TelnyxAuthFailed for the account."""
    name = AlertName.TELNYX_AUTH_FAILED
    holding = () if halt is None else (Condition(name, "", "", Reason.ACCOUNT_HALTED, halt.detail),)
    return Judgement((Family(name, ""),), holding)


def of_reload(problems: Iterable[Problem]) -> Judgement:
    """ConfigReloadFailed, one for each problem of the last reload."""
    name = AlertName.CONFIG_RELOAD_FAILED
    holding = (Condition(name, "", str(one.place), "config_invalid", one.message) for one in problems)
    return Judgement((Family(name, ""),), tuple(holding))


def of_unlisted(pools: Iterable[str], wanted: Iterable[str]) -> Judgement:
    """Resolve what was said of pools that the config no longer has."""
    names = (AlertName.ASSIGNMENT_FAILED, AlertName.CAMPAIGN_NOT_APPROVED)
    gone = set(pools) - set(wanted) - {""}
    return Judgement(tuple(Family(name, pool) for pool in sorted(gone) for name in names))


def _unassignable(number: PhoneNumber, pool: Pool, campaign: Campaign | None, memory: Memory) -> Reason:
    """Why a number that is on no campaign is not even asked for: nothing but a person changes it."""
    line, profile = memory.lines.get(number), pool.messaging_profile
    if line is not None and line.is_gone:
        return Reason.NUMBER_NOT_IN_ACCOUNT
    if line is not None and line.is_wrong_kind:
        return Reason.NOT_US_LONG_CODE
    if profile is None or campaign is None or campaign.obstacle is not Reason.NONE:
        return Reason.NONE
    if (read := memory.profiles.get(profile)) is not None and not read.exists:
        return Reason.PROFILE_UNKNOWN
    if line is None:
        return Reason.NONE
    match line.membership(profile):
        case Membership.OTHER:
            return Reason.OTHER_PROFILE
        case Membership.UNKNOWN if line.profile not in (None, profile):
            return Reason.OTHER_PROFILE  # last read there: that it is in doubt now is no reason to call it mended
        case Membership.NONE if pool.policy.on_missing_profile is OnMissingProfile.FAIL:
            return Reason.PROFILE_MISSING
        case _:
            return Reason.NONE


def _failing(operation: Operation, verdict: Verdict) -> tuple[Condition, ...]:
    match verdict:
        case Done() | Tried():
            return ()
        case GiveUp() | Retry(refused=True):
            return (_failed(operation.pool, operation.number, verdict.reason, verdict.detail),)
        case _ if operation.refusals:
            return (_failed(operation.pool, operation.number, operation.reason, operation.detail),)
        case _:
            return ()


def _failed(pool: str, number: PhoneNumber, reason: Reason, detail: str) -> Condition:
    return Condition(AlertName.ASSIGNMENT_FAILED, pool, number, reason, detail)
