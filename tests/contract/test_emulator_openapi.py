"""The emulator's answers and events have the shapes that Telnyx publishes: its OpenAPI, its examples."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.api.replies import Reply
from tests.sandbox.stage import (
    CAMPAIGN,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    PATH,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    content,
)

WISH = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}


@pytest.fixture(scope="module")
def openapi(shared: Path) -> Json:
    documents = sorted((shared / "telnyx" / "openapi").glob("telnyx-10dlc-subset-*.json"))
    if not documents:
        pytest.skip("no OpenAPI document in the shared folder")
    document: Json = json.loads(documents[-1].read_text())
    return document


@pytest.fixture(scope="module")
def examples(shared: Path) -> Path:
    return shared / "telnyx" / "examples"


def conforms(openapi: Json, method: str, path: str, reply: Reply) -> None:
    """The reply is one that the document has for this operation; unknown fields are allowed."""
    responses = openapi["paths"][path][method.lower()]["responses"]
    response = responses.get(str(reply.status)) or responses[f"{reply.status // 100}XX"]
    if "$ref" in response:
        response = openapi["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"] | {"components": openapi["components"]}
    Draft202012Validator(schema).validate(content(reply))


def deployed() -> Telnyx:
    """An account with a number that is assigned and one whose assignment failed."""
    telnyx = Telnyx(Behaviour(assignment_seconds=1, carrier_seconds=1))
    telnyx.assign()
    telnyx.emulator.fail_next(OTHER_NUMBER, "assignment", reason="Longcode limit exceeded")
    telnyx.assign(OTHER_NUMBER)
    telnyx.wait(2)
    return telnyx


def test_assignments_are_answered_as_documented(openapi: Json) -> None:
    telnyx = Telnyx()
    collection, item = "/10dlc/phone_number_campaigns", "/10dlc/phone_number_campaigns/{phoneNumber}"

    conforms(openapi, "GET", collection, telnyx.ask("GET", PATH))
    conforms(openapi, "POST", collection, telnyx.assign())
    conforms(openapi, "POST", collection, telnyx.assign())
    conforms(openapi, "POST", collection, telnyx.assign(OTHER_NUMBER, SHARED_CAMPAIGN))
    conforms(openapi, "GET", collection, deployed().ask("GET", PATH))
    for number in (NUMBER, OTHER_NUMBER):
        conforms(openapi, "GET", item, deployed().read(number))
    conforms(openapi, "GET", item, Telnyx().read())
    moved = {**WISH, "campaignId": OTHER_CAMPAIGN}
    conforms(openapi, "PUT", item, deployed().ask("PUT", f"{PATH}/{NUMBER}", moved))
    conforms(openapi, "DELETE", item, deployed().ask("DELETE", f"{PATH}/{NUMBER}"))
    conforms(openapi, "DELETE", item, Telnyx().ask("DELETE", f"{PATH}/{NUMBER}"))


def test_campaigns_and_brands_are_answered_as_documented(openapi: Json) -> None:
    telnyx = deployed()
    campaign, shared = "/10dlc/campaign/{campaignId}", "/10dlc/partner_campaigns/{campaignId}"

    conforms(openapi, "GET", campaign, telnyx.ask("GET", f"/10dlc/campaign/{CAMPAIGN}"))
    conforms(openapi, "GET", campaign, telnyx.ask("GET", "/10dlc/campaign/no-such"))
    conforms(openapi, "GET", shared, telnyx.ask("GET", f"/10dlc/partner_campaigns/{SHARED_CAMPAIGN}"))
    conforms(openapi, "GET", shared, telnyx.ask("GET", "/10dlc/partner_campaigns/no-such"))
    brands = telnyx.ask("GET", "/10dlc/brand")
    conforms(openapi, "GET", "/10dlc/brand", brands)
    for brand in content(brands)["records"]:
        listed = telnyx.ask("GET", "/10dlc/campaign", brandId=brand["brandId"])
        assert content(listed)["totalRecords"] == 1
        conforms(openapi, "GET", "/10dlc/campaign", listed)
    conforms(openapi, "GET", "/10dlc/campaign", telnyx.ask("GET", "/10dlc/campaign"))


def test_refusals_at_the_door_are_answered_as_documented(openapi: Json) -> None:
    path = "/10dlc/phone_number_campaigns"
    limited = Telnyx(Behaviour(rate_per_second=1))
    limited.ask("GET", PATH)

    conforms(openapi, "GET", path, limited.ask("GET", PATH))
    conforms(openapi, "GET", path, Telnyx().ask("GET", PATH, key="wrong"))


def test_every_documented_filter_and_sort_is_understood(openapi: Json) -> None:
    operation = openapi["paths"]["/10dlc/phone_number_campaigns"]["get"]
    filters = openapi["components"]["parameters"]["10dlc_FilterConsolidated"]["schema"]["properties"]
    sorts = next(one for one in operation["parameters"] if one.get("name") == "sort")["schema"]["enum"]
    telnyx = deployed()

    for name in filters:
        assert telnyx.numbers(**{f"filter_{name}": "nothing-has-this-id"}) == []
    for sort in sorts:
        assert len(telnyx.numbers(sort=sort)) == 2


def test_every_documented_campaign_status_can_be_played(openapi: Json) -> None:
    statuses = openapi["components"]["schemas"]["TelnyxCampaign_CSP"]["properties"]["campaignStatus"]["enum"]
    telnyx = Telnyx()

    for status in statuses:
        telnyx.emulator.set_campaign_status(CAMPAIGN, status, telnyx.now)
        conforms(openapi, "GET", "/10dlc/campaign/{campaignId}", telnyx.ask("GET", f"/10dlc/campaign/{CAMPAIGN}"))
        assert telnyx.wait(0) or status == "TCR_PENDING"


def events_told() -> dict[tuple[str, str, str], Json]:
    """Every kind of event that the emulator tells by itself, by its type and by what it says."""
    telnyx = Telnyx()
    telnyx.assign()
    told = telnyx.wait(10)
    telnyx.ask("DELETE", f"{PATH}/{NUMBER}")
    told += telnyx.wait(10)
    for status in (
        "TCR_ACCEPTED",
        "TCR_FAILED",
        "MNO_PENDING",
        "MNO_REJECTED",
        "MNO_PROVISIONED",
        "TCR_SUSPENDED",
    ):
        telnyx.emulator.set_campaign_status(CAMPAIGN, status, telnyx.now, dormant=status == "TCR_SUSPENDED")
        told += telnyx.wait(0)
    return {kind(event): event for event in (json.loads(delivery.body) for delivery in told)}


def kind(event: Json) -> tuple[str, str, str]:
    payload = event["data"]["payload"]
    return event["data"]["event_type"], payload["type"], payload.get("status", payload.get("eventType", ""))


def shape(value: object) -> object:
    """Names and types, values left out; a list is as its first item."""
    match value:
        case dict():
            return {name: shape(part) for name, part in value.items()}
        case list():
            return [shape(part) for part in value[:1]]
        case _:
            return type(value).__name__


@pytest.mark.parametrize(
    "name",
    [
        "campaign.update.MNO_REVIEW.REJECTED",
        "campaign.update.REGISTRATION.failed",
        "campaign.update.TCR_EVENT.CAMPAIGN_ADD",
        "campaign.update.TELNYX_EVENT.DORMANT",
        "campaign.update.TELNYX_REVIEW.ACCEPTED",
        "campaign.update.VERIFIED",
        "phone_number.update.ASSIGNMENT.success",
        "phone_number.update.DELETION.success",
        "phone_number.update.STATUS_UPDATE.ADDED",
    ],
)
def test_events_look_like_telnyxs_own(examples: Path, name: str) -> None:
    example: Json = json.loads((examples / f"webhook.10dlc.{name}.json").read_text())

    assert shape(events_told()[kind(example)]) == shape(example)


def test_observed_answers_look_like_those_in_the_field(examples: Path) -> None:
    observed = examples / "field-observed"
    telnyx = Telnyx(Behaviour(assignment_seconds=1, carrier_seconds=1))
    telnyx.emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", telnyx.now)
    too_early = content(telnyx.assign())
    telnyx.emulator.approve(CAMPAIGN, telnyx.now)
    telnyx.emulator.fail_next(NUMBER, "carrier")
    telnyx.assign()
    telnyx.wait(2)

    assert shape(too_early) == shape(json.loads((observed / "error.400.10036.campaign-not-approved.json").read_text()))
    partial = json.loads((observed / "phone_number_campaign.partial-carrier-failure.json").read_text())
    del partial["attNumberMappingStatus"]  # seen once; we play two groups of carriers
    answered = content(telnyx.read())
    assert shape(partial) == shape({name: answered[name] for name in partial})
