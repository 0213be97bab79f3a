"""rank: how urgent each action of a round is."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.events import Cause, Everything
from reconciler.model.fleet import AssignmentState, CampaignPhase, Observed
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Urgency
from reconciler.model.plan import Action
from reconciler.model.pools import Desired


def rank(
    actions: Iterable[Action], asked: Iterable[Asked], desired: Desired, observed: Observed, memory: Memory
) -> dict[PhoneNumber, Urgency]:
    """By number: a campaign was just approved; an event told of it; the number was assigned before; all the rest.

    `memory` is what was known before this look: by it, an approval is news, and so is a loss.

    A campaign that was never read before counts as just approved only if an event tells of it: else every first sync
    would be as urgent as an approval.
    """
    told = {
        desired.campaign_of(one.subject)
        for one in asked
        if one.cause is Cause.EVENT and not isinstance(one.subject, Everything)
    }
    return {one.number: _urgency(one, observed, memory, is_told=one.campaign in told) for one in actions}


def _urgency(action: Action, observed: Observed, memory: Memory, *, is_told: bool) -> Urgency:
    if _just_approved(action.campaign, observed, memory, is_told=is_told):
        return Urgency.APPROVAL
    if is_told:
        return Urgency.EVENT
    return Urgency.HEAL if _was_there(action, memory) else Urgency.SWEEP


def _just_approved(campaign: CampaignId, observed: Observed, memory: Memory, *, is_told: bool) -> bool:
    before, now = memory.campaigns.get(campaign), observed.campaigns.get(campaign)
    if now is None or now.phase is not CampaignPhase.APPROVED:
        return False
    return is_told if before is None else before.phase is not CampaignPhase.APPROVED


def _was_there(action: Action, memory: Memory) -> bool:
    known = memory.sightings.get(action.number)
    if known is None:
        return False
    return known.was_ready or (known.assignment is not None and known.assignment.state is AssignmentState.ASSIGNED)
