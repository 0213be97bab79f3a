"""Answers in the shapes of the API: bare objects, pages of records, errors (OAS)."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from reconciler.sandbox.account import APPROVED, Assignment, AssignmentStatus, Campaign, CarrierStatus
from reconciler.sandbox.events import JsonObject


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


class RefusedError(Exception):
    """A request that ends here, with its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def found(content: JsonObject) -> Reply:
    """200 with a bare object."""
    return _json(200, content)


def error(status: int, code: str, title: str, detail: str) -> Reply:
    """An error in the documented shape; code and title are those of KB:api-error-codes where it has one."""
    return _json(status, {"errors": [{"code": code, "title": title, "detail": detail}]})


def not_found(what: str) -> Reply:
    """404 with code 10005: no such number, campaign or address."""
    return error(404, "10005", "Resource not found", f"{what} could not be found.")


def invalid(where: str, name: str, message: str) -> Reply:
    """422 in the validation shape (OAS HTTPValidationError)."""
    return _json(422, {"detail": [{"loc": [where, name], "msg": message, "type": "value_error"}]})


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """How one list of the API pages and sorts: its page size by default, and what each sort name sorts by."""

    records_per_page: int
    sorts: Mapping[str, Callable[[Item], str | float]]

    def page(
        self, items: Iterable[Item], query: Mapping[str, str], most: int, record: Callable[[Item], JsonObject]
    ) -> Reply:
        """One page, newest first unless asked otherwise; at most `most` records whatever is asked for."""
        sort = query.get("sort", "-createdAt")
        by = self.sorts.get(sort.removeprefix("-"))
        if by is None:
            raise RefusedError(invalid("query", "sort", f"{sort!r} is not a sort order"))
        page = _positive(query, "page", 1)
        size = min(_positive(query, "recordsPerPage", self.records_per_page), most)
        ordered = sorted(items, key=by, reverse=sort.startswith("-"))
        wanted = ordered[(page - 1) * size : page * size]
        return found({"records": [record(item) for item in wanted], "page": page, "totalRecords": len(ordered)})


ASSIGNMENTS: Final[Listing[Assignment]] = Listing(
    20,
    {
        "assignmentStatus": lambda assignment: assignment.status.value,
        "createdAt": lambda assignment: assignment.created_at,
        "phoneNumber": lambda assignment: assignment.number,
    },
)
CAMPAIGNS: Final[Listing[Campaign]] = Listing(
    10,
    {
        "campaignId": lambda campaign: campaign.campaign_id,
        "createdAt": lambda campaign: campaign.created_at,
        "tcrCampaignId": lambda campaign: campaign.tcr_campaign_id,
    },
)
BRANDS: Final[Listing[tuple[Campaign, ...]]] = Listing(
    10,
    {
        "brandId": lambda campaigns: campaigns[0].brand_id,
        "createdAt": lambda campaigns: campaigns[0].created_at,
        "tcrBrandId": lambda campaigns: campaigns[0].tcr_brand_id,
    },
)


def assignment_record(assignment: Assignment, campaign: Campaign) -> JsonObject:
    """A PhoneNumberCampaign, with the two mapping fields that the SDK knows and OAS does not yet."""
    record: JsonObject = {
        "phoneNumber": assignment.number,
        "campaignId": campaign.campaign_id,
        "brandId": campaign.brand_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "tcrCampaignId": campaign.tcr_campaign_id,
        "telnyxCampaignId": campaign.telnyx_campaign_id,
        "assignmentStatus": assignment.status.value,
        "tmobileNumberMappingStatus": assignment.tmobile.value,
        "nonTmobileNumberMappingStatus": assignment.non_tmobile.value,
        "createdAt": _iso(assignment.created_at),
        "updatedAt": _iso(assignment.updated_at),
    }
    if assignment.status in {AssignmentStatus.FAILED_ASSIGNMENT, AssignmentStatus.FAILED_UNASSIGNMENT}:
        record["failureReasons"] = assignment.failure_reasons
    elif CarrierStatus.FAILED in {assignment.tmobile, assignment.non_tmobile}:
        record |= {"failureReasons": None, "errors": assignment.errors}  # FIELD:59663385893
    return record


def campaign_record(campaign: Campaign) -> JsonObject:
    """A TelnyxCampaign_CSP. `status` is ACTIVE from the start: it is not approval (OAS)."""
    return {
        "campaignId": campaign.campaign_id,
        "tcrCampaignId": campaign.tcr_campaign_id,
        "brandId": campaign.brand_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "brandDisplayName": "Sandbox brand",
        "campaignStatus": campaign.status,
        "status": "EXPIRED" if campaign.status == "TCR_EXPIRED" else "ACTIVE",
        "submissionStatus": "CREATED",
        "createDate": _iso(campaign.created_at),
        "cspId": "SANDBOX",
        "description": "A campaign of the sandbox",
        "usecase": "MIXED",
        "subUsecases": [],
        "mock": True,
        "termsAndConditions": True,
        "isTMobileRegistered": campaign.status == APPROVED,
        "isTMobileSuspended": campaign.status == "TCR_SUSPENDED",
        "isTMobileNumberPoolingEnabled": False,
        "webhookURL": campaign.webhook_url,
    }


def shared_campaign_record(campaign: Campaign, numbers: int) -> JsonObject:
    """A TelnyxDownstreamCampaign: what a partner shared; it has no Telnyx id."""
    return {
        "tcrCampaignId": campaign.tcr_campaign_id,
        "tcrBrandId": campaign.tcr_brand_id,
        "brandDisplayName": "Sandbox partner",
        "campaignStatus": campaign.status,
        "assignedPhoneNumbersCount": numbers,
        "createdAt": _iso(campaign.created_at),
        "updatedAt": _iso(campaign.created_at),
        "isNumberPoolingEnabled": False,
        "webhookURL": campaign.webhook_url,
    }


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
        "createdAt": _iso(first.created_at),
        "updatedAt": _iso(first.created_at),
    }


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise RefusedError(invalid("query", name, "must be a number from 1 on"))
    return int(text)


def _iso(seconds: float) -> str:
    """Telnyx writes times of this API without a zone (OAS examples)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _json(status: int, content: JsonObject) -> Reply:
    return Reply(status, json.dumps(content).encode())
