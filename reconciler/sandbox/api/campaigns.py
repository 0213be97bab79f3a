"""/10dlc/campaign, /10dlc/partner_campaigns and /10dlc/brand: read only, since a client of ours writes none of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.account import APPROVED, Campaign
from reconciler.sandbox.api.pages import Listing
from reconciler.sandbox.api.replies import RefusedError, Reply, Request, Routes, bare, invalid, not_found, zoneless
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Peopled:
    """A campaign with how many numbers are on it."""

    campaign: Campaign
    numbers: int


CAMPAIGNS: Final[Listing[Peopled]] = Listing(
    10,
    {
        "assignedPhoneNumbersCount": lambda one: one.numbers,
        "campaignId": lambda one: one.campaign.campaign_id,
        "createdAt": lambda one: one.campaign.created_at,
        "status": lambda one: one.campaign.status,
        "tcrCampaignId": lambda one: one.campaign.tcr_campaign_id,
    },
)
PARTNER_CAMPAIGNS: Final[Listing[Peopled]] = Listing(
    10,
    {
        "assignedPhoneNumbersCount": lambda one: one.numbers,
        "brandDisplayName": lambda _: "Sandbox partner",
        "campaignStatus": lambda one: one.campaign.status,
        "createdAt": lambda one: one.campaign.created_at,
        "tcrBrandId": lambda one: one.campaign.tcr_brand_id,
        "tcrCampaignId": lambda one: one.campaign.tcr_campaign_id,
    },
)
BRANDS: Final[Listing[tuple[Campaign, ...]]] = Listing(
    10,
    {
        "assignedCampaignsCount": len,
        "brandId": lambda campaigns: campaigns[0].brand_id,
        "createdAt": lambda campaigns: campaigns[0].created_at,
        "displayName": lambda _: "Sandbox brand",
        "identityStatus": lambda _: "VERIFIED",
        "status": lambda _: "OK",
        "tcrBrandId": lambda campaigns: campaigns[0].tcr_brand_id,
    },
)
CARRIERS: Final = {"10017": "AT&T", "10035": "T-Mobile"}
"""By the ids that the registry has for them; there are more (OAS example)."""
REVIEWS: Final = {APPROVED: "APPROVED", "MNO_REJECTED": "REJECTED", "TCR_SUSPENDED": "SUSPENDED"}


def list_campaigns(world: World, request: Request, _: str) -> Reply:
    """The campaigns of one brand; without `brandId` it is refused (OAS)."""
    brand = request.query.get("brandId")
    if brand is None:
        raise RefusedError(invalid("brandId", "field required"))
    ours = (one for one in _peopled(world, shared=False) if one.campaign.brand_id == brand)
    return CAMPAIGNS.page(ours, request.query, _with_count)


def get_campaign(world: World, _: Request, campaign_id: str) -> Reply:
    """By its Telnyx UUID only; a TCR id is not found here."""
    return bare(campaign_record(_named(world, campaign_id, shared=False)))


def get_mno_metadata(world: World, _: Request, campaign_id: str) -> Reply:
    """What each carrier thinks of a campaign as such; of its numbers it says nothing."""
    _named(world, campaign_id, shared=False)
    return bare({mno: _qualification(name) for mno, name in CARRIERS.items()})


def get_operation_status(world: World, _: Request, campaign_id: str) -> Reply:
    """Each carrier's word on a campaign; live, APPROVED was seen while it was still MNO_PENDING (FIELD:59752840346)."""
    campaign = _named(world, campaign_id, shared=False)
    return bare({mno: REVIEWS.get(campaign.status, "REVIEW") for mno in CARRIERS})


def list_partner_campaigns(world: World, request: Request, _: str) -> Reply:
    """The campaigns that partners shared; those that Telnyx has not accepted are not listed (OAS), and not played."""
    return PARTNER_CAMPAIGNS.page(_peopled(world, shared=True), request.query, partner_campaign_record)


def get_partner_campaign(world: World, _: Request, campaign_id: str) -> Reply:
    """A shared campaign by its TCR id; a campaign of ours is not found here, by either of its ids."""
    campaign = _named(world, campaign_id, shared=True)
    numbers = sum(one.campaign_id == campaign_id for one in world.assignments().values())
    return bare(partner_campaign_record(Peopled(campaign, numbers)))


def list_brands(world: World, request: Request, _: str) -> Reply:
    """The brands of our campaigns: how a campaign that is known by its TCR id alone is found. It has no filters."""
    brands: dict[str, list[Campaign]] = {}
    for campaign in world.campaigns().values():
        if not campaign.shared:
            brands.setdefault(campaign.brand_id, []).append(campaign)
    return BRANDS.page(map(tuple, brands.values()), request.query, brand_record)


