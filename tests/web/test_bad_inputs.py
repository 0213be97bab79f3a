"""The catalogue of bad inputs, over real sockets: each row's status, and what it may do to the world."""

import asyncio
import json
from pathlib import Path
from typing import TypedDict

import pytest

from reconciler.app.protocol import BoundedProtocol
from reconciler.model.errors import ConfigError, Place, Problem
from reconciler.model.events import EventState
from tests.web.desk import administering
from tests.web.edge import Edge, Headers, Reply, receiving, request, signed, until
from tests.web.hostile import Sent, event, hostile

pytestmark = pytest.mark.anyio

HOSTILE = hostile()
GROUPS = ("SIG-", "TS-", "HTTP-", "BODY-", "JSON-")
SINGLE = {"EVT-04", "EVT-05", "EVT-06", "EVT-07", "LOAD-06", "ADM-06", "ADM-10", "ADM-11"}
ELSEWHERE = {"SIG-37", "SIG-38", "SIG-39"}
"""In tests/telnyx/test_signature.py: nothing is running yet."""
BY_HAND = {"HTTP-23", "HTTP-24", "BODY-03", "BODY-10", "JSON-16", "EVT-07", "LOAD-06", "ADM-06", "ADM-10", "ADM-11"}
"""Below, each a test of its own."""


class Row(TypedDict):
    """A row of the catalogue, as far as it is read."""

    id: str
    expected_status: int | str | list[int | str]
    expected_effect: str


@pytest.fixture(scope="session")
def catalogue(shared: Path) -> dict[str, Row]:
    rows: list[Row] = json.loads((shared / "cases" / "bad-inputs.json").read_text())
    return {row["id"]: row for row in rows}


def test_every_row_of_the_edge_is_here(catalogue: dict[str, Row]) -> None:
    ours = {row for row in catalogue if row.startswith(GROUPS)} | SINGLE

    assert ours - set(HOSTILE) - ELSEWHERE - BY_HAND == set()


def allowed(catalogue: dict[str, Row], row: str) -> list[int | str]:
    status = catalogue[row]["expected_status"]
    return status if isinstance(status, list) else [status]


def outcome(reply: Reply | None) -> int | str:
    return "close" if reply is None else reply.status


@pytest.mark.covers("E05", "E06")
@pytest.mark.parametrize("row", HOSTILE)
async def test_row(row: str, catalogue: dict[str, Row], running: Edge) -> None:
    for sent in HOSTILE[row]:
        await one(sent, allowed(catalogue, row), running)


async def one(sent: Sent, statuses: list[int | str], edge: Edge) -> None:
    stored, counted, wakes = await edge.rows(), edge.counted(), len(edge.wakes)
    async with edge.wire() as wire:
        await wire.send(sent.data)
        reply = await wire.reply()
        status = outcome(reply)
        assert status in statuses
        assert status in {200, 401} or await wire.closed()
    if reply is not None:
        assert not [name for name, _ in reply.headers if name.startswith("access-control")]
    if status == 401:
        plain = await edge.ask(request(b"", []))
        assert plain is not None
        assert reply is not None
        assert reply.but_for_the_date == plain.but_for_the_date
        counted['{result="missing_signature"}'] = counted.get('{result="missing_signature"}', 0) + 1
    new = (await edge.rows())[len(stored) :]
    if sent.counts:
        label = f'{{result="{sent.counts}"}}'
        counted[label] = counted.get(label, 0) + 1
    assert edge.counted() == counted
    if status == 200:
        [row] = new
        assert sent.data.endswith(row.body) or b"chunked" in sent.data
        assert (row.state is EventState.QUARANTINED) == (sent.counts == "quarantined")
        assert len(edge.wakes) == wakes + 1
    else:
        assert new == []
        assert len(edge.wakes) == wakes


async def test_http_23_a_body_cut_short(running: Edge, caplog: pytest.LogCaptureFixture) -> None:
    before = running.counted().get('{result="incomplete"}', 0)
    async with running.wire() as wire:
        await wire.send(request(b"", signed(), framing=[(b"Content-Length", b"100")]) + b"7 bytes")
        wire.end()
        assert await wire.reply() is None
    await until(lambda: running.counted().get('{result="incomplete"}', 0) == before + 1)

    assert caplog.records == []


async def test_http_24_a_body_longer_than_it_says(catalogue: dict[str, Row], running: Edge) -> None:
    """What is left over is read as no second request, not even an authentic one."""
    stored = await running.rows()
    smuggled = event("HTTP-24")
    short: Headers = [(b"Content-Length", b"3")]
    for rest in (b"rest", request(smuggled, signed(smuggled))):
        async with running.wire() as wire:
            await wire.send(request(b"", signed(), framing=short) + b"abc" + rest)
            assert outcome(await wire.reply()) in allowed(catalogue, "HTTP-24")
            assert await wire.closed()

    assert await running.rows() == stored


