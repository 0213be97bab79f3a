"""A connection is bounded in time and size, serves one request at a time, and ends politely: on both event loops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from reconciler.app import protocol
from reconciler.app.protocol import BoundedProtocol, Server, admin_config, receiver_config
from reconciler.model.settings import Listen
from tests.web.edge import Reply, Wire, serving, until

pytestmark = pytest.mark.anyio

LOOPBACK = Listen("127.0.0.1", 0)
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
LONG = POST + b"Content-Length: 20000\r\n\r\n" + b"x" * 20_000
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module", params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


class Hasty(BoundedProtocol):
    """The protocol with a short deadline."""

    receive_seconds = 0.3


class App:
    """Answers with the length of the body, and the headers it was given; or at once, unread, on `/refuse`."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[list[tuple[bytes, bytes]]] = []
        self.hold: asyncio.Event | None = None
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        length = 0
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        if scope["path"] != "/refuse":
            read = await self._length(receive)
            if read is None:
                self.left += 1
                return
            length, headers = read, [(b"content-length", str(len(str(read))).encode())]
        if self.hold is not None:
            await self.hold.wait()
        self.headers.append(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": str(length).encode() if length or len(headers) == 1 else b""})

    async def _length(self, receive: Receive) -> int | None:
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            length += len(message["body"])
            if not message["more_body"]:
                return length


@asynccontextmanager
async def served(kind: type[BoundedProtocol] = BoundedProtocol) -> AsyncIterator[tuple[App, tuple[str, int]]]:
    app = App()
    config = receiver_config(app, LOOPBACK)
    config.http = kind
    async with serving(config) as address:
        yield app, address


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[tuple[App, tuple[str, int]]]:
    """One server for the tests that do not stop it."""
    async with served() as (app, address):
        yield app, address


async def ask(address: tuple[str, int], data: bytes) -> Reply | None:
    async with Wire(address) as wire:
        await wire.send(data)
        return await wire.reply()


def status(reply: Reply | None) -> int | None:
    return None if reply is None else reply.status


async def test_a_silent_connection_is_closed() -> None:
    async with served(Hasty) as (app, address), Wire(address) as wire, asyncio.timeout(3):
        assert await wire.closed()
        assert app.paths == []


@pytest.mark.parametrize(
    "start", [b"", b"\r\n", POST, POST + b"Content-Length: 1000\r\n\r\n"], ids=["line", "crlf", "head", "body"]
)
async def test_a_trickle_ends_at_the_deadline(start: bytes) -> None:
    """Whatever arrives, the clock does not start again."""
    async with served(Hasty) as (app, address), Wire(address) as wire, asyncio.timeout(3):
        await wire.send(start)
        answered = asyncio.create_task(wire.reply())
        while not answered.done():
            await wire.send(b"\n" if start == b"\r\n" else b"a")
            await asyncio.wait({answered}, timeout=0.05)
        reply = await answered
        assert status(reply) in {400, 408}
        assert await wire.closed()
    assert app.headers == []


async def test_the_clock_of_each_request_starts_with_its_first_byte() -> None:
    """A connection may live longer than the deadline: each request has its own."""
    async with served(Hasty) as (app, address), Wire(address) as wire, Wire(address) as silent:
        outlived = asyncio.create_task(silent.closed())
        while not outlived.done():
            await wire.send(POST + b"Content-Length: 3\r\n\r\n")
            await wire.send(b"abc")
            assert status(await wire.reply()) == 200
        await wire.send(GET)
        assert status(await wire.reply()) == 200
    assert len(app.paths) > 2


async def test_the_clock_stops_while_we_answer() -> None:
    async with served(Hasty) as (app, address), Wire(address) as wire:
        app.hold = asyncio.Event()
        await wire.send(GET)
        await until(lambda: bool(app.paths))
        async with Wire(address) as silent:  # its clock starts later, and ends
            assert await silent.closed()
        app.hold.set()
        assert status(await wire.reply()) == 200


async def test_an_idle_connection_is_closed_after_the_keep_alive() -> None:
    config = receiver_config(App(), LOOPBACK)
    config.timeout_keep_alive = 0
    async with serving(config) as address, Wire(address) as wire:
        await wire.send(GET)
        assert status(await wire.reply()) == 200
        assert await wire.closed()


HEAD_LEFT = protocol.HEAD_BYTES - len(GET) - len("X: \r\n")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(GET[:-2] + b"X: " + b"x" * (HEAD_LEFT - 50) + b"\r\n\r\n", 200, id="nearly the longest head"),
        pytest.param(GET[:-2] + b"X: " + b"x" * (HEAD_LEFT + 20) + b"\r\n\r\n", 431, id="a head too long"),
        pytest.param(GET[:-2] + b"X: " + b"x" * 10_000_000, 431, id="a head without end"),
        pytest.param(GET[:-2] + b"X: x\r\n" * 63 + b"\r\n", 200, id="64 headers"),
        pytest.param(GET[:-2] + b"X: x\r\n" * 64 + b"\r\n", 431, id="65 headers"),
        pytest.param(b"GET /" + b"x" * 4_095 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 200, id="the longest target"),
        pytest.param(b"GET /" + b"x" * 4_096 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, id="a target too long"),
        pytest.param(b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, id="absolute form"),
        pytest.param(b"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400, id="fragment"),
        pytest.param(b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, id="authority form"),
        pytest.param(
            POST + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc", 400, id="an upgrade"
        ),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2 by prior knowledge"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, id="a bad chunk"),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 3_000_000, 413, id="a chunk's endless extension"
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: " + b"x" * 3_000_000, 413, id="an endless trailer"
        ),
    ],
)
async def test_the_bounds_of_a_request(data: bytes, expected: int, running: tuple[App, tuple[str, int]]) -> None:
    app, address = running
    answered = len(app.headers)
    reply = await ask(address, data)
    assert status(reply) == expected or (reply is None and len(data) > protocol.REQUEST_BYTES)
    assert len(app.headers) == answered + (expected == 200)
    if reply is not None and expected != 200:
        assert reply.all("connection") == ["close"]
        assert reply.body == b""


