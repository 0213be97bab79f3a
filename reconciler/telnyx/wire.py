"""Telnyx's spellings in answers: names, words and codes, and what of ours each one means. They stand nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.model.dormancy import SUSPENDED_AT_TCR
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.lines import LineKind

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

BRAND_ID: Final = "brandId"
TCR_BRAND_ID: Final = "tcrBrandId"
USECASE: Final = "usecase"
SOLE_PROPRIETOR: Final = "SOLE_PROPRIETOR"
POOLING_NAMES: Final = ("isTMobileNumberPoolingEnabled", "isNumberPoolingEnabled")
"""Of a campaign of our own, and of one shared with us (OAS). `numberPool` only declares that one is wanted."""
SUSPENDED_AT_TMOBILE: Final = "isTMobileSuspended"
"""Of a campaign of our own only (OAS TelnyxCampaign_CSP)."""

# Numbers and messaging profiles (OAS PhoneNumberWithMessagingSettings, PhoneNumberDetailed, MessagingProfile).

ID: Final = "id"
LINE_NUMBER: Final = "phone_number"
LINE_PROFILE: Final = "messaging_profile_id"
LINE_KIND_NAMES: Final = ("type", "phone_number_type")
LINE_STATUS: Final = "status"
COUNTRY_NAMES: Final = ("country_code", "country_iso_alpha2")
TAGS: Final = "tags"
NAME: Final = "name"
POOL_SETTINGS: Final = "number_pool_settings"
LONG_CODE_WEIGHT: Final = "long_code_weight"

# Events and their deliveries (KB:10dlc-event-notifications, OAS webhook_delivery).

EVENT_ID: Final = "id"
EVENT_TYPE: Final = "event_type"
PAYLOAD: Final = "payload"
PAYLOAD_TYPE: Final = "type"
PAYLOAD_EVENT_TYPE: Final = "eventType"
PAYLOAD_STATUS: Final = "status"
WEBHOOK: Final = "webhook"
STARTED_AT: Final = "started_at"
OCCURRED_AT: Final = "occurred_at"
ATTEMPTS: Final = "attempts"
DELIVERY_STATUS: Final = "status"
BRAND_UPDATE: Final = "10dlc.brand.update"
CAMPAIGN_UPDATE: Final = "10dlc.campaign.update"
PHONE_NUMBER_UPDATE: Final = "10dlc.phone_number.update"
EVENT_TYPES: Final = (BRAND_UPDATE, CAMPAIGN_UPDATE, PHONE_NUMBER_UPDATE)
PAYLOAD_TYPES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        BRAND_UPDATE: frozenset(
            {"REGISTRATION", "REVET", "ORDER_EXTERNAL_VETTING", "TCR_BRAND_UPDATE", "TCR_BRAND_WEBHOOK"}
        ),
        CAMPAIGN_UPDATE: frozenset(
            {
                "REGISTRATION",
                "TELNYX_REVIEW",
                "MNO_REVIEW",
                "VERIFIED",
                "TCR_EVENT",
                "TELNYX_EVENT",
                "NUMBER_POOL_PROVISIONED",
                "NUMBER_POOL_DEPROVISIONED",
                "CAMPAIGN_NUDGE",
            }
        ),
        PHONE_NUMBER_UPDATE: frozenset({"ASSIGNMENT", "DELETION", "STATUS_UPDATE"}),
    }
)
"""The types that are documented for each kind of event; an older edition has TCR_BRAND_WEBHOOK for TCR_BRAND_UPDATE.

What `eventType` and `status` may say beside them is open, for TCR says more than is documented.
"""
DORMANT: Final = ("TELNYX_EVENT", "DORMANT")
"""`type` and `status` of the event that tells of a dormant campaign (SUP:10723378)."""

ERRORS: Final = "errors"
ERROR_CODE: Final = "code"
ERROR_TITLE: Final = "title"
ERROR_DETAIL: Final = "detail"
ERROR_MESSAGE: Final = "message"

# Headers.

RETRY_AFTER: Final = "retry-after"
DATE: Final = "date"
RATE_LIMIT: Final = "x-ratelimit-limit"
"""Calls in a window: "applicable rate limits", in the plural (KB:rate-limiting), so maybe a list with policies."""
RATE_LIMIT_REMAINING: Final = "x-ratelimit-remaining"
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
        SUSPENDED_AT_TCR: CampaignPhase.SUSPENDED,
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
LINE_KINDS: Final[Mapping[str, LineKind]] = MappingProxyType(
    {
        "longcode": LineKind.LONG_CODE,
        "local": LineKind.LONG_CODE,
        "mobile": LineKind.LONG_CODE,
        "tollfree": LineKind.TOLL_FREE,
        "shortcode": LineKind.SHORT_CODE,
    }
)
"""In small letters, without the dash or line that some lists write in them."""
GONE_STATUSES: Final = frozenset({"deleted", "ported-out", "port-failed", "purchase-failed"})
"""Of a number that is listed and yet not in the account."""
UNAVAILABLE: Final = "UNAVAILABLE"
"""In the place of a profile that Telnyx could not load (FIELD:70941097519): it is not "on none"."""
DELIVERED: Final = "delivered"

# Error codes (KB:api-error-codes) and texts. The codes of 10DLC's own refusals are not published.

ACCOUNT_CODES: Final = frozenset({"10009", "10010", "20100", *(str(code) for code in range(20001, 20018))})
THROTTLED_CODE: Final = "10011"
NOT_FOUND_CODE: Final = "10005"
NOT_APPROVED_CODE: Final = "10036"
TAKEN_CODE: Final = "10012"
TRANSIENT_CODES: Final = frozenset({"10007", "10008", "10037"})
LIMIT_CODES: Final = frozenset({"10035", "10038", "10039"})
"""Locked, or a limit of one feature: for good, whatever the status, and not the account as a whole."""
UNPROFILED_CODE: Final = "40305"
"""Published for sending, where it means the same."""
QUOTA_TEXTS: Final = ("daily quota exceeded",)
CAPACITY_TEXTS: Final = ("limit exceeded", "sole proprietor")
"""FIELD:59663385893; KB:sole-proprietor."""
TAKEN_TEXTS: Final = ("already associated", "already assigned")
"""FIELD:59663385893; number assignment page."""
UNPROFILED_TEXTS: Final = (
    "not assigned to a messaging profile",
    "must be assigned to a messaging profile",
    "not on messaging profile",
)
"""Number assignment page."""
NOT_APPROVED_TEXTS: Final = ("not deployed", "campaign not active", "campaign is not active")
"""FIELD:57641885699; number assignment page."""
