"""Telnyx's spellings: addresses, names, words and codes, and what of ours each one means. They stand nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.ids import CampaignId, PhoneNumber

# Names in bodies (OAS PhoneNumberCampaign, TelnyxCampaign_CSP; events: KB:10dlc-event-notifications).

PHONE_NUMBER: Final = "phoneNumber"
CAMPAIGN_ID: Final = "campaignId"
TELNYX_CAMPAIGN_ID: Final = "telnyxCampaignId"
TCR_CAMPAIGN_ID: Final = "tcrCampaignId"
CAMPAIGN_STATUS: Final = "campaignStatus"
WEBHOOK_URL: Final = "webhookURL"
ASSIGNMENT_STATUS_NAMES: Final = ("assignmentStatus", "status")
"""The number assignment page shows the second."""
FAILURE_NAMES: Final = ("failureReasons", "errors")
"""The first is null while the second holds the reason (FIELD:59663385893)."""
CARRIER_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tmobileNumberMappingStatus": "tmobile",
        "nonTmobileNumberMappingStatus": "others",
        "attNumberMappingStatus": "att",  # in no spec, seen live (FIELD:59663385893)
    }
)
REASON_TEXT_NAMES: Final = ("description", "detail", "title", "message", "msg")
REASON_FIELD_NAMES: Final = ("fields", "loc")

DATA: Final = "data"
"""An item may come wrapped in it, and a list may be under it (number assignment page)."""
RECORDS: Final = "records"
TOTAL_RECORDS: Final = "totalRecords"
META: Final = "meta"
TOTAL_RESULTS: Final = "total_results"
"""In `meta`, beside a list under `data`: the paging of Telnyx's other lists (OAS PaginationMeta)."""

EVENT_ID: Final = "id"
EVENT_TYPE: Final = "event_type"
PAYLOAD: Final = "payload"
PAYLOAD_TYPE: Final = "type"

ERRORS: Final = "errors"
ERROR_CODE: Final = "code"
ERROR_TITLE: Final = "title"
ERROR_DETAIL: Final = "detail"
ERROR_MESSAGE: Final = "message"

# Headers.

RETRY_AFTER: Final = "retry-after"
RATE_LIMIT_RESET: Final = "x-ratelimit-reset"
"""Seconds on one page (KB:rate-limiting), a Unix time on another (KB:send-your-first-message)."""

# Words, and what they mean to us. A word that is not here is unknown: never success, never absence.

CAMPAIGN_PHASES: Final[Mapping[str, CampaignPhase]] = MappingProxyType(
    {
        "TCR_PENDING": CampaignPhase.SUBMITTED,
        "TCR_ACCEPTED": CampaignPhase.IN_REVIEW,
        "TELNYX_ACCEPTED": CampaignPhase.IN_REVIEW,
        "MNO_PENDING": CampaignPhase.IN_REVIEW,
        "MNO_ACCEPTED": CampaignPhase.IN_REVIEW,
        "MNO_PROVISIONED": CampaignPhase.APPROVED,
        "TCR_FAILED": CampaignPhase.REJECTED,
        "TELNYX_FAILED": CampaignPhase.REJECTED,
        "MNO_REJECTED": CampaignPhase.REJECTED,
        "MNO_PROVISIONING_FAILED": CampaignPhase.REJECTED,
        "TCR_SUSPENDED": CampaignPhase.SUSPENDED,
        "TCR_EXPIRED": CampaignPhase.EXPIRED,
    }
)
"""By `campaignStatus` (OAS), never by `status`: that is ACTIVE from creation on."""

ASSIGNMENT_STATES: Final[Mapping[str, AssignmentState]] = MappingProxyType(
    {
        "PENDING_ASSIGNMENT": AssignmentState.PENDING,
        "ASSIGNED": AssignmentState.ASSIGNED,
        "FAILED_ASSIGNMENT": AssignmentState.FAILED,
        "PENDING_UNASSIGNMENT": AssignmentState.UNASSIGNING,
        "FAILED_UNASSIGNMENT": AssignmentState.UNASSIGN_FAILED,
    }
)
CARRIER_STATES: Final[Mapping[str, CarrierState]] = MappingProxyType(
    {"ADDED": CarrierState.ADDED, "PENDING": CarrierState.PENDING, "FAILED": CarrierState.FAILED}
)

# Error codes (KB:api-error-codes) and texts. The codes of 10DLC's own refusals are not published.

ACCOUNT_CODES: Final = frozenset({"10009", "10010", "20100", *(str(code) for code in range(20001, 20018))})
THROTTLED_CODE: Final = "10011"
NOT_FOUND_CODE: Final = "10005"
NOT_APPROVED_CODE: Final = "10036"
TAKEN_CODE: Final = "10012"
TRANSIENT_CODES: Final = frozenset({"10007", "10008", "10037"})
QUOTA_TEXTS: Final = ("daily quota exceeded",)
CAPACITY_TEXTS: Final = ("limit exceeded", "sole proprietor")
"""FIELD:59663385893; KB:sole-proprietor."""
TAKEN_TEXTS: Final = ("already associated", "already assigned")
"""FIELD:59663385893; number assignment page."""
NOT_APPROVED_TEXTS: Final = ("not deployed", "campaign not active", "campaign is not active")
"""FIELD:57641885699; number assignment page."""

# Requests.

RECORDS_PER_PAGE: Final = 500
"""Asked for; fewer are accepted. The most that the sibling lists give (OAS); undocumented for this one."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call, in Telnyx's words."""

    operation: str
    """What it is for, as a word to count by."""
    method: str
    target: str
    """Path and query below the base URL, percent-encoded."""
    body: bytes = b""


def post_assignment(path: str, number: PhoneNumber, campaign: CampaignId) -> Request:
    """Ask for a number to be assigned. `path` is the configured one, since there is a legacy spelling too."""
    body = json.dumps({PHONE_NUMBER: number, CAMPAIGN_ID: campaign}).encode()
    return Request("assign", "POST", _address(path), body)


def get_number(path: str, number: PhoneNumber) -> Request:
    """Read one number's assignment: 404 where it is on no campaign."""
    return Request("read_number", "GET", _address(path, number))


def get_campaign(campaign: CampaignId) -> Request:
    """Read a campaign of our own."""
    return Request("read_campaign", "GET", _address("campaign", campaign))


def get_partner_campaign(campaign: CampaignId) -> Request:
    """Read a campaign that a partner shared with us: these go by their TCR id."""
    return Request("read_partner_campaign", "GET", _address("partner_campaigns", campaign))


def list_numbers(path: str, campaign: CampaignId, page: int) -> Request:
    """One page, counted from 1, of the numbers on a campaign; sorted, so that pages shift less while we read them.

    An unknown filter is ignored and gives everybody's numbers (FIELD:59663385893): whoever reads the answer filters it.
    """
    query = {
        "filter[tcr_campaign_id]" if campaign.is_tcr else "filter[telnyx_campaign_id]": campaign,
        "page": page,
        "recordsPerPage": RECORDS_PER_PAGE,
        "sort": PHONE_NUMBER,
    }
    return Request("list_numbers", "GET", f"{_address(path)}?{urlencode(query)}")


def _address(path: str, *ids: str) -> str:
    return "/".join(["/10dlc", path.strip("/"), *(quote(text, safe="") for text in ids)])
