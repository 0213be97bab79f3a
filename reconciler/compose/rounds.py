"""One round of reconciling, from what was asked, seen and remembered to all that is written of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from reconciler.compose.judged import judged
from reconciler.decide import conditions
from reconciler.decide.diff import diff
from reconciler.decide.flap import flap
from reconciler.decide.forgive import forgive
from reconciler.decide.halt import halt
from reconciler.decide.learn import learn
from reconciler.decide.plan import plan
from reconciler.decide.postpone import postpone
from reconciler.decide.rank import rank
from reconciler.decide.remember import remember
from reconciler.decide.retire import retire
from reconciler.decide.revive import revive
from reconciler.decide.senders import senders
from reconciler.decide.settle import settle
from reconciler.decide.tally import tally
from reconciler.decide.wake import wake
from reconciler.model.drift import Drift
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.model.fleet import CampaignPhase, Listing, Observed
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line
from reconciler.model.memory import Asked, Findings, Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.plan import Action, Assign, AttachProfile, Plan, Verb
from reconciler.model.pools import Desired, DriftClass, Mode
from reconciler.model.reversals import Reversals
from reconciler.model.verdicts import Absent, Done, Keep, Seen, Tried, Verdict


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
    observed = observed.given(memory.dormancies)
    lines, before = learn(desired, observed, memory), memory
    memory = taught(memory, observed, lines)
    sightings = remember(desired, observed, memory, now=now, patience=patience)
    memory = undone(memory, reversals := flap(desired, sightings, memory, now=now))
    listed = {campaign: one for campaign, one in observed.listings.items() if one.complete}
    seen = {**memory.sightings, **{one.number: one for one in sightings}}
    after = replace(memory, sightings=seen, empty_since=_empty_since(listed, memory))
    settled = _one_each(
        _seen(observed, memory, patience, now, draw),
        retire(desired, after, now=now, patience=patience),
        revive(memory.operations.values(), asked, now=now, patience=patience),
    )
    drifts = found(desired, observed, memory, after, now=now, patience=patience)
    grounds = _grounds(memory, observed, settled, started, patience)
    made = planned(desired, observed, drifts, grounds, settled, now=now)
    halting = halt(observed, memory.halt, now=now, patience=patience)
    late, again = postpone(asked, desired, observed, drifts, halting, now=now, patience=patience, draw=draw)
    by_number = {operation.number: (operation, verdict) for operation, verdict in settled}
    findings = Findings(desired, observed, replace(after, halt=halting), drifts, made, by_number, now)
    return Round(
        started_at=started,
        finished_at=now,
        asked=asked,
        postponed=late,
        plan=made,
        actions=tuple(one for one in made.actions if desired.policies[one.pool].mode_for(heals(one)) is Mode.ENFORCE),
        evidence_at={campaign: listing.taken_at for campaign, listing in listed.items()},
        empty=frozenset(listed.keys() & after.empty_since.keys()),
        campaigns=tuple(observed.campaigns.values()),
        sightings=sightings,
        reversals=reversals,
        profiles=tuple(observed.profiles.values()),
        rostered_at={profile: roster.taken_at for profile, roster in observed.rosters.items() if roster.complete},
        lines=lines,
        selected=tuple(one for one in observed.selected.values() if one.complete),
        settled=settled,
        checks=tally(desired, observed, drifts, now=now),
        judgement=conditions.of_halt(halting) + judged(findings, wait=patience.two_checks),
        triggers=(
            *again,
            *_lagging(memory, after, by_number, patience, now),
            *_asleep(desired, observed, memory, settled, patience, now),
            *_held(desired, memory, now),
        ),
        halt=halting,
        urgencies=rank(made.actions, asked, desired, observed, before),
    )


def _empty_since(listed: Mapping[CampaignId, Listing], memory: Memory) -> Mapping[CampaignId, datetime]:
    """Since when approved campaigns have had no numbers. `memory` includes what the look taught of campaigns."""
    since = {campaign: at for campaign, at in memory.empty_since.items() if campaign not in listed}
    for campaign, listing in listed.items():
        read = memory.campaigns.get(campaign)
        if not listing.assignments and read is not None and read.phase is CampaignPhase.APPROVED:
            since[campaign] = memory.empty_since.get(campaign, listing.taken_at)
    return since


def taught(memory: Memory, observed: Observed, lines: tuple[Line, ...]) -> Memory:
    """The memory with what a look taught of campaigns, profiles and the account's numbers; not yet of assignments."""
    observed = observed.given(memory.dormancies)
    listed_at = {profile: roster.taken_at for profile, roster in observed.rosters.items() if roster.complete}
    return replace(
        memory,
        campaigns={**memory.campaigns, **observed.campaigns},
        profiles={**memory.profiles, **observed.profiles},
        rostered_at={**memory.rostered_at, **listed_at},
        lines={**memory.lines, **{one.number: one for one in lines}},
    )


def undone(memory: Memory, reversals: Iterable[Reversals]) -> Memory:
    """The memory with what a look taught of reversals."""
    return replace(memory, reversals={**memory.reversals, **{one.number: one for one in reversals}})


def found(
    desired: Desired, observed: Observed, memory: Memory, after: Memory, *, now: datetime, patience: Patience
) -> tuple[Drift, ...]:
    """Every drift: of numbers, by what was known of assignments before the look; of profiles, by what is known now."""
    of_numbers = diff(desired, observed, memory, now=now, patience=patience)
    return of_numbers + senders(desired, observed, after, now=now, patience=patience)


