"""One connection a call: what an answer leaves behind is no other's answer, and nothing goes out twice or elsewhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

import pytest

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Single
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line as Record
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign
from reconciler.model.verdicts import Accepted, Refused, Told, Unresolved
from reconciler.telnyx.client import TelnyxClient
from tests.telnyx.scripted import (
    KEY,
    NOW,
    PATIENCE,
    Line,
    client_of,
    endless,
    raw,
    reply,
    reset,
    scripted,
    send,
    silence,
)

pytestmark = pytest.mark.anyio

NUMBER, OTHER = PhoneNumber("+12025550123"), PhoneNumber("+12025550199")
CAMPAIGN = CampaignId("4b300178-131c-d902-d54e-72d90ba1620j")
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
ITEM = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN, "assignmentStatus": "PENDING_ASSIGNMENT"}
BODY = json.dumps(ITEM).encode()
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
WHOLE = OK + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
NOBODY = json.dumps({"errors": [{"code": "10005", "title": "Resource not found"}]}).encode()
STRAY = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(NOBODY) + NOBODY

Ending: TypeAlias = Accepted | Refused | Unresolved | Told | Single | Fault
Call: TypeAlias = Callable[[TelnyxClient], Awaitable[Ending]]


async def assign(client: TelnyxClient) -> Ending:
    """A POST."""
    async with client.turn(Urgency.APPROVAL) as turn:
        return await turn.act(Assign(NUMBER, PoolName("sales"), CAMPAIGN))


async def attach(client: TelnyxClient) -> Ending:
    """A PATCH."""
    async with client.turn(Urgency.APPROVAL) as turn:
        return await turn.attach(Record(NUMBER, NOW, id="1293384261075731499"), PROFILE)


async def look(client: TelnyxClient, number: PhoneNumber = NUMBER) -> Ending:
    """A GET."""
    async with client.turn(Urgency.EVENT) as turn:
        return await turn.look(number)


CALLS = pytest.mark.parametrize("call", [assign, attach, look])


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(WHOLE + STRAY, id="a second answer"),
        pytest.param(WHOLE + b"\r\n" + STRAY, id="a second answer after a blank line"),
        pytest.param(OK + b"content-length: 2\r\n\r\n{}" + STRAY, id="a body longer than it says"),
        pytest.param(OK + b"content-length: 0\r\n\r\n" + STRAY, id="no body"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n" + STRAY, id="204 with a body"),
        pytest.param(
            OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + STRAY,
            id="two lengths",
        ),
    ],
)
async def test_an_answer_that_was_left_behind_is_not_the_next_ones(before: bytes) -> None:
    """It says 404 and names nobody: taken for the answer about another number, it would show that this one is free."""
    async with scripted(send(before), reply(ITEM | {"phoneNumber": OTHER})) as script, client_of(script) as client:
        await assign(client)

        read = await look(client, OTHER)

    assert isinstance(read, Single)
    assert read.assignment is not None
    assert read.assignment.number == OTHER
    assert len(script.received) == 2


@CALLS
async def test_each_call_has_a_connection_of_its_own_and_says_so(call: Call) -> None:
    """A connection that was kept may be dead already, and what was sent into it would be in doubt for a minute."""
    async with (
        scripted(*[reply(ITEM, headers={"connection": "keep-alive"})] * 3) as script,
        client_of(script) as client,
    ):
        for _ in range(3):
            await call(client)

    assert script.connections == 3
    assert {request.headers["connection"] for request in script.received} == {"close"}


async def test_a_server_that_hangs_up_after_each_answer_loses_nothing() -> None:
    async with scripted(*[raw(WHOLE)] * 5) as script, client_of(script) as client:
        endings = [await assign(client) for _ in range(5)]

    assert all(isinstance(one, Accepted) for one in endings)
    assert [request.method for request in script.received] == ["POST"] * 5


@pytest.mark.covers("F-56", "F-40")
@CALLS
@pytest.mark.parametrize("line", [reset, raw(b""), raw(OK), reply(b"", 503), reply(b"", 408), reply(b"", 409), silence])
async def test_nothing_is_ever_sent_twice_by_itself(call: Call, line: Line) -> None:
    """The connection ended, Telnyx is unwell or silent: whether to ask again is not for the client to say."""
    async with (
        scripted(line, reply(ITEM), reply(ITEM)) as script,
        client_of(script, deadline=timedelta(seconds=0.5) if line is silence else PATIENCE) as client,
    ):
        ending = await call(client)

        assert isinstance(ending, Fault if call is look else Unresolved)
        assert len(script.received) == 1
        assert len(script.lines) == 2


@pytest.mark.covers("F-42")
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(endless(OK + b"\r\n", b" " * 65_536), id="endless"),
        pytest.param(endless(OK + b"content-length: 99999999999\r\n\r\n", b" " * 65_536), id="as long as it says"),
        pytest.param(silence, id="silent"),
    ],
)
async def test_an_answer_that_is_given_up_ends_its_connection(line: Line) -> None:
    """Not read on in the background, and not left to whoever calls next."""
    ended = asyncio.Event()

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await line(reader, writer)
        finally:
            ended.set()

    async with (
        scripted(heard, reply(ITEM)) as script,
        client_of(script, deadline=timedelta(seconds=0.5) if line is silence else PATIENCE) as client,
    ):
        assert isinstance(await assign(client), Unresolved)
        async with asyncio.timeout(10):
            await ended.wait()
        assert isinstance(await look(client), Single)

    assert script.connections == 2


@pytest.mark.covers("F-56")
@CALLS
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_redirect_is_not_followed_wherever_it_leads(call: Call, status: int, *, elsewhere: bool) -> None:
    """The key goes nowhere but where the config says, and a write that was answered so may have happened."""
    async with scripted(*[reply(ITEM)] * 3) as other, scripted() as script:
        target = other.base_url if elsewhere else script.base_url
        script.then(reply(ITEM, status, {"location": f"{target}/10dlc/phone_number_campaigns"}), *[reply(ITEM)] * 3)
        async with client_of(script) as client:
            ending = await call(client)

        assert isinstance(ending, Fault if call is look else Unresolved)
        assert (other.connections, script.connections, len(script.received)) == (0, 1, 1)


async def test_what_answers_ask_to_be_told_again_is_not_told() -> None:
    """No cookie, so no answer adds to what is sent or kept."""
    headers = {"set-cookie": f"session={'x' * 3_000}; Path=/", "alt-svc": 'h2="127.0.0.1:1"', "refresh": "0; url=/"}
    async with scripted(reply(ITEM, headers=headers), reply(ITEM)) as script, client_of(script) as client:
        await look(client)
        await look(client)

    first, second = (request.headers for request in script.received)
    assert first == second
    assert "cookie" not in second


async def test_nothing_in_the_environment_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(reply(ITEM)) as proxy, scripted(reply(ITEM)) as script:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with client_of(script) as client:
            assert isinstance(await look(client), Single)

    assert (proxy.connections, script.connections) == (0, 1)
    assert script.received[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.covers("F-40")
@CALLS
async def test_a_connection_that_ends_before_it_was_read_from_is_in_doubt_all_the_same(call: Call) -> None:
    """What was written into it may have arrived."""

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server, scripted() as script:
        script.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        async with client_of(script) as client:
            ending = await call(client)

    fault = ending if isinstance(ending, Fault) else getattr(ending, "fault", None)
    assert isinstance(ending, Fault if call is look else Unresolved)
    assert fault is not None
    assert fault.kind is FaultKind.LOST
