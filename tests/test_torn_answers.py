"""A Telnyx whose answers are changed anywhere in them: nothing falls over or is taken away, and it comes right."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import httpx
import pytest

from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, PROFILE, a_number
from tests.inline import HOOK, World, a_world
from tests.mutants import changed
from tests.surroundings import as_it_is, seeded

pytestmark = pytest.mark.anyio

SEEDS = int(os.environ.get("TENDLC_SEEDS", "2"))
WANTED = {CAMPAIGN: tuple(map(a_number, range(4))), FOREIGN: tuple(map(a_number, range(10, 14)))}
POOLS = "".join(
    f"- {{name: pool-{at}, campaign: {campaign}, messaging_profile: {PROFILE},"
    f" numbers: [{', '.join(repr(str(number)) for number in numbers)}]}}\n"
    for at, (campaign, numbers) in enumerate(WANTED.items())
)
OFTEN = "schedule: {drift_check: every 10m}"


def stage(emulator: Emulator) -> None:
    """One campaign is approved from the start; two numbers are there, and one is on no messaging profile."""
    emulator.add_profile(PROFILE)
    for campaign, status in ((CAMPAIGN, "MNO_PROVISIONED"), (FOREIGN, "MNO_PENDING")):
        emulator.add_campaign(campaign, status=status, webhook_url=HOOK)
        first, second, *others = WANTED[campaign]
        for number in (first, second, *others):
            emulator.add_number(number, messaging_profile_id=None if number == second else PROFILE)
    emulator.assign_by_hand(WANTED[CAMPAIGN][0], CAMPAIGN)


class Torn:
    """Half of the answers are changed on their way; what was asked was done."""

    def __init__(self, world: World, chance: Random) -> None:
        self.changed = 0
        self._world = world
        self._chance = chance

    async def answer(self, request: httpx.Request) -> httpx.Response | None:
        """Telnyx's answer, as it arrives."""
        answer = self._world.wire.apply(request)
        if self._chance.random() < 0.5:
            return answer
        self.changed += 1
        status = self._chance.choice([answer.status_code] * 8 + [200, 404])
        body = json.dumps(changed(json.loads(answer.content), self._chance))
        return httpx.Response(status, content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_became_of_answers_it_comes_right_once_they_are_right(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, POOLS, rest=OFTEN, stage=stage, seed=seed) as world:
        torn = Torn(world, seeded(seed))
        world.wire.instead = torn.answer
        await world.wait(30 * MINUTE)
        world.emulator.approve(FOREIGN, world.seconds)
        await world.wait(HOUR)
        assert torn.changed > 20

        world.wire.instead = as_it_is
        await world.resync()
        await world.wait(7 * HOUR)

        wanted = {number: campaign for campaign, numbers in WANTED.items() for number in numbers}
        assert {number: campaign for number, (campaign, _) in world.assigned().items()} == wanted
        assert {one.name: one.phases for one in (await world.status()).pools} == {
            "pool-0": {"Ready": 4},
            "pool-1": {"Ready": 4},
        }
        assert await world.alerts() == ()
        assert {call.method for call in world.emulator.journal()} <= {"GET", "POST", "PATCH"}
        assert {one.messaging_profile_id for one in world.emulator.numbers().values()} == {PROFILE}
