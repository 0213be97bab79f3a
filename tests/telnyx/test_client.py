"""The client over real sockets: every way in which an answer can go wrong is a value, and nothing is said twice."""

import asyncio
import gzip
import json
import logging
import socket
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Look, Single
from reconciler.model.health import Health
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.operations import Urgency
from reconciler.model.plan import Assign
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.model.verdicts import Accepted, Refused, Unresolved
from reconciler.ports import Telnyx
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.exchange import WriteRefused
from reconciler.telnyx.limiter import Limiter
from tests.telnyx.scripted import (
    KEY,
    NOW,
    PATIENCE,
    Line,
    StoppedClock,
    client_of,
    raw,
    reply,
    reset,
    scripted,
    settings,
    silence,
)

pytestmark = pytest.mark.anyio

NUMBER = PhoneNumber("+12025550123")
CAMPAIGN = CampaignId("4b300178-131c-d902-d54e-72d90ba1620j")
TCR = CampaignId("C6X6M95")
OTHER = CampaignId("751c6a5c-907b-43a9-8ada-ba1dc8335b07")
ACTION = Assign(NUMBER, PoolName("sales"), CAMPAIGN)
ITEM = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN, "assignmentStatus": "PENDING_ASSIGNMENT"}
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
ERROR = {"errors": [{"code": "10015", "title": "Bad request"}]}


async def act(line: Line, deadline: timedelta = PATIENCE) -> Accepted | Refused | Unresolved:
    async with (
        scripted(line) as script,
        client_of(script, deadline=deadline) as client,
        client.turn(Urgency.APPROVAL) as turn,
    ):
        return await turn.act(ACTION)


async def look(line: Line, deadline: timedelta = PATIENCE) -> Single | Fault:
    async with (
        scripted(line) as script,
        client_of(script, deadline=deadline) as client,
        client.turn(Urgency.EVENT) as turn,
    ):
        return await turn.look(NUMBER)


async def test_assigning_sends_one_post_with_the_key() -> None:
    async with scripted(reply(ITEM)) as script, client_of(script) as client:
        telnyx: Telnyx = client
        async with telnyx.turn(Urgency.APPROVAL) as turn:
            outcome = await turn.act(ACTION)

    assert isinstance(outcome, Accepted)
    assert (outcome.assignment.number, outcome.assignment.state) == (NUMBER, AssignmentState.PENDING)
    [request] = script.received
    assert (request.method, request.target) == ("POST", "/v2/10dlc/phone_number_campaigns")
    assert json.loads(request.body) == {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("chunk", [0, 1])
@pytest.mark.parametrize("body", [ITEM, {"data": ITEM}])
async def test_any_readable_item_is_accepted(status: int, chunk: int, body: object) -> None:
    assert isinstance(await act(reply(body, status, chunk=chunk)), Accepted)


async def test_a_packed_answer_is_unpacked() -> None:
    assert isinstance(
        await act(reply(gzip.compress(json.dumps(ITEM).encode()), headers={"content-encoding": "gzip"})), Accepted
    )


@pytest.mark.covers("F-49")
@pytest.mark.parametrize("named", [CAMPAIGN, TCR])
async def test_an_answer_about_another_campaign_is_no_answer_to_us(named: CampaignId) -> None:
    """Neither yes nor no: whose it is nobody knows, so the number is read before anything is asked again."""
    async with scripted(reply(ITEM | {"campaignId": OTHER})) as script, client_of(script) as client:
        client.learn(Campaign(TCR, CampaignPhase.APPROVED, NOW, telnyx_id=CAMPAIGN, tcr_id=TCR))
        async with client.turn(Urgency.APPROVAL) as turn:
            outcome = await turn.act(Assign(NUMBER, PoolName("sales"), named))

    assert isinstance(outcome, Unresolved)
    assert "about another campaign" in outcome.fault.detail


@pytest.mark.parametrize("named", [CAMPAIGN, TCR])
@pytest.mark.parametrize("answered", [{"campaignId": CAMPAIGN}, {"campaignId": TCR}, {"tcrCampaignId": TCR}])
async def test_an_answer_may_name_the_campaign_by_either_id(named: CampaignId, answered: dict[str, str]) -> None:
    async with scripted(reply({"phoneNumber": NUMBER} | answered)) as script, client_of(script) as client:
        client.learn(Campaign(named, CampaignPhase.APPROVED, NOW, telnyx_id=CAMPAIGN, tcr_id=TCR))
        async with client.turn(Urgency.APPROVAL) as turn:
            assert isinstance(await turn.act(Assign(NUMBER, PoolName("sales"), named)), Accepted)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, ERROR, FaultKind.REFUSED),
        (401, ERROR, FaultKind.HALTED),
        (402, ERROR, FaultKind.HALTED),
        (403, b"<html>", FaultKind.HALTED),
        (404, {"errors": [{"code": "10005", "title": "Not found"}]}, FaultKind.NOT_FOUND),
        (400, {"errors": [{"code": "10036", "title": "Being processed"}]}, FaultKind.NOT_APPROVED),
        (422, {"errors": [{"code": "1", "title": "already associated with another campaign"}]}, FaultKind.TAKEN),
        (429, b"", FaultKind.THROTTLED),
    ],
)
async def test_what_telnyx_did_not_do_is_refused(status: int, body: bytes | object, kind: FaultKind) -> None:
    outcome = await act(reply(body, status))

    assert isinstance(outcome, Refused)
    assert (outcome.fault.kind, outcome.fault.status) == (kind, status)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.covers("F-38", "F-39", "A03")
