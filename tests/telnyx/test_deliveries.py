"""Deliveries become the events that webhooks would have brought, whatever the filters do."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.events import Delivery, Event
from reconciler.telnyx import wire
from reconciler.telnyx.deliveries import MAX_DELIVERY_PAGES, read_delivery
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.events import identify, parse_event
from tests.telnyx.scripted import NOW, Line, client_of, reply, reset, scripted
from tests.telnyx.test_documents import JSON

SINCE = NOW - timedelta(hours=1)
NAMES = [value for value in vars(wire).values() if isinstance(value, str) and value.isidentifier()]


def webhook(**fields: Json) -> dict[str, Json]:
    """An event as the record of its delivery keeps it."""
    whole: dict[str, Json] = {
        "record_type": "event",
        "id": "e-1",
        "event_type": "10dlc.campaign.update",
        "occurred_at": "2026-03-02T11:30:00.000000Z",
        "payload": {"campaignId": "C6X6M95", "type": "VERIFIED", "isTMobileRegistered": True, "share": 0.5, "of": "é"},
    }
    return whole | fields


def record(delivery_id: Json = "d-1", at: Json = "2026-03-02T11:30:00.123Z", **fields: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"id": delivery_id, "status": "failed", "started_at": at, "webhook": webhook()}
    return whole | fields


def page(*rows: Json, total: Json) -> Line:
    return reply({"data": list(rows), "meta": {"page_number": 1, "total_results": total}})


async def deliveries(*answers: Line) -> tuple[tuple[Delivery, ...] | Fault, int, list[str]]:
    """What was told, how many records were unusable, and what was asked."""
    async with scripted(*answers) as script, client_of(script) as client:
        told = await client.deliveries(SINCE)
        assert not script.lines, "the script was not played to its end"
        return told, client.unusable_deliveries, script.asked


async def ids_of(*rows: Json) -> tuple[list[str], int]:
    told, unusable, _ = await deliveries(page(*rows, total=len(rows)))
    assert not isinstance(told, Fault)
    return [one.id for one in told], unusable


@pytest.mark.anyio
async def test_a_delivery_is_known_by_what_the_webhook_itself_is_known_by() -> None:
    event = webhook()
    as_sent = json.dumps({"data": event, "meta": {"attempt": 2, "delivered_to": "https://x.example/h"}}, indent=1)
    as_sent_otherwise = json.dumps({"data": dict(reversed(event.items()))}, ensure_ascii=False)

    told, _, _ = await deliveries(page(record(), total=1))

    assert not isinstance(told, Fault)
    assert identify(told[0].body) == identify(as_sent.encode()) == identify(as_sent_otherwise.encode())
    assert identify(told[0].body) == (told[0].event_id, told[0].digest, "")
    assert told[0].event_id == "e-1"
    assert parse_event(told[0].body) == parse_event(as_sent.encode())
    assert isinstance(parse_event(told[0].body), Event)


@pytest.mark.parametrize(
    ("fields", "delivered"),
    [
        ({"status": "delivered"}, True),
        ({"status": "failed"}, False),
        ({"status": "success"}, False),
        ({"status": None}, False),
        ({"status": None, "attempts": [{"status": "failed"}, {"status": "delivered"}]}, True),
        ({"status": "failed", "attempts": [{"status": "failed", "errors": [75299]}]}, False),
        ({"status": None, "attempts": ["delivered", None, {}]}, False),
        ({"status": None, "attempts": "delivered"}, False),
    ],
)
def test_it_was_delivered_if_it_or_some_attempt_says_so(fields: dict[str, Json], delivered: bool) -> None:
    read = read_delivery(record(**fields))

    assert read is not None
    assert read[1].delivered is delivered


@pytest.mark.anyio
async def test_the_oldest_comes_first() -> None:
    rows = (
        record("d-1", "2026-03-02T11:50:00Z"),
        record("d-2", "2026-03-02T11:10:00"),
        record("d-3", "2026-03-02T13:30:00+02:00"),
        record("d-4", None, webhook=webhook(occurred_at="2026-03-02T11:20:00Z")),
    )

    assert await ids_of(*rows) == (["d-2", "d-4", "d-3", "d-1"], 0)


@pytest.mark.anyio
async def test_filters_that_are_ignored_are_made_good_for() -> None:
    rows = (
        record("d-1", "2026-03-02T10:59:59.999Z"),
        record("d-2", "2026-03-02T11:00:00Z"),
        record("d-3", webhook=webhook(event_type="message.received")),
        record("d-4", webhook=webhook(event_type="campaign.status_update")),
        record("d-5", webhook=webhook(event_type="10dlc.phone_number.update")),
        record("d-6", webhook=webhook(event_type="10dlc.brand.update")),
    )

    assert await ids_of(*rows) == (["d-2", "d-5", "d-6"], 0)


@pytest.mark.anyio
async def test_what_is_no_event_is_skipped_and_counted() -> None:
    unusable: tuple[Json, ...] = (
        None,
        [],
        {},
        {"webhook": "text"},
        record(webhook=webhook(id=7)),
        record(webhook=webhook(payload=None)),
        record(webhook=webhook(payload={str(key): key for key in range(1_001)})),
        record(None),
        record("d-1", "yesterday", webhook=webhook(occurred_at=None)),
        record("d-1", None, webhook=webhook(occurred_at=None)),
    )

    assert await ids_of(*unusable, record("d-9")) == (["d-9"], len(unusable))


@pytest.mark.anyio
async def test_pages_are_read_until_all_are_there_each_delivery_once() -> None:
    told, _, asked = await deliveries(
        page(record("d-1"), record("d-2"), total=3), page(record("d-2"), record("d-3"), total=4)
    )

    assert not isinstance(told, Fault)
    assert [one.id for one in told] == ["d-1", "d-2", "d-3"]
    assert ["page%5Bnumber%5D=1" in asked[0], "page%5Bnumber%5D=2" in asked[1]] == [True, True]


@pytest.mark.anyio
async def test_pages_have_an_end() -> None:
    answers = [page(record(f"d-{index:02}"), total=None) for index in range(MAX_DELIVERY_PAGES)]
    told, _, _ = await deliveries(*answers)
    assert not isinstance(told, Fault)
    assert len(told) == MAX_DELIVERY_PAGES

    told, _, _ = await deliveries(page(record(), total=9), page(total=9))
    assert not isinstance(told, Fault)
    assert len(told) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("answers", [[reset], [page(record(), total=9), reset]])
async def test_a_page_that_fails_is_a_fault_so_that_the_same_is_asked_again(answers: list[Line]) -> None:
    told, _, _ = await deliveries(*answers)

    assert isinstance(told, Fault)
    assert told.kind is FaultKind.LOST


@pytest.mark.anyio
async def test_what_addresses_answered_shows_in_no_fault() -> None:
    secret = "https://hooks.example.com/T0KEN"

    for answer in (reply(f'{{"data": ["{secret}"'.encode()), reply(secret.encode(), 502)):
        told, _, _ = await deliveries(answer)
        assert isinstance(told, Fault)
        assert "T0KEN" not in repr(told)


@given(JSON, st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), JSON)
def test_any_record_is_a_delivery_or_unreadable(anything: Json, fields: dict[str, Json], field: Json) -> None:
    for document in (
        anything,
        fields,
        record(field, field),
        record() | fields,
        record(webhook=fields),
        record(webhook=webhook(**fields)),
        record(webhook=webhook(payload=field, id=field)),
    ):
        with suppress(Unreadable):
            read_delivery(document)


@given(st.datetimes(timezones=st.just(UTC)) | st.text(max_size=30))
def test_any_time_can_be_compared(time: datetime | str) -> None:
    with suppress(Unreadable):
        read = read_delivery(record("d-1", time if isinstance(time, str) else time.isoformat()))
        assert read is not None
        assert (read[0] >= SINCE) in (True, False)


def test_the_example_of_telnyx_is_of_another_product(shared: Path) -> None:
    example = json.loads((shared / "telnyx/examples/http.webhook_delivery.item.json").read_text())

    assert read_delivery(example) is None
    read = read_delivery(example | {"webhook": example["webhook"] | {"event_type": "10dlc.brand.update"}})
    assert read is not None
    assert (read[0].year, read[1].id, read[1].delivered) == (2020, "f5586561-8ff0-4291-a0ac-84fe544797bd", True)
