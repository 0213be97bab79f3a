"""aim: from what was asked for to the campaigns to look at, each once."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.events import Cause, Everything
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired


def aim(
    asked: tuple[Asked, ...], desired: Desired, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Look, ...]:
    """Choose where to look. Many triggers on one campaign and its numbers make one look.

    A look reads the campaign, the messaging profiles of its pools and their selections too, unless only its numbers
    are in question: then it reads of these only what is no longer fresh, and answers of the selections only what that
    answers anyway, so that none is older than the list that it rests on.
    """
    wanted: dict[CampaignId, bool] = {}
    for one in asked:
        match one.subject:
            case Everything():
                for campaign in desired.campaigns:
                    wanted[campaign] = True
            case CampaignId() | PhoneNumber():
                if (home := desired.campaign_of(one.subject)) is not None:
                    deep = isinstance(one.subject, CampaignId) and one.cause is not Cause.CONFIRM
                    wanted[home] = wanted.get(home, False) or deep
    return tuple(_look(campaign, desired, memory, now, patience, deep=deep) for campaign, deep in wanted.items())


def _look(
    campaign: CampaignId, desired: Desired, memory: Memory, now: datetime, patience: Patience, *, deep: bool
) -> Look:
    pools, known = desired.pools_on(campaign), memory.campaigns.get(campaign)
    named = dict.fromkeys(profile for pool in pools for profile in pool.profiles)
    profiles = tuple(one for one in named if deep or not _is_listed(one, memory, now, patience))
    selections = dict.fromkeys(one for pool in pools for one in pool.selections)
    return Look(
        campaign=campaign,
        known=known,
        read_campaign=deep or not _is_fresh(known, now, patience),
        profiles=profiles,
        selections=tuple(one for one in selections if deep or (isinstance(one, ByProfile) and one.profile in profiles)),
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
