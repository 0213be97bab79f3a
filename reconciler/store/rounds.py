"""rounds: write all that one round of reconciling found and decided, in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from reconciler.model.events import EVERYTHING, RANK, Cause, Trigger
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Round
from reconciler.model.operations import Operation, Urgency
from reconciler.model.plan import Action, AttachProfile
from reconciler.model.verdicts import Verdict
from reconciler.store import facts, journal, lines, meta, outbox, reversals, selections, triggers, verdicts
from reconciler.store.portions import portions
from reconciler.store.tables import is_free, operations, runs, sightings

_RUN = insert(runs)


def reconciled(connection: Connection, done: Round) -> None:
    """Write one round, whole. Not one in whose midst the clock was set: what it answers is due as it was."""
    now = done.finished_at
    if meta.moment(connection, meta.CLOCK_SET) != done.clock_set_at:
        triggers.let_go(connection)
        return
    overtaken = _overtaken(connection, done)  # before this round's own findings are in
    facts.keep_campaigns(connection, done.campaigns)
    facts.keep_listings(connection, done.evidence_at, done.empty)
    facts.keep_sightings(connection, done.sightings)
    reversals.keep(connection, done.reversals)
    lines.keep_profiles(connection, done.profiles)
    lines.keep_rosters(connection, done.rostered_at)
    lines.keep_lines(connection, done.lines)
    selections.keep(connection, done.selected)
    facts.keep_checks(connection, done.checks)
    for operation, verdict in done.settled:
        _settle(connection, operation, verdict, now)
    actions = [action for action in done.actions if action not in overtaken]
    journal.begin(connection, actions, _urgencies(connection, done, actions), now)
    outbox.judge(connection, done.judgement, now, seen_since=done.started_at)
    late = {one for one, _ in done.postponed}
    triggers.answer(connection, (one for one in done.asked if one not in late))  # before asking anew: it would stay
    triggers.postpone(connection, done.postponed)
    triggers.ask(connection, (*done.triggers, *_again(done, overtaken)))
    if done.halt is None:
        meta.lift_halt(connection, done.started_at)
    else:
        meta.set_halt(connection, done.halt)
    _note_run(connection, done)


def _urgencies(connection: Connection, done: Round, actions: list[Action]) -> dict[PhoneNumber, Urgency]:
    """What goes on with an operation that just ended is as urgent as that was, or more."""
    urgencies = dict(done.urgencies)
    for number, urgency in journal.led_to(connection, actions, done.finished_at).items():
        urgencies[number] = min(urgency, urgencies.get(number, urgency))
    return urgencies


def _overtaken(connection: Connection, done: Round) -> set[Action]:
    """The actions whose number has learned something newer than what this round decided on, or that rest on nothing.

    What is known of a number's messaging profile counts where that is what the action changes.
    """
    seen = {sighting.number: sighting.seen_at for sighting in done.sightings}
    told = {line.number: line.taken_at for line in done.lines}
    known = learned(connection, [action.number for action in done.actions])
    profiled = [action.number for action in done.actions if isinstance(action, AttachProfile)]
    known_lines = lines.told_at(connection, profiled)
    overtaken = set()
    for action in done.actions:
        grounds = [done.evidence_at.get(action.campaign), seen.get(action.number)]
        since = [known.get(action.number)]
        if isinstance(action, AttachProfile):
            grounds.append(told.get(action.number))
            since.append(known_lines.get(action.number))
        rests_on = max((at for at in grounds if at is not None), default=None)
        if rests_on is None or any(at is not None and at > rests_on for at in since):
            overtaken.add(action)
    return overtaken


def learned(connection: Connection, numbers: list[PhoneNumber]) -> dict[PhoneNumber, datetime]:
    """When the store last learned something of each number: a sighting, or the end of an operation."""
    latest: dict[PhoneNumber, datetime] = {}
    ended = operations.c.closed_at
    for portion in portions(numbers):
        seen = select(sightings.c.number, sightings.c.seen_at).where(sightings.c.number.in_(portion))
        closed = (
            select(operations.c.number, func.max(ended))
            .where(operations.c.number.in_(portion), ended.is_not(None))
            .group_by(operations.c.number)
        )
        for number, at in (*connection.execute(seen), *connection.execute(closed)):
            latest[number] = max(at, latest.get(number, at))
    return latest


def resync(connection: Connection, now: datetime) -> None:
    """Ask for a look everywhere, and for all that was last read before now to be read anew."""
    meta.note_moment(connection, meta.RESYNCED, now)
    triggers.ask(connection, (Trigger(EVERYTHING, Cause.RESYNC, now),))


def _settle(connection: Connection, operation: Operation, verdict: Verdict, now: datetime) -> None:
    """As `record`, but only while the operation is as the round saw it and no worker is about to tell more."""
    unchanged = (operations.c.lease_token == operation.lease_token) & (operations.c.step == operation.step)
    verdicts.apply(connection, operation, verdict, unchanged & is_free(now), now)


def _again(done: Round, overtaken: set[Action]) -> list[Trigger]:
    """Look again, and for the same cause, where an action was overtaken."""
    cause = min((asked.cause for asked in done.asked), key=RANK.__getitem__, default=Cause.CONFIRM)
    campaigns = sorted({action.campaign for action in overtaken})
    return [Trigger(campaign, cause, done.finished_at) for campaign in campaigns]


def _note_run(connection: Connection, done: Round) -> None:
    row = {
        "causes": sorted({asked.cause for asked in done.asked}, key=RANK.__getitem__),
        "started_at": done.started_at,
        "finished_at": done.finished_at,
        "digest": done.plan.digest,
        "actions": len(done.plan.actions),
        "holds": len(done.plan.holds),
        "complete": done.plan.complete,
    }
    connection.execute(_RUN, row)
