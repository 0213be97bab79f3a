"""The emulator's answers have the shapes that Telnyx publishes in its OpenAPI, as it is and as it was."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.sandbox.api.assignments import LEGACY
from reconciler.sandbox.api.replies import Reply
from reconciler.sandbox.api.routes import ROUTES
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.holdings import BRAND, PROFILE
from tests.sandbox.stage import (
    CAMPAIGN,
    LEGACY_PATH,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    content,
)

WISH = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}
BULK = {"messagingProfileId": (SPARE := "b1a2c3d4-0000-4000-8000-000000000001"), "campaignId": CAMPAIGN}
TOLL_FREE, STRANGER = "+18005550111", "+12025559999"


@pytest.fixture(scope="module")
def openapi(shared: Path) -> Json:
    documents = sorted((shared / "telnyx" / "openapi").glob("telnyx-10dlc-subset-*.json"))
    if not documents:
        pytest.skip("no OpenAPI document in the shared folder")
    document: Json = json.loads(documents[-1].read_text())
    return document


@pytest.fixture(scope="module")
def openapi_of_2024(shared: Path) -> Json:
    documents = sorted((shared / "telnyx" / "openapi").glob("telnyx-phoneNumberCampaign-legacy-*.yml"))
    if not documents:
        pytest.skip("no OpenAPI document of 2024 in the shared folder")
    document: Json = yaml.safe_load(documents[-1].read_text())
    return document


def conforms(openapi: Json, method: str, path: str, reply: Reply) -> None:
    """The reply is one that the document has for this operation; unknown fields are allowed."""
    responses = openapi["paths"][path][method.lower()]["responses"]
    names = (str(reply.status), f"{reply.status // 100}XX", "default")
    response = next(responses[name] for name in names if name in responses)
    if "$ref" in response:
        response = openapi["components"]["responses"][response["$ref"].rpartition("/")[2]]
    if "content" not in response:
        return  # the document says no more than that there is such an answer
    schema = response["content"]["application/json"]["schema"] | {"components": openapi["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(content(reply))


def deployed() -> Telnyx:
    """An account with a number that is assigned, one whose assignment failed, a toll-free one, and events told."""
    telnyx = Telnyx(Behaviour(assignment_seconds=1, carrier_seconds=1))
    telnyx.emulator.add_number(TOLL_FREE, phone_number_type="toll_free", messaging_profile_id=None, tags=("x",))
    telnyx.emulator.add_profile(SPARE)
    telnyx.emulator.add_number("+12025550188", messaging_profile_id=SPARE)
    telnyx.assign()
    telnyx.emulator.fail_next(OTHER_NUMBER, "assignment", reason="Longcode limit exceeded")
    telnyx.assign(OTHER_NUMBER)
    telnyx.emulator.set_campaign_status(CAMPAIGN, "MNO_REJECTED", telnyx.now, reason="No opt-out")
    telnyx.emulator.approve(CAMPAIGN, telnyx.now)
    for place, delivery in enumerate(telnyx.wait(2)):
        telnyx.emulator.delivered(delivery.id, (200, 404, None)[place % 3], telnyx.now)
    return telnyx


COLLECTION = "/10dlc/phone_number_campaigns"
BULK_PATH = "/10dlc/phoneNumberAssignmentByProfile"
POOL = {"toll_free_weight": 0, "long_code_weight": 1, "skip_unhealthy": True}


def tour(telnyx: Telnyx) -> list[tuple[str, str, dict[str, str], object, int]]:
    """Requests to every address and method that the emulator answers, done and refused.

    Each is a method, an address as the document writes it, what stands at its placeholder and in its query, a body,
    and the status that it must get.
    """
    number_id = telnyx.emulator.numbers()[NUMBER].number_id
    task_id = content(telnyx.ask("POST", BULK_PATH, BULK))["taskId"]
    delivery_id = content(telnyx.ask("GET", "/webhook_deliveries"))["data"][0]["id"]
    moved = {**WISH, "campaignId": OTHER_CAMPAIGN}
    item, campaign, partner = (
        f"{COLLECTION}/{{phoneNumber}}",
        "/10dlc/campaign/{campaignId}",
        "/10dlc/partner_campaigns",
    )
    task, line, profile = f"{BULK_PATH}/{{taskId}}", "/phone_numbers/{id}", "/messaging_profiles/{id}"
    return [
        ("GET", COLLECTION, {}, None, 200),
        ("POST", COLLECTION, {}, WISH, 400),
        ("POST", COLLECTION, {}, {**WISH, "campaignId": "no-such"}, 404),
        ("POST", COLLECTION, {}, {**WISH, "phoneNumber": OTHER_NUMBER}, 200),
        ("GET", item, {"phoneNumber": NUMBER}, None, 200),
        ("GET", item, {"phoneNumber": STRANGER}, None, 404),
        ("PUT", item, {"phoneNumber": NUMBER}, moved, 200),
        ("PUT", item, {"phoneNumber": NUMBER}, moved, 400),
        ("DELETE", item, {"phoneNumber": NUMBER}, None, 200),
        ("DELETE", item, {"phoneNumber": STRANGER}, None, 404),
        ("POST", BULK_PATH, {}, BULK, 202),
        ("POST", BULK_PATH, {}, {**BULK, "campaignId": "no-such"}, 404),
        ("GET", task, {"taskId": task_id}, None, 200),
        ("GET", task, {"taskId": "no-such"}, None, 404),
        ("GET", f"{task}/phoneNumbers", {"taskId": task_id}, None, 200),
        ("GET", f"{task}/phoneNumbers", {"taskId": "no-such"}, None, 404),
        ("GET", "/10dlc/campaign", {"brandId": BRAND}, None, 200),
        ("GET", "/10dlc/campaign", {}, None, 422),
        ("GET", campaign, {"campaignId": CAMPAIGN}, None, 200),
        ("GET", campaign, {"campaignId": "no-such"}, None, 404),
        ("GET", f"{campaign}/mnoMetadata", {"campaignId": CAMPAIGN}, None, 200),
        ("GET", f"{campaign}/mnoMetadata", {"campaignId": "no-such"}, None, 404),
        ("GET", f"{campaign}/operationStatus", {"campaignId": CAMPAIGN}, None, 200),
        ("GET", f"{campaign}/operationStatus", {"campaignId": "no-such"}, None, 404),
        ("GET", partner, {}, None, 200),
        ("GET", partner, {"page": "0"}, None, 422),
        ("GET", f"{partner}/{{campaignId}}", {"campaignId": SHARED_CAMPAIGN}, None, 200),
        ("GET", f"{partner}/{{campaignId}}", {"campaignId": "no-such"}, None, 404),
        ("GET", "/10dlc/brand", {}, None, 200),
        ("GET", "/phone_numbers", {}, None, 200),
        ("GET", "/phone_numbers", {"page[size]": "251"}, None, 422),
        ("GET", line, {"id": number_id}, None, 200),
        ("GET", line, {"id": TOLL_FREE}, None, 200),
        ("GET", line, {"id": "7"}, None, 404),
        ("PATCH", line, {"id": number_id}, {"tags": ["gold"]}, 200),
        ("PATCH", line, {"id": number_id}, {"tags": 7}, 400),
        ("GET", "/phone_numbers/messaging", {}, None, 200),
        ("GET", "/phone_numbers/messaging", {"page[number]": "0"}, None, 422),
        ("GET", f"{line}/messaging", {"id": number_id}, None, 200),
        ("GET", f"{line}/messaging", {"id": TOLL_FREE}, None, 200),
        ("GET", f"{line}/messaging", {"id": "7"}, None, 404),
        ("PATCH", f"{line}/messaging", {"id": NUMBER}, {"messaging_profile_id": ""}, 200),
        ("PATCH", f"{line}/messaging", {"id": NUMBER}, {"messaging_profile_id": PROFILE}, 200),
        ("PATCH", f"{line}/messaging", {"id": NUMBER}, {"messaging_profile_id": "no-such"}, 400),
        ("GET", "/messaging_profiles", {}, None, 200),
        ("GET", profile, {"id": PROFILE}, None, 200),
        ("GET", profile, {"id": "no-such"}, None, 404),
        ("PATCH", profile, {"id": PROFILE}, {"number_pool_settings": POOL}, 200),
        ("PATCH", profile, {"id": PROFILE}, {"number_pool_settings": None}, 200),
        ("PATCH", profile, {"id": PROFILE}, {"number_pool_settings": {}}, 400),
        ("GET", f"{profile}/phone_numbers", {"id": PROFILE}, None, 200),
        ("GET", f"{profile}/phone_numbers", {"id": "no-such"}, None, 404),
        ("GET", "/webhook_deliveries", {}, None, 200),
        ("GET", "/webhook_deliveries", {"filter[started_at][gte]": "yesterday"}, None, 422),
        ("GET", "/webhook_deliveries/{id}", {"id": delivery_id}, None, 200),
        ("GET", "/webhook_deliveries/{id}", {"id": "no-such"}, None, 404),
    ]


def test_every_answer_is_one_of_the_document(openapi: Json) -> None:
    telnyx = deployed()
    stops = tour(telnyx)

    for method, path, names, body, status in stops:
        query = {name: text for name, text in names.items() if f"{{{name}}}" not in path}
        reply = telnyx.ask(method, f"/v2{path.format(**names)}", body, **query)
        assert reply.status == status, (method, path, names, reply.content)
        conforms(openapi, method, path, reply)

    answered = {(path, method) for path, handlers in ROUTES.items() for method in handlers}
    legacy = {(path, method) for path, method in answered if path.startswith(LEGACY)}
    assert answered - legacy == {(path, method) for method, path, *_ in stops}
    assert len(legacy) == 5


def test_the_legacy_path_answers_as_it_was_documented(openapi_of_2024: Json) -> None:
    telnyx = deployed()
    collection, item = "/phoneNumberCampaign", "/phoneNumberCampaign/{phoneNumber}"
    moved = {**WISH, "campaignId": OTHER_CAMPAIGN}

    for method, path, address, body, status in (
        ("GET", collection, LEGACY_PATH, None, 200),
        ("POST", collection, LEGACY_PATH, WISH, 400),
        ("POST", collection, LEGACY_PATH, {**WISH, "phoneNumber": OTHER_NUMBER}, 200),
        ("GET", item, f"{LEGACY_PATH}/{NUMBER}", None, 200),
        ("GET", item, f"{LEGACY_PATH}/{STRANGER}", None, 404),
        ("PUT", item, f"{LEGACY_PATH}/{NUMBER}", moved, 200),
        ("DELETE", item, f"{LEGACY_PATH}/{NUMBER}", None, 200),
    ):
        reply = telnyx.ask(method, address, body)
        assert reply.status == status
        conforms(openapi_of_2024, method, path, reply)
    parameters = openapi_of_2024["paths"][collection]["get"]["parameters"]
    assert "sort" not in {parameter.get("name") for parameter in parameters}


@pytest.mark.parametrize(
    "path",
    [
        "/10dlc/phone_number_campaigns",
        "/10dlc/brand",
        "/phone_numbers",
        "/phone_numbers/messaging",
        "/webhook_deliveries",
    ],
)
def test_refusals_at_the_door_are_those_of_the_document(openapi: Json, path: str) -> None:
    limited = Telnyx(Behaviour(rate_per_second=1))
    limited.ask("GET", path)

    conforms(openapi, "GET", path, Telnyx().ask("GET", path, key="wrong"))
    if "4XX" in openapi["paths"][path]["get"]["responses"]:
        conforms(openapi, "GET", path, limited.ask("GET", path))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/10dlc/phone_number_campaigns", {}),
        ("/10dlc/campaign", {"brandId": BRAND}),
        ("/10dlc/partner_campaigns", {}),
        ("/10dlc/brand", {}),
        ("/phone_numbers", {}),
    ],
)
def test_every_documented_sort_is_understood(openapi: Json, path: str, query: dict[str, str]) -> None:
    parameters = openapi["paths"][path]["get"]["parameters"]
    sorts = next(one for one in parameters if one.get("name") == "sort")["schema"]["enum"]

    for sort in sorts:
        assert deployed().ask("GET", path, sort=sort, **query).status == 200
    assert deployed().ask("GET", path, sort="age", **query).status == 422


def test_every_documented_filter_of_assignments_is_understood(openapi: Json) -> None:
    filters = openapi["components"]["parameters"]["10dlc_FilterConsolidated"]["schema"]["properties"]

    for name in filters:
        assert deployed().numbers(**{f"filter_{name}": "nothing-has-this-id"}) == []


def test_every_documented_filter_of_messaging_settings_is_understood(openapi: Json) -> None:
    parameters = openapi["paths"]["/phone_numbers/messaging"]["get"]["parameters"]
    names = [one["name"] for one in parameters if one.get("name", "").startswith("filter[")]

    assert len(names) == 4
    for name in names:
        listed = content(deployed().ask("GET", "/phone_numbers/messaging", **{name: "nothing-has-this"}))
        assert listed["data"] == []


def test_every_documented_campaign_status_can_be_played(openapi: Json) -> None:
    statuses = openapi["components"]["schemas"]["TelnyxCampaign_CSP"]["properties"]["campaignStatus"]["enum"]
    telnyx = Telnyx()

    for status in statuses:
        telnyx.emulator.set_campaign_status(CAMPAIGN, status, telnyx.now)
        conforms(openapi, "GET", "/10dlc/campaign/{campaignId}", telnyx.ask("GET", f"/10dlc/campaign/{CAMPAIGN}"))
        assert telnyx.wait(0) or status == "TCR_PENDING"


@pytest.mark.parametrize("kind", ["status", "phone_number_type"])
def test_every_documented_status_and_type_of_a_number_can_be_played(openapi: Json, kind: str) -> None:
    schema = openapi["components"]["schemas"]["PhoneNumberDetailed"]["properties"]
    telnyx = Telnyx()

    for word in schema[kind]["enum"]:
        telnyx.emulator.add_number(NUMBER, **{kind: word})
        conforms(openapi, "GET", "/phone_numbers/{id}", telnyx.ask("GET", f"/phone_numbers/{NUMBER}"))
        settings = telnyx.ask("GET", f"/phone_numbers/{NUMBER}/messaging")
        conforms(openapi, "GET", "/phone_numbers/{id}/messaging", settings)
