"""Calls: every request that we make, as Telnyx spells it. No other module makes one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.telnyx import wire

ASSIGNMENTS: Final = "phone_number_campaigns"
LEGACY_ASSIGNMENTS: Final = "phoneNumberCampaign"
"""The spelling of the number assignment page: gone from the reference since 2024-12 (OAS-old), and still answering."""

RECORDS_PER_PAGE: Final = 500
"""Asked for; fewer are accepted. The most that the sibling lists give (OAS); undocumented for assignments."""
CAMPAIGNS_PER_PAGE: Final = 100
"""As many as a brand has at TCR; up to 500 are allowed (OAS), whose texts could be more than an answer may hold."""
PAGE_SIZE: Final = 250
"""The most that the lists of numbers give (OAS)."""
DELIVERIES_PER_PAGE: Final = 100
"""Up to 250 are allowed (OAS), but each tells of every attempt in full."""

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": "tendlc-reconciler",
        "connection": "close",
    }
)
"""Of every request. One connection a call: one that is used again may hold more of an answer than was read of it, and
a 404 left behind would be the answer about the next number; and what is written into one that has died is in doubt.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One call, in Telnyx's words."""

    operation: str
    """What it is for, as a word to count by."""
    method: str
    target: str
    """Path and query below the base URL, percent-encoded."""
    body: bytes = b""
    private: bool = False
    """Whether its answer holds what must not be shown, so that no sample is taken of it."""


def post_assignment(path: str, number: PhoneNumber, campaign: CampaignId) -> Request:
    """Ask for a number to be assigned. `path` is one of the two spellings."""
    return Request("assign", "POST", _address("10dlc", path), _body(phoneNumber=number, campaignId=campaign))


def get_number(path: str, number: PhoneNumber) -> Request:
    """Read one number's assignment: 404 where it is on no campaign."""
    return Request("read_number", "GET", _address("10dlc", path, number))


def list_numbers(path: str, campaign: CampaignId, page: int) -> Request:
    """One page, counted from 1, of the numbers on a campaign; sorted, so that pages shift less while we read them.

    An unknown filter is ignored and gives everybody's numbers (FIELD:59663385893): whoever reads the answer filters it.
    The legacy spelling knows no `sort` (OAS-old), and is counted apart: it may be in use because the other is gone.
    """
    query = {
        "filter[tcr_campaign_id]" if campaign.is_tcr else "filter[telnyx_campaign_id]": campaign,
        "page": page,
        "recordsPerPage": RECORDS_PER_PAGE,
    }
    legacy = path.strip("/") == LEGACY_ASSIGNMENTS
    query |= {} if legacy else {"sort": wire.PHONE_NUMBER}
    return Request("list_numbers_legacy" if legacy else "list_numbers", "GET", _address("10dlc", path, **query))


def get_campaign(campaign: CampaignId) -> Request:
    """Read a campaign of our own."""
    return Request("read_campaign", "GET", _address("10dlc", "campaign", campaign))


def get_partner_campaign(campaign: CampaignId) -> Request:
    """Read a campaign that a partner shared with us: these go by their TCR id."""
    return Request("read_partner_campaign", "GET", _address("10dlc", "partner_campaigns", campaign))


def list_brands(page: int) -> Request:
    """One page, counted from 1, of the account's brands, the oldest first: new ones come after what was read."""
    query = {"page": page, "recordsPerPage": RECORDS_PER_PAGE, "sort": "createdAt"}
    return Request("list_brands", "GET", _address("10dlc", "brand", **query))


def list_campaigns(brand: str, page: int) -> Request:
    """One page, counted from 1, of a brand's campaigns. They cannot be listed without a brand (OAS)."""
    query = {"brandId": brand, "page": page, "recordsPerPage": CAMPAIGNS_PER_PAGE, "sort": "createdAt"}
    return Request("list_campaigns", "GET", _address("10dlc", "campaign", **query))


def get_profile(profile: ProfileId) -> Request:
    """Read a messaging profile. The answer holds its `v1_secret` (OAS MessagingProfile)."""
    return Request("read_profile", "GET", _address("messaging_profiles", profile), private=True)


def list_profile_numbers(profile: ProfileId, page: int) -> Request:
    """One page, counted from 1, of the numbers on a messaging profile.

    Of the two lists that tell (OAS) this one can be sorted, so that its pages shift less than those of
    `/messaging_profiles/{id}/phone_numbers`. That its filter worked is seen from each row's own profile.
    """
    return _list_messaging("list_profile_numbers", page, {"filter[messaging_profile_id]": profile})


def list_tagged_numbers(tag: str, page: int) -> Request:
    """One page, counted from 1, of the account's numbers with a tag. Tags are free text: whoever reads filters."""
    return _list_account("list_tagged_numbers", page, {"filter[tag]": tag})


def find_messaging_number(number: PhoneNumber) -> Request:
    """Look for one number among those with messaging settings: the filter is exact (OAS)."""
    return _list_messaging("find_messaging_number", 1, {"filter[phone_number]": number})


def find_account_number(number: PhoneNumber) -> Request:
    """Look for one number among all of the account (number assignment page).

    Only the digits are sent: "non-numerical characters will result in no values being returned" (OAS), though the page
    shows them with a plus. The filter finds a part of a number: whoever reads the answer compares.
    """
    return _list_account("find_account_number", 1, {"filter[phone_number]": number.removeprefix("+")})


def patch_profile(line_id: str, profile: ProfileId) -> Request:
    """Put a number on a messaging profile.

    The field is none of `PATCH /phone_numbers/{id}`, where the number assignment page has it (OAS). It is never empty
    here: that would take the number off its profile.
    """
    target = _address("phone_numbers", line_id, "messaging")
    return Request("attach_profile", "PATCH", target, _body(messaging_profile_id=profile))


def list_deliveries(since: datetime, page: int) -> Request:
    """One page, counted from 1, of the 10DLC webhooks that Telnyx began to deliver since then, delivered or not.

    The answer tells to which addresses, and what these said.
    """
    query: dict[str, object] = {
        "filter[event_type]": ",".join(wire.EVENT_TYPES),
        "filter[started_at][gte]": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "page[number]": page,
        "page[size]": DELIVERIES_PER_PAGE,
    }
    return Request("list_deliveries", "GET", _address("webhook_deliveries", **query), private=True)


def _list_messaging(operation: str, page: int, query: dict[str, object]) -> Request:
    query |= {"page[number]": page, "page[size]": PAGE_SIZE, "sort[phone_number]": "asc"}
    return Request(operation, "GET", _address("phone_numbers", "messaging", **query))


def _list_account(operation: str, page: int, query: dict[str, object]) -> Request:
    """Trouble with the profiles shall cost us only these, and not the whole answer (OAS, FIELD:70941097519)."""
    query |= {"handle_messaging_profile_error": "true"}
    query |= {"page[number]": page, "page[size]": PAGE_SIZE, "sort": wire.LINE_NUMBER}
    return Request(operation, "GET", _address("phone_numbers", **query))


def _address(*parts: str, **query: object) -> str:
    path = "/".join(["", *(quote(part.strip("/"), safe="") for part in parts)])
    return f"{path}?{urlencode(query)}" if query else path


def _body(**fields: str) -> bytes:
    return json.dumps(fields).encode()