def planned(
    desired: Desired,
    observed: Observed,
    drifts: tuple[Drift, ...],
    grounds: Memory,
    settled: Iterable[tuple[Operation, Verdict]] = (),
    *,
    now: datetime,
) -> Plan:
    """The plan, with what is to wake campaigns that are dormant: nothing, where something just came of a request."""
    ended = {one.number: one for one, _ in settled if _was_out(one)}
    waking = wake(desired, drifts, replace(grounds, operations={**grounds.operations, **ended}), now=now)
    held = {number: until for number in grounds.reversals if (until := grounds.held_until(number, now)) is not None}
    return plan(desired, observed.given(grounds.dormancies), drifts, grounds, waking, held)


def _was_out(operation: Operation) -> bool:
    return operation.step in (Step.SENT, Step.UNRESOLVED, Step.CONFIRMING)


def heals(action: Action) -> DriftClass:
    """The class of drift that an action heals: by it, a policy says whether it may be done."""
    match action:
        case Assign():
            return DriftClass.MISSING
        case AttachProfile():
            return DriftClass.MISSING_PREREQUISITE


def _one_each(*found: Iterable[tuple[Operation, Verdict]]) -> tuple[tuple[Operation, Verdict], ...]:
    """What becomes of open operations: by what was seen, by the config, by what was told; the first of these holds."""
    verdicts: dict[PhoneNumber, tuple[Operation, Verdict]] = {}
    for operation, verdict in chain(*found):
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
        if operation.verb is not Verb.ASSIGN or operation.step is Step.SENT or one is None:
            continue  # it is not about that, its worker is about to record the answer, or there is nothing to tell
        since = (operation.sent_at, None if known is None else known.seen_at)
        if any(at is not None and at > one.taken_at for at in since):
            continue
        campaign = memory.campaigns.get(operation.campaign)
        aliases = () if campaign is None else campaign.aliases
        outcome = Absent(one.taken_at) if one.assignment is None else Seen(one.assignment, one.taken_at)
        verdict = settle(operation, outcome, aliases=aliases, now=now, patience=patience, draw=draw)
        verdict = forgive(operation, verdict, campaign, now=now, patience=patience)
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


def again(unproven: Iterable[CampaignId], desired: Desired, now: datetime) -> tuple[Trigger, ...]:
    """Look at what was read too long ago to send anything on it; at all, to close what is no longer asked for."""
    asked = {one if desired.pools_on(one) else EVERYTHING for one in unproven}
    return tuple(Trigger(one, Cause.SWEEP if one == EVERYTHING else Cause.CONFIRM, now) for one in asked)


def _held(desired: Desired, memory: Memory, now: datetime) -> Iterator[Trigger]:
    """Look again when a number for which nothing was to be written may be assigned once more."""
    for number in memory.reversals:
        campaign, until = desired.campaign_of(number), memory.held_until(number, now)
        if campaign is not None and until is not None:
            yield Trigger(campaign, Cause.CONFIRM, until)


def _asleep(
    desired: Desired,
    observed: Observed,
    memory: Memory,
    settled: Iterable[tuple[Operation, Verdict]],
    patience: Patience,
    now: datetime,
) -> Iterator[Trigger]:
    """Look again at dormant campaigns: whether they woke, and when the next try is due; no event may tell."""
    for operation, verdict in settled:
        campaign = memory.campaigns.get(operation.campaign)
        if isinstance(verdict, Tried):
            yield Trigger(operation.campaign, Cause.PROBE, verdict.at)
        elif _was_out(operation) and campaign is not None and campaign.phase is CampaignPhase.DORMANT:
            yield Trigger(operation.campaign, Cause.PROBE, now + patience.wake_look)
    for id_, campaign in observed.campaigns.items():
        dormancy = memory.dormancies.get(id_)
        if dormancy is None or campaign.phase is not CampaignPhase.DORMANT or not desired.pools_on(id_):
            continue
        if (at := dormancy.next_at(now, patience.wake_look)) is not None:
            yield Trigger(id_, Cause.PROBE, at)


def _grounds(
    memory: Memory,
    observed: Observed,
    settled: tuple[tuple[Operation, Verdict], ...],
    started: datetime,
    patience: Patience,
) -> Memory:
    """What a plan may rest on: the operations that stay open, and the campaigns that were read lately or just now."""
    ended = {operation.number for operation, verdict in settled if isinstance(verdict, Done)}
    return replace(
        memory,
        operations={number: one for number, one in memory.operations.items() if number not in ended},
        campaigns={
            id_: one
            for id_, one in memory.campaigns.items()
            if id_ in observed.campaigns or started - one.read_at <= patience.evidence_for_assign
        },
    )


def involved(desired: Desired, observed: Observed) -> frozenset[PhoneNumber]:
    """The numbers that a look tells something about: those listed, and those wanted where it looked.

    Also those of pools on other campaigns whose messaging profile was listed: it may lack them.
    """
    listed = {number for listing in observed.listings.values() for number in listing.assignments}
    listed |= {number for roster in observed.rosters.values() for number in roster.lines}
    looked = {*observed.campaigns, *observed.listings}
    pools = [one for one in desired.pools if one.campaign in looked or one.messaging_profile in observed.rosters]
    wanted = {number for pool in pools for number in pool.numbers}
    return frozenset(listed | wanted)
