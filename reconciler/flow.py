"""The whole service, top to bottom: receive, process events, reconcile, execute, judge, notify.

Each step gathers, decides and acts once. It does not loop, sleep or log; `app` does. Receiving is the one step that
is not here: `web.receiver` verifies the bytes and keeps them (`Inbox.receive`) before it answers 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from reconciler.attempt import attempt
from reconciler.compose.answers import consequences, dated, learned, weigh
from reconciler.compose.closer import closer
from reconciler.compose.events import caused
from reconciler.compose.rounds import again, conclude, involved
from reconciler.decide import clock, conditions
from reconciler.decide.aim import aim
from reconciler.decide.declare import declare
from reconciler.decide.enlist import enlist
from reconciler.decide.inhibit import inhibit, just_over
from reconciler.decide.interpret import interpret
from reconciler.decide.overdue import overdue
from reconciler.decide.pace import pace
from reconciler.decide.pick import pick
from reconciler.decide.reach import reach
from reconciler.decide.redeliver import redeliver
from reconciler.decide.render import render
from reconciler.decide.route import route
from reconciler.decide.vitals import holds, of_service
from reconciler.model.alerts import Grouping, Message, Parcel, Sent
from reconciler.model.errors import ConfigError, Fault
from reconciler.model.events import BY_SCHEDULE, EVERYTHING, RANK, Cause, Finished, ReadBack, Trigger
from reconciler.model.fleet import Observed
from reconciler.model.health import Holds, Unsigned, Vitals
from reconciler.model.ids import CampaignId
from reconciler.model.lines import Selected
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Operation, Urgency
from reconciler.model.pools import Declaration, Desired
from reconciler.model.routing import Routing
from reconciler.model.settings import Settings
from reconciler.model.verdicts import Done, Recheck, Verdict
from reconciler.ports import Hands, PoolsFile, Sink

MOST_EVENTS = 500
MOST_TRIGGERS = 2_000
MOST_AT_ONCE = 100
"""Events of deliveries in one transaction: a webhook that comes meanwhile waits for no more."""


def load(file: PoolsFile) -> tuple[Settings, Declaration]:
    """The config, whole. Raises ConfigError with every problem, in file order; half a config is never used."""
    draft = file.read()
    declaration, found = declare(draft.revision, draft.pools)
    problems = tuple(sorted({*draft.problems, *found}))
    if problems or draft.settings is None or declaration is None:
        raise ConfigError(problems)
    return draft.settings, declaration


async def wanted(hands: Hands, declaration: Declaration, just_read: Iterable[Selected] = ()) -> Desired:
    """What is wanted now: by the config, and by what its selections last chose."""
    selections = declaration.selections
    known = await hands.store.selected(selections) if selections else ()
    chosen = {one.selection: one for one in (*known, *just_read)}
    return enlist(declaration, chosen.values(), now=hands.clock.now())


async def process_events(hands: Hands, desired: Desired) -> tuple[Finished, ...]:
    """Give every stored event its meaning, and ask for the looks that they cause."""
    events = await hands.store.unread_events(MOST_EVENTS)
    if not events:
        return ()
    campaigns = (await hands.store.recall(())).campaigns.values()
    finished = []
    for event in events:
        parsed = hands.read_event(event.body)
        finished.append(Finished(event, parsed, interpret(parsed, desired, campaigns)))
    now = hands.clock.now()
    awaited = await hands.store.awaited(desired.campaigns, now)
    triggers = caused(desired, finished, awaited, now=now, patience=hands.patience)
    await hands.store.finish_events(tuple(finished), triggers)
    return tuple(finished)


async def read_back(hands: Hands) -> ReadBack | Fault | None:
    """Take in what Telnyx says it tried to tell, as if it had come: an event that did come is known, and left as it is.

    Best effort, and nothing rests on it: looks everywhere find the same, later. None: not while the account is halted.
    """
    store, started = hands.store, hands.clock.now()
    if (await store.recall(())).halt is not None:
        return None
    since = reach(*await store.heard(), now=started)
    told = await hands.telnyx.deliveries(since, Urgency.SWEEP)
    if isinstance(told, Fault):
        return told
    new = 0
    for first in range(0, len(told), MOST_AT_ONCE):
        new += await store.take_back(told[first : first + MOST_AT_ONCE], hands.clock.now())
    await store.read_back(started)
    return ReadBack(since, len(told), new)


async def reconcile(
    hands: Hands,
    declaration: Declaration,
    desired: Desired,
    adopt: Callable[[Desired], None],
    *,
    opens_at: Callable[[], datetime | None] = lambda: None,
) -> Round | None:
    """Look where it was asked, decide, and write down what to do. None: nothing may be looked at now.

    What was asked about everything is first spread over the campaigns, so that a round is small and the next approval
    waits for no more than one. `desired` is what was wanted until now. What selections choose in this look counts, and
    is given to `adopt` before anything is written down that rests on it. `opens_at` tells when changes may be made
    again (None: they may be made now): what waits for that is no alert.
    """
    store, patience, started = hands.store, hands.patience, hands.clock.now()
    if unproven := await store.unproven(started, opens_at()):
        await store.ask(again(unproven, desired, started))
    asked = await store.due_triggers(started, MOST_TRIGGERS)
    known = await store.recall(())
    if not asked or (known.halt is not None and started < known.halt.probe_at):
        return None
    if sweeps := tuple(one for one in asked if one.subject == EVERYTHING):
        return await _spread(hands, desired, sweeps)
    asked = await store.take(pick(asked, desired, now=started))
    urgency = Urgency.EVENT if any(one.cause is Cause.EVENT for one in asked) else Urgency.SWEEP
    observed = await hands.telnyx.observe(aim(asked, desired, known, now=started, patience=patience), (), urgency)
    if whole := [one for one in observed.selected.values() if one.complete]:
        desired = await wanted(hands, declaration, whole)
        adopt(desired)
    old = known.resynced_at if all(one.cause in BY_SCHEDULE for one in asked) else None
    observed, memory = await look_closer(hands, desired, observed, urgency, old)
    memory = replace(memory, opens_at=opens_at())
    done = conclude(desired, asked, observed, memory, patience, started, hands.clock.now(), hands.chance.draw())
    await store.reconciled(replace(done, clock_set_at=known.clock_set_at))
    await _look_again(hands, observed.listings)
    return done


async def look_closer(
    hands: Hands, desired: Desired, observed: Observed, urgency: Urgency, old: datetime | None
) -> tuple[Observed, Memory]:
    """Read by themselves the numbers that the lists leave in doubt; with what is remembered of all of them.

    Also some that the lists do not show and that were last read before `old`.
    """
    numbers, now, patience = involved(desired, observed), hands.clock.now(), hands.patience
    memory = await hands.store.recall(numbers)
    doubted, records = closer(desired, observed, memory, now=now, patience=patience, old=old)
    if doubted or records:
        observed += await hands.telnyx.observe((), doubted, urgency, lines=records)
        memory = await hands.store.recall(numbers)
    return observed, memory


async def _spread(hands: Hands, desired: Desired, sweeps: tuple[Asked, ...]) -> Round:
    """Ask for a look at each campaign, and close what the config no longer asks for."""
    now = hands.clock.now()
    sweeps = await hands.store.take(sweeps)
    memory = await hands.store.recall_open()
    done = conclude(desired, sweeps, Observed(now), memory, hands.patience, now, now, hands.chance.draw())
    cause = min((one.cause for one in sweeps), key=RANK.__getitem__)
    triggers = tuple(Trigger(campaign, cause, now) for campaign in desired.campaigns)
    done = replace(done, triggers=triggers, clock_set_at=memory.clock_set_at)
    await hands.store.reconciled(done)
    return done


async def follow(hands: Hands, by: timedelta, to: datetime) -> None:
    """This machine's clock was set, so far and to then, and `hands.clock` goes by it now.

    What waits goes on waiting for as long as it had to, what is known is as old as it was, and all is looked at anew.
    """
    await hands.store.clock_set(by, clock.of_setting(by, to), to)


async def recover(hands: Hands, desired: Desired) -> int:
    """At start: read what became of every request that a dead process left open, before anything new is written.

    Ends at the first read that tells nothing yet: the loops go on, what is in doubt first. How many were left open.
    """
    now = hands.clock.now()
    if by := clock.was_set_back(await hands.store.clock_showed(), now):
        await follow(hands, by, now)
    await hands.store.let_go()
    left = await hands.store.recover(hands.clock.now(), hands.patience.settle_window)
    for _ in range(left):
        done = await execute(hands, lambda: desired, Urgency.APPROVAL, may_send=lambda: False)
        if done is None or (isinstance(done[1], Recheck) and not done[1].absent):
            break
    return left


async def execute(
    hands: Hands,
    desired: Callable[[], Desired],
    urgency: Urgency,
    *,
    may_send: Callable[[], bool] = lambda: True,
) -> tuple[Operation, Verdict] | None:
    """One step of one operation: send it, or read what became of it. None: nothing was due.

    What is desired, and whether anything may be sent now, is asked last: a turn may take minutes to come, and a
    reload less.
    """
    store = hands.store
    async with hands.telnyx.turn(urgency) as turn:
        operation = await store.claim(hands.clock.now(), hands.patience.lease, only_unresolved=not may_send())
        if operation is None:
            return None
        outcome = await attempt(hands, turn, operation, desired, urgency)
    memory = await store.recall((operation.number,))
    operation = memory.operations.get(operation.number, operation)  # with its times by the clock as it is now
    now = hands.clock.now()  # nothing is waited for from here to `record`: the clock is not set in between
    outcome = dated(outcome, now)
    if isinstance(outcome, Done):
        verdict: Verdict = outcome
    else:
        draw = hands.chance.draw()
        verdict = weigh(operation, outcome, memory, now=now, patience=hands.patience, draw=draw)
    seen, pool = learned(operation, outcome, memory, now), desired().pool_of(operation.number)
    judgement, triggers = consequences(operation, verdict, memory, now, pool, seen)
    await store.record(operation, verdict, seen, judgement, triggers, now)
    await _look_again(hands, (operation.campaign,))
    return operation, verdict


async def judge(hands: Hands, desired: Desired, unsigned: Unsigned, before: Holds, opens_at: datetime | None) -> Holds:
    """Say which alerts hold of the service as a whole, and none any more of pools that the config lost.

    `before` is what this gave the last time: what has been due while it was held is not late by that. `opens_at` is
    when the schedule next allows changes; None: now.
    """
    now = hands.clock.now()
    ledger = await hands.store.ledger(now)
    held = holds(before, ledger, opens_at, now=now)
    judgement = of_service(Vitals(hands.telnyx.health, unsigned, ledger, held, now))
    known, checks = ledger.halt is not None or hands.telnyx.health.failing_since is not None, await hands.store.checks()
    judgement += clock.of_webhooks(unsigned, now)
    judgement += overdue(desired, checks, unsigned.since, known=known, now=now, patience=hands.patience)
    unlisted = conditions.of_unlisted(ledger.pools, (pool.name for pool in desired.pools))
    await hands.store.judge(judgement + unlisted, now)
    return held


async def notify(hands: Hands, grouping: Grouping, routing: Routing) -> tuple[Message, ...]:
    """Put the messages that are due into the outbox, each for its receiver."""
    alerts, groups = await hands.store.alerts()
    if not alerts and not groups:
        return ()
    now = hands.clock.now()
    over = just_over(alerts, groups, grouping.group_wait, now=now)
    routed, inhibited = route(alerts, routing), inhibit(alerts, routing.inhibitions, over)
    messages = render(alerts, groups, routed, inhibited, grouping, routing.link, now=now)
    if messages:
        await hands.store.post(messages, now)
    return messages


async def deliver(hands: Hands, sink: Sink) -> tuple[Parcel, Sent | Fault] | None:
    """One attempt to deliver the next message to one receiver. None: nothing is due to it."""
    parcel = await hands.store.take_parcel(sink.name, hands.clock.now())
    if parcel is None:
        return None
    outcome = await sink.send(parcel.body)
    now = hands.clock.now()
    await hands.store.delivered(parcel, redeliver(parcel, outcome, now=now, draw=hands.chance.draw()), now)
    return parcel, outcome


async def _look_again(hands: Hands, campaigns: Iterable[CampaignId]) -> None:
    awaited = await hands.store.awaited(tuple(campaigns), hands.clock.now())
    now = hands.clock.now()
    times = [(one.campaign, pace(one, hinted=False, now=now, patience=hands.patience)) for one in awaited]
    await hands.store.ask(tuple(Trigger(campaign, Cause.CONFIRM, at) for campaign, at in times))
