"""The receiver as it runs: uvicorn on a free loopback port, the real keyring, and clients that write raw bytes."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import uvicorn
from nacl.signing import SigningKey

from reconciler.app.protocol import BoundedProtocol, Server, receiver_config
from reconciler.model.errors import StoreBusy
from reconciler.model.events import Finished, StoredEvent, Trigger
from reconciler.model.settings import Listen, WebhookSettings
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore
from reconciler.telnyx.events import identify
from reconciler.telnyx.signature import Keyring
from reconciler.web.metrics import Meter
from reconciler.web.receiver import receiver_app

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY, OLD_KEY, STRANGER = (SigningKey(bytes([seed]) * 32) for seed in (1, 2, 3))
PATH = "/webhooks/telnyx"
BODY = b'{"data":{"id":"e-1","event_type":"10dlc.campaign.update","payload":{"campaignId":"4b30019f"}},"meta":{}}'
SETTINGS = WebhookSettings()
PATIENCE = 10.0
"""Seconds that a test waits for what must come."""


def public(key: SigningKey) -> str:
    return base64.b64encode(bytes(key.verify_key)).decode()


def stamp(seconds: int = 0) -> bytes:
    return str(int(NOW.timestamp()) + seconds).encode()


def sign(body: bytes, timestamp: bytes = stamp(), key: SigningKey = KEY) -> bytes:
    return base64.b64encode(key.sign(timestamp + b"|" + body).signature)


Headers = list[tuple[bytes, bytes]]


def signed(body: bytes = BODY, timestamp: bytes = stamp(), key: SigningKey = KEY) -> Headers:
    return [(b"telnyx-signature-ed25519", sign(body, timestamp, key)), (b"telnyx-timestamp", timestamp)]


def request(
    body: bytes = BODY,
    headers: Headers | None = None,
    *,
    line: bytes = b"POST /webhooks/telnyx HTTP/1.1",
    host: Headers | None = None,
    framing: Headers | None = None,
    end: bytes = b"\r\n",
) -> bytes:
    """A request as Telnyx sends it, but for the parts that a case bends."""
    lines = [
        *(host if host is not None else [(b"Host", b"hooks.example.com")]),
        *(framing if framing is not None else [(b"Content-Length", str(len(body)).encode())]),
        *(headers if headers is not None else signed(body)),
    ]
    return end.join([line, *(name + b": " + value for name, value in lines), b"", b""]) + body


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as it came off the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header == name]

    @property
    def but_for_the_date(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        return self.status, tuple(header for header in self.headers if header[0] != "date"), self.body


class Wire:
    """A client's connection, byte by byte."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._writer.transport.abort()

    async def send(self, data: bytes) -> bool:
        """Send it. False: the peer does not want it."""
        try:
            self._writer.write(data)
            await asyncio.wait_for(self._writer.drain(), PATIENCE)
        except ConnectionError:
            return False
        return True

    def end(self) -> None:
        """Send no more, and say so (FIN)."""
        self._writer.write_eof()

    async def reply(self) -> Reply | None:
        """The next answer; None if the peer closed without one."""
        try:
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        headers = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in lines))
        reply = Reply(int(first.split(" ")[1]), headers, b"")
        [length] = reply.all("content-length")
        return Reply(reply.status, headers, await self._reader.readexactly(int(length)))

    async def line(self) -> bytes:
        """The next line."""
        return await asyncio.wait_for(self._reader.readline(), PATIENCE)

    async def closed(self) -> bool:
        """Whether the peer says no more and closes. Waits for it."""
        try:
            return await asyncio.wait_for(self._reader.read(), PATIENCE) == b""
        except ConnectionError:
            return True


@dataclass
class Valve:
    """The real inbox, behind a valve that a test can shut."""

    store: SqlStore
    full: bool = False
    stuck: asyncio.Event | None = None
    """Until this is set, nothing is kept."""
    asked: int = 0
    """How often it was asked to keep something."""

    async def receive(self, event_id: str, digest: bytes, body: bytes, at: datetime, flaw: str) -> bool:
        self.asked += 1
        if self.full:
            raise StoreBusy("the inbox is full", "wait")
        if self.stuck is not None:
            await self.stuck.wait()
        return await self.store.receive(event_id, digest, body, at, flaw)

    async def unread_events(self, limit: int) -> tuple[StoredEvent, ...]:
        return await self.store.unread_events(limit)

    async def finish_events(self, finished: tuple[Finished, ...], triggers: tuple[Trigger, ...]) -> None:
        await self.store.finish_events(finished, triggers)


@dataclass
class Edge:
    """A running receiver, and what it did to the world."""

    address: tuple[str, int]
    inbox: Valve
    meter: Meter
    wakes: list[datetime]

    def wire(self) -> Wire:
        return Wire(self.address)

    async def ask(self, data: bytes) -> Reply | None:
        async with self.wire() as wire:
            await wire.send(data)
            return await wire.reply()

    async def rows(self) -> list[StoredEvent]:
        """Every stored event, oldest first."""
        return [row async for row in self.inbox.store.all_events()]

    def counted(self, metric: str = "tendlc_webhook_received_total") -> dict[str, float]:
        """A counter's labels that are not 0."""
        return counted(self.meter, metric)


def counted(meter: Meter, metric: str) -> dict[str, float]:
    """The samples of a metric that are not 0, by their labels as text."""
    lines = (line.rpartition(" ") for line in meter.render().decode().splitlines())
    found = ((name, float(value)) for name, _, value in lines if name.partition("{")[0] == metric)
    return {name.removeprefix(metric): value for name, value in found if value}


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@asynccontextmanager
async def serving(config: uvicorn.Config, server: Server | None = None) -> AsyncIterator[tuple[str, int]]:
    """Serve on a free port of loopback until the block ends: the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = server or Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        await task


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come to hold."""
    for _ in range(int(PATIENCE / 0.005)):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


@asynccontextmanager
async def receiving(
    settings: WebhookSettings = SETTINGS,
    protocol: type[BoundedProtocol] = BoundedProtocol,
) -> AsyncIterator[Edge]:
    """Run a receiver on a new store until the block ends."""
    meter, wakes, clock = Meter("0"), list[datetime](), FixedClock()
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/tendlc.db", writer=True) as store:
        inbox = Valve(store)
        app = receiver_app(
            settings=settings,
            check=Keyring((public(KEY),), retired=(public(OLD_KEY),)).check,
            identify=identify,
            inbox=inbox,
            clock=clock,
            wake=lambda: wakes.append(clock.now()),
            meter=meter,
        )
        config = receiver_config(app, Listen("127.0.0.1", 0))
        config.http = protocol
        async with serving(config) as address:
            yield Edge(address, inbox, meter, wakes)
