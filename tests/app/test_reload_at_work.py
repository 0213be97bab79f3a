"""The config changes while numbers are being assigned: what is sent is what the last good config asks for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reconciler.app.live import explanation_of
from reconciler.app.service import MOST_IN_FLIGHT
from reconciler.model.errors import ConfigError
from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Step
from reconciler.sandbox.faults import Fault, Faults
from tests.app.at_work import CAMPAIGN, NUMBERS, OTHER, Work, at_work, pool

pytestmark = pytest.mark.anyio

ALL = pool("acme", NUMBERS)
KEPT, DROPPED = NUMBERS[:10], NUMBERS[10:]
CHANGES = {
    "fewer numbers": [pool("acme", KEPT)],
    "another campaign": [pool("acme", KEPT), pool("zeta", DROPPED, OTHER, mode="observe")],
    "only observed": [pool("acme", KEPT), pool("zeta", DROPPED, mode="observe")],
    "no pool at all": [],
}


async def begun(work: Work, count: int = 12) -> None:
    """Wait until the batch is under way, and not over."""
    await work.until(f"{count} requests", lambda: len(work.posts()) >= count)
    assert len(work.posts()) < len(NUMBERS)


@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_of_a_stale_plan_is_sent_after_the_reload(tmp_path: Path, change: str) -> None:
    async with at_work(tmp_path, ALL, rate="40/s") as work:
        await begun(work)

        await work.reload(*CHANGES[change])
        sent = work.posts()
        await work.until_quiet()

        late = [call for call in work.posts()[len(sent) :] if not any(number in call.body for number in KEPT)]
        assert len(late) <= MOST_IN_FLIGHT  # on their way when it was reloaded
        if change != "no pool at all":
            assert work.is_on(CAMPAIGN, KEPT)
        asked_for = work.posts_of(DROPPED)
        assert 0 in asked_for

        await work.reload(ALL)
        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        assert work.posts_of(NUMBERS) == [1] * len(NUMBERS)


@pytest.mark.parametrize("change", CHANGES)
async def test_there_and_back_at_once_is_as_if_nothing_had_been(tmp_path: Path, change: str) -> None:
    async with at_work(tmp_path, ALL) as work:
        await begun(work)
        for _ in range(3):
            await work.reload(*CHANGES[change])
            await work.reload(ALL)

        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        await work.until_quiet()
        assert work.posts_of(NUMBERS) == [1] * len(NUMBERS)


@pytest.mark.parametrize("seconds", [0.05, 2.0], ids=["assigned", "pending"])
@pytest.mark.parametrize(
    "after",
    [
        [pool("renamed", NUMBERS)],
        [pool("acme", NUMBERS[:20]), pool("zeta", NUMBERS[20:])],
    ],
    ids=["a pool is renamed", "numbers move between pools of one campaign"],
)
async def test_what_is_only_named_otherwise_costs_no_write(tmp_path: Path, after: list[str], seconds: float) -> None:
    async with at_work(tmp_path, ALL, seconds=seconds) as work:
        await work.until("every number to be asked for", lambda: len(work.posts()) == len(NUMBERS))
        if seconds < 1:
            await work.until_quiet()
        before = len(work.writes())

        await work.reload(*after)
        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        await work.until_quiet()

        assert len(work.writes()) == before
        checks = {check.pool: dict(check.drift) for check in await work.service.store.checks()}
        names = {one.name for one in work.service.desired.pools}
        assert {name: checks[name].get("missing", 0) for name in names} == dict.fromkeys(names, 0)


async def test_a_number_that_goes_to_another_campaign_while_it_is_pending_is_held_and_not_asked_for(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path, ALL, seconds=1.0) as work:
        moved = NUMBERS[0]
        await work.until("it to be pending", lambda: moved in work.line.emulator.assignments())

        await work.reload(pool("acme", NUMBERS[1:]), pool("zeta", [moved], OTHER))
        await work.until("the others to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        await work.service.sync()
        await work.until_quiet()

        assert await held(work, moved) == "foreign_assignment"
        assert work.posts_of([moved]) == [1]


async def test_it_is_not_asked_for_while_the_answer_is_unknown(tmp_path: Path) -> None:
    """Telnyx did it, and the answer was lost: what became of it is read before anything else."""
    only = NUMBERS[0]
    async with at_work(tmp_path, seconds=0.5) as work:
        work.line.faults = Faults(upcoming=(Fault.LOSE_ANSWER,), methods=frozenset({"POST"}))
        await work.reload(pool("acme", [only]))
        await work.until("it to be pending", lambda: only in work.line.emulator.assignments())

        await work.reload(pool("zeta", [only], OTHER))
        await work.until_quiet()
        await work.service.sync()
        await work.until_quiet()

        assert await held(work, only) == "foreign_assignment"
        assert work.posts_of([only]) == [1]


async def held(work: Work, number: str) -> str:
    """Why a number is held by the plan, as it is explained."""
    service = work.service
    now = service.hands.clock.now()
    shape = await explanation_of(service.store, service.desired, service.settings, PhoneNumber(number), now)
    assert shape.phase == "Blocked"
    return shape.reason


async def test_a_pool_that_goes_leaves_no_operation_whatever_its_step(tmp_path: Path) -> None:
    async with at_work(tmp_path, ALL, rate="30/s", seconds=5.0) as work:
        await work.until("some to be pending", lambda: len(work.line.emulator.assignments()) > 8)
        steps = {one.step for one in await work.service.store.operations_open()}
        assert {Step.READY, Step.CONFIRMING} <= steps

        await work.reload()
        await work.until_quiet()

        asked_for = len(work.posts())
        assert asked_for < len(NUMBERS)
        await work.service.sync()
        await work.until_quiet()
        assert len(work.posts()) == asked_for


async def test_a_file_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    async with at_work(tmp_path, ALL) as work:
        await begun(work)
        good = work.file.read_text()
        for bad in (good.replace("pools:", "polls:"), good[: good.index(NUMBERS[5]) + 4], "", "pools: ["):
            work.file.write_text(bad)
            with pytest.raises(ConfigError):
                await work.service.reload()
        work.file.unlink()
        with pytest.raises(ConfigError):
            await work.service.reload()
        await work.service.watch()

        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        assert work.posts_of(NUMBERS) == [1] * len(NUMBERS)
        assert (await work.service.store.notes())["config_valid"] is False


async def test_fifty_reloads_in_a_row_are_one_look_more_and_not_fifty(tmp_path: Path) -> None:
    async with at_work(tmp_path, ALL) as work:
        await begun(work)

        await asyncio.gather(*(work.service.reload() for _ in range(50)))

        await work.until("every number to be assigned", lambda: work.is_on(CAMPAIGN, NUMBERS))
        await work.until_quiet()
        assert work.posts_of(NUMBERS) == [1] * len(NUMBERS)
        reads = sum(call.path.startswith("/10dlc/campaign/") for call in work.line.emulator.journal())
        assert reads < 25
