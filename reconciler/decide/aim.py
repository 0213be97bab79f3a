"""aim: from what was asked for to the campaigns to look at, each once."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from reconciler.model.events import Cause, Everything
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile
from reconciler.model.memory import Asked, Memory
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired


def aim(
    asked: tuple[Asked, ...], desired: Desired, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Look, ...]:
    """Choose where to look. Many triggers on one campaign and its numbers make one look.

    A look lists the campaign's numbers. It reads the campaign too, unless only its numbers are in question. It reads
    the messaging profiles and the selections of its pools when nobody in particular asks, as in a sweep: an event
    tells of a campaign or a number, and waits for no more calls than that takes. What is no longer fresh is read in
    any case; of the selections, those that it answers, so that none is older than the list that it rests on.
    """
    wanted: dict[CampaignId, _Depth] = {}
    for one in asked:
        match one.subject:
            case Everything():
                for campaign in desired.campaigns:
                    wanted[campaign] = _Depth.ALL
            case CampaignId() | PhoneNumber():
                if (home := desired.campaign_of(one.subject)) is not None:
                    wanted[home] = max(wanted.get(home, _Depth.NUMBERS), _depth(one))
    return tuple(_look(campaign, depth, desired, memory, now, patience) for campaign, depth in wanted.items())


class _Depth(IntEnum):
    """How much of a campaign and its pools a look reads, however fresh what is known."""

    NUMBERS = 0
    CAMPAIGN = 1
    ALL = 2


def _depth(asked: Asked) -> _Depth:
    if not isinstance(asked.subject, CampaignId) or asked.cause is Cause.CONFIRM:
        return _Depth.NUMBERS
    return _Depth.CAMPAIGN if asked.cause is Cause.EVENT else _Depth.ALL


def _look(
    campaign: CampaignId, depth: _Depth, desired: Desired, memory: Memory, now: datetime, patience: Patience
) -> Look:
    pools, known = desired.pools_on(campaign), memory.campaigns.get(campaign)
    named = dict.fromkeys(profile for pool in pools for profile in pool.profiles)
    everything = depth is _Depth.ALL
    profiles = tuple(one for one in named if everything or not _is_listed(one, memory, now, patience))
    selections = dict.fromkeys(one for pool in pools for one in pool.selections)
    return Look(
        campaign=campaign,
        known=known,
        read_campaign=depth >= _Depth.CAMPAIGN or not _is_fresh(known, now, patience),
        profiles=profiles,
        selections=tuple(
            one for one in selections if everything or (isinstance(one, ByProfile) and one.profile in profiles)
        ),
    )


def _is_fresh(known: Campaign | None, now: datetime, patience: Patience) -> bool:
    return (
        known is not None
        and known.phase is CampaignPhase.APPROVED
        and now - known.read_at <= patience.evidence_for_assign
    )


def _is_listed(profile: ProfileId, memory: Memory, now: datetime, patience: Patience) -> bool:
    listed_at = memory.rostered_at.get(profile)
    return listed_at is not None and now - listed_at <= patience.evidence_for_assign
