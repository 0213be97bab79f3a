"""Who cannot show the right certificate is sent nothing, and nothing weaker is tried instead."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Single
from reconciler.model.verdicts import Accepted, Refused
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.limiter import Limiter
from tests.telnyx.certificates import LOOPBACK, certificate_of
from tests.telnyx.scripted import KEY, Script, StoppedClock, reply, settings
from tests.telnyx.test_connections import ITEM, assign, look

pytestmark = pytest.mark.anyio

LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
ELSEWHERE = b"\x82\x0eapi.telnyx.com"
"""A host name, as an alternative name (RFC 5280)."""


@asynccontextmanager
async def serving(certificate: Path) -> AsyncIterator[Script]:
    """A server with this certificate, on loopback, that would answer anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    script = Script()
    script.then(*[reply(ITEM)] * 9)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=context)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # a handshake that fails is what a test is about
    script.base_url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
    async with server:
        yield script


def client_to(base_url: str, seconds: float = 10) -> TelnyxClient:
    """A client whose limiter is no hindrance."""
    return TelnyxClient(settings(base_url, timedelta(seconds=seconds)), StoppedClock(), Limiter(1000, burst=1000))


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Certificates that differ in one thing each. All but the last are in the list of those that are trusted."""
    now = datetime.now(UTC)
    made = {
        "right": certificate_of(tmp_path, "right", LOOPBACK, LONG_AGO, FAR_AHEAD),
        "for another host": certificate_of(tmp_path, "other", ELSEWHERE, LONG_AGO, FAR_AHEAD),
        "expired": certificate_of(tmp_path, "expired", LOOPBACK, LONG_AGO, now - timedelta(days=1)),
        "not yet valid": certificate_of(tmp_path, "early", LOOPBACK, now + timedelta(days=1), FAR_AHEAD),
        "nobody's": certificate_of(tmp_path, "unknown", LOOPBACK, LONG_AGO, FAR_AHEAD),
    }
    roots = tmp_path / "roots.pem"
    roots.write_text("".join(file.read_text().partition("-----BEGIN PRIVATE")[0] for file in [*made.values()][:-1]))
    monkeypatch.setattr(certifi, "where", lambda: str(roots))
    return made


@pytest.mark.covers("F-39")
async def test_the_right_certificate_is_taken(trusted: dict[str, Path]) -> None:
    """So it is the one thing in which the others differ that they are refused for."""
    async with serving(trusted["right"]) as script, client_to(script.base_url) as client:
        assert isinstance(await assign(client), Accepted)
        assert isinstance(await look(client), Single)

    assert script.received[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.covers("F-39", "A03")
@pytest.mark.parametrize(
    ("which", "why"),
    [
        ("for another host", "mismatch"),
        ("expired", "has expired"),
        ("not yet valid", "not yet valid"),
        ("nobody's", "self"),
    ],
)
async def test_a_wrong_certificate_is_told_nothing(trusted: dict[str, Path], which: str, why: str) -> None:
    async with serving(trusted[which]) as script, client_to(script.base_url) as client:
        assigned, read = await assign(client), await look(client)

    assert isinstance(assigned, Refused)
    assert isinstance(read, Fault)
    assert {assigned.fault.kind, read.kind} == {FaultKind.UNREACHABLE}
    assert "certificate verify failed" in read.detail
    assert why in read.detail
    assert script.received == []


@pytest.mark.covers("F-39")
async def test_an_environment_that_trusts_it_changes_nothing(
    trusted: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(trusted["nobody's"]))
    async with serving(trusted["nobody's"]) as script, client_to(script.base_url) as client:
        assert isinstance(await assign(client), Refused)

    assert script.received == []


@pytest.mark.covers("F-39")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="hangs up"),
        pytest.param(b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\n\r\n", id="speaks in clear"),
        pytest.param(b"\x15\x03\x01\0\x02\x02\x46", id="knows only old versions"),
        pytest.param(b"\x16\x03\x03\xff\xff" + bytes(70_000), id="breaks the handshake"),
        pytest.param(None, id="never goes on"),
    ],
)
async def test_where_no_tls_comes_about_nothing_is_said_in_clear(answer: bytes | None) -> None:
    """And not by http: after each of two calls there was one connection, and on it nothing but a TLS greeting."""
    heard: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65_536))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
    async with server, client_to(address, 1.5 if answer is None else 10) as client:
        assigned, read = await assign(client), await look(client)

    assert isinstance(assigned, Refused)
    assert isinstance(read, Fault)
    assert {assigned.fault.kind, read.kind} == {FaultKind.UNREACHABLE}
    assert len(heard) == 2
    assert all(one.startswith(b"\x16\x03") and KEY.encode() not in one for one in heard)


@pytest.mark.covers("F-38")
@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAIL])
async def test_a_name_that_is_not_found_is_no_connection(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with client_to("https://api.telnyx.test/v2") as client:
        assigned, read = await assign(client), await look(client)

    assert isinstance(assigned, Refused)
    assert isinstance(read, Fault)
    assert {assigned.fault.kind, read.kind} == {FaultKind.UNREACHABLE}


@pytest.mark.covers("F-38")
async def test_a_slow_resolver_is_waited_for_no_longer_than_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()

    def slow(*_: object, **__: object) -> None:
        answers.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    started = asyncio.get_running_loop().time()
    async with client_to("https://api.telnyx.test/v2", 1.5) as client:
        try:
            assigned = await assign(client)
        finally:
            answers.set()

    assert isinstance(assigned, Refused)
    assert assigned.fault.kind is FaultKind.UNREACHABLE
    assert asyncio.get_running_loop().time() - started < 10
