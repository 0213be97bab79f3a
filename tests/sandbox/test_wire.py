"""The emulator over real sockets: requests, faults of the line, and webhooks that reach a receiver."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.line import Line
from reconciler.sandbox.wire import serving
from tests.sandbox.stage import CAMPAIGN, KEY, NUMBER, OTHER_NUMBER

pytestmark = pytest.mark.anyio

HEADERS = {"Authorization": "Bearer KEY-sandbox"}
COLLECTION = "/10dlc/phone_number_campaigns"
WISH = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}
PATIENCE_SECONDS = 10


@asynccontextmanager
async def running(behaviour: Behaviour | None = None, hook: str = "") -> AsyncIterator[tuple[Line, httpx.AsyncClient]]:
    """A served emulator with one approved campaign and two numbers, and a client of it."""
    emulator = Emulator(behaviour or Behaviour(assignment_seconds=0.02, carrier_seconds=0.02), KEY)
    emulator.add_campaign(CAMPAIGN, status="MNO_PROVISIONED", webhook_url=hook)
    emulator.add_number(NUMBER)
    emulator.add_number(OTHER_NUMBER)
    async with (
        serving(emulator) as line,
        httpx.AsyncClient(base_url=line.base_url, headers=HEADERS, trust_env=False) as client,
    ):
        yield line, client


async def eventually(holds: Callable[[], object]) -> None:
    """Wait for something to become true, and fail if it does not in time."""
    for _ in range(int(PATIENCE_SECONDS / 0.005)):
        if holds():
            return
        await asyncio.sleep(0.005)
    pytest.fail(f"not within {PATIENCE_SECONDS} s")


@dataclass
class Receiver:
    """A listener on loopback: remembers what it is sent, and answers with its statuses, one after another."""

    statuses: list[int]
    bodies: list[bytes] = field(default_factory=list)
    hang: bool = False
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.bodies.append(await reader.readexactly(length))
        if self.hang:
            await reader.read()
        else:
            status = HTTPStatus(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])
            writer.write(f"HTTP/1.1 {status} {status.phrase}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()

    def types(self) -> list[str]:
        return [json.loads(body)["data"]["payload"]["type"] for body in self.bodies]


@asynccontextmanager
async def receiving(*statuses: int, hang: bool = False) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(statuses) or [200], hang=hang)
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    async with server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield receiver


class TestRequests:
    async def test_an_assignment_comes_to_its_end_by_the_real_clock(self) -> None:
        async with running() as (line, client):
            assert (await client.post(COLLECTION, json=WISH)).json()["assignmentStatus"] == "PENDING_ASSIGNMENT"
            await eventually(lambda: line.emulator.assignments()[NUMBER].tmobile == "ADDED")

            answer = await client.get(f"{COLLECTION}/%2B{NUMBER[1:]}")
            assert answer.json()["assignmentStatus"] == "ASSIGNED"
            assert answer.headers["x-ratelimit-limit"]
            listed = await client.get(COLLECTION, params={"filter[telnyx_campaign_id]": CAMPAIGN})
            assert [record["phoneNumber"] for record in listed.json()["records"]] == [NUMBER]

    async def test_a_body_has_a_limit(self) -> None:
        async with running() as (line, client):
            assert (await client.post(COLLECTION, content=b" " * 65_537)).status_code == 413
            assert line.emulator.journal() == ()

    async def test_is_controlled_from_this_machine(self) -> None:
        async with running() as (line, client):
            await client.post(f"{line.control_url}/assign", json={"number": NUMBER, "campaign_id": CAMPAIGN})

            world = (await client.get(f"{line.control_url}/world")).json()
            assert [one["number"] for one in world["assignments"]] == [NUMBER]

    async def test_stops_while_connections_are_open(self) -> None:
        async with running() as (_, client), asyncio.timeout(PATIENCE_SECONDS):
            await client.get(COLLECTION)


class TestFaults:
    async def test_a_lost_answer_is_of_a_request_that_was_done(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.LOSE_ANSWER,), methods=frozenset({"POST"}))

            assert (await client.get(COLLECTION)).status_code == 200
            with pytest.raises(httpx.TransportError):
                await client.post(COLLECTION, json=WISH)
            assert line.emulator.posts(NUMBER) == 1
            assert NUMBER in line.emulator.assignments()

    async def test_a_lost_request_has_done_nothing(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.LOSE_REQUEST,))

            with pytest.raises(httpx.TransportError):
                await client.post(COLLECTION, json=WISH)
            assert line.emulator.journal() == ()
            assert (await client.post(COLLECTION, json=WISH)).status_code == 200

    async def test_a_broken_server_has_done_nothing(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.STATUS_500, Fault.STATUS_502, Fault.STATUS_503, Fault.HTML))

            answers = [await client.post(COLLECTION, json=WISH) for _ in range(4)]

            assert [answer.status_code for answer in answers] == [500, 502, 503, 200]
            assert answers[3].text.startswith("<!doctype html>")
            assert dict(line.emulator.assignments()) == {}

    async def test_a_truncated_answer_is_of_a_request_that_was_done(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.TRUNCATED,))

            answer = await client.post(COLLECTION, json=WISH)

            with pytest.raises(json.JSONDecodeError):
                answer.json()
            assert NUMBER in line.emulator.assignments()

    async def test_what_is_lost_may_leave_its_client_to_wait(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.LOSE_ANSWER,), hangs=True)

            with pytest.raises(httpx.ReadTimeout):
                await client.post(COLLECTION, json=WISH, timeout=0.2)
            assert NUMBER in line.emulator.assignments()

    async def test_the_line_knows_what_went_wrong_with_each_request(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(upcoming=(Fault.LOSE_REQUEST, Fault.STATUS_503))
            with pytest.raises(httpx.TransportError):
                await client.post(COLLECTION, json=WISH)
            for _ in range(2):
                await client.get(f"{COLLECTION}/%2B{NUMBER[1:]}")

            path = f"/10dlc/phone_number_campaigns/{NUMBER}"
            assert [(one.method, one.path, one.fault, one.status) for one in line.crossings] == [
                ("POST", "/10dlc/phone_number_campaigns", Fault.LOSE_REQUEST, None),
                ("GET", path, Fault.STATUS_503, None),
                ("GET", path, None, 404),
            ]

    async def test_chance_is_repeatable(self) -> None:
        async with running() as (line, client):
            runs = []
            for _ in range(2):
                line.faults = Faults(probability=0.5, kinds=(Fault.STATUS_503,), seed=7)
                runs.append([(await client.get(COLLECTION)).status_code for _ in range(20)])

        assert runs[0] == runs[1]
        assert set(runs[0]) == {200, 503}

    async def test_latency_delays_each_request_and_not_the_others(self) -> None:
        async with running() as (line, client):
            line.faults = Faults(latency_seconds=0.3)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await asyncio.gather(*(client.get(COLLECTION) for _ in range(8)))

            assert 0.3 <= loop.time() - began < 1.5


class TestDeliveries:
    async def test_each_event_reaches_the_campaigns_webhook(self) -> None:
        async with receiving() as receiver, running(hook=receiver.url) as (line, client):
            await client.post(COLLECTION, json=WISH)
            await eventually(lambda: len(receiver.bodies) == 3)

            assert receiver.types() == ["ASSIGNMENT", "STATUS_UPDATE", "STATUS_UPDATE"]
            await eventually(lambda: line.emulator.outbox.delivered == 3)

    async def test_what_the_process_itself_does_is_noticed(self) -> None:
        async with receiving() as receiver, running(hook=receiver.url) as (line, _):
            line.emulator.approve(CAMPAIGN, line.now())

            await eventually(lambda: receiver.types() == ["MNO_REVIEW", "VERIFIED"])

    async def test_a_refused_one_is_sent_again(self) -> None:
        behaviour = Behaviour(retry_seconds=0.01)
        async with receiving(503, 202, 200) as receiver, running(behaviour, receiver.url) as (line, _):
            line.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": "X"}, line.now())
            await eventually(lambda: line.emulator.outbox.delivered == 1)

        attempts = [json.loads(body)["meta"]["attempt"] for body in receiver.bodies]
        assert attempts == [1, 2, 3]
        assert len({json.loads(body)["data"]["id"] for body in receiver.bodies}) == 1

    async def test_a_hanging_receiver_keeps_nobody_waiting(self) -> None:
        async with receiving(hang=True) as stuck, receiving() as well, running() as (line, _):
            for url in (stuck.url, well.url):
                line.emulator.emit("10dlc.brand.update", {"type": "REVET"}, line.now(), url=url)

            await eventually(lambda: line.emulator.outbox.delivered == 1)
            assert (len(stuck.bodies), len(well.bodies)) == (1, 1)

    async def test_dropped_ones_never_arrive(self) -> None:
        async with receiving() as receiver, running(hook=receiver.url) as (line, _):
            line.drop_webhooks = True
            line.emulator.approve(CAMPAIGN, line.now())
            await eventually(lambda: line.emulator.outbox.lost == 2)
            line.drop_webhooks = False
            line.emulator.emit("10dlc.campaign.update", {"campaignId": CAMPAIGN, "type": "X"}, line.now())

            await eventually(lambda: receiver.bodies)
            assert receiver.types() == ["X"]

    async def test_nothing_leaves_the_machine(self) -> None:
        behaviour = Behaviour(retry_seconds=0.01)
        async with running(behaviour) as (line, _):
            for host in ("192.0.2.1", "telnyx.example", "[bad"):
                line.emulator.emit("10dlc.brand.update", {}, line.now(), url=f"http://{host}/hook")

            await eventually(lambda: line.emulator.outbox.lost == 3)
