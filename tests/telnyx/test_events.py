"""Events are read for where to look, and known again by id and digest, whatever the body is."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.events import Event, Unusable
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.telnyx.documents import Json
from reconciler.telnyx.events import identify, parse_event
from tests.telnyx.test_documents import JSON

CAMPAIGN = CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07")
NUMBER = PhoneNumber("+12025550123")
ENVELOPED: dict[str, Json] = {
    "data": {
        "event_type": "10dlc.phone_number.update",
        "id": "e-1",
        "occurred_at": "2026-03-02T12:00:00Z",
        "payload": {
            "campaignId": CAMPAIGN,
            "tcrCampaignId": "C6X6M95",
            "phoneNumber": NUMBER,
            "status": "ADDED",
            "type": "STATUS_UPDATE",
        },
        "record_type": "event",
    },
    "meta": {"attempt": 1, "delivered_to": "https://example.com/hook"},
}
UNTYPED = Event("10dlc.campaign.update", known=False)


def raw(document: Json) -> bytes:
    return json.dumps(document).encode()


def with_payload(**fields: Json) -> bytes:
    return raw({"data": {"id": "e-1", "event_type": "10dlc.campaign.update", "payload": fields}})


def with_id(event_id: Json) -> bytes:
    return raw({"data": {"id": event_id, "payload": {}}})


def test_an_event_names_its_subjects() -> None:
    assert parse_event(raw(ENVELOPED)) == Event(
        "10dlc.phone_number.update",
        "STATUS_UPDATE",
        (CAMPAIGN, CampaignId("C6X6M95")),
        NUMBER,
        occurred_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    )


def test_a_flat_event_is_read_and_marked() -> None:
    flat = raw({"campaignId": CAMPAIGN, "type": "TELNYX_EVENT", "status": "DORMANT", "description": "…"})

    assert parse_event(flat) == Event("", "TELNYX_EVENT", (CAMPAIGN,), None, flat=True, dormant=True)


@pytest.mark.parametrize("text", ["../../v2/phone_numbers", "a?b=c#d", "a\r\nb", "", " ", "C" * 65, "%2e"])
def test_a_campaign_id_of_another_form_is_no_subject(text: str) -> None:
    assert parse_event(with_payload(campaignId=text)) == UNTYPED


@pytest.mark.parametrize("text", ["not-a-phone", "+1 202 555 0123", "2025550123", "+1202555012\uff13", "", "+0"])
def test_a_number_of_another_form_is_no_subject(text: str) -> None:
    assert parse_event(with_payload(phoneNumber=text)) == UNTYPED


@pytest.mark.parametrize("value", [None, 0, True, [], {}, ["C6X6M95"], {"id": "C6X6M95"}])
def test_fields_of_another_kind_say_nothing(value: Json) -> None:
    read = parse_event(with_payload(campaignId=value, phoneNumber=value, type=value, tcrCampaignId="C6X6M95"))

    assert read == replace(UNTYPED, campaigns=(CampaignId("C6X6M95"),))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"text"', b"{", b'{"data": null}', b'{"data": []}', b'{"data": {}}', b'{"data": {"payload": 1}}'],
)
def test_what_is_no_event_is_unusable(body: bytes) -> None:
    assert isinstance(parse_event(body), Unusable)


def test_words_are_short_and_plain() -> None:
    read = parse_event(with_payload(type="\x1b[31m" + "X" * 200))

    assert isinstance(read, Event)
    assert read.type.startswith("\\u001b[31mXXX")
    assert len(read.type) == 64


def test_the_examples_of_telnyx_are_events(shared: Path) -> None:
    examples = sorted((shared / "telnyx" / "examples").glob("webhook.*.json"))
    read = {example.name: parse_event(example.read_bytes()) for example in examples}

    assert read
    for name, event in read.items():
        assert isinstance(event, Event), name
        assert event.flat == (".flat." in name), name
        assert bool(event.campaigns) == (".brand." not in name), name
        assert (event.phone_number is not None) == ("phone_number" in name), name
        assert event.type in name or "openapi" in name, name
        assert identify((shared / "telnyx" / "examples" / name).read_bytes())[2] == "", name


@given(st.binary(max_size=200) | JSON.map(raw))
def test_any_body_is_an_event_or_unusable_and_has_an_identity(body: bytes) -> None:
    read = parse_event(body)
    event_id, digest, flaw = identify(body)

    assert isinstance(read, Event | Unusable)
    assert len(digest) == 32
    assert not (event_id and flaw)


@given(JSON, JSON, JSON)
def test_any_fields_are_read(data: Json, payload: Json, field: Json) -> None:
    documents: tuple[Json, ...] = (
        {"data": data},
        {"data": {"payload": payload, "event_type": field, "id": field}},
        {"data": {"payload": {"campaignId": field, "phoneNumber": field, "type": field}}},
        {"campaignId": field, "type": field, "meta": field},
    )
    for document in documents:
        assert isinstance(parse_event(raw(document)), Event | Unusable)
        identify(raw(document))


def test_the_identity_is_the_id_and_a_digest_of_the_data() -> None:
    event_id, digest, flaw = identify(raw(ENVELOPED))

    assert (event_id, flaw) == ("e-1", "")
    data = json.dumps(ENVELOPED["data"], sort_keys=True, separators=(",", ":")).encode()
    assert digest == hashlib.sha256(data).digest()


def test_every_delivery_of_an_event_has_the_same_identity() -> None:
    later = ENVELOPED | {"meta": {"attempt": 3, "delivered_to": "https://example.com/other"}}

    assert identify(raw(later)) == identify(raw(ENVELOPED))
    assert identify(raw({"data": ENVELOPED["data"]})) == identify(raw(ENVELOPED))


def test_flat_bodies_leave_meta_out_too() -> None:
    flat: dict[str, Json] = {"campaignId": CAMPAIGN, "type": "TELNYX_EVENT"}

    assert identify(raw(flat | {"meta": {"attempt": 2}})) == identify(raw(flat))
    assert identify(raw(flat | {"status": "DORMANT"})) != identify(raw(flat))


@given(JSON, JSON, st.randoms(use_true_random=False), st.sampled_from([None, 1, "\t"]))
def test_the_digest_ignores_spacing_key_order_and_meta(
    data: Json, meta: Json, random: Random, indent: int | str | None
) -> None:
    one = {"data": {"id": "e-1", "content": data}, "meta": meta}
    other = json.dumps(shuffled({"data": {"content": data, "id": "e-1"}}, random), indent=indent).encode()

    assert identify(other) == identify(raw(one))


@given(JSON, JSON)
def test_the_digest_tells_contents_apart(one: Json, other: Json) -> None:
    same = identify(raw({"data": {"content": one}})) == identify(raw({"data": {"content": other}}))

    assert same == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@pytest.mark.parametrize("event_id", ["x", "example-event-id", "x" * 255, "<script>", "é"])
def test_an_id_need_not_be_a_uuid(event_id: str) -> None:
    assert identify(with_id(event_id))[::2] == (event_id, "")


@pytest.mark.parametrize("event_id", ["", "x" * 256, 0, 17, [], {}, None, False])
def test_an_id_that_is_none_is_a_flaw(event_id: Json) -> None:
    found, _, flaw = identify(with_id(event_id))

    assert (found, flaw) == ("", "the event id is not text of 1 to 255 characters")


def test_a_missing_id_is_no_flaw() -> None:
    assert identify(raw({"data": {"payload": {}}}))[::2] == ("", "")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"data": 1}', b"[" * 100_000, b'{"a":1,"a":1}'])
def test_what_cannot_be_read_is_known_by_its_bytes(body: bytes) -> None:
    event_id, digest, flaw = identify(body)

    assert event_id == ""
    assert digest == hashlib.sha256(body).digest()
    assert flaw


def shuffled(value: Json, random: Random) -> Json:
    match value:
        case dict():
            names = list(value)
            random.shuffle(names)
            return {name: shuffled(value[name], random) for name in names}
        case list():
            return [shuffled(item, random) for item in value]
        case _:
            return value
