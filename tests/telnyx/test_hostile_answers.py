"""Answers that are broken, hostile or somebody else's: never a yes or a no, and bounded in time and memory."""

import asyncio
import gzip
import json
import tracemalloc
from datetime import timedelta

import pytest

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Look
from reconciler.model.verdicts import Unresolved
from reconciler.telnyx.documents import ANSWER_BOUNDS
from tests.telnyx.scripted import PATIENCE, Line, client_of, drip, endless, raw, reply, reset, scripted, send, silence
from tests.telnyx.test_connections import BODY, CAMPAIGN, ITEM, NOBODY, NUMBER, OK, WHOLE, assign, attach, look

pytestmark = pytest.mark.anyio

ERROR = {"errors": [{"code": "10015", "title": "Bad request"}]}
GZIPPED = OK + b"content-encoding: gzip\r\n\r\n"
HTML = {"content-type": "text/html"}
MOST_MEMORY = 12 * ANSWER_BOUNDS.size
"""A body, its text and its document, and what the other end of a test holds."""


async def come_of(line: Line, deadline: timedelta = PATIENCE) -> list[Fault]:
    """What became of a POST, a PATCH, a GET and a list that were answered so: each must be unknown."""
    async with scripted(*[line] * 5) as script, client_of(script, deadline=deadline) as client:
        assigned, attached, read = await assign(client), await attach(client), await look(client)
        seen = await client.observe([Look(CAMPAIGN, read_campaign=False)], [])

        assert isinstance(assigned, Unresolved)
        assert isinstance(attached, Unresolved)
        assert isinstance(read, Fault)
        assert seen.listings == {}
        [(_, listed)] = seen.faults
        assert [one.method for one in script.received if one.method != "GET"] == ["POST", "PATCH"]
        return [assigned.fault, attached.fault, read, listed]


# What cannot be understood.

