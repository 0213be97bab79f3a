"""Who was suspended for longer than a lease has lost it: it records nothing, and its second call is not made."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from reconciler import flow
from reconciler.model.errors import LeaseLost
from reconciler.model.operations import Step, Urgency
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, MINUTE, NUMBER, PATIENCE, PROFILE
from tests.inline import HOOK, World, a_world, account_of, pool_of

pytestmark = pytest.mark.anyio

LONGER = PATIENCE.lease + timedelta(seconds=1)


async def to_be_sent(world: World) -> None:
    """It is planned, and not sent yet."""
    for _ in range(100):
        if await world.store.operations_open():
            return
        await world.step()
    raise AssertionError("nothing was planned")


async def execute(world: World) -> None:
    """What one worker does."""
    await flow.execute(world.hands, lambda: world.desired, Urgency.SWEEP)


def suspend_at(world: World, method: str, *, meanwhile: bool) -> None:
    """The worker that makes the next such call stands still for longer than its lease, and another goes on meanwhile.

    Telnyx has the call; its answer comes when the worker wakes.
    """

    async def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method != method:
            return None
        world.wire.instead = lambda _: nothing()
        done = world.wire.apply(request)
        world.clock.time += LONGER
        if meanwhile:
            await execute(world)
        return done

    world.wire.instead = answer


async def nothing() -> None:
    """Answer nothing in place of Telnyx."""


@pytest.mark.covers("F-32")
async def test_a_worker_that_wakes_too_late_records_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of([NUMBER]), stage=account_of([NUMBER])) as world:
        await to_be_sent(world)
        suspend_at(world, "POST", meanwhile=True)

        with pytest.raises(LeaseLost):
            await execute(world)

        told = [one.what for one in (await world.explain(NUMBER)).timeline]
        assert told == ["queued", "intent", "interrupted", "done"], "the other read it, and closed it"
        await world.wait(5 * MINUTE)
        assert world.emulator.posts(NUMBER) == 1
        assert (await world.explain(NUMBER)).phase == "Ready"


@pytest.mark.covers("F-32")
async def test_its_second_call_is_not_made(tmp_path: Path) -> None:
    """Putting a number on its messaging profile is a read and a write: it stands still in between."""

    def stage(emulator: Emulator) -> None:
        emulator.add_campaign(CAMPAIGN, status="MNO_PROVISIONED", webhook_url=HOOK)
        emulator.add_profile(PROFILE)
        emulator.add_number(NUMBER, messaging_profile_id=None)

    async with a_world(tmp_path, pool_of([NUMBER], f"messaging_profile: {PROFILE}"), stage=stage) as world:
        await to_be_sent(world)
        suspend_at(world, "GET", meanwhile=False)

        with pytest.raises(LeaseLost):
            await execute(world)

        assert [one.method for one in world.emulator.journal() if one.method != "GET"] == []
        await world.wait(5 * MINUTE)
        assert (await world.explain(NUMBER)).phase == "Ready"
        assert [one.method for one in world.emulator.journal() if one.method != "GET"] == ["PATCH", "POST"]


@pytest.mark.covers("F-06")
async def test_a_claim_that_nothing_followed_is_taken_over_and_sent_once(tmp_path: Path) -> None:
    """The process died between its claim and its call: after the lease another reads, and then sends."""
    async with a_world(tmp_path, pool_of([NUMBER]), stage=account_of([NUMBER])) as world:
        await to_be_sent(world)
        dead = await world.store.claim(world.now, PATIENCE.lease)
        assert dead is not None
        assert (dead.step, dead.attempt) == (Step.SENT, 1)

        await world.wait(PATIENCE.lease - timedelta(seconds=1))
        assert world.posts() == []
        await world.wait(5 * MINUTE)

        assert world.emulator.posts(NUMBER) == 1
        ended = next(one for one, _ in reversed(world.verdicts) if one.number == NUMBER)
        assert (ended.attempt, ended.lease_token > dead.lease_token) == (2, True)
        assert (await world.explain(NUMBER)).phase == "Ready"
