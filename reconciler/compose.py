"""Compositions of the verbs, pure: one round, one answer, one batch of events. `flow` gathers for them and acts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from reconciler.decide import conditions
from reconciler.decide.diff import diff
from reconciler.decide.halt import halt
from reconciler.decide.pace import pace
from reconciler.decide.plan import plan
from reconciler.decide.postpone import postpone
from reconciler.decide.remember import remember, sight
from reconciler.decide.retire import retire
from reconciler.decide.revive import revive
from reconciler.decide.settle import settle
from reconciler.decide.tally import tally
from reconciler.model.alerts import Judgement
from reconciler.model.events import EVERYTHING, Cause, EventState, Finished, Trigger
from reconciler.model.fleet import Observed, Sighting
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import (
    Absent,
    Accepted,
    Awaited,
    Done,
    End,
    Keep,
    Operation,
    Outcome,
    Patience,
    Retry,
    Seen,
    Step,
    StopAll,
    Verdict,
)
from reconciler.model.pools import Desired, Mode
from reconciler.model.reasons import Reason
from reconciler.model.standing import Halt

QUARANTINE_WAIT = timedelta(seconds=60)
"""Events that we cannot read cause at most one look everywhere in this time."""


def caused(
    desired: Desired, finished: Iterable[Finished], awaited: Iterable[Awaited], *, now: datetime, patience: Patience
) -> tuple[Trigger, ...]:
    """An event about a number whose assignment is awaited brings the next listing forward; others look at once."""
    waits = {one.campaign: one for one in awaited}
    subjects = {subject: one.reading.state for one in finished for subject in one.reading.looks}
    triggers = []
    for subject, state in subjects.items():
        home = desired.campaign_of(subject) if isinstance(subject, PhoneNumber) else None
        waiting = None if home is None else waits.get(home)
        if state is EventState.QUARANTINED:
            triggers.append(Trigger(subject, Cause.SWEEP, now + QUARANTINE_WAIT))
        elif waiting is not None:
            at = pace(waiting, hinted=True, now=now, patience=patience)
            triggers.append(Trigger(waiting.campaign, Cause.CONFIRM, at))
        else:
            triggers.append(Trigger(subject, Cause.EVENT, now))
    return tuple(triggers)


def conclude(
    desired: Desired,
    asked: tuple[Asked, ...],
    observed: Observed,
    memory: Memory,
    patience: Patience,
    started: datetime,
    now: datetime,
    draw: float,
) -> Round:
    """Decide one round: pure, from what was asked, seen and remembered."""
    campaigns = {**memory.campaigns, **observed.campaigns}
    settled = _settled(desired, asked, observed, memory, patience, now, draw)
    drifts = diff(desired, observed, memory, now=now, patience=patience)
    made = plan(desired, observed, drifts, _grounds(memory, settled, started, patience))
    sightings = remember(desired, observed, memory, now=now, patience=patience)
    after = replace(memory, sightings={**memory.sightings, **{one.number: one for one in sightings}})
    halting = halt(observed, memory.halt, now=now, patience=patience)
    late, again = postpone(asked, desired, observed, drifts, halting, now=now, patience=patience, draw=draw)
    by_number = {operation.number: (operation, verdict) for operation, verdict in settled}
    looked = [pool for pool in desired.pools if pool.campaign in {*observed.campaigns, *observed.listings}]
    judged = [conditions.of_pool(pool, campaigns.get(pool.campaign), after, by_number) for pool in looked]
    enforced = {pool.name for pool in desired.pools if pool.policy.mode is Mode.ENFORCE}
    return Round(
        started_at=started,
        finished_at=now,
        asked=asked,
        postponed=late,
        plan=made,
        actions=tuple(action for action in made.actions if action.pool in enforced),
        evidence_at={campaign: listing.taken_at for campaign, listing in observed.listings.items() if listing.complete},
        campaigns=tuple(observed.campaigns.values()),
        sightings=sightings,
        settled=settled,
        checks=tally(desired, observed, drifts, now=now),
        judgement=sum(judged, conditions.of_halt(halting)),
        triggers=(*again, *_lagging(memory, after, by_number, patience, now)),
        halt=halting,
        urgent=any(one.cause is Cause.EVENT for one in asked),
    )


def _settled(
    desired: Desired,
    asked: tuple[Asked, ...],
    observed: Observed,
    memory: Memory,
    patience: Patience,
    now: datetime,
    draw: float,
) -> tuple[tuple[Operation, Verdict], ...]:
    """What becomes of open operations, one verdict each: by what was seen, by the config, by what was told."""
    campaigns = {**memory.campaigns, **observed.campaigns}
    operations = memory.operations.values()
    verdicts: dict[PhoneNumber, tuple[Operation, Verdict]] = {}
    for operation, verdict in (
        *_seen(observed, memory, patience, now, draw),
        *retire(operations, desired, campaigns),
        *revive(operations, asked, now=now, patience=patience),
    ):
        verdicts.setdefault(operation.number, (operation, verdict))
    return tuple(verdicts.values())


def _seen(
    observed: Observed, memory: Memory, patience: Patience, now: datetime, draw: float
) -> Iterator[tuple[Operation, Verdict]]:
    """What the look tells about open operations.

    A listing's silence tells nothing. What was seen before the request went out, or before we learned more of the
    number, tells nothing of what came of it.
    """
    told = observed.told()
    for operation in memory.operations.values():
        one, known = told.get(operation.number), memory.sightings.get(operation.number)
        if operation.step is Step.SENT or one is None:
            continue  # its worker is about to record the answer, or there is nothing to tell
        since = (operation.sent_at, None if known is None else known.seen_at)
        if any(at is not None and at > one.taken_at for at in since):
            continue
        campaign = observed.campaigns.get(operation.campaign) or memory.campaigns.get(operation.campaign)
        aliases = () if campaign is None else campaign.aliases
        outcome = Absent() if one.assignment is None else Seen(one.assignment)
        verdict = settle(operation, outcome, aliases=aliases, now=now, patience=patience, draw=draw)
        if not isinstance(verdict, Keep):
            yield operation, verdict


def _lagging(
    memory: Memory,
    after: Memory,
    settled: Collection[PhoneNumber],
    patience: Patience,
    now: datetime,
) -> Iterator[Trigger]:
    """Look again at what Telnyx took and shows as it was before, once it must show: nothing settling asks for that."""
    for number, operation in memory.operations.items():
        sighting = after.sightings.get(number)
        if operation.step is not Step.CONFIRMING or operation.sent_at is None or number in settled:
            continue
        is_awaited = sighting is None or (sighting.assignment is not None and sighting.assignment.is_settling)
        if not is_awaited and (at := operation.sent_at + patience.settle_window) > now:
            yield Trigger(operation.campaign, Cause.CONFIRM, at)


def _grounds(
    memory: Memory, settled: tuple[tuple[Operation, Verdict], ...], started: datetime, patience: Patience
) -> Memory:
    """What a plan may rest on: the operations that stay open, and the campaigns that were read lately."""
    ended = {operation.number for operation, verdict in settled if isinstance(verdict, Done)}
    return replace(
        memory,
        operations={number: one for number, one in memory.operations.items() if number not in ended},
        campaigns={
            id_: one for id_, one in memory.campaigns.items() if started - one.read_at <= patience.evidence_for_assign
        },
    )


def involved(desired: Desired, observed: Observed) -> frozenset[PhoneNumber]:
    """The numbers that a look tells something about: those listed, and those wanted where it looked."""
    listed = {number for listing in observed.listings.values() for number in listing.assignments}
    looked = {*observed.campaigns, *observed.listings}
    wanted = {number for pool in desired.pools if pool.campaign in looked for number in pool.numbers}
    return frozenset(listed | wanted)


def sighted(operation: Operation, outcome: Outcome | Done, now: datetime, known: Sighting | None) -> Sighting | None:
    """What an outcome teaches about where the number is."""
    match outcome:
        case Accepted():
            return sight(operation.number, outcome.assignment, "answer", now, known)
        case Seen():
            return sight(operation.number, outcome.assignment, "item", now, known)
        case Absent():
            return sight(operation.number, None, "item", now, known)
        case _:
            return None


def consequences(
    operation: Operation, verdict: Verdict, memory: Memory, now: datetime
) -> tuple[Judgement, tuple[Trigger, ...]]:
    """The alerts and the looks that follow from a verdict."""
    judgement = conditions.of_operation(operation, verdict)
    match verdict:
        case StopAll():
            since = now if memory.halt is None else memory.halt.since
            halting = conditions.of_halt(Halt(since, verdict.at, verdict.detail))
            return judgement + halting, (Trigger(EVERYTHING, Cause.PROBE, verdict.at),)
        case Done(end=End.STALE | End.TAKEN):
            return judgement, (Trigger(operation.campaign, Cause.CONFIRM, now),)
        case Retry(reason=Reason.CAMPAIGN_IN_REVIEW):
            return judgement, (Trigger(operation.campaign, Cause.PROBE, now),)
        case _:
            return judgement, ()
