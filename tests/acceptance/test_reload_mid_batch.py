"""SIGHUP in the middle of a batch: other settings are taken up, and no number is asked for twice or forgotten."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.sandbox.demo import Stage
from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import SetStage, status_of, until_ready

pytestmark = pytest.mark.anyio
SECONDS = 30.0


async def begin(stage: Stage) -> None:
    """Start, approve, and wait until some numbers were asked for."""
    emulator = stage.line.emulator
    await stage.program.start()
    await until_ready(stage, "acme-alerts", len(stage.scene.alerts))
    emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()

    async def begun() -> bool:
        return sum(map(emulator.posts, stage.scene.marketing)) >= 5

    await stage.program.until(SECONDS, "some requests", begun)
    assert sum(map(emulator.posts, stage.scene.marketing)) < len(stage.scene.marketing)


def change(stage: Stage, *pairs: tuple[str, str]) -> None:
    text = stage.config.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    stage.config.write_text(text)


async def test_rate_schedule_deadline_and_receivers_change(set_stage: SetStage) -> None:
    async with set_stage(rate_limit="10/s") as stage:
        await begin(stage)
        change(
            stage,
            ("rate_limit: 10/s", "rate_limit: 50/s\n  timeout: 7s"),
            ("every 1h", "every 5s"),
            ("name: mailbox,", "name: another,"),
        )
        stage.program.send(signal.SIGHUP)

        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))

        assert [stage.line.emulator.posts(one) for one in stage.scene.marketing] == [1] * len(stage.scene.marketing)
        next_check_at = (await status_of(stage)).next_check_at
        assert next_check_at is not None
        assert next_check_at < datetime.now(UTC) + timedelta(seconds=7)
        stage.line.emulator.set_campaign_status(IN_REVIEW, "MNO_REJECTED", stage.line.now())
        stage.line.woken.set()
        await stage.letters.wait(SECONDS, status="firing", alert="CampaignNotApproved")


@pytest.mark.covers("F-45")
async def test_a_key_that_is_replaced_is_used_at_once(set_stage: SetStage) -> None:
    """Telnyx refuses the old one, and all writes halt: that ends with the new key, and not a minute later."""
    async with set_stage(rate_limit="10/s") as stage:
        await begin(stage)
        emulator = stage.line.emulator
        emulator.behaviour = replace(emulator.behaviour, api_key="KEY-new")

        async def halted() -> bool:
            return (await status_of(stage)).halt is not None

        await stage.program.until(SECONDS, "the halt", halted)
        change(stage, (stage.scene.behaviour.api_key, "KEY-new"))
        stage.program.send(signal.SIGHUP)

        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))

        assert (await status_of(stage)).halt is None
        assert sum(call.status == 401 for call in emulator.journal()) <= 5
        accepted = [call for call in emulator.journal() if call.method == "POST" and call.status == 200]
        assert len(accepted) == len(stage.scene.marketing) + len(stage.scene.alerts)


async def test_signals_in_a_row_are_one_change(set_stage: SetStage) -> None:
    async with set_stage(rate_limit="10/s") as stage:
        await begin(stage)
        good = stage.config.read_text()
        for number in range(50):
            stage.config.write_text(good if number % 2 else good.replace("campaign:", "campagin:"))
            stage.program.send(signal.SIGHUP)

        async def settled() -> bool:
            return (await status_of(stage)).config.valid

        await until_ready(stage, "acme-marketing", len(stage.scene.marketing))
        await stage.program.until(SECONDS, "the last good config", settled)
        assert [stage.line.emulator.posts(one) for one in stage.scene.marketing] == [1] * len(stage.scene.marketing)