ROUTES: Final[Routes] = {
    "/10dlc/campaign": {"GET": list_campaigns},
    "/10dlc/campaign/{campaignId}": {"GET": get_campaign},
    "/10dlc/campaign/{campaignId}/mnoMetadata": {"GET": get_mno_metadata},
    "/10dlc/campaign/{campaignId}/operationStatus": {"GET": get_operation_status},
    "/10dlc/partner_campaigns": {"GET": list_partner_campaigns},
    "/10dlc/partner_campaigns/{campaignId}": {"GET": get_partner_campaign},
    "/10dlc/brand": {"GET": list_brands},
}


def campaign_record(campaign: Campaign) -> JsonObject:
    """A TelnyxCampaign_CSP. `status` is ACTIVE from the start: it is not approval (OAS)."""
    record: JsonObject = {
        "campaignId": campaign.campaign_id,
        "tcrCampaignId": campaign.tcr_campaign_id,
        "brandId": campaign.brand_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "brandDisplayName": "Sandbox brand",
        "campaignStatus": campaign.status,
        "status": "EXPIRED" if campaign.status == "TCR_EXPIRED" else "ACTIVE",
        "submissionStatus": "CREATED",
        "createDate": zoneless(campaign.created_at),
        "cspId": "SANDBOX",
        "description": "A campaign of the sandbox",
        "usecase": "SOLE_PROPRIETOR" if campaign.sole_proprietor else "MIXED",
        "subUsecases": [],
        "mock": True,
        "termsAndConditions": True,
        "isTMobileRegistered": campaign.status == APPROVED,
        "isTMobileSuspended": campaign.tmobile_suspended or campaign.status == "TCR_SUSPENDED",
        "isTMobileNumberPoolingEnabled": campaign.number_pooling,
        "webhookURL": campaign.webhook_url,
        "webhookFailoverURL": "",
    }
    return record | _reasons(campaign)


def partner_campaign_record(shared: Peopled) -> JsonObject:
    """A TelnyxDownstreamCampaign: what a partner shared; it has no Telnyx id."""
    campaign = shared.campaign
    record: JsonObject = {
        "tcrCampaignId": campaign.tcr_campaign_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "brandDisplayName": "Sandbox partner",
        "campaignStatus": campaign.status,
        "assignedPhoneNumbersCount": shared.numbers,
        "createdAt": zoneless(campaign.created_at),
        "updatedAt": zoneless(campaign.created_at),
        "usecase": "SOLE_PROPRIETOR" if campaign.sole_proprietor else "MIXED",
        "isNumberPoolingEnabled": campaign.number_pooling,
        "webhookURL": campaign.webhook_url,
        "webhookFailoverURL": "",
    }
    return record | _reasons(campaign)


def brand_record(campaigns: Sequence[Campaign]) -> JsonObject:
    """A BrandBasic, from the campaigns that are under it."""
    first = campaigns[0]
    return {
        "brandId": first.brand_id,
        "tcrBrandId": first.tcr_brand_id,
        "displayName": "Sandbox brand",
        "status": "OK",
        "identityStatus": "VERIFIED",
        "assignedCampaingsCount": len(campaigns),  # so spelt in OAS
        "createdAt": zoneless(first.created_at),
        "updatedAt": zoneless(first.created_at),
    }


def _with_count(one: Peopled) -> JsonObject:
    return campaign_record(one.campaign) | {"assignedPhoneNumbersCount": one.numbers}


def _reasons(campaign: Campaign) -> JsonObject:
    return {"failureReasons": campaign.failure_reasons} if campaign.failure_reasons else {}


def _peopled(world: World, *, shared: bool) -> list[Peopled]:
    counts = Counter(one.campaign_id for one in world.assignments().values())
    campaigns = (one for one in world.campaigns().values() if one.shared == shared)
    return [Peopled(one, counts[one.campaign_id]) for one in campaigns]


def _named(world: World, campaign_id: str, *, shared: bool) -> Campaign:
    campaign = world.campaigns().get(campaign_id)
    if campaign is None or campaign.shared != shared:
        raise RefusedError(not_found(f"Campaign {campaign_id}"))
    return campaign


def _qualification(carrier: str) -> JsonObject:
    return {
        "mno": carrier,
        "qualify": True,
        "mnoReview": False,
        "mnoSupport": True,
        "minMsgSamples": 1,
        "noEmbeddedLink": False,
        "noEmbeddedPhone": False,
        "reqSubscriberHelp": True,
        "reqSubscriberOptin": True,
        "reqSubscriberOptout": True,
    }
