"""The queue as operators live with it: nobody waits for a number that is poison, and people have the last word."""

from __future__ import annotations

import json
import time
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from reconciler.app.queue_shapes import NumbersShape, OperationsShape, RetriesShape
from reconciler.sandbox.announce import sign
from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.scene import APPROVED, SIGNING_KEY, Scene
from tests.acceptance.conftest import FAST, SetStage, status_of, until_explained, until_ready
from tests.acceptance.tarpit import tarpit
from tests.cli.test_commands import tendlc

pytestmark = pytest.mark.anyio
SECONDS = 30.0
TIMEOUT_SECONDS = 8.0
MANY = tuple(f"+1303555{index:04}" for index in range(100, 130))
HANGS, REFUSED = MANY[3], MANY[4]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """One for each of two services."""
    one, other = tmp_path / "alone", tmp_path / "together"
    one.mkdir()
    other.mkdir()
    return one, other


async def seconds_until_ready(folder: Path, count: int, *, poisoned: bool) -> float:
    """From the start of the service until so many of thirty numbers are Ready."""
    scene = Scene(behaviour=FAST, rate_limit="100/s", drift_check="every 1h", marketing=(), alerts=MANY)
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(scene, folder))
        line = stage.line.base_url
        if poisoned:
            port = await stack.enter_async_context(tarpit(int(line.split(":")[2].split("/")[0]), HANGS[2:].encode()))
            line = f"http://127.0.0.1:{port}/v2"
            stage.line.emulator.fail_next(REFUSED, "refuse", reason="Locked by a port-out.", times=None)
        text = stage.config.read_text().replace(stage.line.base_url, line)
        stage.config.write_text(text.replace("telnyx:\n", f"telnyx:\n  timeout: {TIMEOUT_SECONDS:.0f}s\n"))
        started = time.monotonic()
        await stage.program.start()
        await until_ready(stage, "acme-alerts", count)
        took = time.monotonic() - started
        if poisoned:
            await until_explained(stage, REFUSED, "Blocked", "request_refused")
            assert (await stage.program.explain(HANGS))["reason"] in ("request_open", "outcome_unknown")
            assert stage.line.emulator.posts(HANGS) == 0
        return took


@pytest.mark.covers("Q02", "F-40")
async def test_a_number_that_hangs_and_one_that_is_refused_delay_nobody(folders: tuple[Path, Path]) -> None:
    """The others are Ready before the first call about the one that hangs has even given up."""
    alone = await seconds_until_ready(folders[0], len(MANY), poisoned=False)

    together = await seconds_until_ready(folders[1], len(MANY) - 2, poisoned=True)

    assert together < alone + TIMEOUT_SECONDS / 2


async def paused(stage: Stage) -> bool:
    """Whether the running service says so."""
    return (await status_of(stage)).paused is not None


async def test_a_pause_holds_everything_through_restarts_until_a_person_ends_it(set_stage: SetStage) -> None:
    async with set_stage(marketing=()) as stage:
        numbers = stage.scene.alerts
        before = await tendlc("-c", stage.config, "queue", "pause", "--reason", "first a look")
        assert before.returncode == 0, before.stderr
        await stage.program.start()
        for number in numbers:
            await until_explained(stage, number, "Frozen", "frozen")
        queue = OperationsShape.model_validate_json(
            (await tendlc("-c", stage.config, "queue", "list", "-o", "json")).stdout
        )
        assert {(one.number, one.step, one.attempt) for one in queue.operations} == {(n, "ready", 0) for n in numbers}
        async with httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
            assert "Changes are paused." in (await http.get("/")).text

        again = await tendlc("-c", stage.config, "queue", "pause", "--reason", "it takes longer", "-o", "json")
        assert json.loads(again.stdout)["paused"]["reason"] == "it takes longer"
        await stage.program.stop()
        await stage.program.start()
        assert await paused(stage)
        assert [stage.line.emulator.posts(number) for number in numbers] == [0] * len(numbers)

        resumed = await tendlc("-c", stage.config, "queue", "resume", "-o", "json")
        assert json.loads(resumed.stdout)["ended"]["reason"] == "it takes longer"
        await until_ready(stage, "acme-alerts", len(numbers))
        assert [stage.line.emulator.posts(number) for number in numbers] == [1] * len(numbers)
        assert not await paused(stage)


