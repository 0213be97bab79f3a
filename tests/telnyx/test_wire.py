"""Requests are spelled as Telnyx wants them, and every word of its reference has a meaning here."""

import json
from pathlib import Path

import pytest

from reconciler.model.fleet import AssignmentState, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.telnyx import wire

NUMBER = PhoneNumber("+12025550123")
CAMPAIGN = CampaignId("4b300178-131c-d902-d54e-72d90ba1620j")
SHARED = CampaignId("C6X6M95")
PATH = "phone_number_campaigns"


def test_assigning_posts_the_number_and_the_campaign() -> None:
    request = wire.post_assignment(PATH, NUMBER, CAMPAIGN)

    assert (request.method, request.target) == ("POST", "/10dlc/phone_number_campaigns")
    assert json.loads(request.body) == {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (wire.get_number(PATH, NUMBER), "/10dlc/phone_number_campaigns/%2B12025550123"),
        (wire.get_number("/phoneNumberCampaign/", NUMBER), "/10dlc/phoneNumberCampaign/%2B12025550123"),
        (wire.get_campaign(CAMPAIGN), f"/10dlc/campaign/{CAMPAIGN}"),
        (wire.get_partner_campaign(SHARED), "/10dlc/partner_campaigns/C6X6M95"),
        (
            wire.list_numbers(PATH, CAMPAIGN, 1),
            f"/10dlc/{PATH}?filter%5Btelnyx_campaign_id%5D={CAMPAIGN}&page=1&recordsPerPage=500&sort=phoneNumber",
        ),
        (
            wire.list_numbers(PATH, SHARED, 3),
            f"/10dlc/{PATH}?filter%5Btcr_campaign_id%5D=C6X6M95&page=3&recordsPerPage=500&sort=phoneNumber",
        ),
    ],
)
def test_reads_are_gets(request_: wire.Request, target: str) -> None:
    assert (request_.method, request_.target, request_.body) == ("GET", target, b"")


def test_every_word_of_the_reference_is_known(shared: Path) -> None:
    spec = json.loads((shared / "telnyx/openapi/telnyx-10dlc-subset-12de4dd.json").read_text())
    schemas = spec["components"]["schemas"]

    assert set(schemas["PhoneNumberCampaign"]["properties"]["assignmentStatus"]["enum"]) == set(wire.ASSIGNMENT_STATES)
    assert set(schemas["TelnyxCampaign_CSP"]["properties"]["campaignStatus"]["enum"]) == set(wire.CAMPAIGN_PHASES)


def test_every_address_and_query_is_in_the_reference(shared: Path) -> None:
    spec = json.loads((shared / "telnyx/openapi/telnyx-10dlc-subset-12de4dd.json").read_text())
    paths = spec["paths"]

    assert set(paths[f"/10dlc/{PATH}"]) >= {"get", "post"}
    for path in (
        f"/10dlc/{PATH}/{{phoneNumber}}",
        "/10dlc/campaign/{campaignId}",
        "/10dlc/partner_campaigns/{campaignId}",
    ):
        assert "get" in paths[path], path
    body = spec["components"]["schemas"]["PhoneNumberCampaignCreate"]
    assert set(body["required"]) == set(json.loads(wire.post_assignment(PATH, NUMBER, CAMPAIGN).body))


def test_one_word_means_approved_and_one_means_assigned() -> None:
    assert [word for word, phase in wire.CAMPAIGN_PHASES.items() if phase is CampaignPhase.APPROVED] == [
        "MNO_PROVISIONED"
    ]
    assert [word for word, state in wire.ASSIGNMENT_STATES.items() if state is AssignmentState.ASSIGNED] == ["ASSIGNED"]
