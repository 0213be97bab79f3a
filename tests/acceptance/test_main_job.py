"""From a signed approval to assigned numbers, and back from drift: the real program, the real wire."""

from __future__ import annotations

import json
import signal
import time

import httpx
import pytest

from reconciler.sandbox.announce import sign
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.scene import APPROVED, IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def _waiting(stage: Stage) -> None:
    async def holds() -> bool:
        pools = [await stage.program.pool(name) for name in ("acme-marketing", "acme-alerts")]
        read = [pool["campaign_phase"] for pool in pools] == ["in_review", "approved"]
        waiting = (await stage.program.phases("acme-marketing")).get("Waiting", 0)
        return read and waiting == len(stage.scene.marketing)

    await stage.program.until(SECONDS, "the numbers to wait for their campaign", holds)


def _posts(stage: Stage, numbers: tuple[str, ...]) -> list[int]:
    return [stage.line.emulator.posts(number) for number in numbers]


def _writes(stage: Stage) -> int:
    return sum(call.method != "GET" for call in stage.line.emulator.journal())


def _approve(stage: Stage) -> None:
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()


async def test_approval_assigns_each_number_once_with_the_shipped_limits(set_stage: SetStage) -> None:
    # The shipped behaviour of the sandbox and `rate_limit: auto`, as a user has it.
    async with set_stage(rate_limit="auto", behaviour=Behaviour(assignment_seconds=1.0, carrier_seconds=1.0)) as stage:
        await stage.program.start()
        await _waiting(stage)
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        before = len(stage.line.emulator.journal())
        _approve(stage)
        numbers = stage.scene.marketing
        await until_ready(stage, "acme-marketing", len(numbers))
        calls = len(stage.line.emulator.journal()) - before
        assert _posts(stage, numbers) == [1] * len(numbers)
        assert calls <= len(numbers) + 10 + len(numbers) // 25


@pytest.mark.covers("E02")
async def test_a_lost_event_is_made_up_for_by_one_sweep(set_stage: SetStage) -> None:
    async with set_stage(drift_check="every 1s") as stage:
        stage.line.drop_webhooks = True
        await stage.program.start()
        await _waiting(stage)
        _approve(stage)
        numbers = stage.scene.marketing
        await until_ready(stage, "acme-marketing", len(numbers))
        assert _posts(stage, numbers) == [1] * len(numbers)
        assert (await status_of(stage)).webhooks.last_received_at is None


async def test_a_forged_event_is_401_and_causes_no_call(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        await _waiting(stage)
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        calls = len(stage.line.emulator.journal())
        answers = set()
        async with httpx.AsyncClient(trust_env=False) as http:
            body = json.dumps({"data": {"id": "x", "payload": {"campaignId": IN_REVIEW, "type": "VERIFIED"}}}).encode()
            for key in (bytes(32), bytes(range(1, 33))):
                headers = sign(key, body, int(time.time()))
                answer = await http.post(stage.webhook_url, content=body, headers=headers)
                answers.add((answer.status_code, answer.content))
        assert {status for status, _ in answers} == {401}
        assert len(answers) == 1
        assert len(stage.line.emulator.journal()) == calls


async def test_a_lying_event_leads_to_a_read_and_to_no_write(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        await _waiting(stage)
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        writes, calls = _writes(stage), len(stage.line.emulator.journal())
        stage.line.emulator.emit(
            "10dlc.campaign.update", {"campaignId": IN_REVIEW, "type": "VERIFIED"}, stage.line.now()
        )
        stage.line.woken.set()

        async def looked() -> bool:
            return len(stage.line.emulator.journal()) > calls

        await stage.program.until(SECONDS, "the look that the event causes", looked)
        await _waiting(stage)
        assert _writes(stage) == writes
        assert set(_posts(stage, stage.scene.marketing)) == {0}


async def test_a_number_removed_in_the_portal_is_assigned_again(set_stage: SetStage) -> None:
    async with set_stage(drift_check="every 1s") as stage:
        await stage.program.start()
        number = stage.scene.alerts[1]
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        stage.line.emulator.remove_by_hand(number, stage.line.now())

        async def healed() -> bool:
            return stage.line.emulator.posts(number) == 2

        await stage.program.until(SECONDS, "the second request", healed)
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        assert _posts(stage, stage.scene.alerts) == [1, 2, 1]


@pytest.mark.covers("A01", "F-40", "F-48")
async def test_a_lost_answer_is_read_and_never_repeated(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        numbers = stage.scene.marketing
        stage.line.faults = Faults(
            probability=0.5, kinds=(Fault.LOSE_ANSWER, Fault.TRUNCATED), methods=frozenset({"POST"}), seed=7
        )
        await stage.program.start()
        await _waiting(stage)
        _approve(stage)
        await until_ready(stage, "acme-marketing", len(numbers))
        assert _posts(stage, numbers) == [1] * len(numbers)


@pytest.mark.covers("F-40")
async def test_a_lost_request_is_repeated_only_after_the_settle_window(set_stage: SetStage) -> None:
    async with set_stage(settle_window="2s") as stage:
        numbers = stage.scene.alerts
        stage.line.faults = Faults(probability=1.0, kinds=(Fault.LOSE_REQUEST,), methods=frozenset({"POST"}), seed=1)
        await stage.program.start()

        async def unresolved() -> bool:
            return (await status_of(stage)).queue.unresolved == len(numbers)

        await stage.program.until(SECONDS, "three requests whose outcome is unknown", unresolved)
        stage.line.faults = Faults()
        await until_ready(stage, "acme-alerts", len(numbers))
        assert _posts(stage, numbers) == [1] * len(numbers)  # the lost ones never reached Telnyx


@pytest.mark.covers("F-60")
async def test_campaigns_whose_events_go_elsewhere_are_named(set_stage: SetStage) -> None:
    async with set_stage(elsewhere="https://elsewhere.example.com/hook") as stage:
        await stage.program.start()
        await _waiting(stage)
        named = (await status_of(stage)).webhooks.not_ours
        assert [(one.campaign, one.webhook_url) for one in named] == [(APPROVED, "https://elsewhere.example.com/hook")]
        assert "webhook_url_not_ours" in stage.program.log_end(200)


async def test_terminated_it_ends_cleanly(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        assert await stage.program.stop(signal.SIGTERM) == 0
