"""Requests are spelled as Telnyx wants them: each address, each query and each body stands in its reference."""

import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeAlias, get_type_hints
from urllib.parse import parse_qsl, urlsplit

import pytest

from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.telnyx import calls
from reconciler.telnyx.calls import Request

NUMBER = PhoneNumber("+12025550123")
CAMPAIGN = CampaignId("4b300178-131c-d902-d54e-72d90ba1620j")
SHARED = CampaignId("C6X6M95")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
BRAND = "4b20017f-8da9-a992-a6c0-683072fb7729"
PATH = calls.ASSIGNMENTS
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Part: TypeAlias = dict[str, Any]
"""A part of the reference."""
EXAMPLES: dict[type, object] = {
    PhoneNumber: NUMBER,
    CampaignId: CAMPAIGN,
    ProfileId: PROFILE,
    int: 1,
    str: PATH,
    datetime: NOON,
}
"""An argument of each type that a request is made of."""
FIRST = "page%5Bnumber%5D=1&page%5Bsize%5D=250&sort"
LISTED = "page%5Bnumber%5D=2&page%5Bsize%5D=250&sort"
TOLERANT = "handle_messaging_profile_error=true"
EVENTS = "10dlc.brand.update%2C10dlc.campaign.update%2C10dlc.phone_number.update"
NOON_IN_UTC = "filter%5Bstarted_at%5D%5Bgte%5D=2026-03-02T12%3A00%3A00Z"


def every_request() -> dict[str, Request]:
    """One example of every request that can be made, by the name of its maker."""
    found = {}
    for name, make in inspect.getmembers(calls, inspect.isfunction):
        hints = get_type_hints(make)
        if make.__module__ == calls.__name__ and hints.pop("return") is Request and not name.startswith("_"):
            found[name] = make(**{argument: EXAMPLES[kind] for argument, kind in hints.items()})
    return found


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (calls.get_number(PATH, NUMBER), "/10dlc/phone_number_campaigns/%2B12025550123"),
        (calls.get_number("/phoneNumberCampaign/", NUMBER), "/10dlc/phoneNumberCampaign/%2B12025550123"),
        (calls.get_campaign(CAMPAIGN), f"/10dlc/campaign/{CAMPAIGN}"),
        (calls.get_partner_campaign(SHARED), "/10dlc/partner_campaigns/C6X6M95"),
        (
            calls.list_numbers(PATH, CAMPAIGN, 1),
            f"/10dlc/{PATH}?filter%5Btelnyx_campaign_id%5D={CAMPAIGN}&page=1&recordsPerPage=500&sort=phoneNumber",
        ),
        (
            calls.list_numbers(PATH, SHARED, 3),
            f"/10dlc/{PATH}?filter%5Btcr_campaign_id%5D=C6X6M95&page=3&recordsPerPage=500&sort=phoneNumber",
        ),
        (
            calls.list_numbers("phoneNumberCampaign", SHARED, 3),
            "/10dlc/phoneNumberCampaign?filter%5Btcr_campaign_id%5D=C6X6M95&page=3&recordsPerPage=500",
        ),
        (calls.list_brands(2), "/10dlc/brand?page=2&recordsPerPage=500&sort=createdAt"),
        (
            calls.list_campaigns(BRAND, 2),
            f"/10dlc/campaign?brandId={BRAND}&page=2&recordsPerPage=100&sort=createdAt",
        ),
        (calls.get_profile(PROFILE), f"/messaging_profiles/{PROFILE}"),
        (
            calls.list_profile_numbers(PROFILE, 2),
            f"/phone_numbers/messaging?filter%5Bmessaging_profile_id%5D={PROFILE}&{LISTED}%5Bphone_number%5D=asc",
        ),
        (
            calls.list_tagged_numbers("a&b=c é", 2),
            f"/phone_numbers?filter%5Btag%5D=a%26b%3Dc+%C3%A9&{TOLERANT}&{LISTED}=phone_number",
        ),
        (
            calls.find_messaging_number(NUMBER),
            f"/phone_numbers/messaging?filter%5Bphone_number%5D=%2B12025550123&{FIRST}%5Bphone_number%5D=asc",
        ),
        (
            calls.find_account_number(NUMBER),
            f"/phone_numbers?filter%5Bphone_number%5D=12025550123&{TOLERANT}&{FIRST}=phone_number",
        ),
        (
            calls.list_deliveries(datetime(2026, 3, 2, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))), 2),
            f"/webhook_deliveries?filter%5Bevent_type%5D={EVENTS}&{NOON_IN_UTC}&page%5Bnumber%5D=2&page%5Bsize%5D=100",
        ),
    ],
)
def test_reads_are_gets(request_: Request, target: str) -> None:
    assert (request_.method, request_.target, request_.body) == ("GET", target, b"")


