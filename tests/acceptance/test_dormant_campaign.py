"""A dormant campaign wakes: the program as it is installed, told by the webhooks that Telnyx sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.sandbox.scene import IN_REVIEW
from tests.acceptance.conftest import FAST, SetStage, until_explained, until_ready

pytestmark = pytest.mark.anyio


async def test_one_request_wakes_the_campaign_and_the_rest_follows(set_stage: SetStage) -> None:
    marketing = tuple(f"+1202555{n:04}" for n in range(100, 104))
    async with set_stage(marketing=marketing, behaviour=replace(FAST, wake_seconds=3.0)) as stage:
        emulator = stage.line.emulator
        await stage.program.start()
        await until_ready(stage, "acme-alerts", len(stage.scene.alerts))

        emulator.set_campaign_status(IN_REVIEW, "TCR_SUSPENDED", stage.line.now(), dormant=True)
        stage.line.woken.set()
        said = await until_explained(stage, marketing[3], "Waiting", "campaign_waking")
        assert next(one.evidence for one in said.checks if one.name == "campaign").startswith("dormant")
        await until_ready(stage, "acme-marketing", len(marketing))

        posts = [call for call in emulator.journal() if call.method == "POST" and "+1202555" in call.body]
        assert [call.status for call in posts] == [400, 200, 200, 200, 200]
        assert sorted(emulator.posts(number) for number in marketing) == [1, 1, 1, 2]
        assert [
            one for one in stage.letters.letters if one["alert"] in ("AssignmentFailed", "CampaignNotApproved")
        ] == []
