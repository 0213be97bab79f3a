"""Whatever goes wrong on the way, the end is the same: a bad line, a process that dies, a Telnyx that is odd."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx
import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.oddities import Oddities
from tests import post
from tests.inline import World, a_world
from tests.story import POOLS, RARELY, STORY, THE_END, End, at_first, end_of, needless_writes, play
from tests.surroundings import KilledError, seeded

pytestmark = pytest.mark.anyio

SEEDS = int(os.environ.get("TENDLC_SEEDS", "2"))
"""How many bad days."""
MOST_DEATHS, MOST_LOST = 20, 20
"""Then the day gets better: what fails for ever is to be tried as often as on a good one."""


class BadDay:
    """The process dies at some requests, and some answers to writes are lost: the dangerous moments, often."""

    def __init__(self, world: World, draws: Random) -> None:
        self.deaths = self.lost = 0
        self._world = world
        self._draws = draws

    async def answer(self, request: httpx.Request) -> httpx.Response | None:
        """In place of Telnyx's: nothing, or trouble, in half of the cases after Telnyx did what was asked."""
        is_write = request.method != "GET"
        if self.deaths < MOST_DEATHS and self._draws.random() < (0.15 if is_write else 0.01):
            self.deaths += 1
            self._perhaps_done(request)
            raise KilledError
        if is_write and self.lost < MOST_LOST and self._draws.random() < 0.3:
            self.lost += 1
            self._perhaps_done(request)
            raise httpx.ReadError("cut")
        return None

    def _perhaps_done(self, request: httpx.Request) -> None:
        if self._draws.random() < 0.5:
            self._world.wire.apply(request)

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
        day = BadDay(world, seeded(seed))
        world.wire.instead = day.answer
        world.crowded, world.post.way = True, post.at_random
        world.fault(Faults(probability=0.08, seed=seed))

        for wait, happens in STORY:
            await day.live(wait)
            happens(world.emulator, world.seconds)
        await day.live(timedelta(hours=2))
        world.fault(Faults())
        await day.live(THE_END - timedelta(hours=2))

        assert min(day.deaths, day.lost) > 0
        assert await end_of(world) == expected
        assert list(needless_writes(world)) == []


@pytest.mark.covers("A05", "A07", "F-52", "F-53")
@pytest.mark.parametrize(
    ("behaviour", "oddities"),
    [
        (Behaviour(listing_lag_seconds=90), Oddities()),
        (Behaviour(), Oddities(page_size=2, shifted_rows=1)),
        (Behaviour(), Oddities(filters_ignored=True)),
    ],
    ids=["lists that lag", "lists that shift", "lists of everybody's numbers"],
)
async def test_an_odd_day_ends_as_a_good_one(
    tmp_path: Path, expected: End, behaviour: Behaviour, oddities: Oddities
) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=at_first, behaviour=behaviour) as world:
        world.emulator.oddities = oddities

        assert await play(world) == expected
        assert list(needless_writes(world)) == []
