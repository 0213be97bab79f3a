"""Two services, each with a store of its own, on one account: what Telnyx has is what both go by, and nothing flaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, a_number
from tests.inline import GRAIN, HOOK, MOST_STEPS, World, a_world
from tests.surroundings import Wire

pytestmark = pytest.mark.anyio

NUMBERS = tuple(map(a_number, range(6)))
HOURLY = "schedule: {drift_check: every 1h}"


def pool(campaign: str) -> str:
    """The pool of all numbers, on this campaign."""
    return f"- {{name: acme, campaign: {campaign}, numbers: [{', '.join(repr(str(one)) for one in NUMBERS)}]}}\n"


def stage(emulator: Emulator) -> None:
    """Two campaigns in review, and the numbers."""
    for campaign in (CAMPAIGN, FOREIGN):
        emulator.add_campaign(campaign, status="MNO_PENDING", webhook_url=HOOK)
    for number in NUMBERS:
        emulator.add_number(number)


class Pair:
    """Two services, the clock of both, and the one Telnyx. Its webhooks come to the first."""

    def __init__(self, one: World, two: World) -> None:
        self.both = (one, two)
        self.emulator = one.emulator
        self._clock = one.clock

    @property
    def seconds(self) -> float:
        return self._clock.time.timestamp()

    async def live(self, span: timedelta) -> None:
        """Let so much time pass: each does one thing that is due, then the other."""
        end = self._clock.time + span
        for _ in range(MOST_STEPS):
            if any([await world.step() for world in self.both]):
                continue
            if self._clock.time >= end:
                return
            dues = [due for world in self.both if (due := await world.next_due()) is not None]
            at = min(end, max(min(dues, default=end), self._clock.time + GRAIN))
            for world in self.both:
                await world.turn(at)
        raise AssertionError(f"something was due {MOST_STEPS:,} times")

    def writes(self) -> list[tuple[str, str]]:
        """Every request but reads, and what it said."""
        return [(call.method, call.body) for call in self.emulator.journal() if call.method != "GET"]


@asynccontextmanager
async def a_pair(folder: Path, first: str, second: str) -> AsyncIterator[Pair]:
    """Two services with these configs."""
    async with a_world(folder / "one", first, rest=HOURLY, stage=stage) as one:
        receiver = one.post.receiver
        two = World(folder / "two", second, rest=HOURLY, behaviour=Behaviour(), rate="100/s", seed=1)
        two.emulator, two.clock, two.post = one.emulator, one.clock, one.post
        two.wire = Wire(one.emulator, one.clock, 1)
        await two.start()
        one.post.receiver = receiver
        try:
            yield Pair(one, two)
        finally:
            await two.close()


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    """Where the two have their stores."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()


@pytest.mark.covers("F-70")
async def test_two_that_want_the_same_agree(tmp_path: Path) -> None:
    async with a_pair(tmp_path, pool(CAMPAIGN), pool(CAMPAIGN)) as pair:
        await pair.live(5 * MINUTE)
        pair.emulator.approve(CAMPAIGN, pair.seconds)
        await pair.live(2 * HOUR)
        written = pair.writes()
        pair.emulator.remove_by_hand(NUMBERS[0], pair.seconds)
        await pair.live(24 * HOUR)

        for world in pair.both:
            assert await world.phases() == {"Ready": len(NUMBERS)}
        told = [{condition.alert.value for condition in await world.alerts()} for world in pair.both]
        assert told == [set(), {"WebhooksSilent"}], "the one that no webhook reaches says so"
        assert {method for method, _ in pair.writes()} == {"POST"}
        asked = Counter(body for _, body in written)
        assert len(asked) == len(NUMBERS)
        assert max(asked.values()) <= 2, "each service may ask once before it sees what the other did"
        assert len(pair.writes()) - len(written) <= 2


@pytest.mark.covers("F-70")
async def test_of_two_that_want_one_number_in_two_places_the_first_has_it_and_the_other_says_so(tmp_path: Path) -> None:
    async with a_pair(tmp_path, pool(CAMPAIGN), pool(FOREIGN)) as pair:
        await pair.live(5 * MINUTE)
        pair.emulator.approve(CAMPAIGN, pair.seconds)
        await pair.live(2 * HOUR)
        there, written = dict(pair.emulator.assignments()), pair.writes()
        pair.emulator.approve(FOREIGN, pair.seconds)
        await pair.live(24 * HOUR)

        one, two = pair.both
        assert await one.phases() == {"Ready": len(NUMBERS)}
        assert await two.phases() == {"Blocked": len(NUMBERS)}
        assert await two.reasons() == {"foreign_assignment"}
        assert {condition.alert.value for condition in await two.alerts()} == {"ConflictFound"}
        assert dict(pair.emulator.assignments()) == there
        assert pair.writes()[: len(written)] == written
        assert {method for method, _ in pair.writes()} == {"POST"}
        assert Counter(body for _, body in pair.writes()).most_common(1)[0][1] == 1, "nobody asks again and again"