async def test_trailers_are_dropped() -> None:
    async with served() as (app, address):
        reply = await ask(address, POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: x\r\n\r\n")

    assert status(reply) == 200
    assert app.headers == [[(b"host", b"a"), (b"transfer-encoding", b"chunked")]]


async def test_one_request_at_a_time() -> None:
    """What is sent before the answer has come is no request: the first is answered, and the connection closed."""
    async with served() as (app, address):
        for more in (GET, b"\0", b"garbage\r\n", b"x" * 3_000_000):
            async with Wire(address) as wire:
                await wire.send(LONG + more)
                assert status(await wire.reply()) == 200
                assert await wire.closed()
        app.hold = asyncio.Event()
        async with Wire(address) as wire:
            await wire.send(GET)
            await until(lambda: len(app.paths) == 5)
            await wire.send(GET)
            app.hold.set()
            assert status(await wire.reply()) == 200
            assert await wire.closed()
    assert len(app.paths) == 5


async def test_100_continue() -> None:
    async with served() as (_, address), Wire(address) as wire:
        await wire.send(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert await wire.line() == b"HTTP/1.1 100 Continue\r\n"
        assert await wire.line() == b"\r\n"
        await wire.send(b"abc")
        assert status(await wire.reply()) == 200


async def test_an_early_answer_reaches_a_client_that_is_still_sending() -> None:
    """Closed at once, TCP would reset the connection, and the answer could be lost."""
    refused = POST.replace(b" / ", b" /refuse ") + b"Content-Length: 1000000\r\n\r\n"
    async with served() as (_, address):
        for _ in range(5):
            async with Wire(address) as wire:
                await wire.send(refused + b"x" * 100_000)
                assert await wire.send(b"x" * 900_000)
                assert status(await wire.reply()) == 200
                assert await wire.closed()


async def test_a_refused_client_cannot_hold_its_connection() -> None:
    refused = POST.replace(b" / ", b" /refuse ") + b"Content-Length: 1000000\r\n\r\n"
    async with served(Hasty) as (_, address), Wire(address) as wire, asyncio.timeout(3):
        await wire.send(refused)
        assert status(await wire.reply()) == 200
        cut = asyncio.create_task(wire.closed())
        while await wire.send(b"x"):
            await asyncio.wait({cut}, timeout=0.02)
        await cut


async def test_a_client_that_leaves_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as (app, address):
        async with Wire(address) as wire:
            await wire.send(POST + b"Content-Length: 3\r\n\r\nab")
            await until(lambda: bool(app.paths))
        await until(lambda: app.left == 1)

    assert caplog.records == []


async def test_a_stop_does_not_wait_for_the_hostile() -> None:
    """Open connections at the stop: silent, in a head, in a body, and idle."""
    app = App()
    server = Server(receiver_config(app, LOOPBACK))
    server.config.timeout_graceful_shutdown = 1
    async with asyncio.timeout(5), AsyncExitStack() as wires, serving(server.config, server) as address:
        for start in (b"", POST, POST + b"Content-Length: 9\r\n\r\nab", GET):
            wire = await wires.enter_async_context(Wire(address))
            await wire.send(start)
        await until(lambda: app.paths == ["/", "/"])


async def test_what_is_being_answered_at_the_stop_is_answered() -> None:
    app = App()
    app.hold = asyncio.Event()
    server = Server(receiver_config(app, LOOPBACK))
    async with serving(server.config, server) as address, Wire(address) as wire:
        await wire.send(GET)
        await until(lambda: bool(app.paths))
        server.should_exit = True
        await until(lambda: not server.servers[0].is_serving())
        app.hold.set()
        assert status(await wire.reply()) == 200
        assert await wire.closed()


def test_the_server_is_hardened() -> None:
    for config in (receiver_config(App(), LOOPBACK), admin_config(App(), LOOPBACK)):
        assert config.http is BoundedProtocol
        assert (config.ws, config.lifespan, config.log_config) == ("none", "off", None)
        assert not any((config.access_log, config.proxy_headers, config.server_header))
        assert (config.timeout_keep_alive, config.timeout_graceful_shutdown) == (5, 8)
    assert (BoundedProtocol.receive_seconds, protocol.HEAD_BYTES, protocol.HEADERS) == (5.0, 16_384, 64)
