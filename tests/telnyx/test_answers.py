"""Answers become nouns: tolerant where Telnyx is known to differ from its reference, unknown where it is new."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.fleet import Assignment, AssignmentState, Campaign, CampaignPhase, CarrierState
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.telnyx import wire
from reconciler.telnyx.answers import read_assignment, read_campaign, reasons
from reconciler.telnyx.documents import Json, Unreadable
from tests.telnyx.test_documents import JSON

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+12025550123")
CAMPAIGN = CampaignId("3008dd9f-66d7-40e0-bf23-bf2d8d1a96ba")
TCR = CampaignId("CCAMPA1")
NAMES = [value for value in vars(wire).values() if isinstance(value, str) and value.isidentifier()]


def item(**fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN, "assignmentStatus": "ASSIGNED"}
    return whole | fields


def test_an_assignment_bare_or_wrapped() -> None:
    expected = Assignment(NUMBER, CAMPAIGN, AssignmentState.ASSIGNED, aliases=(TCR,))

    bare = item(telnyxCampaignId=CAMPAIGN, tcrCampaignId=TCR)
    assert read_assignment(bare) == expected
    assert read_assignment({"data": bare}) == expected


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"assignmentStatus": "PENDING_ASSIGNMENT"}, AssignmentState.PENDING),
        ({"assignmentStatus": "FAILED_ASSIGNMENT"}, AssignmentState.FAILED),
        ({"assignmentStatus": "PENDING_UNASSIGNMENT"}, AssignmentState.UNASSIGNING),
        ({"assignmentStatus": "FAILED_UNASSIGNMENT"}, AssignmentState.UNASSIGN_FAILED),
        ({"assignmentStatus": None, "status": "ASSIGNED"}, AssignmentState.ASSIGNED),
        ({"assignmentStatus": "PENDING_ASSIGNMENT", "status": "ASSIGNED"}, AssignmentState.PENDING),
        ({"assignmentStatus": "SOMETHING_NEW", "status": "ASSIGNED"}, AssignmentState.UNKNOWN),
        ({"assignmentStatus": "assigned"}, AssignmentState.UNKNOWN),
        ({"assignmentStatus": None}, AssignmentState.UNKNOWN),
        ({"assignmentStatus": ["ASSIGNED"]}, AssignmentState.UNKNOWN),
        ({"assignmentStatus": None, "status": "ACTIVE"}, AssignmentState.UNKNOWN),
    ],
)
def test_the_state_is_assignment_status_then_status(fields: dict[str, Json], state: AssignmentState) -> None:
    assert read_assignment(item(**fields)).state is state


def test_carriers_are_those_that_are_present() -> None:
    read = read_assignment(
        item(
            tmobileNumberMappingStatus="ADDED", nonTmobileNumberMappingStatus="PENDING", attNumberMappingStatus="FAILED"
        )
    )
    assert read.carriers == {"tmobile": CarrierState.ADDED, "others": CarrierState.PENDING, "att": CarrierState.FAILED}
    assert read.carriers_refusing == ("att",)

    odd = item(tmobileNumberMappingStatus=None, nonTmobileNumberMappingStatus="", attNumberMappingStatus="NEW")
    assert read_assignment(odd).carriers == {"att": CarrierState.UNKNOWN}
    assert read_assignment(item(tmobileNumberMappingStatus=3)).carriers == {"tmobile": CarrierState.UNKNOWN}
    assert read_assignment(item()).is_ready


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({}, ""),
        ({"failureReasons": None}, ""),
        ({"failureReasons": " bad "}, "bad"),
        ({"failureReasons": ["one", "two", "one"]}, "one; two"),
        ({"failureReasons": [{"fields": ["sample1"], "description": "no opt-out"}]}, "sample1: no opt-out"),
        ({"failureReasons": [], "errors": "the real reason"}, "the real reason"),
        ({"failureReasons": None, "errors": "the real reason"}, "the real reason"),
        ({"failureReasons": "first", "errors": "second"}, "first"),
        ({"failureReasons": 7, "errors": None}, ""),
        ({"failureReasons": "two\r\nlines \x1b[31m"}, "two lines \\u001b[31m"),
        ({"errors": [{"code": "1", "title": "in a list"}]}, "in a list"),
    ],
)
def test_the_reasons_of_a_failure(fields: dict[str, Json], failure: str) -> None:
    assert read_assignment(item(**fields)).failure == failure


@pytest.mark.parametrize(
    ("fields", "campaign", "aliases"),
    [
        ({"campaignId": TCR, "telnyxCampaignId": "", "tcrCampaignId": TCR}, TCR, ()),
        ({"campaignId": "<string>", "telnyxCampaignId": CAMPAIGN, "tcrCampaignId": TCR}, CAMPAIGN, (TCR,)),
        ({"campaignId": None, "tcrCampaignId": TCR}, TCR, ()),
    ],
)
def test_the_campaign_under_every_id_it_has(
    fields: dict[str, Json], campaign: CampaignId, aliases: tuple[CampaignId, ...]
) -> None:
    read = read_assignment(item(**fields))

    assert (read.campaign, read.aliases) == (campaign, aliases)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "ASSIGNED",
        {},
        {"data": []},
        {"phoneNumber": NUMBER},
        {"campaignId": CAMPAIGN},
        item(phoneNumber="12025550123"),
        item(phoneNumber=12025550123),
        item(campaignId="../x"),
        {"errors": [{"code": "10015", "title": "Bad request"}]},
        {"data": {"errors": [{"code": "10015", "title": "Bad request"}]}},
    ],
)
def test_what_names_no_number_or_no_campaign_is_unreadable(document: Json) -> None:
    with pytest.raises(Unreadable):
        read_assignment(document)


def test_a_campaign_of_our_own() -> None:
    document: Json = {
        "campaignId": CAMPAIGN,
        "tcrCampaignId": TCR,
        "campaignStatus": "MNO_PROVISIONED",
        "status": "ACTIVE",
        "webhookURL": "https://example.com/webhook",
        "failureReasons": [{"description": "of long ago"}],
    }
    expected = Campaign(
        TCR, CampaignPhase.APPROVED, NOW, "MNO_PROVISIONED", CAMPAIGN, TCR, "https://example.com/webhook", "of long ago"
    )

    assert read_campaign(document, NOW, asked=TCR, config_id=TCR) == expected
    assert read_campaign({"data": document}, NOW, asked=CAMPAIGN, config_id=TCR) == expected


def campaign_with(**fields: Json) -> Campaign:
    """A reading of an approved campaign with these fields too."""
    document: Json = {"campaignId": CAMPAIGN, "campaignStatus": "MNO_PROVISIONED", **fields}
    return read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN)


def test_a_campaign_tells_its_brand() -> None:
    read = campaign_with(brandId="d2ca9d69-641b-4131-83fa-5d0744f4c8a9", tcrBrandId="BBRAND1")

    assert (read.brand_id, read.tcr_brand_id) == ("d2ca9d69-641b-4131-83fa-5d0744f4c8a9", "BBRAND1")
    odd = campaign_with(brandId=7, tcrBrandId=None)
    assert (odd.brand_id, odd.tcr_brand_id) == ("", "")


@pytest.mark.parametrize(
    ("fields", "pooled"),
    [
        ({"isTMobileNumberPoolingEnabled": True}, True),
        ({"isNumberPoolingEnabled": True}, True),
        ({"isTMobileNumberPoolingEnabled": "True"}, True),
        ({"isTMobileNumberPoolingEnabled": False, "isNumberPoolingEnabled": None}, False),
        ({"numberPool": True}, False),
        ({"isTMobileNumberPoolingEnabled": 1}, False),
        ({"isTMobileNumberPoolingEnabled": ["true"]}, False),
        ({}, False),
    ],
)
def test_a_number_pool_counts_only_once_t_mobile_gave_it(*, fields: dict[str, Json], pooled: bool) -> None:
    """`numberPool` only declares that one is wanted (OAS)."""
    assert campaign_with(**fields).pooled is pooled


@pytest.mark.parametrize(
    ("usecase", "sole"),
    [("SOLE_PROPRIETOR", True), ("sole_proprietor", True), ("MIXED", False), (None, False), (7, False)],
)
def test_a_sole_proprietor_is_known_by_the_use_case(*, usecase: Json, sole: bool) -> None:
    assert campaign_with(usecase=usecase).sole_proprietor is sole


def test_a_suspension_by_t_mobile_alone_is_one() -> None:
    """`campaignStatus` has no word for it, and the reasons beside it are of long ago (FIELD:60791296693)."""
    read = campaign_with(isTMobileSuspended=True, failureReasons="of long ago")

    assert (read.phase, read.failure) == (CampaignPhase.SUSPENDED, "T-Mobile suspended it")
    assert read.status == "MNO_PROVISIONED"


@pytest.mark.parametrize("value", [False, None, "false", 0, 1, [], {}, "suspended"])
def test_no_odd_value_suspends(value: Json) -> None:
    assert campaign_with(isTMobileSuspended=value).phase is CampaignPhase.APPROVED


@pytest.mark.parametrize("status", ["TCR_EXPIRED", "MNO_PENDING", "MNO_REJECTED"])
def test_a_suspension_by_t_mobile_hides_nothing_worse(status: str) -> None:
    assert campaign_with(isTMobileSuspended=True, campaignStatus=status).phase == wire.CAMPAIGN_PHASES[status]


@pytest.mark.parametrize(
    "document", [{"tcrCampaignId": TCR}, {"campaignId": TCR}, {"campaignId": TCR, "tcrCampaignId": TCR}]
)
def test_a_shared_campaign_has_no_telnyx_id(document: Json) -> None:
    assert read_campaign(document, NOW, asked=TCR, config_id=TCR) == Campaign(
        TCR, CampaignPhase.UNKNOWN, NOW, tcr_id=TCR
    )


@pytest.mark.parametrize("status", ["SOMETHING_NEW", "ACTIVE", "", None, 7, ["MNO_PROVISIONED"], "mno_provisioned"])
def test_only_the_known_word_is_approval(status: Json) -> None:
    document: Json = {"campaignId": CAMPAIGN, "campaignStatus": status, "status": "ACTIVE", "isTMobileRegistered": True}

    assert read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN).phase is CampaignPhase.UNKNOWN


def test_ids_are_compared_without_case() -> None:
    shouted = CampaignId(CAMPAIGN.upper())
    read = read_campaign({"campaignId": CAMPAIGN}, NOW, asked=shouted, config_id=shouted)

    assert (read.id, read.telnyx_id) == (shouted, CAMPAIGN)


@pytest.mark.parametrize(
    "document",
    [{}, [], None, {"campaignStatus": "MNO_PROVISIONED"}, {"campaignId": TCR, "campaignStatus": "MNO_PROVISIONED"},
     {"errors": [{"code": "10005"}]}, {"message": "sorry"}],
)  # fmt: skip
def test_another_campaign_or_none_is_unreadable(document: Json) -> None:
    with pytest.raises(Unreadable):
        read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN)


@given(JSON, st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8))
def test_any_answer_is_read_or_unreadable(anything: Json, fields: dict[str, Json]) -> None:
    for document in (anything, {"data": anything}, fields, item(**fields), {"campaignId": CAMPAIGN} | fields):
        with suppress(Unreadable):
            read_assignment(document)
        with suppress(Unreadable):
            read_campaign(document, NOW, asked=CAMPAIGN, config_id=CAMPAIGN)
        assert len(reasons(document)) <= 500


@given(st.text(max_size=30))
def test_nothing_but_the_known_word_is_assigned(word: str) -> None:
    assert (read_assignment(item(assignmentStatus=word)).state is AssignmentState.ASSIGNED) == (word == "ASSIGNED")


def test_the_examples_of_telnyx(shared: Path) -> None:
    def example(name: str) -> Json:
        document: Json = json.loads((shared / "telnyx/examples" / name).read_text())
        return document

    for name in ("http.phone_number_campaigns.item.json", "http.phone_number_campaigns.put.response.json"):
        read = read_assignment(example(name))
        assert (read.number, read.campaign, read.aliases) == ("+18005550199", CAMPAIGN, (TCR,))
        assert read.is_ready
    own = CampaignId("823d6b1a-6ed6-41a3-9c50-c8ff41b682ba")
    campaign = read_campaign(example("http.campaign.item.json"), NOW, asked=own, config_id=own)
    assert (campaign.phase, campaign.telnyx_id, campaign.tcr_id) == (CampaignPhase.IN_REVIEW, own, "CCAMP1")
    partner = CampaignId("CCAMP1")
    campaign = read_campaign(example("http.partner_campaign.item.json"), NOW, asked=partner, config_id=partner)
    assert (campaign.phase, campaign.telnyx_id, campaign.tcr_id) == (CampaignPhase.IN_REVIEW, None, "CCAMP1")


def test_the_observations_of_the_field(shared: Path) -> None:
    def seen(name: str) -> Assignment:
        fields = json.loads((shared / "telnyx/examples/field-observed" / name).read_text())
        return read_assignment(item(**fields))

    partial = seen("phone_number_campaign.partial-carrier-failure.json")
    assert partial.carriers_refusing == ("tmobile", "att")
    assert partial.failure.startswith("Longcode cannot be added/deleted")
    assert not partial.is_ready
    assert seen("phone_number_campaign.pending.json").is_settling
