"""The API about numbers, operations and events: what may be asked, and what is refused before anything is done."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from reconciler.model.errors import StoreBusy
from reconciler.web.api import BODY_BYTES, MOST
from tests.web.desk import EVENT, NUMBER, Desk, administering
from tests.web.edge import Reply

pytestmark = pytest.mark.anyio

JSON = "Content-Type: application/json"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with administering() as running:
        yield running


async def post(desk: Desk, path: str, body: object, *headers: str) -> Reply:
    """POST a value as JSON."""
    return await desk.ask(path, JSON, *headers, method="POST", body=json.dumps(body).encode())


def code(reply: Reply) -> tuple[int, str]:
    """How a request was refused."""
    return reply.status, json.loads(reply.body)["error"]["code"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v1/numbers", ("numbers", None, None, 100, "")),
        (
            "/api/v1/numbers?phase=Blocked&pool=acme&limit=1000&after=%2B12025550123",
            ("numbers", "Blocked", "acme", 1000, NUMBER),
        ),
        ("/api/v1/operations", ("operations", 100)),
        ("/api/v1/operations?limit=7", ("operations", 7)),
        ("/api/v1/events", ("events", None, None, None, 100, None)),
        (
            "/api/v1/events?state=quarantined&type=10dlc.campaign.update&source=delivery&limit=5&before=9",
            ("events", "quarantined", "10dlc.campaign.update", "delivery", 5, 9),
        ),
        (f"/api/v1/events/{EVENT}", ("event", EVENT)),
    ],
)
async def test_what_may_be_read(desk: Desk, path: str, asked: tuple[object, ...]) -> None:
    reply = await desk.ask(path)

    assert (reply.status, json.loads(reply.body)) == (200, {"did": asked[0]})
    assert desk.done == [asked]


@pytest.mark.parametrize(
    "path",
    [
        "numbers?phase=Nonsense",
        f"numbers?limit={MOST + 1}",
        "numbers?limit=0",
        "numbers?limit=-1",
        "numbers?limit=%D9%A3",
        "numbers?limit=1&limit=2",
        "numbers?unknown=1",
        "operations?limit=1e3",
        "events?state=lost",
        "events?source=mail",
        "events?before=x",
        "events/0",
        "events/x",
        "events/99999999999999999999",
    ],
)
async def test_a_question_that_cannot_be_answered(desk: Desk, path: str) -> None:
    assert code(await desk.ask(f"/api/v1/{path}")) == (400, "bad_request")
    assert desk.done == []


async def test_an_event_that_is_not_there(desk: Desk) -> None:
    assert code(await desk.ask("/api/v1/events/8")) == (404, "unknown_event")
    assert code(await post(desk, "/api/v1/events/8/inspected", {})) == (404, "unknown_event")


async def test_what_a_person_does(desk: Desk) -> None:
    until = "2026-12-05T17:00:00+00:00"
    for path, body in (
        ("queue/pause", {"reason": "a migration", "until": until, "by": "cli"}),
        ("queue/pause", {}),
        ("queue/resume", {}),
        ("queue/retry", {"numbers": [NUMBER], "by": "cli"}),
        ("queue/retry", {"all": True}),
        (f"events/{EVENT}/inspected", {}),
    ):
        assert (await post(desk, f"/api/v1/{path}", body)).status == 200, path
    assert (await desk.ask("/api/v1/queue/resume", method="POST")).status == 200  # as curl sends it

    assert desk.done == [
        ("pause", "a migration", datetime(2026, 12, 5, 17, tzinfo=UTC), "cli"),
        ("pause", "", None, "api"),
        ("resume",),
        ("retry", (NUMBER,), "cli"),
        ("retry", None, "api"),
        ("inspect", EVENT),
        ("resume",),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pause", {"reason": 7}),
        ("pause", {"reason": "x" * 501}),
        ("pause", {"reason": "\x1b[31m"}),
        ("pause", {"until": "tomorrow"}),
        ("pause", {"until": "2026-12-05T17:00:00"}),
        ("pause", {"until": 7}),
        ("pause", {"until": "2026-03-02T11:59:59Z"}),
        ("pause", {"unknown": 1}),
        ("pause", []),
        ("resume", {"reason": ""}),
        ("retry", {}),
        ("retry", {"numbers": []}),
        ("retry", {"numbers": "+12025550123"}),
        ("retry", {"numbers": ["12025550123"]}),
        ("retry", {"numbers": [None]}),
        ("retry", {"numbers": [NUMBER], "all": True}),
        ("retry", {"all": 1}),
        ("retry", {"numbers": [NUMBER] * (MOST + 1)}),
    ],
)
async def test_a_request_that_makes_no_sense_does_nothing(desk: Desk, path: str, body: object) -> None:
    assert code(await post(desk, f"/api/v1/queue/{path}", body)) == (400, "bad_request")
    assert desk.done == []


@pytest.mark.parametrize("body", [b"{", b"[" * 10_000, b"\xff", b'{"a": NaN'])
async def test_a_body_that_is_no_json(desk: Desk, body: bytes) -> None:
    assert code(await desk.ask("/api/v1/queue/pause", JSON, method="POST", body=body)) == (400, "bad_request")


async def test_a_body_is_bounded_and_of_one_kind(desk: Desk) -> None:
    """What a page of another site can send without asking is a form or plain text."""
    long = b" " * (BODY_BYTES + 1)

    assert code(await desk.ask("/api/v1/queue/pause", JSON, method="POST", body=long)) == (413, "too_large")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
        reply = await desk.ask("/api/v1/queue/pause", f"Content-Type: {kind}", method="POST", body=b"{}")
        assert code(reply) == (415, "not_json")
    assert (
        await desk.ask(
            "/api/v1/queue/pause", "Content-Type: Application/JSON; charset=utf-8", method="POST", body=b"{}"
        )
    ).status == 200


@pytest.mark.parametrize("path", ["queue/pause", "queue/resume", "queue/retry", f"events/{EVENT}/inspected"])
async def test_what_writes_is_for_post_from_here_and_about_this_store(desk: Desk, path: str) -> None:
    body = {"all": True} if path == "queue/retry" else {}

    assert code(await desk.ask(f"/api/v1/{path}")) == (405, "wrong_method")
    assert (await post(desk, f"/api/v1/{path}", body, "Sec-Fetch-Site: cross-site")).status == 403
    assert (await post(desk, f"/api/v1/{path}", body, "Origin: http://evil.example")).status == 403
    assert code(await post(desk, f"/api/v1/{path}", body, "Tendlc-Store: 8")) == (409, "other_store")
    assert desk.done == []
    assert (await post(desk, f"/api/v1/{path}", body, "Tendlc-Store: 7")).status == 200


async def test_trouble_of_the_store_is_told(desk: Desk) -> None:
    desk.trouble = StoreBusy("the store did not answer within 60 s", "ask again in a moment")
    reply = await post(desk, "/api/v1/queue/resume", {})

    assert code(reply) == (503, "StoreBusy")
    assert json.loads(reply.body)["error"]["hint"] == "ask again in a moment"
