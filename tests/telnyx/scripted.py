"""A server on a real socket that answers each request with the next line of its script, however badly."""

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.telnyx.calls import Request
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.limiter import Limiter
from reconciler.telnyx.pages import Ask

T = TypeVar("T")

KEY = "KEY0123456789ABCDEF_secret"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=10)
"""The deadline where an answer is expected, on however busy a machine."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})

Line = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""One answer: what it does with the connection after a request was read from it."""


class StoppedClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """What to answer, in this order, and what was asked."""

    lines: deque[Line] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    arrivals: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    """One entry a request, to wait for."""
    base_url: str = ""
    connections: int = 0
    """So many were made."""

    def then(self, *lines: Line) -> None:
        """Append to the script."""
        self.lines.extend(lines)

    @property
    def asked(self) -> list[str]:
        """Method and target of each request."""
        return [f"{request.method} {request.target}" for request in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        self.connections += 1
        try:
            while request := await _read_request(reader):
                self.received.append(request)
                self.arrivals.put_nowait(None)
                await self.lines.popleft()(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, as it may
        finally:
            writer.close()


@asynccontextmanager
async def scripted(*lines: Line) -> AsyncIterator[Script]:
    """A server with this script, on loopback."""
    script = Script(deque(lines))
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(script.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    script.base_url = "http://{}:{}/v2".format(*server.sockets[0].getsockname()[:2])
    try:
        yield script
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def settings(base_url: str, timeout: timedelta = PATIENCE, path: str = "phone_number_campaigns") -> TelnyxSettings:
    """Settings of a client for it."""
    return TelnyxSettings(Secret(KEY), (), base_url=base_url, timeout=timeout, assignment_path=path)


@asynccontextmanager
async def client_of(
    script: Script, *, deadline: timedelta = PATIENCE, read_only: bool = False
) -> AsyncIterator[TelnyxClient]:
    """A client of the script, whose limiter is no hindrance."""
    limiter = Limiter(1000, burst=1000)
    async with TelnyxClient(
        settings(script.base_url, deadline), StoppedClock(), limiter, read_only=read_only
    ) as client:
        yield client


def asking(document: Json) -> Ask:
    """Makes calls without a client: every answer is this document."""

    async def ask(_: Request, read: Callable[[Json, datetime], T]) -> T | Fault:
        try:
            return read(document, NOW)
        except Unreadable as flaw:
            return Fault(FaultKind.LOST, str(flaw))

    return ask


def reply(body: bytes | object, status: int = 200, headers: Mapping[str, str] = NO_HEADERS, *, chunk: int = 0) -> Line:
    """A whole answer: bytes as they are, anything else as JSON; in chunks of so many bytes where `chunk` is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **headers}
    named |= {"transfer-encoding": "chunked"} if chunk else {"content-length": str(len(raw))}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())

    async def line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode())
        if not chunk:
            writer.write(raw)
        for start in range(0, len(raw), chunk) if chunk else ():
            part = raw[start : start + chunk]
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n" if chunk else b"")
        await writer.drain()

    return line


def send(answer: bytes) -> Line:
    """Some bytes, and the connection stays open."""

    async def line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return line


def raw(answer: bytes) -> Line:
    """Some bytes, and then the connection ends."""

    async def line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        raise ConnectionAbortedError

    return line


def drip(answer: bytes, seconds: float) -> Line:
    """A byte, a pause, a byte: no single read ever takes long."""

    async def line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in answer:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(seconds)

    return line


def endless(start: bytes, more: bytes) -> Line:
    """An answer without an end, as fast as it is read."""

    async def line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(more)
            await writer.drain()

    return line


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Nothing at all, until the client hangs up."""
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection with a reset."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    raise ConnectionResetError


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    if not (start := await reader.readline()):
        return None
    method, target, _ = start.decode().split(" ")
    headers = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)