@pytest.mark.covers("E06")
async def test_body_03_200_megabytes(catalogue: dict[str, Row], running: Edge) -> None:
    async def pour() -> int | str:
        piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        async with running.wire() as wire:
            await wire.send(request(b"", signed(), framing=[(b"Transfer-Encoding", b"chunked")]))
            for _ in range(200_000_000 // len(piece)):
                if not await wire.send(piece):
                    break
            return outcome(await wire.reply())

    await pour()
    before = resident_bytes()
    for _ in range(3):
        assert await pour() in allowed(catalogue, "BODY-03")
    assert resident_bytes() - before < 2_000_000


def resident_bytes() -> int:
    """The memory of this process, the receiver's and the client's together."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1_024


class Hasty(BoundedProtocol):
    """The protocol with a short deadline, so that a test need not wait for the long one."""

    receive_seconds = 0.4


@pytest.mark.covers("E06")
async def test_body_10_a_body_that_trickles(catalogue: dict[str, Row]) -> None:
    """Each byte comes soon after the last, and the whole does not."""
    async with receiving(protocol=Hasty) as edge, edge.wire() as wire, asyncio.timeout(5):
        data = request()
        await wire.send(data[:-50])
        answered = asyncio.create_task(wire.reply())
        for byte in data[-50:]:
            if answered.done():
                break
            await wire.send(bytes([byte]))
            await asyncio.wait({answered}, timeout=0.05)
        assert outcome(await answered) in allowed(catalogue, "BODY-10")
        assert await edge.rows() == []
        assert edge.counted() == {'{result="incomplete"}': 1}


async def test_json_16_huge_and_ugly_text(catalogue: dict[str, Row], running: Edge) -> None:
    """Kept raw, whether it can be used or not."""
    ugly = "\x1b[31m\r\n\u202e<script>alert(1)</script>" * 8_000
    body = json.dumps(
        {"data": {"id": "JSON-16", "payload": {"description": ugly[:200_000]}}}, ensure_ascii=False
    ).encode()
    reply = await running.ask(request(body[: 256 * 1024], signed(body[: 256 * 1024])))

    assert outcome(reply) in allowed(catalogue, "JSON-16")
    assert (await running.rows())[-1].body == body[: 256 * 1024]


@pytest.mark.covers("E03")
async def test_evt_07_the_same_delivery_again_and_again(catalogue: dict[str, Row]) -> None:
    async with receiving() as edge:
        data = request(event("EVT-07"), signed(event("EVT-07")))
        replies = [
            *await asyncio.gather(edge.ask(data), edge.ask(data)),
            *[await edge.ask(data) for _ in range(98)],
        ]
        [row] = await edge.rows()

    assert {outcome(reply) for reply in replies} == set(allowed(catalogue, "EVT-07"))
    assert len({(reply.headers[1:], reply.body) for reply in replies if reply}) == 1
    assert row.duplicates == 99
    assert edge.counted() == {'{result="stored"}': 1, '{result="duplicate"}': 99}


async def test_load_06_a_full_inbox(catalogue: dict[str, Row]) -> None:
    async with receiving() as edge:
        edge.inbox.full = True
        reply = await edge.ask(request())
        edge.inbox.full = False
        again = await edge.ask(request())

    assert outcome(reply) in allowed(catalogue, "LOAD-06")
    assert reply is not None
    assert reply.all("retry-after") == ["30"]
    assert outcome(again) == 200


async def test_adm_06_a_post_from_another_site(catalogue: dict[str, Row]) -> None:
    async with administering() as desk:
        desk.invalid = ConfigError((Problem(Place("tendlc.yaml"), "never reached"),))
        for site in ("cross-site", "same-site"):
            reply = await desk.ask("/-/reload", f"Sec-Fetch-Site: {site}", "Cookie: session=1", method="POST")
            assert reply.status in allowed(catalogue, "ADM-06")
        for origin in ("https://evil.example", "null"):
            reply = await desk.ask("/-/reload", f"Origin: {origin}", "Cookie: session=1", method="POST")
            assert reply.status in allowed(catalogue, "ADM-06")


@pytest.mark.parametrize(
    "path",
    ["/", "/readyz", "/metrics", "/-/reload", "/api/v1/status", "/api/v1/numbers/+12025550123", "/static/tendlc.css"],
)
async def test_adm_10_admin_paths_on_the_public_port(catalogue: dict[str, Row], running: Edge, path: str) -> None:
    for method in ("GET", "POST"):
        reply = await running.ask(request(line=f"{method} {path} HTTP/1.1".encode()))
        assert outcome(reply) in allowed(catalogue, "ADM-10")


async def test_adm_11_health_and_metrics_tell_no_secret(catalogue: dict[str, Row], running: Edge) -> None:
    public = [await running.ask(request(b"", [], line=b"GET %s HTTP/1.1" % path)) for path in (b"/livez", b"/metrics")]
    async with administering() as desk:
        private = [await desk.ask(path) for path in ("/livez", "/readyz", "/metrics")]

    assert [outcome(reply) for reply in public] == [200, 404]
    assert {outcome(reply) for reply in [*public, *private]} <= set(allowed(catalogue, "ADM-11"))
    assert private[0].body == b"ok\n"
    assert json.loads(private[1].body) == {"status": "ok"}
    assert b"+1202" not in private[2].body
