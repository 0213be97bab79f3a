"""sightings: which alerts hold, from where numbers were last seen: stuck, refused by a carrier, on another campaign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Condition, Family, Judgement, Severity
from reconciler.model.fleet import AssignmentState, Campaign, Sighting, aliases_of
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Verb
from reconciler.model.pools import OnConflict, PendingAfter, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Keep, Verdict, Wait

_NAMES = (AlertName.ASSIGNMENT_STUCK, AlertName.CARRIER_MAPPING_FAILED, AlertName.CONFLICT_FOUND)


def of_pool(
    pool: Pool,
    campaign: Campaign | None,
    memory: Memory,
    settled: Mapping[PhoneNumber, tuple[Operation, Verdict]],
    *,
    now: datetime,
) -> Judgement:
    """AssignmentStuck, CarrierMappingFailed and ConflictFound for each number of a pool.

    They go by what is remembered of each number, this look included: what one look does not show is resolved by none.
    """
    holding: list[Condition] = []
    for number in pool.numbers:
        operation, verdict = settled.get(number) or (memory.operations.get(number), Keep())
        holding.extend(_of(number, pool, campaign, memory.sightings.get(number), operation, verdict, now))
    return Judgement(tuple(Family(name, pool.name) for name in _NAMES), tuple(holding))


def of_number(
    operation: Operation,
    verdict: Verdict,
    pool: Pool,
    campaign: Campaign | None,
    sighting: Sighting | None,
    *,
    now: datetime,
) -> Judgement:
    """The same for the number of one operation, from what has just come of it. `pool` is the one that wants it."""
    number = operation.number
    families = tuple(Family(name, pool.name, number) for name in _NAMES)
    return Judgement(families, tuple(_of(number, pool, campaign, sighting, operation, verdict, now)))


def _of(
    number: PhoneNumber,
    pool: Pool,
    campaign: Campaign | None,
    sighting: Sighting | None,
    operation: Operation | None,
    verdict: Verdict,
    now: datetime,
) -> Iterator[Condition]:
    found = None if sighting is None else sighting.assignment
    is_here = found is not None and found.is_on(pool.campaign, aliases_of(campaign))
    if found is not None and not is_here and pool.policy.on_conflict is OnConflict.FAIL:
        detail = f"on campaign {found.campaign}"
        yield Condition(AlertName.CONFLICT_FOUND, pool.name, number, Reason.FOREIGN_ASSIGNMENT, detail)
    if found is not None and is_here and found.state is AssignmentState.ASSIGNED and found.carriers_refusing:
        detail = f"refused by {', '.join(sorted(found.carriers_refusing))}"
        yield Condition(AlertName.CARRIER_MAPPING_FAILED, pool.name, number, Reason.CARRIER_REFUSED, detail)
    since = [] if operation is None or operation.campaign != pool.campaign else _taken_at(operation, verdict)
    if sighting is not None and found is not None and is_here and found.state is AssignmentState.PENDING:
        since.append(sighting.since)
    if since and (severity := _severity(now - min(since), pool.policy.pending_after)) is not None:
        detail = f"pending since {min(since):%Y-%m-%d %H:%M} UTC"
        name, reason = AlertName.ASSIGNMENT_STUCK, Reason.TELNYX_PENDING
        yield Condition(name, pool.name, number, reason, detail, severity=severity)


def _taken_at(operation: Operation, verdict: Verdict) -> list[datetime]:
    """When Telnyx took what it has not finished yet, if there is such a thing."""
    match verdict:
        case Keep():
            is_taken = operation.step is Step.CONFIRMING
        case Wait():
            is_taken = True
        case _:
            is_taken = False
    return [operation.sent_at] if is_taken and operation.verb is Verb.ASSIGN and operation.sent_at is not None else []


def _severity(age: timedelta, limits: PendingAfter) -> Severity | None:
    if age < limits.warn:
        return None
    if age < limits.alert:
        return Severity.INFO
    return Severity.WARNING if age < limits.escalate else Severity.CRITICAL