@pytest.mark.parametrize("trouble", ["refused", "name", "tls", "deaf"])
async def test_without_a_connection_nothing_was_sent(trouble: str) -> None:
    deaf = socket.create_server(("127.0.0.1", 0), backlog=0)
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:
        one.settimeout(0)
        one.connect_ex(deaf.getsockname())
    async with scripted(reset) as script:
        base_url = {
            "refused": f"http://127.0.0.1:{free_port()}/v2",
            "name": "http://nowhere.invalid/v2",
            "tls": script.base_url.replace("http:", "https:"),
            "deaf": f"http://127.0.0.1:{deaf.getsockname()[1]}/v2",
        }[trouble]
        patience = timedelta(seconds=0.6) if trouble == "deaf" else PATIENCE
        async with (
            TelnyxClient(settings(base_url, patience), StoppedClock(), Limiter(1000)) as client,
            client.turn(Urgency.APPROVAL) as turn,
        ):
            outcome = await turn.act(ACTION)
    for one in (*crowd, deaf):
        one.close()

    assert isinstance(outcome, Refused)
    assert outcome.fault.kind is FaultKind.UNREACHABLE
    assert outcome.fault.detail.startswith("no connection: Connect")


async def test_reading_a_number() -> None:
    read = await look(reply(ITEM | {"assignmentStatus": "ASSIGNED"}))

    assert isinstance(read, Single)
    assert read.assignment is not None
    assert (read.assignment.state, read.taken_at) == (AssignmentState.ASSIGNED, NOW)


async def test_a_404_with_an_error_document_shows_that_it_is_on_no_campaign() -> None:
    read = await look(reply({"errors": [{"code": "10005", "title": "Resource not found"}]}, 404))

    assert read == Single(NUMBER, None, NOW)


async def test_the_plus_is_encoded_in_the_path() -> None:
    async with scripted(reply(ITEM)) as script, client_of(script) as client, client.turn(Urgency.EVENT) as turn:
        await turn.look(NUMBER)

    assert script.asked == ["GET /v2/10dlc/phone_number_campaigns/%2B12025550123"]


@pytest.mark.covers("F-56")
async def test_a_redirect_is_not_followed_and_a_lost_answer_not_asked_for_again() -> None:
    async with (
        scripted(reply(b"", 307, headers={"location": "/v2/elsewhere"}), reset, raw(b"")) as script,
        client_of(script) as client,
    ):
        for _ in range(3):
            async with client.turn(Urgency.APPROVAL) as turn:
                await turn.act(ACTION)

    assert script.asked == ["POST /v2/10dlc/phone_number_campaigns"] * 3


async def test_a_turn_is_one_call() -> None:
    async with scripted(reply(ITEM)) as script, client_of(script) as client, client.turn(Urgency.EVENT) as turn:
        await turn.look(NUMBER)
        with pytest.raises(RuntimeError, match="one call"):
            await turn.look(NUMBER)

    assert len(script.received) == 1


async def test_an_unused_turn_is_given_back_and_a_used_one_is_not() -> None:
    limiter = Limiter(0.001, burst=1)
    async with (
        scripted(reply(ITEM)) as script,
        TelnyxClient(settings(script.base_url), StoppedClock(), limiter) as client,
    ):
        for _ in range(3):
            async with client.turn(Urgency.APPROVAL):
                pass
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.look(NUMBER)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), client.turn(Urgency.APPROVAL):
                pass


