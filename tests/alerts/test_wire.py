"""The way out for alerts ends in time, follows nobody elsewhere, and never shows its URL."""

import asyncio
import logging
import socket

import pytest

from reconciler.alerts import wire
from reconciler.alerts.wire import Wire
from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.settings import Secret
from tests.alerts.listener import TOKEN, Reply, headers_of, listening, refuses, says

pytestmark = pytest.mark.anyio


async def post(url: Secret) -> Sent | Fault:
    return await Wire("ops", url).post(b"{}", {})


async def test_it_posts_to_the_whole_url_with_its_password() -> None:
    async with listening(says("HTTP/1.1 204 No Content")) as (url, requests):
        assert await post(url) == Sent("127.0.0.1: HTTP 204")
    [request] = requests
    assert request.startswith(f"POST /{TOKEN}?key={TOKEN} HTTP/1.1".encode())
    assert headers_of(request)["authorization"].startswith("Basic dXNlcjpwYXNz")


async def nothing(writer: asyncio.StreamWriter) -> None:
    """Close without an answer."""


async def pour(writer: asyncio.StreamWriter) -> None:
    """Answer without an end."""
    writer.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def test_no_answer_is_a_fault() -> None:
    async with listening(nothing) as (url, _):
        assert await post(url) == Fault(FaultKind.LOST, "127.0.0.1: RemoteProtocolError")


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    async with asyncio.timeout(5), listening(pour) as (url, _):
        assert await post(url) == Fault(FaultKind.LOST, f"127.0.0.1: HTTP 500: {'x' * 120}…", status=500)


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SAMPLE_SECONDS", 0.1)
    async with asyncio.timeout(5), listening(says("HTTP/1.1 400 No", "Content-Length: 9")) as (url, _):
        answer = await post(url)

    assert answer == Fault(FaultKind.REFUSED, "127.0.0.1: HTTP 400", status=400)


@pytest.mark.covers("F-72")
async def test_the_deadline_is_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole does not."""
    monkeypatch.setattr(wire, "SEND_SECONDS", 0.3)

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            writer.write(b"X-Pad: x\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with asyncio.timeout(3), listening(drip) as (url, _):
        assert await post(url) == Fault(FaultKind.LOST, "127.0.0.1: TimeoutError")


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert await post(Secret(f"http://127.0.0.1:{port}/{TOKEN}")) == Fault(
        FaultKind.UNREACHABLE, "127.0.0.1: ConnectError"
    )


async def test_https_that_is_no_tls_reaches_nobody() -> None:
    async with asyncio.timeout(5):
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            fault = await post(Secret(f"https://127.0.0.1:{port}/{TOKEN}"))

    assert fault == Fault(FaultKind.UNREACHABLE, "127.0.0.1: ConnectError")


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with listening(says("HTTP/1.1 200 OK", "Content-Length: 0")) as (url, _):
        assert await post(url) == Sent("127.0.0.1: HTTP 200")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no_service", "no_service"),
        ("posting_to_general_channel_denied", "posting_to_general_channel_denied"),
        (f"no hook at /{TOKEN}?key={TOKEN} for user", "no hook at …?… for …"),
        ("the key sk_live_4242424242424242 is\r\n\x1b[31mold", "the key … is [31mold"),
        ("<h1>Not\tfound</h1>", "<h1>Not found</h1>"),
    ],
)
@pytest.mark.covers("O04")
async def test_of_a_no_only_a_sample_without_secrets_is_kept(said: str, told: str) -> None:
    async with listening(refuses("404 Not Found", said)) as (url, _):
        assert await post(url) == Fault(FaultKind.REFUSED, f"127.0.0.1: HTTP 404: {told}", status=404)


@pytest.mark.parametrize("reply", [refuses("500 Oh", f"at {TOKEN}"), says("HTTP/1.1 200 OK", "Content-Length: 0")])
@pytest.mark.covers("O04")
async def test_the_url_is_never_shown(caplog: pytest.LogCaptureFixture, reply: Reply) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening(reply) as (url, _):
        out = Wire("ops", url)
        answer = await out.post(b"{}", {})

    shown = f"{answer} {out!r} {out.host} {caplog.text}"
    assert TOKEN not in shown
    assert "pass" not in shown


@pytest.mark.parametrize(
    "text",
    ["", "ops.example.com/hook", "ftp://ops.example.com/", "https://", "http://[::1/x", f"http://{'a' * 64}.test/x"],
)
def test_what_is_no_url_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ReconcilerError, match="alert receiver ops") as refused:
        Wire("ops", Secret(text))
    assert text not in {*f"{refused.value} {refused.value.hint}".split()} - {"https://"}
