"""drifts: which alerts hold, from a round's drifts: what a number pool sends from, and what no check puts right."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import assert_never

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.drift import (
    Missing,
    MissingPrerequisite,
    MixedCampaigns,
    UncoveredSender,
    Unproven,
)
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByProfile
from reconciler.model.memory import Findings, Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import DriftClass, Mode, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait

_TROUBLES = (Reason.TELNYX_UNAVAILABLE, Reason.RATE_LIMITED)


def of_senders(pool: Pool, findings: Findings) -> Judgement:
    """UncoveredSender for each number and MixedCampaigns for the profile, as far as this look judged them.

    Only a complete list of the profile's numbers resolves any; a number that was last read to be on no campaign stays
    uncovered until another read says otherwise.
    """
    holding: list[Condition] = []
    for drift in findings.drifts_of(pool.name):
        match drift:
            case UncoveredSender():
                holding.append(_uncovered(drift.number, pool))
            case Unproven() if findings.desired.pool_of(drift.number) is None:
                known = findings.memory.sightings.get(drift.number)
                holding.extend([_uncovered(drift.number, pool)] if known and known.assignment is None else [])
            case MixedCampaigns():
                others = ", ".join(f"{count} on campaign {campaign}" for campaign, count in drift.others.items())
                name, reason = AlertName.MIXED_CAMPAIGNS, Reason.MIXED_CAMPAIGNS
                holding.append(Condition(name, pool.name, drift.profile, reason, others))
            case _:
                continue
    names = (AlertName.UNCOVERED_SENDER, AlertName.MIXED_CAMPAIGNS)
    families = tuple(Family(name, pool.name) for name in names) if _is_judged(pool, findings.observed) else ()
    return Judgement(families, tuple(holding))


def _uncovered(number: PhoneNumber, pool: Pool) -> Condition:
    detail = f"on messaging profile {pool.messaging_profile} and on no campaign"
    return Condition(AlertName.UNCOVERED_SENDER, pool.name, number, Reason.UNCOVERED_SENDER, detail)


def _is_judged(pool: Pool, observed: Observed) -> bool:
    """Whether this look told all that the pool's messaging profile may send from: nothing, where it picks none."""
    if (profile := pool.messaging_profile) is None:
        return True
    read, roster = observed.profiles.get(profile), observed.rosters.get(profile)
    if read is not None and not read.pooled:
        return True
    return roster is not None and roster.complete and pool.campaign in observed.listings


def of_drifts(pool: Pool, findings: Findings, told: Collection[str], *, wait: timedelta) -> Judgement:
    """DriftUnresolved for each number and selection that is not as the config wants it, and not on purpose.

    For a pool whose campaign's numbers were listed. On purpose is what a policy only observes or skips, what its
    campaign keeps waiting, and what waits to be written while nothing may be. What goes its way is no trouble, and
    what has an alert of its own (`told`) needs no second.
    """
    is_waiting = _is_kept_waiting(pool, findings.memory)
    holding = (
        *(() if is_waiting else _of_numbers(pool, findings)),
        *(() if is_waiting else _off_profile(pool, findings.memory)),
        *_of_selections(pool, findings.memory),
    )
    name = AlertName.DRIFT_UNRESOLVED
    conditions = {
        subject: Condition(name, pool.name, subject, reason, detail, wait=wait)
        for subject, reason, detail in holding
        if subject not in told
    }
    return Judgement((Family(name, pool.name),), tuple(conditions.values()))


def of_unread(pool: Pool, findings: Findings, *, wait: timedelta) -> Judgement:
    """DriftUnresolved for a pool whose campaign's numbers could not be listed. What was said before still holds.

    Where nothing at all could be read it is not about this pool: TelnyxApiUnavailable or TelnyxAuthFailed tells.
    """
    observed = findings.observed
    fault = next((fault for subject, fault in observed.faults if subject == pool.campaign), None)
    is_of_all = findings.memory.halt is not None or not (observed.campaigns or observed.listings)
    if fault is None or is_of_all or _is_kept_waiting(pool, findings.memory):
        return Judgement()
    name, reason = AlertName.DRIFT_UNRESOLVED, Reason.EVIDENCE_STALE
    return Judgement((), (Condition(name, pool.name, pool.campaign, reason, fault.detail, wait=wait),))