async def test_no_more_than_eight_calls_are_in_flight() -> None:
    async with scripted(*[silence] * 12) as script, client_of(script, deadline=timedelta(minutes=1)) as client:

        async def call() -> None:
            async with client.turn(Urgency.EVENT) as turn:
                await turn.look(NUMBER)

        async def sent(expected: int) -> int:
            """How many were sent: those that must come are waited for, however long, and then whether more do."""
            async with asyncio.timeout(30):
                while len(script.received) < expected:
                    await script.arrivals.get()
            with suppress(TimeoutError):
                while True:
                    await asyncio.wait_for(script.arrivals.get(), 0.2)
            return len(script.received)

        calls = [asyncio.ensure_future(call()) for _ in range(12)]
        assert await sent(8) == 8
        calls[0].cancel()
        assert await sent(9) == 9
        for one in calls:
            one.cancel()
        await asyncio.wait(calls)


@pytest.mark.covers("A03")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 20)}, 20),
        ({"retry-after": "999999999999"}, 300),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "0"}, 0),
    ],
)
async def test_a_429_pauses_everybody(headers: dict[str, str], seconds: float | None) -> None:
    time, naps = [1000.0], []

    async def sleep(pause: float) -> None:
        naps.append(pause)
        time[0] += pause
        await asyncio.sleep(0)

    limiter = Limiter(1000, burst=1000, clock=lambda: time[0], sleep=sleep)
    body = {"errors": [{"code": "10011", "title": "Too many requests"}]}
    async with (
        scripted(reply(body, 429, headers), reply(ITEM)) as script,
        TelnyxClient(settings(script.base_url), StoppedClock(), limiter) as client,
    ):
        async with client.turn(Urgency.SWEEP) as turn:
            fault = await turn.look(NUMBER)
        async with client.turn(Urgency.APPROVAL) as turn:
            assert isinstance(await turn.look(NUMBER), Single)

    assert isinstance(fault, Fault)
    assert (fault.kind, fault.retry_after_seconds) == (FaultKind.THROTTLED, seconds)
    assert sum(naps) == pytest.approx(seconds or 5)


async def test_a_read_only_client_sends_no_write() -> None:
    async with scripted(reply(ITEM)) as script, client_of(script, read_only=True) as client:
        async with client.turn(Urgency.APPROVAL) as turn:
            with pytest.raises(WriteRefused):
                await turn.act(ACTION)
        assert script.received == []
        async with client.turn(Urgency.EVENT) as turn:
            assert isinstance(await turn.look(NUMBER), Single)

    assert [request.method for request in script.received] == ["GET"]


@pytest.mark.parametrize("known", [None, "before", "look"])
async def test_the_campaign_is_sent_by_its_id_at_telnyx(known: str | None) -> None:
    campaign = Campaign(TCR, CampaignPhase.APPROVED, NOW, telnyx_id=CAMPAIGN, tcr_id=TCR)
    async with scripted(reply(ITEM)) as script, client_of(script) as client:
        if known == "before":
            client.learn(campaign)
        if known == "look":
            script.lines.appendleft(reply({"records": [], "totalRecords": 0}))
            await client.observe([Look(TCR, campaign, read_campaign=False)], [])
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(Assign(NUMBER, PoolName("sales"), TCR))

    assert json.loads(script.received[-1].body)["campaignId"] == (CAMPAIGN if known else TCR)


async def test_a_shared_campaign_is_sent_by_its_tcr_id() -> None:
    named = CampaignId("shared-in-the-config")
    async with scripted(reply(ITEM)) as script, client_of(script) as client:
        client.learn(Campaign(named, CampaignPhase.APPROVED, NOW, tcr_id=TCR))
        async with client.turn(Urgency.APPROVAL) as turn:
            await turn.act(Assign(NUMBER, PoolName("sales"), named))

    assert json.loads(script.received[0].body)["campaignId"] == TCR


