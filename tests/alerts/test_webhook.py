"""The webhook sink posts JSON, turns every kind of no into a fault, and never shows its URL."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from reconciler.alerts.webhook import WebhookSink
from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.settings import Secret
from reconciler.ports import Sink
from tests.alerts.listener import headers_of, listening, says

pytestmark = pytest.mark.anyio

BODY = '{"id":"msg_1","status":"firing","alert":"AssignmentFailed","summary":"2 of pool acme \\u2026"}'
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEED = SigningKey.generate()
KEY = Secret(f"whsk_{base64.b64encode(SEED.encode()).decode()}")


@dataclass
class Clock:
    """A clock that a test sets."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


async def test_it_posts_the_message_as_json() -> None:
    async with listening(says("HTTP/1.1 204 No Content")) as (url, requests):
        sink: Sink = WebhookSink("ops", url, Clock())
        assert await sink.send(BODY) == Sent("127.0.0.1: HTTP 204")
    [request] = requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    assert b"webhook-signature" not in head.lower()
    assert body.decode() == BODY
    assert (sink.name, sink.notes) == ("ops", "")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["HTTP/1.1 500 Oh", "Content-Length: 0"], Fault(FaultKind.LOST, "127.0.0.1: HTTP 500", 500)),
        (
            ["HTTP/1.1 503 Busy", "Content-Length: 0", "Retry-After: 90"],
            Fault(FaultKind.LOST, "127.0.0.1: HTTP 503", 503, None, 90),
        ),
        (
            ["HTTP/1.1 429 Slow", "Content-Length: 0", "Retry-After: 99999999"],
            Fault(FaultKind.THROTTLED, "127.0.0.1: HTTP 429", 429, None, 3600),
        ),
        (
            ["HTTP/1.1 429 Slow", "Content-Length: 0", "Retry-After: Mon, 02 Mar 2026 12:00:00 GMT"],
            Fault(FaultKind.THROTTLED, "127.0.0.1: HTTP 429", 429),
        ),
        (["HTTP/1.1 404 Gone", "Content-Length: 0"], Fault(FaultKind.REFUSED, "127.0.0.1: HTTP 404", 404)),
        (
            ["HTTP/1.1 302 Elsewhere", "Content-Length: 0", "Location: http://127.0.0.1:1/"],
            Fault(FaultKind.REFUSED, "127.0.0.1: HTTP 302", 302),
        ),
        (["nonsense"], Fault(FaultKind.LOST, "127.0.0.1: RemoteProtocolError")),
    ],
)
async def test_every_kind_of_no_is_a_fault(lines: list[str], fault: Fault) -> None:
    async with listening(says(*lines)) as (url, _):
        assert await WebhookSink("ops", url, Clock()).send(BODY) == fault


async def test_what_is_signed_is_checked_by_the_public_key_alone() -> None:
    """The id is the message's own at every attempt; the time is the attempt's."""
    clock = Clock()
    async with listening(says("HTTP/1.1 500 Oh", "Content-Length: 0")) as (url, requests):
        sink = WebhookSink("ops", url, clock, KEY)
        await sink.send(BODY)
        clock.time += timedelta(minutes=5)
        await sink.send(BODY)

    public = VerifyKey(base64.b64decode(sink.notes.rpartition("whpk_")[2]))
    assert public == SEED.verify_key
    heads = [headers_of(request) for request in requests]
    assert [head["webhook-id"] for head in heads] == ["msg_1", "msg_1"]
    assert [int(head["webhook-timestamp"]) - NOW.timestamp() for head in heads] == [0, 300]
    for head in heads:
        scheme, _, signature = head["webhook-signature"].partition(",")
        assert scheme == "v1a"
        signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.{BODY}"
        public.verify(signed.encode(), base64.b64decode(signature))
        with pytest.raises(BadSignatureError):
            public.verify(f"{signed} ".encode(), base64.b64decode(signature))
