"""interpret: what a stored event means to us, and where it tells us to look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconciler.model.events import EVERYTHING, Event, EventState, Reading, Subject, Unusable
from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from reconciler.model.pools import Desired


def interpret(event: Event | Unusable, desired: Desired, campaigns: Iterable[Campaign]) -> Reading:
    """Turn an event into looks. What it claims is never believed: "success" and "failed" lead to the same look.

    Every event that names a managed campaign or number causes a look, whatever its type: Telnyx adds types
    (the enum is open: KB:10dlc-event-notifications). One that names only a brand looks at the managed campaigns of
    that brand. `campaigns` are past readings, for the campaigns' other ids and their brands. The one claim that is
    kept is that a campaign is dormant, which no reading shows.
    """
    match event:
        case Unusable():
            return Reading(EventState.QUARANTINED, event.reason, looks=(EVERYTHING,))
        case Event():
            return _read(event, desired, tuple(campaigns))
        case _:
            assert_never(event)


def _read(event: Event, desired: Desired, campaigns: tuple[Campaign, ...]) -> Reading:
    named = str(event.phone_number or next(iter((*event.campaigns, *event.brands)), ""))
    ours = _ours(event.campaigns, desired, campaigns)
    if event.phone_number is not None and desired.pool_of(event.phone_number) is not None:
        return _looked(event, "number looked at", named, event.phone_number)
    if ours is not None:
        return _looked(event, "campaign looked at", named, ours, dormant=ours if event.dormant else None)
    if event.phone_number is None and not event.campaigns and (found := _of_brand(event.brands, desired, campaigns)):
        many = "campaign" if len(found) == 1 else f"{len(found)} campaigns"
        return _looked(event, f"brand's {many} looked at", named, *found)
    return Reading(EventState.PROCESSED, "not ours" if named else "names no campaign, number or brand", named)


def _looked(
    event: Event, done: str, named: str, *looks: CampaignId | Subject, dormant: CampaignId | None = None
) -> Reading:
    reason = done if event.known else f"unknown type; {done}"
    return Reading(EventState.PROCESSED, reason, named, looks, dormant)


def _ours(named: tuple[CampaignId, ...], desired: Desired, campaigns: tuple[Campaign, ...]) -> CampaignId | None:
    for name in named:
        if name in desired.campaigns:
            return name
        for campaign in campaigns:
            if campaign.id in desired.campaigns and campaign.answers_to(name):
                return campaign.id
    return None


def _of_brand(brands: tuple[str, ...], desired: Desired, campaigns: tuple[Campaign, ...]) -> tuple[CampaignId, ...]:
    """The managed campaigns of a brand, by their last readings."""
    wanted = frozenset(desired.campaigns)
    named = {brand for brand in brands if brand}
    return tuple(
        one.id for one in campaigns if one.id in wanted and not named.isdisjoint((one.brand_id, one.tcr_brand_id))
    )