def _is_kept_waiting(pool: Pool, memory: Memory) -> bool:
    """Whether its campaign is not approved: that is in review, or has an alert of its own."""
    read = memory.campaigns.get(pool.campaign)
    return read is not None and read.obstacle is not Reason.NONE


def _of_numbers(pool: Pool, findings: Findings) -> Iterator[tuple[str, Reason, str]]:
    wanted = frozenset(pool.numbers)
    for drift in findings.drifts_of(pool.name):
        if drift.number not in wanted or pool.policy.mode_for(drift.kind) is Mode.OBSERVE:
            continue
        match drift:
            case Unproven():
                yield drift.number, Reason.EVIDENCE_STALE, drift.why
            case Missing() | MissingPrerequisite():
                operation, verdict = findings.settled.get(drift.number) or (
                    findings.memory.operations.get(drift.number),
                    Keep(),
                )
                if operation is not None:
                    yield from _troubled(operation, verdict, may_write=findings.may_write)
                elif (drift.number, pool.name) in findings.ungrounded:
                    yield drift.number, Reason.EVIDENCE_STALE, "its campaign could not be read"
            case _:
                continue


def _troubled(operation: Operation, verdict: Verdict, *, may_write: bool) -> Iterator[tuple[str, Reason, str]]:
    """An open operation that meets trouble of a kind that passes, as it stands after the look."""
    match verdict:
        case Retry(_, reason, detail):
            step = Step.READY
        case Recheck(_, detail):
            step, reason = Step.UNRESOLVED, Reason.OUTCOME_UNKNOWN
        case Keep():
            step, reason, detail = operation.step, operation.reason, operation.detail
        case Done() | Tried() | Wait() | GiveUp() | StopAll():
            return
        case _:
            assert_never(verdict)
    if step is Step.UNRESOLVED:
        yield operation.number, Reason.OUTCOME_UNKNOWN, detail
    elif step in (Step.READY, Step.SENT) and reason in _TROUBLES and may_write:
        yield operation.number, reason, detail


def _off_profile(pool: Pool, memory: Memory) -> Iterator[tuple[str, Reason, str]]:
    """Numbers on a campaign and not on the pool's profile, by their own records: however old, nothing mended them."""
    if (profile := pool.messaging_profile) is None or pool.policy.mode_for(DriftClass.OFF_PROFILE) is Mode.OBSERVE:
        return
    for number in pool.numbers:
        known, line = memory.sightings.get(number), memory.lines.get(number)
        found = None if known is None else known.assignment
        if found is None or line is None or found.state not in (AssignmentState.PENDING, AssignmentState.ASSIGNED):
            continue
        if line.profile != profile and not (line.profile is None and (line.unclear or line.absences)):
            where = f"on messaging profile {line.profile}" if line.profile else "on no messaging profile"
            yield number, Reason.OFF_PROFILE, f"{where}, not {profile}"


def _of_selections(pool: Pool, memory: Memory) -> Iterator[tuple[str, Reason, str]]:
    """Selections of which nobody knows what they choose: that is no drift of any number, and may hide many."""
    for selection in pool.selections:
        read = memory.profiles.get(selection.profile) if isinstance(selection, ByProfile) else None
        if read is not None and not read.exists:
            yield str(selection), Reason.PROFILE_UNKNOWN, Reason.PROFILE_UNKNOWN.sentence
        elif selection in pool.unread:
            yield str(selection), Reason.EVIDENCE_STALE, "it was never read completely"
