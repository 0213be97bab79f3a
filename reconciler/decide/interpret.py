"""interpret: what a stored event means to us, and where it tells us to look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconciler.model.events import EVERYTHING, Event, EventState, Reading, Unusable
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from reconciler.model.pools import Desired


def interpret(event: Event | Unusable, desired: Desired, campaigns: Iterable[Campaign]) -> Reading:
    """Turn an event into looks. What it claims is never believed: "success" and "failed" lead to the same look.

    Every event that names a managed campaign or number causes a look, whatever its type: Telnyx adds types
    (the enum is open: KB:10dlc-event-notifications). `campaigns` are past readings, for the campaigns' other ids.
    """
    match event:
        case Unusable():
            return Reading(EventState.QUARANTINED, event.reason, looks=(EVERYTHING,))
        case Event():
            return _read(event, desired, tuple(campaigns))
        case _:
            assert_never(event)


def _read(event: Event, desired: Desired, campaigns: tuple[Campaign, ...]) -> Reading:
    named = event.phone_number or next(iter(event.campaigns), "")
    if event.phone_number is not None and desired.pool_of(event.phone_number) is not None:
        return Reading(EventState.PROCESSED, "number looked at", str(named), (event.phone_number,))
    ours = _ours(event.campaigns, desired, campaigns)
    if ours is not None:
        return Reading(EventState.PROCESSED, "campaign looked at", str(named), (ours,))
    return Reading(EventState.PROCESSED, "not ours" if named else "names no campaign and no number", str(named))


def _ours(named: tuple[CampaignId, ...], desired: Desired, campaigns: tuple[Campaign, ...]) -> CampaignId | None:
    for name in named:
        if name in desired.campaigns:
            return name
        for campaign in campaigns:
            if campaign.id in desired.campaigns and campaign.answers_to(name):
                return campaign.id
    return None
