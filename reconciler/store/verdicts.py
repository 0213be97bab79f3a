"""verdicts: what each verdict makes of an operation's row."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from sqlalchemy import ColumnElement, Connection, func, literal, update

from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait
from reconciler.store import dormancies, meta, timeline
from reconciler.store.kinds import INSTANT
from reconciler.store.tables import operations

_TROUBLE = operations.c.trouble + 1
_REFUSALS = operations.c.refusals + 1


def apply(
    connection: Connection, operation: Operation, verdict: Verdict, which: ColumnElement[bool], now: datetime
) -> bool:
    """Write a verdict, and free the lease. False: the row is not as `which` says, and nothing was written."""
    changed = connection.execute(
        update(operations)
        .where(operations.c.id == operation.id, which)
        .values(lease_until=None, **_changes(operation, verdict, now))
    ).rowcount
    if not changed:
        return False
    if isinstance(verdict, StopAll):
        meta.set_halt(connection, Halt(since=now, probe_at=verdict.at, detail=verdict.detail))
    if _came(operation, verdict):
        dormancies.count_try(connection, operation.campaign, operation.sent_at or now)
    if (told := _told(operation, verdict)) is not None:
        what, detail = told
        timeline.write(connection, now, what, [(operation.id, operation.number, detail)])
    return True


def _came(operation: Operation, verdict: Verdict) -> bool:
    """Whether this tells for the first time that a request to assign came to Telnyx: it wakes a dormant campaign."""
    if operation.verb is not Verb.ASSIGN or operation.step not in (Step.SENT, Step.UNRESOLVED):
        return False
    return isinstance(verdict, Tried | Wait) or (isinstance(verdict, Done) and verdict.end is not End.STALE)


def _changes(  # noqa: PLR0911 -- one row for each verdict
    operation: Operation, verdict: Verdict, now: datetime
) -> dict[str, object]:
    match verdict:
        case Done(end, detail):
            return {"step": Step.CLOSED, "closed_at": now, "detail": detail or end}
        case Tried(_, detail):
            return {"step": Step.CLOSED, "closed_at": now, "detail": detail}
        case Wait():
            return {"step": Step.CONFIRMING, "trouble": 0}
        case Retry(at, reason, detail):
            grown: dict[str, object] = (
                {"trouble": 0} if verdict.anew else {"trouble": _TROUBLE} if verdict.trouble else {}
            )
            counted: dict[str, object] = {"refusals": _REFUSALS} if verdict.refused else {}
            return {"step": Step.READY, "not_before": at, "reason": reason, "detail": detail} | grown | counted
        case Recheck(at, detail):
            named: dict[str, object] = {} if verdict.reason is Reason.NONE else {"reason": verdict.reason}
            first = func.coalesce(operations.c.first_absent_at, literal(now, INSTANT))
            missed: dict[str, object] = {"first_absent_at": first} if verdict.absent else {}
            more: dict[str, object] = {"trouble": _TROUBLE} if verdict.trouble else {}
            return {"step": Step.UNRESOLVED, "not_before": at, "detail": detail} | more | named | missed
        case GiveUp(at, reason, detail):
            return {"step": Step.BLOCKED, "not_before": at, "reason": reason, "detail": detail, "refusals": _REFUSALS}
        case StopAll(at, detail, reason):
            if operation.step is Step.SENT:  # surely refused, so it goes back in line
                return {"step": Step.READY, "not_before": at, "reason": reason, "detail": detail}
            # A read that met it told nothing; what Telnyx said of the request, if anything, still holds.
            return {"not_before": at, "reason": operation.reason or reason, "detail": detail}
        case Keep():
            return {}
        case _:
            assert_never(verdict)


def _told(  # noqa: PLR0911 -- one row for each verdict
    operation: Operation, verdict: Verdict
) -> tuple[str, str] | None:
    """The line for the journal: what, and the detail."""
    match verdict:
        case Done(end, detail):
            return end, detail
        case Tried(_, detail):
            return "tried", f"to wake campaign {operation.campaign}: {detail}"
        case Wait():
            return "accepted", "Telnyx took it; waiting until it is done"
        case Retry(_, reason, detail):
            return "retry", f"{reason}: {detail}"
        case Recheck(_, detail):
            return "unresolved", detail
        case GiveUp(_, reason, detail):
            return "blocked", f"{reason}: {detail}"
        case StopAll(_, detail):
            return "halted", detail
        case Keep():
            return None
        case _:
            assert_never(verdict)
