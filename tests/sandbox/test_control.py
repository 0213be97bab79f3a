"""The control endpoint does what the verbs do, from another process, and only for this machine."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.control import VERBS, control_routes
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.line import Line
from reconciler.sandbox.oddities import Oddities, Times
from tests.sandbox.stage import CAMPAIGN, KEY, NUMBER, Json

pytestmark = pytest.mark.anyio


@pytest.fixture
def line() -> Line:
    return Line(Emulator(Behaviour(), KEY), port=0)


@pytest.fixture
async def control(line: Line) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=control_routes(line)), client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/_sandbox") as client:
        yield client


async def test_a_world_is_made_and_moved(line: Line, control: httpx.AsyncClient) -> None:
    profile = "b1a2c3d4-0000-4000-8000-000000000001"
    steps: list[tuple[str, Json]] = [
        (
            "campaign",
            {"campaign_id": CAMPAIGN, "tcr_campaign_id": "CAAAAAA", "webhook_url": "http://127.0.0.1:9/"},
        ),
        ("profile", {"profile_id": profile, "name": "Acme"}),
        ("number", {"number": NUMBER}),
        (
            "number",
            {"number": "+12025550199", "messaging_profile_id": None, "tags": ["gold"], "status": "port-pending"},
        ),
        ("number", {"number": "+18005550199", "phone_number_type": "toll_free", "country": "CA"}),
        ("tag", {"number": NUMBER, "tags": ["silver"]}),
        ("put", {"number": NUMBER, "messaging_profile_id": profile}),
        ("release", {"number": "+18005550199"}),
        ("limit", {"campaign_id": CAMPAIGN, "capacity": 49}),
        ("pooling", {"campaign_id": CAMPAIGN, "on": True}),
        ("suspend", {"campaign_id": CAMPAIGN, "on": True}),
        ("approve", {"campaign_id": "CAAAAAA"}),
        ("assign", {"number": NUMBER, "campaign_id": CAMPAIGN}),
        ("remove", {"number": NUMBER, "announce": True}),
        ("assign", {"number": NUMBER, "campaign_id": CAMPAIGN}),
        ("fail", {"number": NUMBER, "kind": "assignment", "reason": "No.", "times": None}),
        ("clear", {"number": NUMBER}),
        ("status", {"campaign_id": CAMPAIGN, "status": "TCR_SUSPENDED", "dormant": True, "reason": "Idle."}),
        ("emit", {"event_type": "10dlc.campaign.update", "payload": {"campaignId": CAMPAIGN}}),
        ("webhooks", {"on": False}),
    ]
    for verb, arguments in steps:
        answer = await control.post(f"/{verb}", json=arguments)
        assert (answer.status_code, answer.json()) == (200, {"done": verb})
    assert {verb for verb, _ in steps} == VERBS.keys() | {"webhooks"}

    world = (await control.get("/world")).json()
    (campaign,) = world["campaigns"]
    assert (campaign["status"], campaign["failure_reasons"]) == ("TCR_SUSPENDED", "Idle.")
    assert (campaign["capacity"], campaign["number_pooling"]) == (49, True)
    assert [one["name"] for one in world["profiles"]] == ["Sandbox profile", "Acme"]
    one, other = world["numbers"]
    assert (one["number"], one["messaging_profile_id"], one["tags"]) == (NUMBER, profile, ["silver"])
    assert (other["messaging_profile_id"], other["tags"], other["status"]) == (None, ["gold"], "port-pending")
    assert [(one["number"], one["status"]) for one in world["assignments"]] == [(NUMBER, "ASSIGNED")]
    assert world["events"] == {"announced": 7, "delivered": 0, "lost": 0}
    assert world["webhooks"] is False
    assert world["public_key"] == line.emulator.public_key
    assert line.woken.is_set()


async def test_oddities_are_set_and_taken_back(line: Line, control: httpx.AsyncClient) -> None:
    wanted: Json = {"times": "zoned", "omitted_numbers": [NUMBER], "total_off_by": -1, "page_size": 2}
    await control.post("/oddities", json=wanted)

    assert line.emulator.oddities == Oddities(
        times=Times.ZONED, omitted_numbers=(NUMBER,), total_off_by=-1, page_size=2
    )
    shown = (await control.get("/world")).json()["oddities"]
    assert {name: shown[name] for name in wanted} == wanted
    await control.post("/oddities", json={"integer_codes": True})
    assert line.emulator.oddities == Oddities(integer_codes=True)


async def test_faults_are_set_and_taken_back(line: Line, control: httpx.AsyncClient) -> None:
    wanted: Json = {
        "latency_seconds": 0.5,
        "upcoming": ["lose_answer", "503"],
        "methods": ["POST"],
        "seed": 3,
    }
    await control.post("/faults", json=wanted)

    assert line.faults == Faults(0.5, (Fault.LOSE_ANSWER, Fault.STATUS_503), methods=frozenset({"POST"}), seed=3)
    assert [line.draw(method) for method in ("GET", "POST", "POST", "POST")] == [
        None,
        Fault.LOSE_ANSWER,
        Fault.STATUS_503,
        None,
    ]
    await control.post("/faults")
    assert line.faults == Faults()


async def test_the_journal_is_shown(line: Line, control: httpx.AsyncClient) -> None:
    line.emulator.apply("GET", "/v2/10dlc/brand", [], b"", 5.0, {})

    call = {"at": 5.0, "method": "GET", "path": "/10dlc/brand", "body": "", "status": 401}
    assert (await control.get("/journal")).json() == {"calls": [call]}


@pytest.mark.parametrize(
    ("verb", "arguments", "why"),
    [
        ("dance", {}, "no verb 'dance'"),
        ("approve", {}, "campaign_id"),
        ("approve", {"campaign_id": "no-such"}, "no campaign"),
        ("approve", {"campaign_id": 7}, "campaign_id is not of its type"),
        ("approve", {"campaign_id": CAMPAIGN, "now": 0}, "no argument 'now'"),
        ("number", {"number": NUMBER, "colour": "red"}, "no argument 'colour'"),
        ("fail", {"number": NUMBER, "kind": "other"}, "FailureKind"),
        ("campaign", {"campaign_id": ""}, "a campaign has ids"),
        ("campaign", {"campaign_id": CAMPAIGN, "webhook_url": "ftp://x"}, "webhook_url"),
        ("emit", {"event_type": "x", "payload": []}, "payload is not of its type"),
        ("webhooks", {"on": "no"}, "on is true or false"),
        ("faults", {"upcoming": ["rain"]}, "upcoming is not of its type: Input should be 'lose_request'"),
        ("faults", {"upcoming": "503"}, "valid array"),
        ("faults", {"latency_seconds": "1"}, "valid number"),
        ("faults", {"probability": 2}, "probability"),
        ("faults", {"luck": 2}, "no setting 'luck'"),
        ("oddities", {"luck": 2}, "no setting 'luck'"),
        ("oddities", {"times": "local"}, "times is not of its type"),
        ("oddities", {"total_off_by": "1"}, "valid integer"),
        ("oddities", {"page_size": 0}, "page_size is 1 or more"),
        ("number", {"number": NUMBER, "tags": "gold"}, "tags is not of its type"),
        ("number", {"number": "12025550123"}, "E.164"),
        ("number", {"number": NUMBER, "messaging_profile_id": "no-such"}, "no messaging profile"),
        ("profile", {"profile_id": "p", "name": ""}, "a profile has an id and a name"),
        ("release", {"number": NUMBER}, "no number"),
        ("put", {"number": NUMBER, "messaging_profile_id": None}, "no number"),
        ("pooling", {"campaign_id": CAMPAIGN, "on": 1}, "on is not of its type"),
        ("limit", {"campaign_id": "no-such", "capacity": 1}, "no campaign"),
        ("approve", ["campaign_id"], "JSON object"),
    ],
)
async def test_what_cannot_be_done_is_said(control: httpx.AsyncClient, verb: str, arguments: object, why: str) -> None:
    answer = await control.post(f"/{verb}", json=arguments)

    assert answer.status_code == 400
    assert why in answer.json()["error"]


async def test_other_machines_are_refused(line: Line) -> None:
    transport = httpx.ASGITransport(Starlette(routes=control_routes(line)), client=("192.0.2.7", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/_sandbox") as client:
        assert (await client.get("/world")).status_code == 403
        assert (await client.post("/number", json={"number": NUMBER})).status_code == 403
    assert dict(line.emulator.numbers()) == {}
