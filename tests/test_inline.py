"""The world that other tests live in: it runs without real time, and the same seed gives the same world."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.emulator import Call
from reconciler.sandbox.faults import Fault, Faults
from tests.builders import CAMPAIGN, a_number
from tests.inline import MONDAY, World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(100, 120))
FEW = NUMBERS[:4]
IN_REVIEW = account_of(NUMBERS, "MNO_PENDING")


async def all_ready(world: World) -> bool:
    """Whether all numbers are Ready, as the status has it."""
    (pool,) = (await world.status()).pools
    return pool.phases == {"Ready": pool.desired}


async def test_an_approval_makes_every_number_ready_and_no_real_time_passes(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), stage=IN_REVIEW) as world:
        await world.calm()
        assert (await world.explain(NUMBERS[0])).reason == "campaign_in_review"

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.until(lambda: all_ready(world), timedelta(minutes=1))

        assert world.assigned() == dict.fromkeys(NUMBERS, (CAMPAIGN, AssignmentStatus.ASSIGNED))
        assert {world.emulator.posts(number) for number in NUMBERS} == {1}
        assert set(world.post.answers) == {200}
        assert await world.alerts() == ()


async def test_time_stands_until_it_is_let_pass_and_then_goes_from_one_due_time_to_the_next(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FEW), stage=IN_REVIEW) as world:
        await world.calm()
        assert world.now == MONDAY

        await world.wait(timedelta(minutes=25))

        assert world.now == MONDAY + timedelta(minutes=25)
        listed_at = {call.at for call in world.emulator.journal()}
        assert listed_at == {(MONDAY + timedelta(minutes=at)).timestamp() for at in (0, 10, 20)}


async def test_the_rate_limit_takes_time_of_the_world(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS), stage=IN_REVIEW, rate="2/s") as world:
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.calm()

        posted = [call.at for call in world.emulator.journal() if call.method == "POST"]
        assert len(posted) == len(NUMBERS)
        assert timedelta(seconds=8) < world.now - MONDAY < timedelta(seconds=16)


async def test_what_fired_is_known_even_if_it_ended_before_anybody_was_told(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FEW), stage=IN_REVIEW) as world:
        world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds)
        await world.wait(timedelta(seconds=1))
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(timedelta(minutes=1))

        assert (world.messages, await world.alerts()) == ([], ())
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}


async def played(folder: Path, seed: int) -> tuple[Call, ...]:
    """Every call of a world on a bad line, where chance says what comes next."""
    async with a_world(folder, pool_of(FEW), stage=IN_REVIEW, seed=seed) as world:
        world.shuffled = True
        world.fault(Faults(probability=0.3, seed=seed))
        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.until(lambda: all_ready(world), timedelta(hours=2))
        return world.emulator.journal()


async def test_the_same_seed_gives_the_same_world_and_another_gives_another(tmp_path: Path) -> None:
    first = await played(tmp_path / "first", seed=1)

    assert await played(tmp_path / "again", seed=1) == first
    assert await played(tmp_path / "other", seed=2) != first


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_the_line_does_to_a_request_it_is_done_in_the_end(tmp_path: Path, fault: Fault) -> None:
    async with a_world(tmp_path, pool_of(FEW), stage=IN_REVIEW) as world:
        await world.calm()
        world.fault(Faults(upcoming=(fault,) * 3, methods=frozenset({"POST"})))
        world.emulator.approve(CAMPAIGN, world.seconds)

        await world.until(lambda: all_ready(world), timedelta(minutes=15))

        done = [call for call in world.emulator.journal() if call.method == "POST" and call.status == 200]
        assert len(done) == len(FEW)


async def test_what_lasts_a_restart_is_the_store(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(FEW), stage=IN_REVIEW) as world:
        world.emulator.approve(CAMPAIGN, world.seconds)
        while len(world.verdicts) < 2:
            assert await world.step()

        await world.restart()
        await world.until(lambda: all_ready(world), timedelta(minutes=15))

        assert {world.emulator.posts(number) for number in FEW} == {1}
