"""Reload, alerts, and what a refused key does: the program as an operator lives with it."""

from __future__ import annotations

import base64
import signal

import httpx
import pytest
from nacl.signing import SigningKey

from reconciler.sandbox.scene import ALERTS, APPROVED, IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def test_an_invalid_reload_keeps_the_last_good_config_and_alerts_until_it_is_mended(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        good = stage.config.read_text()
        stage.config.write_text(good.replace("campaign:", "campagin:", 1))
        stage.program.send(signal.SIGHUP)
        letter = await stage.letters.wait(SECONDS, status="firing", alert="ConfigReloadFailed")
        assert "campagin" in str(letter["examples"])
        assert (await status_of(stage)).config.valid is False
        assert (await stage.program.phases("acme-alerts"))["Ready"] == len(stage.scene.alerts)

        new = "+13035550143"
        stage.line.emulator.add_number(new, messaging_profile_id=ALERTS)
        stage.config.write_text(good.replace('- "+13035550142"', f'- "+13035550142"\n      - "{new}"'))
        stage.program.send(signal.SIGHUP)
        await stage.letters.wait(SECONDS, status="resolved", alert="ConfigReloadFailed")
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts) + 1)
        assert stage.line.emulator.posts(new) == 1


async def test_reload_over_http_answers_the_problems(set_stage: SetStage) -> None:
    async with set_stage() as stage, httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        await stage.program.start()
        assert (await http.post("/-/reload")).status_code == httpx.codes.OK
        stage.config.write_text("version: 1\nversion: 1\n")
        answer = await http.post("/-/reload")
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert "tendlc.yaml:2:1" in answer.text


@pytest.mark.parametrize("unusable", ["key", "address"])
async def test_settings_that_no_part_can_be_made_of_change_nothing(set_stage: SetStage, unusable: str) -> None:
    """They look right, and only the part that is made of them can tell: a key that is no point, a name too long."""
    async with set_stage() as stage, httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        key = base64.b64encode(b"\1" + bytes(31) if unusable == "key" else SigningKey.generate().verify_key.encode())
        text = stage.config.read_text().replace(stage.line.emulator.public_key, key.decode())
        if unusable == "address":
            text = text.replace(stage.line.base_url, f"http://{'a' * 64}.test/v2")
        stage.config.write_text(text)

        answer = await http.post("/-/reload")

        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert (await status_of(stage)).config.valid is False
        await stage.letters.wait(SECONDS, status="firing", alert="ConfigReloadFailed")
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))  # by an event under the old key


async def test_a_store_that_takes_nothing_more_is_not_ready(set_stage: SetStage) -> None:
    """It can still be read, and every webhook is answered 503."""
    async with set_stage() as stage, httpx.AsyncClient(base_url=stage.program.page, trust_env=False) as http:
        await stage.program.start()
        assert (await http.get("/readyz")).status_code == httpx.codes.OK

        stage.config.with_name("tendlc.db").rename(stage.config.with_name("aside.db"))

        answer = await http.get("/readyz")
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.json()["failed"] == ["store"]


async def test_a_rejected_campaign_fires_and_resolves_one_alert(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
        stage.line.emulator.set_campaign_status(IN_REVIEW, "MNO_REJECTED", stage.line.now())
        stage.line.woken.set()
        letter = await stage.letters.wait(SECONDS, status="firing", alert="CampaignNotApproved")
        assert (letter["pool"], letter["severity"], letter["count"]) == ("acme-marketing", "critical", 1)
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        stage.line.woken.set()
        await stage.letters.wait(SECONDS, status="resolved", alert="CampaignNotApproved")
        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))


@pytest.mark.covers("A04", "F-45")
async def test_a_refused_key_halts_everything_with_one_alert(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.config.write_text(stage.config.read_text().replace(stage.scene.behaviour.api_key, "KEY-revoked"))
        await stage.program.start()
        letter = await stage.letters.wait(SECONDS, status="firing", alert="TelnyxAuthFailed")
        assert letter["count"] == 1
        assert (await status_of(stage)).halt is not None
        calls = stage.line.emulator.journal()
        assert {call.status for call in calls} == {401}
        assert len(calls) == 1  # the sweep stops at the first such answer
        assert "KEY-revoked" not in stage.program.log_end(500)
        assert [one["alert"] for one in stage.letters.letters] == ["TelnyxAuthFailed"]


async def test_a_failed_assignment_is_told_at_the_first_failure(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        number = stage.scene.alerts[2]
        stage.line.emulator.fail_next(number, "assignment", reason="Longcode cannot be added.")
        await stage.program.start()
        letter = await stage.letters.wait(SECONDS, status="firing", alert="AssignmentFailed")
        assert letter["reasons"] == [{"reason": "telnyx_refused", "count": 1}]
        explained = await stage.program.explain(number)
        assert (explained["phase"], explained["reason"]) == ("Retrying", "telnyx_refused")
        assert "Longcode cannot be added." in str(explained["message"])
        assert explained["next_at"] is not None
        stage.line.emulator.assign_by_hand(number, APPROVED, stage.line.now())
        stage.program.send(signal.SIGHUP)
        await stage.letters.wait(SECONDS, status="resolved", alert="AssignmentFailed")


async def test_no_public_key_no_start(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        lines = stage.config.read_text().splitlines()
        stage.config.write_text("\n".join(line for line in lines if "public_key" not in line))
        with pytest.raises(RuntimeError, match=r"telnyx\.public_key"):
            await stage.program.start()
        assert await stage.program.ended() != 0
