"""One answer about one operation: what becomes of it, what it teaches, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconciler.compose.judged import judged_number
from reconciler.decide import conditions
from reconciler.decide.forgive import forgive
from reconciler.decide.learn import note
from reconciler.decide.remember import sight
from reconciler.decide.settle import settle
from reconciler.decide.settle_profile import settle_profile
from reconciler.model.alerts import Judgement
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.fleet import Sighting, aliases_of
from reconciler.model.lines import Line
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation
from reconciler.model.patience import Patience
from reconciler.model.plan import Verb
from reconciler.model.pools import Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt
from reconciler.model.verdicts import (
    Absent,
    Accepted,
    Done,
    End,
    GiveUp,
    Outcome,
    Refused,
    Retry,
    Seen,
    StopAll,
    Told,
    Tried,
    Unread,
    Unresolved,
    Verdict,
)


def weigh(
    operation: Operation, outcome: Outcome, memory: Memory, *, now: datetime, patience: Patience, draw: float
) -> Verdict:
    """What becomes of an operation after an attempt or a read of its own."""
    campaign = memory.campaigns.get(operation.campaign)
    aliases = aliases_of(campaign)
    match operation.verb, outcome:
        case Verb.ATTACH_PROFILE, Told() | Refused() | Unresolved() | Unread():
            return settle_profile(operation, outcome, now=now, patience=patience, draw=draw)
        case Verb.ASSIGN, Accepted() | Refused() | Unresolved() | Seen() | Absent() | Unread():
            verdict = settle(operation, outcome, aliases=aliases, now=now, patience=patience, draw=draw)
            return forgive(operation, verdict, campaign, now=now, patience=patience)
        case _:
            raise AssertionError(f"{operation.verb} brought {type(outcome).__name__}")


def dated(outcome: Outcome | Done, now: datetime) -> Outcome | Done:
    """The same, asked for no later than now: the clock may have been set back since.

    Else it would outweigh all that is read for so long, and an absence would count as one from after a settle window.
    """
    match outcome:
        case Seen(asked_at=datetime() as at) | Absent(asked_at=datetime() as at):
            return replace(outcome, asked_at=min(at, now))
        case Told(line):
            return replace(outcome, line=replace(line, taken_at=min(line.taken_at, now)))
        case _:
            return outcome


def learned(operation: Operation, outcome: Outcome | Done, memory: Memory, now: datetime) -> Sighting | Line | None:
    """What an outcome teaches about the number: where it is, or its own record."""
    match outcome:
        case Accepted():
            return sight(operation.number, outcome.assignment, "answer", now, memory)
        case Seen():
            return sight(operation.number, outcome.assignment, "item", outcome.asked_at or now, memory)
        case Absent():
            return sight(operation.number, None, "item", outcome.asked_at or now, memory)
        case Told(line, answer=False):
            return note(line, memory.lines.get(operation.number), alone=True)
        case _:
            return None


def consequences(
    operation: Operation,
    verdict: Verdict,
    memory: Memory,
    now: datetime,
    pool: Pool | None = None,
    seen: Sighting | Line | None = None,
) -> tuple[Judgement, tuple[Trigger, ...]]:
    """The alerts and the looks that follow from a verdict. `pool` wants the number, `seen` is what was learned."""
    sighting = seen if isinstance(seen, Sighting) else None
    judgement = judged_number(operation, verdict, pool, sighting, memory, now)
    match verdict:
        case StopAll():
            since = now if memory.halt is None else memory.halt.since
            halting = conditions.of_halt(Halt(since, verdict.at, verdict.detail))
            return judgement + halting, (Trigger(EVERYTHING, Cause.PROBE, verdict.at),)
        case Done(end=End.STALE | End.TAKEN):
            return judgement, (Trigger(operation.campaign, Cause.CONFIRM, now),)
        case Done() if operation.verb is Verb.ATTACH_PROFILE or operation.campaign in memory.dormancies:
            # Now it can be assigned, or may have woken its campaign.
            return judgement, (Trigger(operation.campaign, Cause.CONFIRM, now),)
        case GiveUp(reason=Reason.REQUEST_REFUSED | Reason.PROFILE_MISSING):
            return judgement, (Trigger(operation.campaign, Cause.CONFIRM, now),)  # its own record may say why
        case Tried() | Retry(reason=Reason.CAMPAIGN_IN_REVIEW):
            at = verdict.at if isinstance(verdict, Tried) else now
            return judgement, (Trigger(operation.campaign, Cause.PROBE, at),)
        case _:
            return judgement, ()
