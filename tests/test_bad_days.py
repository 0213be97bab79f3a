"""Whatever goes wrong on the way, the end is the same: a bad line, a process that dies, everything at once."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
import pytest

from reconciler.sandbox.faults import Faults
from tests import post
from tests.inline import World, a_world
from tests.story import POOLS, RARELY, STORY, THE_END, End, at_first, end_of, needless_writes, play
from tests.surroundings import KilledError, seeded

pytestmark = pytest.mark.anyio

SEEDS = int(os.environ.get("TENDLC_SEEDS", "2"))
"""How many bad days."""
MOST_DEATHS = 20
"""Then it lives on: what fails for ever is to be tried as often as on a good day."""


class Mortal:
    """A process that dies at some requests, just before Telnyx has them or just after."""

    def __init__(self, world: World, draws: Random) -> None:
        self.deaths = 0
        self._world = world
        self._draws = draws

    async def answer(self, request: httpx.Request) -> httpx.Response | None:
        """Nothing, or death: a write is a dangerous moment."""
        risk = 0.01 if request.method == "GET" else 0.15
        if self.deaths < MOST_DEATHS and self._draws.random() < risk:
            self.deaths += 1
            if self._draws.random() < 0.5:
                self._world.wire.apply(request)
            raise KilledError
        return None

    async def live(self, span: timedelta) -> None:
        """Let time pass, and start again after each death."""
        end = self._world.now + span
        while self._world.now < end:
            try:
                await self._world.wait(end - self._world.now)
            except KilledError:
                await self._start_again()

    async def _start_again(self) -> None:
        while True:
            with suppress(KilledError):
                await self._world.restart()
                return


@pytest.fixture(scope="module")
async def expected(tmp_path_factory: pytest.TempPathFactory) -> End:
    """How a good day ends."""
    async with a_world(tmp_path_factory.mktemp("expected"), POOLS, rest=RARELY, stage=at_first) as world:
        return await play(world)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_bad_day_ends_as_a_good_one(tmp_path: Path, expected: End, seed: int) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=at_first, seed=seed, rate="5/s") as world:
        mortal = Mortal(world, seeded(seed))
        world.wire.instead = mortal.answer
        world.crowded, world.post.way = True, post.at_random
        world.fault(Faults(probability=0.08, seed=seed))

        for wait, happens in STORY:
            await mortal.live(wait)
            happens(world.emulator, world.seconds)
        await mortal.live(timedelta(hours=2))
        world.fault(Faults())
        await mortal.live(THE_END - timedelta(hours=2))

        assert mortal.deaths > 0
        assert await end_of(world) == expected
        assert list(needless_writes(world)) == []
