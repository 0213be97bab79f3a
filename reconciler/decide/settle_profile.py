"""settle_profile: as settle, for an operation that puts a number on its messaging profile."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.lines import Membership
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import (
    Done,
    End,
    GiveUp,
    Recheck,
    Refused,
    Retry,
    StopAll,
    Told,
    Unread,
    Unresolved,
    Verdict,
)

_UNTOLD = "its messaging profile could not be told"
_TAKEN = Reason.PROFILE_MISSING
"""The reason of an operation that Telnyx took: that it is on no profile is then a refusal, not a request lost."""


def settle_profile(
    operation: Operation,
    outcome: Told | Refused | Unresolved | Unread,
    *,
    now: datetime,
    patience: Patience,
    draw: float,
) -> Verdict:
    """Decide. An answer that says "done" is read back; one that may have happened is read, never repeated.

    `Refused` is what was surely not sent, or surely not done: a read before the request that failed is one.
    """
    match outcome:
        case Told():
            return _told(operation, outcome, now, patience, draw)
        case Unresolved():  # the reason too: that an earlier request was taken says nothing of this one
            return Recheck(now, outcome.fault.detail, reason=Reason.OUTCOME_UNKNOWN)
        case Refused() | Unread() if outcome.fault.kind is FaultKind.HALTED:
            return StopAll(now + patience.halt_probe, outcome.fault.detail)
        case Unread():
            is_trouble = outcome.fault.kind is not FaultKind.THROTTLED
            at = now + _wait(operation, outcome.fault, patience, draw)
            return Recheck(at, outcome.fault.detail, trouble=is_trouble)
        case Refused():
            return _refused(operation, outcome.fault, now, patience, draw)


def _told(operation: Operation, told: Told, now: datetime, patience: Patience, draw: float) -> Verdict:
    line, profile = told.line, operation.profile
    if told.answer:  # whatever it shows
        return Recheck(now + patience.look_steps[0], "Telnyx took it; reading it back", reason=_TAKEN)
    if line.absences:
        return _gone(operation, line.taken_at, now, patience)
    match Membership.UNKNOWN if profile is None else line.membership(profile):
        case Membership.EXPECTED:
            return Done(End.DONE, f"it is on messaging profile {profile}")
        case Membership.OTHER:
            return Done(End.TAKEN, f"it is on messaging profile {line.profile}")
        case Membership.UNKNOWN if operation.step is Step.SENT:  # the read before the request: nothing went out
            return Retry(now + patience.backoff(operation, draw), Reason.EVIDENCE_STALE, _UNTOLD)
        case Membership.UNKNOWN:
            return Recheck(now + patience.backoff_cap, _UNTOLD)
        case Membership.NONE:
            return _still_off(operation, line.taken_at, now, patience, draw)


def _gone(operation: Operation, asked_at: datetime, now: datetime, patience: Patience) -> Verdict:
    """One read may lie, and what was closed may be asked for again: after a request that takes two, as for absence."""
    detail = "the account has no such number"
    if operation.step is Step.SENT or _is_sure(operation, asked_at, patience):
        return Done(End.STALE, detail)
    return Recheck(patience.next_read(operation, now), f"{detail}; waiting until that is sure", absent=True)


def _still_off(operation: Operation, asked_at: datetime, now: datetime, patience: Patience, draw: float) -> Verdict:
    """Reads lag behind writes: only two that span the settle window show that it is on none."""
    if not _is_sure(operation, asked_at, patience):
        detail = "it is on no messaging profile; waiting until that is sure"
        return Recheck(patience.next_read(operation, now), detail, absent=True)
    if operation.reason is not _TAKEN:
        return Retry(now + patience.backoff(operation, draw), Reason.TELNYX_UNAVAILABLE, "it did not happen")
    return patience.after_refusal(operation, _TAKEN, "Telnyx took it, and it is on no messaging profile", now)


def _is_sure(operation: Operation, asked_at: datetime, patience: Patience) -> bool:
    return operation.first_absent_at is not None and not patience.is_settling(operation, asked_at)


def _refused(operation: Operation, fault: Fault, now: datetime, patience: Patience, draw: float) -> Verdict:
    at = now + _wait(operation, fault, patience, draw)
    match fault.kind:
        case FaultKind.THROTTLED:
            return Retry(at, Reason.RATE_LIMITED, fault.detail, trouble=False)
        case FaultKind.UNREACHABLE | FaultKind.LOST:
            return Retry(at, Reason.TELNYX_UNAVAILABLE, fault.detail)
        case _:
            return GiveUp(now + patience.slow_recheck, Reason.REQUEST_REFUSED, fault.detail)


def _wait(operation: Operation, fault: Fault, patience: Patience, draw: float) -> timedelta:
    if fault.kind is FaultKind.THROTTLED:
        return patience.as_asked(fault)
    return patience.backoff(operation, draw)