async def test_a_pause_ends_by_itself(set_stage: SetStage) -> None:
    async with set_stage(marketing=()) as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        number = stage.scene.alerts[0]
        done = await tendlc("-c", stage.config, "queue", "pause", "--until", "3s", "-o", "json")
        assert done.returncode == 0, done.stderr
        ends = datetime.fromisoformat(json.loads(done.stdout)["paused"]["until"])

        stage.line.emulator.remove_by_hand(number, stage.line.now())
        async with httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
            await http.post("/api/v1/sync")

        async def healed() -> bool:
            return stage.line.emulator.posts(number) > 1

        await stage.program.until(SECONDS, f"{number} to be asked for again", healed)
        calls = [one for one in stage.line.emulator.journal() if one.method == "POST" and number[1:] in str(one.body)]
        assert calls[-1].at >= ends.timestamp()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        assert not await paused(stage)


async def test_what_was_mended_is_tried_again_when_a_person_says_so(set_stage: SetStage) -> None:
    async with set_stage(marketing=()) as stage:
        number, ready = stage.scene.alerts[0], stage.scene.alerts[1]
        stage.line.emulator.fail_next(number, "refuse", reason="Locked by a port-out.", times=None)
        await stage.program.start()
        await until_explained(stage, number, "Blocked", "request_refused")
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts) - 1)
        stage.line.emulator.clear_failures(number)

        done = await tendlc("-c", stage.config, "queue", "retry", number, ready, "+12025550199", "-o", "json")

        assert done.returncode == 1  # one is not known, and the others are done
        told = RetriesShape.model_validate_json(done.stdout)
        assert [(one.done, one.why) for one in told.numbers] == [
            ("send", ""),
            ("nothing", "nothing_open"),
            ("nothing", "unknown_number"),
        ]
        explained = await until_explained(stage, number, "Ready")
        assert ("asked", "by cli: it is sent as soon as its turn comes") in [
            (one.what, one.detail) for one in explained.timeline
        ]


async def test_an_event_that_cannot_be_used_alerts_until_a_person_has_looked_at_it(set_stage: SetStage) -> None:
    async with set_stage(marketing=()) as stage, httpx.AsyncClient(trust_env=False) as http:
        await stage.program.start()
        body = b'\xff{"data": 7}'
        sent = await http.post(stage.webhook_url, content=body, headers=sign(SIGNING_KEY, body, int(time.time())))
        assert sent.status_code == httpx.codes.OK
        await stage.letters.wait(SECONDS, status="firing", alert="WebhookQuarantined")

        listed = await tendlc("-c", stage.config, "events", "list", "--state", "quarantined", "-o", "json")
        (event,) = json.loads(listed.stdout)["events"]
        shown = await tendlc("-c", stage.config, "events", "show", str(event["id"]), "-o", "json")

        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout)["inspected_at"] is not None
        await stage.letters.wait(SECONDS, status="resolved", alert="WebhookQuarantined")


async def test_the_api_has_the_same_as_the_commands(set_stage: SetStage) -> None:
    async with (
        set_stage(marketing=()) as stage,
        httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http,
    ):
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))

        first = NumbersShape.model_validate((await http.get("/api/v1/numbers?phase=Ready&limit=2")).json())
        rest = NumbersShape.model_validate(
            (await http.get("/api/v1/numbers", params={"after": str(first.next), "pool": "acme-alerts"})).json()
        )
        listed = (await tendlc("-c", stage.config, "numbers", "-o", "json")).stdout

        assert [one.number for one in (*first.numbers, *rest.numbers)] == sorted(stage.scene.alerts)
        assert rest.next is None
        assert {one.number: one.phase for one in NumbersShape.model_validate_json(listed).numbers} == dict.fromkeys(
            stage.scene.alerts, "Ready"
        )
        assert {one.campaign for one in first.numbers} == {APPROVED}
        assert (await http.get("/api/v1/operations")).json()["open"] == 0
        (newest,) = (await http.get("/api/v1/events?limit=1")).json()["events"]
        assert json.loads((await http.get(f"/api/v1/events/{newest['id']}")).json()["body"])["data"]["id"]
        assert (await http.get("/api/v1/events/999999")).status_code == httpx.codes.NOT_FOUND
        other = await http.post("/api/v1/queue/pause", headers={"Tendlc-Store": "1"}, json={})
        assert other.json()["error"]["code"] == "other_store"