UNREADABLE = [
    # The connection.
    pytest.param(reset, id="reset after the request"),
    pytest.param(raw(b""), id="closed after the request"),
    pytest.param(raw(b"HTTP/1.1 200 "), id="cut in the head"),
    pytest.param(raw(OK + b"content-length: 100\r\n\r\n{"), id="cut in the body"),
    pytest.param(raw(OK + b"transfer-encoding: chunked\r\n\r\n64\r\n{"), id="cut in a chunk"),
    pytest.param(raw(OK + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY), id="no last chunk"),
    # The protocol.
    pytest.param(raw(b"SSH-2.0-OpenSSH\r\n\r\n"), id="not HTTP"),
    pytest.param(raw(BODY), id="HTTP/0.9"),
    pytest.param(raw(b"\0\0\x12\x04\0\0\0\0\0" + bytes(18)), id="HTTP/2"),
    pytest.param(raw(b"\x15\x03\x03\0\x02\x02\x46"), id="a TLS alert"),
    pytest.param(raw(b"HTTP/1.1 2000 OK\r\n\r\n"), id="a status of four digits"),
    pytest.param(raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n" + WHOLE), id="another protocol"),
    pytest.param(raw(OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), id="bad chunks"),
    pytest.param(raw(OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), id="an unknown transfer"),
    pytest.param(raw(OK + b"content-length: %d\r\ncontent-length: 5\r\n\r\n" % len(BODY) + BODY), id="two lengths"),
    pytest.param(raw(OK + b"content-length: -5\r\n\r\n" + BODY), id="a length below nothing"),
    pytest.param(raw(OK + b"content-length: " + b"9" * 5_000 + b"\r\n\r\n" + BODY), id="a length without end"),
    pytest.param(raw(OK + b"content-length: 2147483648\r\n\r\n" + BODY), id="2 GiB announced, and a short body"),
    pytest.param(raw(OK + b"bad header\r\n\r\n" + BODY), id="a bad header"),
    pytest.param(raw(OK + b"x: \0\r\n\r\n" + BODY), id="a header with a NUL"),
    # The size.
    pytest.param(endless(OK, b"x: y\r\n" * 100), id="endless head"),
    pytest.param(endless(OK + b"x: ", b"y" * 65_536), id="endless header"),
    pytest.param(endless(OK + b"\r\n", b" " * 65_536), id="endless body"),
    pytest.param(endless(OK + b"transfer-encoding: chunked\r\n\r\n5;", b"x" * 65_536), id="endless chunk head"),
    pytest.param(
        endless(OK + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"x: y\r\n" * 9_999), id="endless trailer"
    ),
    pytest.param(endless(GZIPPED + gzip.compress(BODY), b"x" * 65_536), id="endless behind the gzip"),
    pytest.param(reply(gzip.compress(bytes(2**26)), headers={"content-encoding": "gzip"}), id="gzip bomb"),
    # The packing.
    pytest.param(raw(GZIPPED + gzip.compress(BODY) + WHOLE), id="more behind the gzip"),
    pytest.param(raw(GZIPPED + gzip.compress(BODY)[:-4]), id="gzip cut short"),
    pytest.param(reply(b"x", headers={"content-encoding": "gzip"}), id="not gzip"),
    pytest.param(reply(b"x", headers={"content-encoding": "br"}), id="unknown packing"),
    # The text.
    pytest.param(reply(b'{"phoneNumber": "+1202'), id="truncated JSON"),
    pytest.param(reply(b"\xef\xbb\xbf" + BODY), id="byte order mark"),
    pytest.param(reply(json.dumps(ITEM).encode("utf-16")), id="UTF-16"),
    pytest.param(reply(b'{"x": "\xff"}'), id="not UTF-8"),
    pytest.param(reply(BODY + BODY), id="two documents"),
    pytest.param(reply(b"<html>sorry</html>", headers=HTML), id="HTML"),
    pytest.param(reply(ITEM, headers=HTML), id="wrong content type"),
    pytest.param(reply(b""), id="empty"),
    pytest.param(reply(b"", 204), id="204"),
    pytest.param(reply(b"", 205), id="205"),
    pytest.param(reply(ITEM | {"x": float("nan")}), id="not a number"),
    pytest.param(reply(BODY[:-1] + b', "campaignId": "x"}'), id="a key twice"),
    pytest.param(reply(b"[" * 100_000 + b"]" * 100_000), id="100,000 lists in each other"),
    pytest.param(reply(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), id="100,000 objects in each other"),
    # The shape.
    pytest.param(reply(b"null"), id="null"),
    pytest.param(reply([ITEM]), id="a list"),
    pytest.param(reply({}), id="nothing in it"),
    pytest.param(reply(ERROR), id="200 with an error"),
    pytest.param(reply({"data": ERROR}), id="200 with an error inside data"),
    # The status.
    pytest.param(reply(b"", 302, headers={"location": "/v2/elsewhere"}), id="redirect"),
    pytest.param(reply(ITEM, 307, headers={"location": "/v2/elsewhere"}), id="redirect that keeps the method"),
    pytest.param(reply(ERROR, 500), id="500"),
    pytest.param(reply(b"<html>", 502), id="502"),
    pytest.param(reply(b"", 503), id="503"),
    pytest.param(reply(b"", 504), id="504"),
    pytest.param(reply(ITEM, 599), id="599"),
    pytest.param(reply(ITEM, 999), id="999"),
    pytest.param(reply(ERROR, 408), id="408"),
    pytest.param(reply(b"<html>", 400, headers=HTML), id="a proxy's 400"),
    pytest.param(reply(b"<html>", 404, headers=HTML), id="a proxy's 404"),
    pytest.param(reply(b"", 404), id="404 and nothing"),
    pytest.param(reply(ITEM, 404), id="404 with the number"),
    pytest.param(reply(b"", 422), id="422 and nothing"),
]


@pytest.mark.covers("F-42", "F-44", "F-48", "F-49", "A03")
@pytest.mark.parametrize("line", UNREADABLE)
async def test_what_cannot_be_understood_is_unknown(line: Line) -> None:
    """A write may have happened, a read told nothing, a list is no list, and the fault says it in one short line."""
    tracemalloc.start()
    try:
        faults = await come_of(line)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert {fault.kind for fault in faults} == {FaultKind.LOST}
    assert all(fault.detail.isprintable() and 0 < len(fault.detail) < 500 for fault in faults)
    assert peak < MOST_MEMORY


@pytest.mark.covers("F-49")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ITEM | {"phoneNumber": 12025550123}, id="the number as a number"),
        pytest.param(ITEM | {"phoneNumber": [NUMBER]}, id="the number in a list"),
        pytest.param(ITEM | {"phoneNumber": "12025550123"}, id="the number without its plus"),
        pytest.param(ITEM | {"phoneNumber": None}, id="no number"),
        pytest.param(ITEM | {"phoneNumber": "+12025550199"}, id="another number"),
        pytest.param({"data": [ITEM]}, id="a list inside data"),
        pytest.param({"records": [ITEM], "totalRecords": 1}, id="a list of one"),
        pytest.param(ITEM | {"campaignId": None}, id="no campaign"),
        pytest.param(ITEM | {"campaignId": {"id": CAMPAIGN}}, id="the campaign as an object"),
    ],
)
async def test_an_item_that_does_not_say_what_it_must_is_unknown(body: object) -> None:
    async with scripted(*[reply(body)] * 2) as script, client_of(script) as client:
        assigned, read = await assign(client), await look(client)

    assert isinstance(assigned, Unresolved)
    assert isinstance(read, Fault)
    assert {assigned.fault.kind, read.kind} == {FaultKind.LOST}


