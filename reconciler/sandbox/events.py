"""The 10DLC events, in the shapes of Telnyx's own examples (KB:10dlc-event-notifications)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from reconciler.sandbox.account import APPROVED, Campaign, CarrierStatus

JsonObject = dict[str, object]

CAMPAIGN_UPDATE: Final = "10dlc.campaign.update"
PHONE_NUMBER_UPDATE: Final = "10dlc.phone_number.update"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before anybody is told: `data.event_type` and `data.payload`."""

    event_type: str
    payload: JsonObject

    def told(self, event_id: str, occurred_at: float) -> JsonObject:
        """What a receiver is told of it, and what the list of deliveries keeps: `data` without signature and meta."""
        return {
            "event_type": self.event_type,
            "id": event_id,
            "occurred_at": datetime.fromtimestamp(occurred_at, UTC).isoformat(timespec="milliseconds"),
            "payload": self.payload,
            "record_type": "event",
        }


def assignment_ended(number: str, campaign: Campaign, failure: str | None) -> Event:
    """ASSIGNMENT: success, or failed with its reason (a failed one is documented in prose only)."""
    return _number_ended("ASSIGNMENT", number, campaign, failure)


def removal_ended(number: str, campaign: Campaign, failure: str | None) -> Event:
    """DELETION: success, or failed with its reason (a failed one is documented in prose only)."""
    return _number_ended("DELETION", number, campaign, failure)


def carrier_moved(number: str, campaign: Campaign, status: CarrierStatus) -> Event:
    """STATUS_UPDATE of a group of carriers; the official example does not say of which."""
    payload: JsonObject = {
        "campaignId": campaign.campaign_id,
        "tcrCampaignId": campaign.tcr_campaign_id,
        "phoneNumber": number,
        "status": status.value,
        "type": "STATUS_UPDATE",
    }
    return Event(PHONE_NUMBER_UPDATE, payload)


def campaign_moved(campaign: Campaign, *, dormant: bool = False) -> tuple[Event, ...]:
    """What Telnyx tells when a campaign comes to its present status; nothing for a status that OAS has not.

    `dormant` makes a suspension the daily job's (SUP:10723378) instead of a carrier's.
    """
    news = _DORMANT if dormant else _NEWS.get(campaign.status)
    if news is None:
        return ()
    told = (_update(campaign, news),)
    return (*told, _verified(campaign)) if campaign.status == APPROVED else told


def pooling_moved(campaign: Campaign) -> Event:
    """NUMBER_POOL_PROVISIONED or NUMBER_POOL_DEPROVISIONED."""
    kind = "NUMBER_POOL_PROVISIONED" if campaign.number_pooling else "NUMBER_POOL_DEPROVISIONED"
    return _update(campaign, {"brandId": campaign.brand_id, "type": kind})


def suspension_moved(campaign: Campaign) -> Event:
    """MNO_CAMPAIGN_OPERATION_SUSPENDED or MNO_CAMPAIGN_OPERATION_UNSUSPENDED."""
    done = "SUSPENDED" if campaign.tmobile_suspended else "UNSUSPENDED"
    news = {
        "type": "TCR_EVENT",
        "eventType": f"MNO_CAMPAIGN_OPERATION_{done}",
        "description": f"Campaign {done.lower()} by a carrier",
    }
    return _update(campaign, news)


_ACCEPTED: Final = {
    "type": "MNO_REVIEW",
    "status": "ACCEPTED",
    "description": "Campaign accepted by carriers",
}
_REJECTED: Final = {
    "type": "MNO_REVIEW",
    "status": "REJECTED",
    "description": "Campaign rejected by a carrier",
}
_CLEARED: Final = {
    "type": "TELNYX_REVIEW",
    "status": "ACCEPTED",
    "description": "Campaign approved by Telnyx",
}
_DORMANT: Final = {
    "type": "TELNYX_EVENT",
    "status": "DORMANT",
    "description": "Campaign has been marked as dormant",
}
_NO_OPT_OUT: Final = {"fields": ["sample1"], "description": "The sample message has no opt-out language"}

_NEWS: Final[Mapping[str, Mapping[str, object]]] = {
    "TCR_ACCEPTED": {
        "type": "TCR_EVENT",
        "eventType": "CAMPAIGN_ADD",
        "description": "Campaign successfully added to TCR",
    },
    "TCR_FAILED": {"type": "REGISTRATION", "status": "failed", "reasons": [_NO_OPT_OUT]},
    "TCR_SUSPENDED": {
        "type": "TCR_EVENT",
        "eventType": "MNO_CAMPAIGN_OPERATION_SUSPENDED",
        "description": "Campaign suspended by a carrier",
    },
    "TCR_EXPIRED": {
        "type": "TCR_EVENT",
        "eventType": "CAMPAIGN_EXPIRED",
        "description": "Campaign has expired",
    },
    "TELNYX_ACCEPTED": _CLEARED,
    "TELNYX_FAILED": {**_CLEARED, "status": "REJECTED", "description": "Campaign rejected by Telnyx"},
    "MNO_PENDING": _CLEARED,
    "MNO_ACCEPTED": _ACCEPTED,
    "MNO_REJECTED": _REJECTED,
    "MNO_PROVISIONED": _ACCEPTED,
    "MNO_PROVISIONING_FAILED": _REJECTED,
}


def _number_ended(kind: str, number: str, campaign: Campaign, failure: str | None) -> Event:
    payload: JsonObject = {
        "campaignId": campaign.campaign_id,
        "phoneNumber": number,
        "status": "success" if failure is None else "failed",
        "type": kind,
        "reasons": [] if failure is None else [failure],
    }
    return Event(PHONE_NUMBER_UPDATE, payload)


def _update(campaign: Campaign, news: Mapping[str, object]) -> Event:
    return Event(CAMPAIGN_UPDATE, {"campaignId": campaign.campaign_id, **news})


def _verified(campaign: Campaign) -> Event:
    """VERIFIED carries no status, and `createdDate` where the API says `createDate`."""
    created = datetime.fromtimestamp(campaign.created_at, UTC).isoformat(timespec="milliseconds")
    news = {
        "brandId": campaign.brand_id,
        "createdDate": created,
        "cspId": "SANDBOX",
        "type": "VERIFIED",
        "isTMobileRegistered": True,
    }
    return _update(campaign, news)
