"""The machine sleeps, or everything stands still for a while: time has passed, and nothing rushes or is done twice."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.model.operations import Operation, Step
from reconciler.sandbox.behaviour import Behaviour
from tests.builders import HOUR, MINUTE, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(5))
SOON = Behaviour(assignment_seconds=5.0, carrier_seconds=5.0)


class Sleepy:
    """The machine sleeps for so long at one request, before Telnyx gets it or before its answer comes."""

    def __init__(self, world: World, at: int, span: timedelta, *, is_done: bool) -> None:
        self.seen = 0
        self.posts: list[str] = []
        self._world = world
        self._at = at
        self._span = span
        self._is_done = is_done

    async def answer(self, request: httpx.Request) -> httpx.Response | None:
        self.seen += 1
        if request.method == "POST":
            self.posts.append(json.loads(request.content)["phoneNumber"])
        if self.seen != self._at:
            return None
        if self._is_done:
            self._world.wire.apply(request)
        self._world.clock.time += self._span
        raise httpx.ReadTimeout("its deadline passed while the machine slept")


@pytest.mark.covers("F-32", "Q11")
@pytest.mark.parametrize("span", [MINUTE, 8 * HOUR], ids=["a minute", "a night"])
@pytest.mark.parametrize("at", [1, 3, 5, 8, 11])
@pytest.mark.parametrize("is_done", [True, False], ids=["answer lost", "request lost"])
async def test_after_a_sleep_it_goes_on(tmp_path: Path, at: int, span: timedelta, *, is_done: bool) -> None:
    """The lease of what was under way has run out by then."""
    async with a_world(tmp_path, pool_of(NUMBERS), behaviour=SOON, stage=account_of(NUMBERS)) as world:
        line = Sleepy(world, at, span, is_done=is_done)
        world.wire.instead = line.answer

        async def are_ready() -> bool:
            return await world.phases() == {"Ready": len(NUMBERS)}

        await world.until(are_ready, span + 3 * MINUTE)

        lost = {} if is_done else dict.fromkeys(line.posts, 2)
        assert all(many <= lost.get(number, 1) for number, many in Counter(line.posts).items())
        assert len(line.posts) <= len(NUMBERS) + 1
        assert line.seen < 45
        assert world.fired == set()


@pytest.mark.covers("F-32")
async def test_who_slept_longer_than_its_lease_writes_nothing(tmp_path: Path) -> None:
    """Another has claimed it meanwhile, and reads what became of it: the token tells them apart."""
    async with a_world(tmp_path, pool_of(NUMBERS[:1]), stage=account_of(NUMBERS[:1])) as world:
        taken: list[Operation | None] = []

        async def sleep(request: httpx.Request) -> httpx.Response | None:
            if request.method == "POST" and not taken:
                world.wire.apply(request)
                lease = world.hands.patience.lease
                world.clock.time += 2 * lease
                taken.append(await world.store.claim(world.now, lease))
                raise httpx.ReadTimeout("too late")
            return None

        world.wire.instead = sleep
        await world.calm()
        (other,) = taken

        assert other is not None
        assert other.step is Step.UNRESOLVED
        assert other.lease_token - 1 not in {one.lease_token for one, _ in world.verdicts}  # who slept wrote nothing
        await world.wait(5 * MINUTE)
        assert await world.phases() == {"Ready": 1}
        assert [status for _, status in world.posts()] == [200]
