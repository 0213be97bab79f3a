"""A dormant campaign is woken by one number, as the support article says (SUP:10723378): the whole script."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.oddities import Oddities
from tests.builders import CAMPAIGN, HOUR, MINUTE, PROFILE, SECOND, a_number
from tests.inline import HOOK, World, a_world, account_of, pool_of
from tests.post import none

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(4))
WANTED = pool_of(NUMBERS)
ACCOUNT = account_of(NUMBERS)
OBSERVED = "policy: {mode: observe}"
NEVER = Behaviour(wake_seconds=None)
TRIES = [(0.0, 400), (120.0, 400), (720.0, 400)]
"""Then an hour for the last one."""


def suspend(world: World) -> None:
    """Telnyx's daily job suspends the campaign, and tells it."""
    world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds, dormant=True)


async def fall_dormant(world: World) -> None:
    """It is suspended, and the service has heard of it."""
    suspend(world)
    await world.wait(SECOND)


async def test_one_number_wakes_the_campaign_and_the_others_follow(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        await fall_dormant(world)

        assert world.posts() == [(0.0, 400)]
        assert await world.phases() == {"Waiting": 4}
        assert await world.reasons() == {"campaign_waking"}

        await world.wait(5 * MINUTE)

        assert await world.phases() == {"Ready": 4}
        assert world.posts() == [(0.0, 400), *[(60.0, 200)] * 4]
        assert world.fired == set()
        assert world.removals() == 0


async def test_a_flat_event_tells_it_as_well(tmp_path: Path) -> None:
    """OAS and the support article show it without the envelope."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        world.emulator.oddities = Oddities(flat_events=("10dlc.campaign.update",))
        await fall_dormant(world)

        assert world.posts() == [(0.0, 400)]


async def test_no_event_need_tell_that_it_woke(tmp_path: Path) -> None:
    """It is read 90 s after the try."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        await fall_dormant(world)
        world.post.way = none

        await world.wait(88 * SECOND)
        assert world.posts() == [(0.0, 400)]
        await world.wait(HOUR)

        assert world.posts() == [(0.0, 400), *[(90.0, 200)] * 4]
        assert await world.phases() == {"Ready": 4}


async def test_after_three_tries_a_person_is_asked_and_an_approval_is_still_followed(tmp_path: Path) -> None:
    rarely = "schedule: {drift_check: every 2h}"
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=rarely, behaviour=NEVER) as world:
        await fall_dormant(world)
        await world.wait(71 * MINUTE)
        assert world.posts() == TRIES
        assert await world.reasons() == {"campaign_waking"}
        assert world.fired == set()

        await world.wait(2 * MINUTE)
        await world.sweep()
        await world.wait(24 * HOUR)

        assert world.posts() == TRIES
        assert await world.reasons() == {"campaign_suspended"}
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(MINUTE)
        assert await world.phases() == {"Ready": 4}


async def test_each_try_takes_another_number(tmp_path: Path) -> None:
    """One may be refused for a cause of its own."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, behaviour=NEVER) as world:
        await fall_dormant(world)
        await world.wait(HOUR)

        assert [world.emulator.posts(number) for number in NUMBERS] == [1, 1, 1, 0]


async def test_the_pools_of_one_campaign_try_once_together(tmp_path: Path) -> None:
    pools = pool_of(NUMBERS[:2]) + pool_of(NUMBERS[2:], name="zeta")
    async with a_world(tmp_path, pools, stage=ACCOUNT) as world:
        await fall_dormant(world)
        assert world.posts() == [(0.0, 400)]

        await world.wait(5 * MINUTE)

        assert len(world.posts()) == 5
        assert await world.phases() == {"Ready": 2}
        assert await world.phases("zeta") == {"Ready": 2}


async def test_without_the_event_a_person_is_asked_and_nothing_is_tried(tmp_path: Path) -> None:
    """A carrier may have suspended it for a cause."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.seconds)
        await world.wait(SECOND)

        assert world.posts() == []
        assert await world.reasons() == {"campaign_suspended"}
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}


async def test_a_pool_that_only_observes_wakes_nothing_and_says_so(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of(NUMBERS, OBSERVED), stage=ACCOUNT) as world:
        await fall_dormant(world)
        await world.wait(HOUR)

        assert world.posts() == []
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}


async def test_an_observing_pool_leaves_the_try_to_the_other(tmp_path: Path) -> None:
    pools = pool_of(NUMBERS[:2], OBSERVED) + pool_of(NUMBERS[2:], name="zeta")
    async with a_world(tmp_path, pools, stage=ACCOUNT) as world:
        await fall_dormant(world)

        assert [world.emulator.posts(number) for number in NUMBERS] == [0, 0, 1, 0]


async def test_nothing_is_tried_outside_the_window(tmp_path: Path) -> None:
    from_three = "schedule: {windows: [{days: [mon], from: '15:00', to: '17:00'}]}"
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=from_three) as world:
        await fall_dormant(world)
        await world.wait(3 * HOUR - 2 * SECOND)
        assert world.posts() == []

        await world.wait(5 * MINUTE)

        assert [status for _, status in world.posts()] == [400, 200, 200, 200, 200]
        assert await world.phases() == {"Ready": 4}


