"""Nothing is sent on what was read long ago: whatever held it, its campaign or itself is read again first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from reconciler import flow
from reconciler.model.operations import Step, Urgency
from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, NUMBER, OTHER, PATIENCE, POOL, a_number
from tests.inline import World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

DAY = timedelta(hours=24)
RARELY = "schedule: {drift_check: every 12h}"
NUMBERS = (NUMBER, OTHER)
OPENS_AT_SIX = "schedule: {drift_check: every 12h, windows: [{days: [mon], from: '18:00', to: '20:00'}], timezone: UTC}"


class Log:
    """What goes over the line to Telnyx, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calls: list[tuple[datetime, str, str]] = []
        """When, the method, and all that it names: address and body."""
        self.refused = ""
        """Requests whose address has this part are answered 503."""
        world.wire.instead = self._hear

    async def _hear(self, request: httpx.Request) -> httpx.Response | None:
        if self.refused and self.refused in str(request.url):
            return httpx.Response(503)
        said = unquote(str(request.url)) + request.content.decode()
        self.calls.append((self._world.now, request.method, said))
        return None

    def on_old_evidence(self) -> list[tuple[datetime, str]]:
        """Requests to assign before which neither their number nor their campaign was read within ten minutes."""
        found = []
        for index, (at, method, said) in enumerate(self.calls):
            subjects = [one for one in (*NUMBERS, CAMPAIGN) if one in said]
            is_read = any(
                read == "GET" and at - then <= PATIENCE.evidence_for_assign and any(one in what for one in subjects)
                for then, read, what in self.calls[:index]
            )
            found.extend([(at, said)] if method == "POST" and not is_read else [])
        return found


def account(emulator: Emulator) -> None:
    account_of(NUMBERS)(emulator)
    emulator.add_campaign(FOREIGN, status="MNO_PROVISIONED")


async def ready(world: World) -> None:
    """Both numbers are to be assigned, and a pause holds that."""
    await world.store.pause(Freeze(EVERYWHERE, world.now, "moving house", "ann"))
    await world.calm()
    assert {one.step for one in await world.store.operations_open()} == {Step.READY}


async def asleep_for_a_day(world: World, *happens: Callable[[World], object]) -> None:
    """The process ends; in the portal, these things happen; it starts again a day later, and nothing is paused."""
    await world.close()
    for happen in happens:
        happen(world)
    world.clock.time += DAY
    await world.start()
    await world.store.resume(world.now)


async def sends_at_once(world: World) -> bool:
    """Whether an executor that comes before every look sends something."""
    before = len(world.posts())
    await flow.execute(world.hands, lambda: world.desired, Urgency.SWEEP)
    return len(world.posts()) > before


@pytest.mark.covers("F-76")
async def test_what_waited_while_the_service_was_down_is_not_sent_before_a_look(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        log = Log(world)
        await ready(world)
        await asleep_for_a_day(world, lambda world: world.emulator.assign_by_hand(NUMBER, FOREIGN, world.seconds))

        assert not await sends_at_once(world)
        await world.wait(MINUTE)

        assert log.on_old_evidence() == []
        assert world.assigned()[NUMBER][0] == FOREIGN
        assert world.assigned()[OTHER][0] == CAMPAIGN


@pytest.mark.parametrize("status", ["TCR_SUSPENDED", "MNO_PENDING", "TCR_EXPIRED"])
async def test_a_campaign_that_is_not_approved_any_more_gets_no_request(tmp_path: Path, status: str) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        await ready(world)
        await asleep_for_a_day(world, lambda world: world.emulator.set_campaign_status(CAMPAIGN, status, world.seconds))

        assert not await sends_at_once(world)
        await world.wait(HOUR)

        assert world.posts() == []


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_of_the_service_comes_first(tmp_path: Path, seed: int) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account, seed=seed) as world:
        await ready(world)
        world.crowded = True
        await asleep_for_a_day(
            world, lambda world: world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds)
        )

        await world.wait(MINUTE)

        assert world.posts() == []


async def test_after_a_long_pause_a_look_comes_first(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        await ready(world)
        await world.wait(5 * HOUR)
        world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds)
        await world.store.resume(world.now)

        await world.wait(MINUTE)

        assert world.posts() == []
        assert await world.reasons(POOL) == {"campaign_suspended"}


async def test_what_a_window_held_is_looked_at_when_it_opens(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=OPENS_AT_SIX, stage=account) as world:
        log = Log(world)
        await world.wait(6 * HOUR - MINUTE)
        looks = len(world.emulator.journal())
        assert world.posts() == []
        await world.wait(5 * MINUTE)

        assert log.on_old_evidence() == []
        assert world.assigned().keys() == set(NUMBERS)
        assert looks < 12, "nothing is read again and again while nothing may be sent"


async def test_a_refusal_is_tried_again_after_a_look(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        log = Log(world)
        world.emulator.fail_next(NUMBER, "assignment", reason="DCA said no", times=None)
        await world.wait(11 * HOUR)

        assert world.emulator.posts(NUMBER) == 4
        assert log.on_old_evidence() == []


async def test_while_the_campaign_cannot_be_read_nothing_is_sent_and_no_storm_comes_of_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), rest=RARELY, stage=account) as world:
        log = Log(world)
        await ready(world)
        log.refused = f"campaign/{CAMPAIGN}"
        await asleep_for_a_day(world)
        before = len(world.emulator.journal())

        await world.wait(HOUR)
        assert world.posts() == []
        assert len(world.emulator.journal()) - before < 1_000

        log.refused = ""
        await world.wait(2 * MINUTE)
        assert world.assigned().keys() == set(NUMBERS)


async def test_a_long_queue_is_kept_fresh_by_its_campaign_alone(tmp_path: Path) -> None:
    """At this rate 300 numbers take longer than evidence lasts."""
    numbers = [a_number(which) for which in range(300)]
    async with a_world(tmp_path, pool_of(numbers), rest=RARELY, rate="0.4/s", stage=account_of(numbers)) as world:
        log = Log(world)
        await world.wait(20 * MINUTE)

        assert len(world.assigned()) == len(numbers)
        assert log.on_old_evidence() == []
        assert not any(method == "GET" and "+1" in said for _, method, said in log.calls), (
            "no number was read by itself"
        )
        assert len(log.calls) < 1.25 * len(numbers)
