"""aim: from what was asked for to the campaigns to look at, each once."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.events import Cause, Everything
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Asked, Memory
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired


def aim(
    asked: tuple[Asked, ...], desired: Desired, memory: Memory, *, now: datetime, patience: Patience
) -> tuple[Look, ...]:
    """Choose where to look. Many triggers on one campaign and its numbers make one look.

    A look reads the campaign too, unless only its numbers are in question and a fresh reading says approved.
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
    return tuple(
        Look(campaign, known := memory.campaigns.get(campaign), read or not _is_fresh(known, now, patience))
        for campaign, read in wanted.items()
    )


def _is_fresh(known: Campaign | None, now: datetime, patience: Patience) -> bool:
    return (
        known is not None
        and known.phase is CampaignPhase.APPROVED
        and now - known.read_at <= patience.evidence_for_assign
    )