# What is odd, and understood.


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + WHOLE, id="not yet, fifty times"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + WHOLE, id="hints"),
        pytest.param(
            OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n",
            id="chunks and a length (RFC 9112: the chunks count)",
        ),
        pytest.param(OK + b"content-length: %d\r\n" % len(BODY) * 2 + b"\r\n" + BODY, id="one length twice"),
        pytest.param(b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + BODY, id="HTTP/1.0"),
        pytest.param(OK + b"x: y\r\n" * 10_000 + b"\r\n" + BODY, id="10,000 headers"),
        pytest.param(OK + b"x: " + b"y" * 90_000 + b"\r\n\r\n" + BODY, id="a header of 90 KB"),
    ],
)
async def test_what_http_allows_is_understood(answer: bytes) -> None:
    async with scripted(*[raw(answer)] * 2) as script, client_of(script) as client:
        assigned, read = await assign(client), await look(client)

    assert not isinstance(assigned, Unresolved)
    assert not isinstance(read, Fault)


# What takes for ever.


@pytest.mark.covers("F-40", "F-42")
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(silence, id="silence"),
        pytest.param(drip(OK, 0.01), id="dripping head"),
        pytest.param(drip(OK + b"content-length: 99999\r\n\r\n" + b" " * 99_999, 0.001), id="dripping body"),
        pytest.param(drip(OK, 1.0), id="a byte a second"),
        pytest.param(send(OK + b"content-length: 2147483648\r\n\r\n" + BODY), id="a body that stops"),
        pytest.param(send(OK + b"transfer-encoding: chunked\r\n\r\n"), id="chunks that do not come"),
        pytest.param(endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 100), id="hints without end"),
        pytest.param(
            endless(OK + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 1_000), id="chunks of one byte"
        ),
        pytest.param(endless(GZIPPED + gzip.compress(b"")[:10], b"\0\0\0\xff\xff" * 10), id="gzip that holds nothing"),
    ],
)
async def test_a_call_ends_at_its_deadline_whatever_comes_meanwhile(line: Line) -> None:
    """In wall time, and with a margin for a busy machine: no single read ever takes long, so no other limit ends it."""

    async def held(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await line(reader, writer)
        await silence(reader, writer)

    async with scripted(*[held] * 3) as script, client_of(script, deadline=timedelta(seconds=0.3)) as client:
        for call in (assign, attach, look):
            started = asyncio.get_running_loop().time()
            ending = await call(client)
            took = asyncio.get_running_loop().time() - started

            fault = ending if isinstance(ending, Fault) else getattr(ending, "fault", None)
            assert isinstance(ending, Fault if call is look else Unresolved)
            assert fault is not None
            assert fault.kind is FaultKind.LOST
            assert took < 5


def test_the_stray_answer_of_these_tests_would_be_understood() -> None:
    """Where a test says that it was not taken, it is not because nobody could have."""
    assert json.loads(NOBODY)["errors"][0]["code"] == "10005"
