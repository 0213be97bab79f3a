"""settle: from what an attempt or a look brought to what happens with the operation next."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, AssignmentState
from reconciler.model.ids import CampaignId
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import (
    Absent,
    Accepted,
    Done,
    End,
    GiveUp,
    Keep,
    Recheck,
    Refused,
    Retry,
    Seen,
    StopAll,
    Unread,
    Unresolved,
    Verdict,
    Wait,
)


def settle(
    operation: Operation,
    outcome: Accepted | Refused | Unresolved | Seen | Absent | Unread,
    *,
    aliases: tuple[CampaignId, ...] = (),
    now: datetime,
    patience: Patience,
    draw: float,
) -> Verdict:
    """Decide. `aliases` are the campaign's other ids; `draw` in [0, 1) is the jitter.

    An outcome that may have happened is read, never repeated; it is repeated only after a conclusive absence:
    reads of the number that answered 404, the last of them asked after the end of the settle window.
    """
    match outcome:
        case Accepted():
            return _found(operation, outcome.assignment, aliases, now, patience)
        case Seen():
            return _seen(operation, outcome, aliases, now, patience)
        case Absent():
            return _absent(operation, outcome.asked_at or now, now, patience, draw)
        case Unresolved():
            return Recheck(now, outcome.fault.detail)
        case Unread():
            return _unread(operation, outcome.fault, now, patience, draw)
        case Refused():
            return _refused(operation, outcome.fault, now, patience, draw)
        case _:
            assert_never(outcome)


def _found(
    operation: Operation, found: Assignment, aliases: tuple[CampaignId, ...], now: datetime, patience: Patience
) -> Verdict:
    if not found.is_on(operation.campaign, aliases):
        return Done(End.TAKEN, f"it is on campaign {found.campaign}")
    match found.state:
        case AssignmentState.ASSIGNED:
            return Done(End.DONE)
        case (
            AssignmentState.PENDING
            | AssignmentState.UNASSIGNING
            | AssignmentState.UNASSIGN_FAILED
            | AssignmentState.UNKNOWN
        ):
            return Keep() if operation.step is Step.CONFIRMING else Wait()
        case AssignmentState.FAILED:
            return patience.after_refusal(
                operation, Reason.TELNYX_REFUSED, found.failure or "FAILED_ASSIGNMENT, without a reason", now
            )
        case _:
            assert_never(found.state)


def _seen(
    operation: Operation, seen: Seen, aliases: tuple[CampaignId, ...], now: datetime, patience: Patience
) -> Verdict:
    found = seen.assignment
    here = found.is_on(operation.campaign, aliases)
    failed_here = here and found.state is AssignmentState.FAILED
    within = patience.is_settling(operation, seen.asked_at or now)
    match operation.step:
        case Step.READY | Step.BLOCKED | Step.CLOSED if failed_here:
            return Keep()  # the failure after which it waits to be sent again
        case Step.CONFIRMING if failed_here and operation.refusals and within:
            return Keep()  # reads lag behind writes: this is the failure before the request
        case Step.SENT | Step.UNRESOLVED if within and (failed_here or not here) and not _said_taken(operation):
            detail = "what is there may be older than the request; waiting until that is sure"
            return Recheck(patience.next_read(operation, now), detail)
        case _:
            return _found(operation, found, aliases, now, patience)


def _absent(operation: Operation, asked_at: datetime, now: datetime, patience: Patience, draw: float) -> Verdict:
    within = patience.is_settling(operation, asked_at)
    match operation.step:
        case Step.READY | Step.BLOCKED | Step.CLOSED:
            return Keep()
        case Step.CONFIRMING:
            if within:
                return Keep()
            if operation.refusals or operation.reason is Reason.READING_DIFFERS:
                return patience.after_refusal(
                    operation, Reason.TELNYX_REFUSED, "Telnyx took it again, and again it is gone", now
                )
            detail = "Telnyx took it, and now it is gone: somebody removed it"
            return Retry(now + patience.backoff(operation, draw), Reason.READING_DIFFERS, detail)
        case Step.SENT | Step.UNRESOLVED:
            if operation.first_absent_at is None or within:
                detail = "the number is on no campaign; waiting until that is sure"
                return Recheck(patience.next_read(operation, now), detail, absent=True)
            if _said_taken(operation):
                detail = "Telnyx says that it is on another campaign, and shows it on none: ask Telnyx support"
                return GiveUp(now + patience.slow_recheck, Reason.REQUEST_REFUSED, detail)
            return Retry(now + patience.backoff(operation, draw), Reason.TELNYX_UNAVAILABLE, "it did not happen")


def _said_taken(operation: Operation) -> bool:
    """Whether Telnyx's answer to the request was that the number is on a campaign already."""
    return operation.reason is Reason.FOREIGN_ASSIGNMENT


def _unread(operation: Operation, fault: Fault, now: datetime, patience: Patience, draw: float) -> Verdict:
    match fault.kind:
        case FaultKind.HALTED:
            return StopAll(now + patience.halt_probe, fault.detail)
        case FaultKind.THROTTLED:
            return Recheck(now + patience.as_asked(fault), fault.detail, trouble=False)
        case _:
            return Recheck(now + patience.backoff(operation, draw), fault.detail)


def _refused(operation: Operation, fault: Fault, now: datetime, patience: Patience, draw: float) -> Verdict:
    match fault.kind:
        case FaultKind.UNREACHABLE:
            return Retry(now + patience.backoff(operation, draw), Reason.TELNYX_UNAVAILABLE, fault.detail)
        case FaultKind.THROTTLED:
            return Retry(now + patience.as_asked(fault), Reason.RATE_LIMITED, fault.detail, trouble=False)
        case FaultKind.HALTED:
            return StopAll(now + patience.halt_probe, fault.detail)
        case FaultKind.NOT_APPROVED:
            wait = min(patience.review_cap, patience.review_first * (1 << min(operation.trouble, 10)))
            return Retry(now + wait, Reason.CAMPAIGN_IN_REVIEW, fault.detail)
        case FaultKind.TAKEN:
            return Recheck(now, fault.detail, reason=Reason.FOREIGN_ASSIGNMENT)
        case FaultKind.LOST:
            return Recheck(now, fault.detail)
        case FaultKind.CAPACITY:
            return GiveUp(now + patience.slow_recheck, Reason.CAPACITY, fault.detail)
        case FaultKind.UNPROFILED:
            return GiveUp(now + patience.slow_recheck, Reason.PROFILE_MISSING, fault.detail)
        case FaultKind.NOT_FOUND | FaultKind.REFUSED:
            return GiveUp(now + patience.slow_recheck, Reason.REQUEST_REFUSED, fault.detail)
        case _:
            assert_never(fault.kind)
