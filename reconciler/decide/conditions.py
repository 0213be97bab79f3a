"""conditions: which alerts hold of operations, of the numbers that fail for good, and of the account; from facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.errors import Problem
from reconciler.model.fleet import AssignmentState, Campaign
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import Line, Membership
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation
from reconciler.model.pools import OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt
from reconciler.model.verdicts import Done, GiveUp, Keep, Retry, Tried, Verdict


def of_operation(operation: Operation, verdict: Verdict, pool: Pool | None) -> Judgement:
    """AssignmentFailed for one number, from what has just come of its operation. `pool` wants the number now, or none.

    What a request met that is wanted no more, there or at all, is nobody's failure.
    """
    family = Family(AlertName.ASSIGNMENT_FAILED, operation.pool, operation.number)
    is_wanted = pool is not None and _is_of(operation, pool)
    return Judgement((family,), _failing(operation, verdict) if is_wanted else ())


def of_pool(
    pool: Pool, campaign: Campaign | None, memory: Memory, settled: Mapping[PhoneNumber, tuple[Operation, Verdict]]
) -> Judgement:
    """AssignmentFailed for one pool, from what is remembered and what was just settled.

    What a number's own record forbids is said even of a number that is on a campaign, and of one that a campaign that
    is not approved keeps waiting; what its messaging profile forbids only where that is all that stands in the way.
    """
    holding: list[Condition] = []
    aliases = () if campaign is None else campaign.aliases
    for number in pool.numbers:
        operation, verdict = settled.get(number) or (memory.operations.get(number), Keep())
        sighting, line = memory.sightings.get(number), memory.lines.get(number)
        found = None if sighting is None else sighting.assignment
        if operation is not None and _is_of(operation, pool) and (failing := _failing(operation, verdict)):
            holding.extend(failing)
        elif (reason := _unfit(line)) is not Reason.NONE:
            holding.append(_failed(pool.name, number, reason, reason.sentence))
        elif found is not None and found.state is AssignmentState.FAILED and found.is_on(pool.campaign, aliases):
            if pool.campaign in memory.dormancies:
                continue  # it was to wake its campaign, and to fail
            holding.append(_failed(pool.name, number, Reason.TELNYX_REFUSED, found.failure))
        elif found is None and (reason := _barred(line, pool, campaign, memory)) is not Reason.NONE:
            holding.append(_failed(pool.name, number, reason, reason.sentence))
    return Judgement((Family(AlertName.ASSIGNMENT_FAILED, pool.name),), tuple(holding))


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


def of_loop(name: str, error: str = "") -> Judgement:
    """LoopFailed for one of the service's loops: it keeps failing, lastly by this error, or (none) it works."""
    alert = AlertName.LOOP_FAILED
    holding = (Condition(alert, "", name, "step_failed", error),) if error else ()
    return Judgement((Family(alert, "", name),), holding)


def of_start() -> Judgement:
    """Resolve what was said of a process that is gone: of its config and its loops."""
    return Judgement(tuple(Family(name, "") for name in (AlertName.CONFIG_RELOAD_FAILED, AlertName.LOOP_FAILED)))


def of_unlisted(pools: Iterable[str], wanted: Iterable[str]) -> Judgement:
    """Resolve what was said of pools that the config no longer has."""
    gone = set(pools) - set(wanted) - {""}
    return Judgement(tuple(Family(name, pool) for pool in sorted(gone) for name in AlertName))


def _unfit(line: Line | None) -> Reason:
    """Why a number can be on no 10DLC campaign, by its own record."""
    if line is not None and line.is_gone:
        return Reason.NUMBER_NOT_IN_ACCOUNT
    return Reason.NOT_US_LONG_CODE if line is not None and line.is_wrong_kind else Reason.NONE


def _barred(line: Line | None, pool: Pool, campaign: Campaign | None, memory: Memory) -> Reason:
    """Why a number that is on no campaign is not even asked for, by its messaging profile: only a person changes it."""
    profile = pool.messaging_profile
    if profile is None or (campaign is not None and campaign.obstacle is not Reason.NONE):
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


def _is_of(operation: Operation, pool: Pool) -> bool:
    return (operation.pool, operation.campaign) == (pool.name, pool.campaign)


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
