"""retire: which waiting operations the config, a campaign or a messaging profile has overtaken."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from reconciler.model.fleet import AssignmentState, CampaignPhase, aliases_of
from reconciler.model.ids import CampaignId
from reconciler.model.lines import Membership
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.plan import Verb
from reconciler.model.pools import Desired, OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End

STALE = Done(End.STALE, "the config no longer asks for it")


def retire(
    desired: Desired, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[tuple[Operation, Done], ...]:
    """Close what is no longer wanted there, and what waits to be sent and may not be, or need not be, as things are.

    Nothing is lost by it: what is still wanted is a drift, and is planned anew when it may be done. An operation
    whose request may have gone out unanswered is never retired; its end is read first. Of a dormant campaign, the one
    that is to wake it stays. `memory` includes what the look taught.
    """
    retired = []
    waking = _waking(memory, now)
    for operation in memory.operations.values():
        if operation.step not in (Step.READY, Step.BLOCKED, Step.CONFIRMING):
            continue
        pool = desired.pool_of(operation.number)
        campaign = memory.campaigns.get(operation.campaign)
        if pool is None or not is_wanted(operation, pool):
            retired.append((operation, STALE))
        elif operation.step is Step.CONFIRMING:
            continue  # Telnyx took it, and goes on with it whatever becomes of the campaign
        elif memory.held_until(operation.number, now) is not None:
            retired.append((operation, Done(End.STALE, "it is taken off again and again after we assigned it")))
        elif campaign is not None and campaign.obstacle is not Reason.NONE and operation.id not in waking:
            retired.append((operation, Done(End.STALE, f"its campaign is {campaign.phase}")))
        elif (
            done := _by_profile(operation, pool, memory, now, patience) or _by_assignment(operation, memory)
        ) is not None:
            retired.append((operation, done))
    return tuple(retired)


def _waking(memory: Memory, now: datetime) -> frozenset[int]:
    """The operations that are to wake their campaigns: of each, the first that waits to be sent, and no other with it.

    None while a request of the campaign may be out, or before the last one has had its time.
    """
    first: dict[CampaignId, Operation] = {}
    for operation in sorted(memory.operations.values(), key=lambda one: (one.step is Step.READY, one.id)):
        if operation.step is not Step.BLOCKED:
            first.setdefault(operation.campaign, operation)
    due_at = {campaign: dormancy.due_at for campaign, dormancy in memory.dormancies.items()}
    return frozenset(
        one.id
        for id_, one in first.items()
        if one.step is Step.READY
        and (campaign := memory.campaigns.get(id_)) is not None
        and campaign.phase is CampaignPhase.DORMANT
        and (at := due_at.get(id_)) is not None
        and at <= now
    )


def is_wanted(operation: Operation, pool: Pool) -> bool:
    """Whether the pool that wants its number asks for just this. Its mode is another question."""
    if pool.name != operation.pool or pool.campaign != operation.campaign:
        return False
    match operation.verb:
        case Verb.ASSIGN:
            return True
        case Verb.ATTACH_PROFILE:
            is_asked_for = pool.policy.on_missing_profile is OnMissingProfile.ATTACH
            return is_asked_for and pool.messaging_profile == operation.profile
        case _:
            assert_never(operation.verb)


def _by_profile(operation: Operation, pool: Pool, memory: Memory, now: datetime, patience: Patience) -> Done | None:
    """What its messaging profile makes of what waits: another verb comes first, or it is done already."""
    if (profile := pool.messaging_profile) is None:
        return None
    if (read := memory.profiles.get(profile)) is not None and not read.exists:
        return Done(End.STALE, f"Telnyx knows no messaging profile {profile}")
    if (line := memory.lines.get(operation.number)) is None:
        return None
    where = line.membership(profile)
    match operation.verb:
        case Verb.ASSIGN if where is Membership.NONE and _was_refused_lately(operation, now, patience):
            return None
        case Verb.ASSIGN if where in (Membership.NONE, Membership.OTHER):
            return Done(End.STALE, f"it is on messaging profile {line.profile or 'none'}")
        case Verb.ATTACH_PROFILE if where is Membership.EXPECTED:
            return Done(End.DONE, f"it is on messaging profile {line.profile}")
        case Verb.ATTACH_PROFILE if where is Membership.OTHER:
            return Done(End.TAKEN, f"it is on messaging profile {line.profile}")
        case Verb.ASSIGN | Verb.ATTACH_PROFILE:
            return None
        case _:
            assert_never(operation.verb)


def _was_refused_lately(operation: Operation, now: datetime, patience: Patience) -> bool:
    """Whether Telnyx refused it a moment ago, when it seemed to be on its profile.

    It may have fallen off after we put it there: put there anew at once, it would be so every few seconds.
    """
    if operation.step is not Step.BLOCKED or operation.sent_at is None:
        return False
    return now < operation.sent_at + patience.refusal_waits[0]


def _by_assignment(operation: Operation, memory: Memory) -> Done | None:
    """A number is put on a messaging profile only to be assigned: one that is on a campaign by now is left alone."""
    sighting, campaign = memory.sightings.get(operation.number), memory.campaigns.get(operation.campaign)
    found = None if sighting is None else sighting.assignment
    if operation.verb is not Verb.ATTACH_PROFILE or found is None:
        return None
    is_here = found.is_on(operation.campaign, aliases_of(campaign))
    if is_here and found.state is AssignmentState.FAILED:
        return None
    return Done(End.STALE, f"it is on campaign {found.campaign}")
