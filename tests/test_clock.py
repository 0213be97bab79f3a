"""This machine's clock is set, forward, back or to 1970, anywhere in the main job: it costs a look, no more."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.behaviour import Behaviour
from tests.builders import CAMPAIGN, HOUR, MINUTE, SECOND, a_number
from tests.inline import MONDAY, World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(5))
LAG = 50 * SECOND
"""How long after a request Telnyx still shows what was before it: within the settle window."""
SLOW = Behaviour(assignment_seconds=20.0, carrier_seconds=20.0, listing_lag_seconds=LAG.total_seconds())
TO_1970 = datetime(1970, 1, 1, tzinfo=UTC) - MONDAY
IN_ALL = 13 * MINUTE
"""From the approval to Ready: an event is refused where the clock is wrong, so it may be seen at a drift check only."""


class Line:
    """Loses the answer to each number's first request, shows nothing new for a while, and counts what goes by."""

    def __init__(self, world: World, jumps: dict[int, timedelta]) -> None:
        self.seen = 0
        self.posts: list[tuple[str, datetime]] = []
        self._world = world
        self._jumps = jumps

    async def answer(self, request: httpx.Request) -> httpx.Response | None:
        self.seen += 1
        if (by := self._jumps.get(self.seen)) is not None:
            await self._world.set_clock(by)
        now = self._world.clock.true
        if request.method == "POST":
            number = json.loads(request.content)["phoneNumber"]
            is_first = number not in self._asked()
            self.posts.append((number, now))
            if is_first:
                self._world.wire.apply(request)
                raise httpx.ReadError("the answer is lost")
        number = request.url.path.rpartition("/")[2]
        at = self._asked().get(number)
        if request.method == "GET" and at is not None and now < at + LAG:
            return httpx.Response(404, json={"errors": [{"code": "10005", "title": "Resource not found"}]})
        return None

    def _asked(self) -> dict[str, datetime]:
        return dict(reversed(self.posts))


async def are_ready(world: World) -> bool:
    return await world.phases() == {"Ready": len(NUMBERS)}


async def play(folder: Path, jumps: dict[int, timedelta]) -> tuple[Line, set[tuple[str, str]]]:
    """The main job, with the clock set at these requests. What went by on the line, and the alerts that ever fired."""
    stage = account_of(NUMBERS, "MNO_PENDING")
    async with a_world(folder, pool_of(NUMBERS), behaviour=SLOW, stage=stage, rate="2/s") as world:
        line = Line(world, jumps)
        world.wire.instead = line.answer
        await world.wait(5 * SECOND)
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.until(lambda: are_ready(world), IN_ALL)
        before = line.seen

        await world.wait(35 * MINUTE)  # what a jump still holds back would come now

        assert await are_ready(world)
        assert line.seen - before < 40
        assert not [one for one in await world.alerts() if one.alert != "ClockWrong"]
        return line, world.fired


@pytest.fixture(scope="module")
async def usual(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """The line, where nobody sets the clock."""
    return (await play(tmp_path_factory.mktemp("usual"), {}))[0]


STEPS = (1, 4, 7, 13, 24)
"""Requests at which the clock is set: first looks, requests to assign, reads of what is in doubt, listings."""


@pytest.mark.covers("F-30", "Q11")
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "jumps",
    [(HOUR,), (-HOUR,), (TO_1970, -TO_1970), (-HOUR, HOUR)],
    ids=["+1 h", "-1 h", "to 1970 and back", "-1 h and back"],
)
async def test_wherever_the_clock_is_set(tmp_path: Path, usual: Line, step: int, jumps: tuple[timedelta, ...]) -> None:
    line, fired = await play(tmp_path, {step + 3 * which: by for which, by in enumerate(jumps)})

    assert Counter(number for number, _ in line.posts) == dict.fromkeys(NUMBERS, 1)
    assert ("ClockWrong", "set") in fired
    assert {alert for alert, _ in fired} == {"ClockWrong"}  # of webhooks too: Telnyx's clock stays as it is
    assert line.seen < usual.seen + 25 * len(jumps)