async def test_the_key_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echoes = [
        reply({"errors": [{"code": "1", "title": f"Bearer {KEY} is odd"}]}, 400),
        reply(f"<html>{'x' * 190}{KEY}".encode(), 502),
        reply(f"{KEY}".encode()),
        reply(ITEM | {"failureReasons": KEY}),
    ]

    shown = [repr(await act(line)) for line in echoes]

    assert not [text for text in (*shown, caplog.text) if KEY in text or KEY[:12] in text]
    assert "[API key]" in shown[0]


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "Schlüssel", "tab\t"])
async def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ReconcilerError) as refused:
        TelnyxClient(TelnyxSettings(Secret(key), ()), StoppedClock(), Limiter(2))

    assert not key or key not in f"{refused.value!r} {refused.value.hint}"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "api.telnyx.com",
        "ftp://host/v2",
        "http://",
        "https://u:p@host",
        "http://" + "x" * 64,
        "http://a..b",
        "http://h:x",
        "https://h/?a=b",
    ],
)
async def test_a_base_url_that_leads_nowhere_is_refused(base_url: str) -> None:
    with pytest.raises(ReconcilerError):
        TelnyxClient(settings(base_url), StoppedClock(), Limiter(2))


@pytest.mark.covers("F-49")
async def test_every_call_is_watched() -> None:
    """A success that nobody can read is counted apart: there Telnyx differs from its reference."""
    seen: list[tuple[str, str, bool]] = []

    def watch(operation: str, code: str, seconds: float) -> None:
        seen.append((operation, code, seconds >= 0))

    limiter = Limiter(1000, burst=1000)
    async with (
        scripted(reply(ITEM), reply(ERROR, 400), reset, reply({}), reply(ERROR)) as script,
        TelnyxClient(settings(script.base_url), StoppedClock(), limiter, on_call=watch) as client,
    ):
        for _ in range(5):
            async with client.turn(Urgency.APPROVAL) as turn:
                await turn.act(ACTION)

    codes = ["200", "400", "lost", "unreadable", "unreadable"]
    assert seen == [("assign", code, True) for code in codes]


async def test_how_calls_fare_is_told() -> None:
    """Any answer of Telnyx's own shows that it is there, a refusal too; what fails is told since the first failure."""
    clock = StoppedClock()
    limiter = Limiter(1000, burst=1000)
    told = []
    async with (
        scripted(reset, reset, reply(ERROR, 400), reply(ITEM), reply(ERROR, 503)) as script,
        TelnyxClient(settings(script.base_url), clock, limiter) as client,
    ):
        assert client.health == Health()
        for _ in range(5):
            async with client.turn(Urgency.APPROVAL) as turn:
                await turn.look(NUMBER)
            told.append((client.health.succeeded_at, client.health.failing_since))
            clock.time += timedelta(minutes=1)

        assert client.health.detail

    minutes = [NOW + timedelta(minutes=minute) for minute in range(5)]
    assert told == [
        (None, minutes[0]),
        (None, minutes[0]),
        (minutes[2], None),
        (minutes[3], None),
        (minutes[3], minutes[4]),
    ]


async def test_a_swapped_transport_is_used_and_closed() -> None:
    closed = []

    class Loop(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=ITEM, request=request)

        async def aclose(self) -> None:
            closed.append(True)

    nowhere = settings("https://nowhere.invalid/v2")
    async with (
        TelnyxClient(nowhere, StoppedClock(), Limiter(2), transport=Loop()) as client,
        client.turn(Urgency.APPROVAL) as turn,
    ):
        assert isinstance(await turn.act(ACTION), Accepted)

    assert closed


async def test_a_turn_that_comes_after_the_close_sends_nothing_and_says_nothing_of_telnyx() -> None:
    """Reloads put other clients in its place, one after the other, while somebody waited."""
    async with scripted() as script, client_of(script) as client, client.turn(Urgency.APPROVAL) as turn:
        await client.close()

        outcome = await turn.act(ACTION)

        assert client.health == Health()
    assert isinstance(outcome, Refused)
    assert outcome.fault.kind is FaultKind.UNREACHABLE
    assert script.asked == []


async def test_a_call_that_the_close_cuts_off_may_have_done_it() -> None:
    async with scripted(silence) as script, client_of(script) as client, client.turn(Urgency.APPROVAL) as turn:
        acting = asyncio.ensure_future(turn.act(ACTION))
        await script.arrivals.get()

        await client.close()

        assert isinstance(await acting, Unresolved)


async def test_a_cancelled_call_frees_its_place() -> None:
    async with (
        scripted(*[silence] * 20, reply(ITEM)) as script,
        client_of(script) as client,
    ):

        async def call() -> Single | Fault:
            async with client.turn(Urgency.EVENT) as turn:
                return await turn.look(NUMBER)

        for _ in range(20):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await call()

        while len(script.lines) > 1:
            script.lines.popleft()
        assert isinstance(await call(), Single)
