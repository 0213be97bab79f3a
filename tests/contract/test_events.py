"""Every kind of event that Telnyx documents has its effect: where it makes us look, and what people are told of it.

The rows are those of the pages (KB:10dlc-event-notifications, OAS, SUP:10723378, the ISV page), and of the field.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.compose.events import caused
from reconciler.decide.interpret import interpret
from reconciler.model.events import EventState, Finished, Reading, StoredEvent, Subject, Unusable
from reconciler.model.fleet import CampaignPhase
from reconciler.model.ids import CampaignId
from reconciler.telnyx import wire
from reconciler.telnyx.documents import Json
from reconciler.telnyx.events import parse_event
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    TCR_ID,
    a_campaign,
    a_number,
    a_pool,
    desired,
)

BRAND, TCR_BRAND = "97091164-e814-435c-9c1b-14ab2d18e987", "BBRAND1"
SECOND = CampaignId("9c1f7c52-0d3e-4a51-8a34-5be0a7c0d001")
WANTED = desired(a_pool(), a_pool(a_number(7), name="second", campaign=SECOND))
READ = [
    replace(a_campaign(tcr_id=TCR_ID), brand_id=BRAND, tcr_brand_id=TCR_BRAND),
    replace(a_campaign(CampaignPhase.REJECTED, SECOND), tcr_brand_id=TCR_BRAND),
    replace(a_campaign(campaign=FOREIGN), brand_id="another", tcr_brand_id="BOTHER1"),
]

BRAND_ROWS = [
    ("REGISTRATION", {"status": "failed"}),
    ("REGISTRATION", {"status": "success"}),
    ("REVET", {"status": "success"}),
    ("REVET", {"status": "failed"}),
    ("ORDER_EXTERNAL_VETTING", {"status": "success"}),
    ("ORDER_EXTERNAL_VETTING", {"status": "failed"}),
    *(
        ("TCR_BRAND_UPDATE", {"status": "success", "eventType": event_type, "tcrBrandId": TCR_BRAND})
        for event_type in (
            *("BRAND_ADD", "BRAND_APPEAL_ADD", "BRAND_APPEAL_COMPLETE", "BRAND_REVET"),
            *("BRAND_IDENTITY_STATUS_UPDATE", "BRAND_IDENTITY_VET_UPDATE", "BRAND_OF_TOMORROW"),
        )
    ),
    ("TCR_BRAND_WEBHOOK", {"status": "success", "eventType": "BRAND_ADD", "tcrBrandId": TCR_BRAND}),
]
CAMPAIGN_ROWS = [
    ("REGISTRATION", {"status": "failed", "reasons": [{"fields": ["sample1"], "description": "No opt-out."}]}),
    ("TELNYX_REVIEW", {"status": "ACCEPTED", "description": f"Campaign {TCR_ID} accepted"}),
    ("TELNYX_REVIEW", {"status": "REJECTED"}),
    ("MNO_REVIEW", {"status": "ACCEPTED"}),
    ("MNO_REVIEW", {"status": "REJECTED"}),
    ("VERIFIED", {"brandId": BRAND, "createdDate": "2024-07-06T14:22:37Z", "isTMobileRegistered": True}),
    *(
        ("TCR_EVENT", {"eventType": event_type, "description": "…"})
        for event_type in (
            *("CAMPAIGN_ADD", "CAMPAIGN_BILLED", "CAMPAIGN_DCA_COMPLETE", "CAMPAIGN_EXPIRED", "CAMPAIGN_NUDGE"),
            *("CAMPAIGN_RESUBMISSION", "CAMPAIGN_UPDATE", "MNO_CAMPAIGN_OPERATION_APPROVED"),
            *("MNO_CAMPAIGN_OPERATION_REJECTED", "MNO_CAMPAIGN_OPERATION_REVIEW"),
            *("MNO_CAMPAIGN_OPERATION_SUSPENDED", "MNO_CAMPAIGN_OPERATION_UNSUSPENDED", "SOMETHING_OF_TOMORROW"),
        )
    ),
    ("TELNYX_EVENT", {"status": "DORMANT"}),
    ("TELNYX_EVENT", {"status": "A_STATUS_OF_TOMORROW"}),
    ("NUMBER_POOL_PROVISIONED", {"brandId": BRAND}),
    ("NUMBER_POOL_DEPROVISIONED", {"brandId": BRAND}),
    ("CAMPAIGN_NUDGE", {"campaignId": TCR_ID, "nudgeIntent": "APPEAL_REJECTION", "cspId": "TNX"}),
]
NUMBER_ROWS = [
    ("ASSIGNMENT", {"status": "success", "reasons": []}),
    ("ASSIGNMENT", {"status": "failed", "reasons": ["DCA said no"]}),
    ("DELETION", {"status": "success", "reasons": []}),
    ("DELETION", {"status": "failed", "reasons": "No."}),
    *(("STATUS_UPDATE", {"status": status, "tcrCampaignId": TCR_ID}) for status in ("ADDED", "DELETED", "PENDING")),
    ("STATUS_UPDATE", {"status": "FAILED", "tmobileNumberMappingStatus": "FAILED", "assignmentStatus": "ASSIGNED"}),
]


def read(event_type: str, payload: dict[str, Json]) -> Reading:
    """What a stored body means to us."""
    data: Json = {"event_type": event_type, "id": "e-1", "occurred_at": "2026-11-23T11:59:00Z", "payload": payload}
    return interpret(parse_event(json.dumps({"data": data, "meta": {"attempt": 1}}).encode()), WANTED, READ)


@pytest.mark.parametrize(("kind", "fields"), BRAND_ROWS)
def test_a_brand_event_looks_at_the_managed_campaigns_of_that_brand(kind: str, fields: dict[str, Json]) -> None:
    looked = read("10dlc.brand.update", {"brandId": BRAND, "type": kind, "brandName": "Acme", **fields})
    by_both = (CAMPAIGN, SECOND) if "tcrBrandId" in fields else (CAMPAIGN,)
    said = "brand's 2 campaigns looked at" if "tcrBrandId" in fields else "brand's campaign looked at"

    assert looked == Reading(EventState.PROCESSED, said, BRAND, by_both)
    strange = {**fields, "tcrBrandId": "BOTHER1"} if "tcrBrandId" in fields else fields
    assert read("10dlc.brand.update", {"brandId": "another", "type": kind, **strange}) == Reading(
        EventState.PROCESSED, "not ours", "another"
    )


@pytest.mark.parametrize(("kind", "fields"), CAMPAIGN_ROWS)
def test_a_campaign_event_looks_at_its_campaign(kind: str, fields: dict[str, Json]) -> None:
    payload = {"campaignId": CAMPAIGN, "type": kind, **fields}
    dormant = CAMPAIGN if fields.get("status") == "DORMANT" else None
    named = str(payload["campaignId"])

    assert read("10dlc.campaign.update", payload) == Reading(
        EventState.PROCESSED, "campaign looked at", named, (CAMPAIGN,), dormant
    )
    not_ours = read("10dlc.campaign.update", payload | {"campaignId": FOREIGN})
    assert not_ours == Reading(EventState.PROCESSED, "not ours", FOREIGN)


@pytest.mark.parametrize(("kind", "fields"), CAMPAIGN_ROWS)
def test_a_flat_campaign_event_means_the_same(kind: str, fields: dict[str, Json]) -> None:
    flat = json.dumps({"campaignId": CAMPAIGN, "type": kind, **fields}).encode()
    enveloped = read("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": kind, **fields})

    assert interpret(parse_event(flat), WANTED, READ) == enveloped


@pytest.mark.parametrize(("kind", "fields"), NUMBER_ROWS)
def test_a_number_event_looks_at_its_number_or_else_at_its_campaign(kind: str, fields: dict[str, Json]) -> None:
    def event(number: str, campaign: str) -> Reading:
        payload: dict[str, Json] = {"campaignId": campaign, "phoneNumber": number, "type": kind, **fields}
        return read("10dlc.phone_number.update", {**payload, "tcrCampaignId": ""})

    assert event(NUMBER, FOREIGN) == Reading(EventState.PROCESSED, "number looked at", NUMBER, (NUMBER,))
    assert event(OTHER, CAMPAIGN) == Reading(EventState.PROCESSED, "campaign looked at", OTHER, (CAMPAIGN,))
    assert event(OTHER, FOREIGN) == Reading(EventState.PROCESSED, "not ours", OTHER)


@pytest.mark.covers("E05", "E11")
@pytest.mark.parametrize(
    ("event_type", "payload", "reason", "looks"),
    [
        ("campaign.status_update", {"campaignId": CAMPAIGN, "campaignStatus": "ACTIVE"}, "campaign", (CAMPAIGN,)),
        ("brand.status_update", {"brandId": BRAND, "status": "VERIFIED"}, "brand's campaign", (CAMPAIGN,)),
        ("10dlc.campaign.update", {"campaignId": TCR_ID, "type": "OF_TOMORROW"}, "campaign", (CAMPAIGN,)),
        ("10dlc.campaign.update", {"campaignId": CAMPAIGN}, "campaign", (CAMPAIGN,)),
        ("10dlc.brand.update", {"tcrBrandId": TCR_BRAND, "type": "NEW"}, "brand's 2 campaigns", (CAMPAIGN, SECOND)),
        ("10dlc.phone_number.update", {"phoneNumber": NUMBER, "type": "PORTED"}, "number", (NUMBER,)),
        ("10dlc.order.update", {"campaignId": CAMPAIGN, "type": "VERIFIED"}, "campaign", (CAMPAIGN,)),
        ("", {"phoneNumber": NUMBER}, "number", (NUMBER,)),
    ],
)
def test_a_type_that_we_do_not_know_looks_all_the_same(
    event_type: str, payload: dict[str, Json], reason: str, looks: tuple[Subject, ...]
) -> None:
    """TCR has more types than are documented, and the ISV page has some of its own."""
    looked = read(event_type, payload)

    assert (looked.state, looked.reason) == (EventState.PROCESSED, f"unknown type; {reason} looked at")
    assert looked.looks == looks


@pytest.mark.parametrize("payload", [{}, {"type": "VERIFIED"}, {"campaignId": "no id", "brandId": 7}])
def test_an_event_that_names_nothing_is_kept_and_looks_nowhere(payload: dict[str, Json]) -> None:
    assert read("10dlc.campaign.update", payload) == Reading(
        EventState.PROCESSED, "names no campaign, number or brand", ""
    )


def test_the_nudge_may_stand_in_either_field() -> None:
    """One page has it as `type`, another as the `eventType` of a TCR_EVENT (KB:10dlc-event-notifications)."""
    for fields in ({"type": "CAMPAIGN_NUDGE"}, {"type": "TCR_EVENT", "eventType": "CAMPAIGN_NUDGE"}):
        assert read("10dlc.campaign.update", {"campaignId": TCR_ID, **fields}).looks == (CAMPAIGN,)


@pytest.mark.parametrize(
    "reasons", [None, [], ["No."], [{"fields": ["sample1"], "description": "No."}], "No.", {"a": 1}, 7, [[]], [None]]
)
@pytest.mark.parametrize("status", ["success", "failed", None, 7])
def test_no_form_of_reasons_or_status_changes_what_it_means(reasons: Json, status: Json) -> None:
    payload: dict[str, Json] = {"campaignId": CAMPAIGN, "phoneNumber": NUMBER, "type": "ASSIGNMENT"}

    assert read("10dlc.phone_number.update", payload | {"reasons": reasons, "status": status}) == read(
        "10dlc.phone_number.update", payload
    )


@pytest.mark.parametrize(
    ("event_type", "payload"),
    [
        ("10dlc.phone_number.update", {"type": "TELNYX_EVENT", "status": "DORMANT"}),
        ("campaign.status_update", {"type": "TELNYX_EVENT", "status": "DORMANT"}),
        ("10dlc.campaign.update", {"type": "TCR_EVENT", "status": "DORMANT"}),
        ("10dlc.campaign.update", {"type": "TELNYX_EVENT", "status": "dormant"}),
        ("10dlc.campaign.update", {"type": "TELNYX_EVENT", "status": ["DORMANT"]}),
    ],
)
def test_only_the_documented_words_say_that_it_is_dormant(event_type: str, payload: dict[str, Json]) -> None:
    assert read(event_type, {"campaignId": CAMPAIGN, **payload}).dormant is None


def test_copies_of_an_event_cause_one_look() -> None:
    looked = read("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": "VERIFIED"})
    copies = [Finished(StoredEvent(which, "e-1", NOW, b""), Unusable(""), looked) for which in range(5)]

    (trigger,) = caused(WANTED, copies, (), now=NOW, patience=PATIENCE)

    assert (trigger.subject, trigger.due_at) == (CAMPAIGN, NOW)


@pytest.mark.parametrize(
    ("occurred_at", "told_at"),
    [
        ("2026-11-23T10:00:00Z", NOW - timedelta(hours=2)),
        ("2026-11-23T11:00:00.5+01:00", NOW - timedelta(hours=2) + timedelta(seconds=0.5)),
        ("2030-01-01T00:00:00Z", NOW),
        ("2026-11-23T10:00:00", NOW),
        ("yesterday", NOW),
        (None, NOW),
        (1_700_000_000, NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
    ],
)
def test_a_dormancy_is_told_when_it_happened_and_never_after_it_came(occurred_at: Json, told_at: object) -> None:
    payload: Json = {"campaignId": TCR_ID, "type": "TELNYX_EVENT", "status": "DORMANT"}
    data: Json = {"event_type": "10dlc.campaign.update", "occurred_at": occurred_at, "payload": payload}
    parsed = parse_event(json.dumps({"data": data}).encode())
    finished = Finished(StoredEvent(1, "", NOW, b""), parsed, interpret(parsed, WANTED, READ))

    assert finished.dormancy is not None
    assert (finished.dormancy.campaign, finished.dormancy.told_at) == (CAMPAIGN, told_at)
    assert (finished.dormancy.tries, finished.dormancy.tried_at) == (0, None)


def test_every_published_example_is_of_a_known_type(shared: Path) -> None:
    dormant = set()
    for example in sorted((shared / "telnyx" / "examples").glob("webhook.*.json")):
        parsed = parse_event(example.read_bytes())
        assert not isinstance(parsed, Unusable)
        assert parsed.known, example.name
        if parsed.dormant:
            dormant.add(example.name)
    assert len(dormant) == 3
    assert all("DORMANT" in name or "campaignStatusUpdate" in name for name in dormant)


@pytest.mark.covers("E11")
def test_every_type_and_status_of_the_official_reference_is_known(shared: Path) -> None:
    """And what it does not list leads to a look all the same: only our own words for it would be lacking."""
    (file,) = (shared / "telnyx" / "openapi").glob("telnyx-10dlc-subset-*.json")
    schemas = json.loads(file.read_text())["components"]["schemas"]

    def words(schema: str, name: str) -> set[str]:
        return set(schemas[schema]["properties"][name]["enum"])

    assert words("CampaignStatusUpdateEvent", "type") <= wire.PAYLOAD_TYPES[wire.CAMPAIGN_UPDATE]
    assert wire.DORMANT[1] in words("CampaignStatusUpdateEvent", "status")
    assert words("TelnyxCampaign_CSP", "campaignStatus") <= wire.CAMPAIGN_PHASES.keys()
    assert words("PhoneNumberCampaign", "assignmentStatus") <= wire.ASSIGNMENT_STATES.keys()