def test_assigning_posts_the_number_and_the_campaign() -> None:
    request = calls.post_assignment(PATH, NUMBER, CAMPAIGN)

    assert (request.method, request.target) == ("POST", "/10dlc/phone_number_campaigns")
    assert json.loads(request.body) == {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}


@pytest.mark.parametrize(
    ("line_id", "segment"), [("1293384261075731499", "1293384261075731499"), (NUMBER, "%2B12025550123")]
)
def test_attaching_patches_the_profile_alone(line_id: str, segment: str) -> None:
    request = calls.patch_profile(line_id, PROFILE)

    assert (request.method, request.target) == ("PATCH", f"/phone_numbers/{segment}/messaging")
    assert json.loads(request.body) == {"messaging_profile_id": PROFILE}


def test_nothing_else_is_ever_written() -> None:
    writes = {name: request.method for name, request in every_request().items() if request.method != "GET"}

    assert writes == {"post_assignment": "POST", "patch_profile": "PATCH"}


def test_no_two_requests_are_counted_as_one() -> None:
    requests = every_request().values()

    assert len({request.operation for request in requests}) == len(requests)


def test_an_answer_with_secrets_is_private() -> None:
    private = {name for name, request in every_request().items() if request.private}

    assert private == {"get_profile", "list_deliveries"}


def test_every_request_stands_in_the_reference(shared: Path) -> None:
    spec = json.loads((shared / "telnyx/openapi/telnyx-10dlc-subset-12de4dd.json").read_text())
    for name, request in every_request().items():
        url = urlsplit(request.target)
        operation = operation_of(spec, url.path, request.method)
        known = set(names_of(spec, operation))
        assert known >= {query for query, _ in parse_qsl(url.query)}, name
        if request.body:
            schema = resolved(spec, operation["requestBody"]["content"]["application/json"]["schema"])
            assert set(schema["properties"]) >= set(json.loads(request.body)) >= set(schema.get("required", ())), name


def test_pages_are_no_larger_than_the_reference_allows(shared: Path) -> None:
    spec = json.loads((shared / "telnyx/openapi/telnyx-10dlc-subset-12de4dd.json").read_text())
    for path in ("/phone_numbers", "/phone_numbers/messaging", "/webhook_deliveries"):
        parameters = [resolved(spec, one) for one in spec["paths"][path]["get"]["parameters"]]
        [page] = [one["schema"]["properties"] for one in parameters if one["name"] == "page"]
        assert page["size"]["maximum"] == calls.PAGE_SIZE >= calls.DELIVERIES_PER_PAGE
    brands = names_of(spec, spec["paths"]["/10dlc/brand"]["get"])["recordsPerPage"]
    assert f"maximum of {calls.RECORDS_PER_PAGE}" in brands["description"]


def test_the_legacy_list_has_what_we_ask_it_for_and_no_sort(shared: Path) -> None:
    text = (shared / "telnyx/openapi/telnyx-phoneNumberCampaign-legacy-9ccfa52.yml").read_text()
    start = text.index("/phoneNumberCampaign:")
    listing = text[start : text.index("responses:", start)]

    assert "name: recordsPerPage" in listing
    assert "name: page\n" in listing
    assert "FilterByTelnyxCampaignID" in listing
    assert "FilterByTCRCampaignID" in listing
    assert "sort" not in listing


def operation_of(spec: Part, path: str, method: str) -> Part:
    """What the reference says of a request: where several addresses fit, the one with the fewest gaps is meant."""
    parts = path.split("/")
    fitting = [
        template
        for template, operations in spec["paths"].items()
        if method.lower() in operations and fits(template.split("/"), parts)
    ]
    assert fitting, f"{method} {path} is not in the reference"
    found: Part = spec["paths"][min(fitting, key=lambda template: template.count("{"))][method.lower()]
    return found


def fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        want.startswith("{") or want == part for want, part in zip(template, parts, strict=True)
    )


def resolved(spec: Part, node: Part) -> Part:
    """A part of the reference, wherever it stands."""
    while "$ref" in node:
        reference = node["$ref"]
        node = spec
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    return node


def names_of(spec: Part, operation: Part) -> dict[str, Part]:
    """Every query that an operation takes; `filter: {a: {b}}` in the deep form is sent as `filter[a][b]`."""
    parameters = [resolved(spec, one) for one in operation.get("parameters", ())]
    return dict(pair for one in parameters for pair in deep_names(one["name"], one["schema"]))


def deep_names(name: str, schema: Part) -> Iterator[tuple[str, Part]]:
    yield name, schema
    for inner, its in schema.get("properties", {}).items():
        yield from deep_names(f"{name}[{inner}]", its)
