"""How a command asks the running service: what it gets, and what it makes of everything else that may answer."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reconciler.app import loopback
from reconciler.app.loopback import ANSWER_BYTES, ServiceSilent, post
from reconciler.model.errors import ServiceRefused
from reconciler.model.settings import Listen

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def answering(answer: bytes, heard: bytearray | None = None) -> AsyncIterator[Listen]:
    """Somebody who answers every request so, and hangs up."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST"):
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            (bytearray() if heard is None else heard).extend(head + await reader.readexactly(length))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield Listen("127.0.0.1", int(server.sockets[0].getsockname()[1]))


def http(status: int, content: object) -> bytes:
    """An answer, as bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


async def ask(listen: Listen) -> dict[str, object]:
    """Ask, in a thread: it blocks."""
    return await asyncio.to_thread(post, listen, "/api/v1/queue/pause", {"reason": "é"}, "7")


async def test_the_answer_is_its_json_and_the_request_names_the_store() -> None:
    heard = bytearray()
    async with answering(http(200, {"paused": None}), heard) as listen:
        assert await ask(listen) == {"paused": None}

    head, _, body = bytes(heard).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/queue/pause HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Tendlc-Store: 7\r\n" in head + b"\r\n"
    assert b"Content-Type: application/json\r\n" in head + b"\r\n"
    assert json.loads(body) == {"reason": "é"}


async def test_no_proxy_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with answering(http(200, {})) as listen:
        assert await ask(listen) == {}


async def test_a_refusal_keeps_its_code_message_and_hint() -> None:
    told = {"error": {"code": "StoreBusy", "message": "not now", "hint": "ask again in a moment"}}
    async with answering(http(503, told)) as listen:
        with pytest.raises(ServiceRefused, match="not now") as refused:
            await ask(listen)

    assert (refused.value.code, refused.value.hint) == ("StoreBusy", "ask again in a moment")


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<html>"),
        http(200, []),
        http(404, b"not found"),
        http(500, {"error": "words"}),
        http(302, {}),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        http(200, b"[" * 100_000),
        http(200, b'{"long": "' + b"x" * ANSWER_BYTES + b'"}'),
    ],
    ids=["html", "a list", "404", "another form", "a redirect", "cut off", "deep", "too long"],
)
async def test_what_is_not_our_service_is_named(answer: bytes) -> None:
    async with answering(answer) as listen:
        with pytest.raises(ServiceRefused, match="is not this service") as refused:
            await ask(listen)

    assert refused.value.code == "not_ours"


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n"])
async def test_who_breaks_off_does_not_answer(answer: bytes) -> None:
    async with answering(answer) as listen:
        with pytest.raises(ServiceSilent, match="no service answers at 127"):
            await ask(listen)


async def test_who_hangs_is_not_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped process takes what it was sent when it goes on, long after the command said that it failed."""
    monkeypatch.setattr(loopback, "ALIVE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.raises(ServiceSilent, match="within 0 s"):
            await ask(Listen("127.0.0.1", int(listener.getsockname()[1])))
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET /livez ")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = int(held.getsockname()[1])
    with pytest.raises(ServiceSilent):
        await ask(Listen("127.0.0.1", port))