async def test_a_request_whose_answer_was_lost_is_read_before_anything_else_is_sent(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, behaviour=NEVER) as world:
        world.fault(Faults(upcoming=(Fault.LOSE_ANSWER,), methods=frozenset({"POST"})))
        await fall_dormant(world)
        await world.wait(timedelta(seconds=55))
        assert len(world.posts()) == 1
        assert await world.phases() == {"Assigning": 1, "Waiting": 3}

        await world.wait(2 * HOUR)

        assert world.posts() == TRIES  # it was a try, and no more than three are made
        assert ("AssignmentFailed", NUMBERS[0]) not in world.fired


async def test_a_process_that_died_with_a_try_in_hand_reads_before_it_tries_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, behaviour=NEVER) as world:
        suspend(world)
        while not await world.store.operations_open():
            assert await world.step()
        assert await world.store.claim(world.now, MINUTE) is not None  # and the process dies

        await world.restart()
        await world.wait(3 * HOUR)

        assert [status for _, status in world.posts()] == [400, 400]  # nobody knows that the first was never sent
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}


async def test_a_refusal_for_any_other_cause_is_no_failure_either(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="Not now.")
        await fall_dormant(world)
        await world.wait(5 * MINUTE)

        assert [world.emulator.posts(number) for number in NUMBERS] == [2, 2, 1, 1]
        assert await world.phases() == {"Ready": 4}
        assert world.fired == set()


async def test_a_campaign_without_wanted_numbers_stays_as_it_is(tmp_path: Path) -> None:
    async with a_world(tmp_path, pool_of((), "policy: {allow_empty: true}"), stage=ACCOUNT) as world:
        await fall_dormant(world)
        await world.wait(HOUR)

        assert world.posts() == []
        assert (await world.store.recall(())).campaigns[CAMPAIGN].phase == "dormant"


async def test_it_may_fall_dormant_again(tmp_path: Path) -> None:
    """What was tried then does not count any more."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        for _ in range(5):
            await fall_dormant(world)
            await world.wait(5 * MINUTE)
            assert await world.phases() == {"Ready": 4}
            for number in NUMBERS:
                world.emulator.remove_by_hand(number, world.seconds)
            world.clock.time += timedelta(days=15)

        assert [status for _, status in world.posts()].count(400) == 5
        assert world.fired == set()


async def test_a_number_is_put_on_its_profile_to_wake_the_campaign_and_only_one(tmp_path: Path) -> None:

    def unprofiled(emulator: Emulator) -> None:
        ACCOUNT(emulator)
        emulator.add_profile(PROFILE)
        for number in NUMBERS:
            emulator.put_on_profile(number, None)

    async with a_world(tmp_path, pool_of(NUMBERS, f"messaging_profile: {PROFILE}"), stage=unprofiled) as world:
        await fall_dormant(world)
        await world.wait(30 * SECOND)

        assert [one.method for one in world.emulator.journal()].count("PATCH") == 1
        assert [status for _, status in world.posts()] == [400]
        await world.wait(10 * MINUTE)
        assert await world.phases() == {"Ready": 4}


@pytest.mark.covers("D01")
async def test_a_suspension_by_t_mobile_alone_is_no_dormancy(tmp_path: Path) -> None:
    """Its status goes on as before, so nothing but the field says why it does not send; its numbers stay."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        await world.wait(MINUTE)
        world.emulator.set_tmobile_suspension(CAMPAIGN, world.seconds, on=True)
        await world.wait(MINUTE)
        assert await world.reasons() == {"campaign_suspended"}
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}

        world.emulator.set_tmobile_suspension(CAMPAIGN, world.seconds, on=False)
        await world.wait(MINUTE)

        assert await world.phases() == {"Ready": 4}
        assert len(world.posts()) == 4
        assert world.removals() == 0


async def test_an_older_dormancy_that_is_told_late_wakes_nothing_that_was_approved_since(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT) as world:
        await world.wait(MINUTE)
        world.emulator.emit(
            "10dlc.campaign.update",
            {"campaignId": CAMPAIGN, "type": "TELNYX_EVENT", "status": "DORMANT"},
            world.seconds,
            url=HOOK,
        )
        await world.wait(MINUTE)

        assert await world.phases() == {"Ready": 4}
        await world.sweep()
        await world.wait(MINUTE)

        assert (await world.store.recall(())).dormancies == {}


async def test_an_event_that_was_missed_and_read_back_from_the_deliveries_tells_it_too(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=account_of(NUMBERS, "MNO_PENDING")) as world:
        await world.calm()
        world.post.way = none
        await fall_dormant(world)
        await world.wait(HOUR)
        assert await world.reasons() == {"campaign_suspended"}
        assert world.posts() == []

        await world.resync()
        await world.wait(5 * MINUTE)

        assert [status for _, status in world.posts()] == [400, 200, 200, 200, 200]
        assert await world.phases() == {"Ready": 4}
