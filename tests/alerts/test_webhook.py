"""The webhook sink posts JSON, turns every kind of no into a fault, and never shows its URL."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from reconciler.alerts import webhook
from reconciler.alerts.webhook import WebhookSink
from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.settings import Secret
from reconciler.ports import Sink

pytestmark = pytest.mark.anyio

BODY = '{"status":"firing","alert":"AssignmentFailed","summary":"2 of pool acme \\u2026"}'
TOKEN = "T0KEN-in-the-path"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[tuple[Sink, list[bytes]]]:
    """A receiver on loopback that reads one request and answers in its own way: a sink for it, and what it read."""
    requests: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        requests.append(head + await reader.readexactly(length))
        with suppress(ConnectionError):
            await answer(writer)
        writer.close()
        done.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield WebhookSink("ops", Secret(f"http://user:pass@127.0.0.1:{port}/{TOKEN}?key={TOKEN}")), requests
        await done.wait()


def says(*lines: str, body: bytes = b"") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


async def test_it_posts_the_message_as_json() -> None:
    async with receiver(says("HTTP/1.1 204 No Content")) as (sink, requests):
        assert await sink.send(BODY) is None
    [request] = requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST /{TOKEN}?key={TOKEN} HTTP/1.1".encode())
    assert b"content-type: application/json" in head.lower()
    assert b"authorization: basic dxnlcjpwyxnz" in head.lower()
    assert body.decode() == BODY


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
        ([], Fault(FaultKind.LOST, "127.0.0.1: RemoteProtocolError")),
    ],
)
async def test_every_kind_of_no_is_a_fault(lines: list[str], fault: Fault) -> None:
    async with receiver(says(*lines) if lines else _nothing) as (sink, _):
        assert await sink.send(BODY) == fault


async def _nothing(writer: asyncio.StreamWriter) -> None:
    """Close without an answer."""


async def test_an_endless_answer_is_not_read() -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with asyncio.timeout(5), receiver(pour) as (sink, _):
        assert await sink.send(BODY) is None


async def test_the_deadline_is_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole does not."""
    monkeypatch.setattr(webhook, "SEND_SECONDS", 0.3)

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            writer.write(b"X-Pad: x\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with asyncio.timeout(3), receiver(drip) as (sink, _):
        fault = await sink.send(BODY)

    assert fault == Fault(FaultKind.LOST, "127.0.0.1: TimeoutError")


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sink = WebhookSink("ops", Secret(f"http://127.0.0.1:{port}/{TOKEN}"))

    assert await sink.send(BODY) == Fault(FaultKind.UNREACHABLE, "127.0.0.1: ConnectError")


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with receiver(says("HTTP/1.1 200 OK", "Content-Length: 0")) as (sink, _):
        assert await sink.send(BODY) is None


async def test_the_url_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiver(says("HTTP/1.1 500 Oh", "Content-Length: 0")) as (sink, _):
        fault = await sink.send(BODY)

    assert TOKEN not in f"{fault} {sink!r} {sink.name}"
    assert TOKEN not in caplog.text
    assert "pass" not in caplog.text


@pytest.mark.parametrize("text", ["", "ops.example.com/hook", "ftp://ops.example.com/", "https://", "http://[::1/x"])
def test_what_is_no_url_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ReconcilerError, match="alert receiver ops") as refused:
        WebhookSink("ops", Secret(text))
    assert text not in {*f"{refused.value} {refused.value.hint}".split()} - {"https://"}
