"""A dormant campaign is woken by one number, as the support article says (SUP:10723378): the whole script."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.model.errors import Fault
from reconciler.model.events import EventSource
from reconciler.model.ids import ProfileId
from reconciler.model.pools import Mode, Policy
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.oddities import Oddities
from reconciler.telnyx.events import identify
from tests.builders import CAMPAIGN, HOUR, MINUTE, SECOND, a_declaration, a_number, declared
from tests.virtual import HOOK, Virtual, virtual

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(4))
WANTED = a_declaration(declared(*NUMBERS))
NEVER = Behaviour(wake_seconds=None)
TRIES = [(0.0, 400), (120.0, 400), (720.0, 400)]
"""Then an hour for the last one."""


async def fall_dormant(world: Virtual) -> None:
    """Telnyx's daily job suspends the campaign, and tells it."""
    world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.now, dormant=True)
    await world.run(SECOND)


async def test_one_number_wakes_the_campaign_and_the_others_follow(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED) as world:
        await fall_dormant(world)

        assert world.posts() == [(0.0, 400)]
        assert await world.phases() == {"Waiting": 4}
        assert await world.reasons() == {"campaign_waking"}

        await world.run(5 * MINUTE)

        assert await world.phases() == {"Ready": 4}
        assert world.posts() == [(0.0, 400), *[(60.0, 200)] * 4]
        assert world.alerts == set()
        assert world.removals() == 0


async def test_a_flat_event_tells_it_as_well(tmp_path: Path) -> None:
    """OAS and the support article show it without the envelope."""
    async with virtual(tmp_path, WANTED) as world:
        world.emulator.oddities = Oddities(flat_events=("10dlc.campaign.update",))
        await fall_dormant(world)

        assert world.posts() == [(0.0, 400)]


async def test_no_event_need_tell_that_it_woke(tmp_path: Path) -> None:
    """It is read 90 s after the try."""
    async with virtual(tmp_path, WANTED) as world:
        await fall_dormant(world)
        world.losing_webhooks = True

        await world.run(88 * SECOND)
        assert world.posts() == [(0.0, 400)]
        await world.run(HOUR)

        assert world.posts() == [(0.0, 400), *[(90.0, 200)] * 4]
        assert await world.phases() == {"Ready": 4}


async def test_after_three_tries_a_person_is_asked_and_an_approval_is_still_followed(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED, behaviour=NEVER) as world:
        await fall_dormant(world)
        await world.run(71 * MINUTE)
        assert world.posts() == TRIES
        assert await world.reasons() == {"campaign_waking"}
        assert world.alerts == set()

        await world.run(2 * MINUTE)
        await world.sweep()
        await world.run(24 * HOUR)

        assert world.posts() == TRIES
        assert await world.reasons() == {"campaign_suspended"}
        assert world.alerts == {("CampaignNotApproved", CAMPAIGN)}

        world.emulator.approve(CAMPAIGN, world.now)
        await world.run(MINUTE)
        assert await world.phases() == {"Ready": 4}


async def test_each_try_takes_another_number(tmp_path: Path) -> None:
    """One may be refused for a cause of its own."""
    async with virtual(tmp_path, WANTED, behaviour=NEVER) as world:
        await fall_dormant(world)
        await world.run(HOUR)

        assert [world.emulator.posts(number) for number in NUMBERS] == [1, 1, 1, 0]


async def test_the_pools_of_one_campaign_try_once_together(tmp_path: Path) -> None:
    one, other = declared(*NUMBERS[:2]), declared(*NUMBERS[2:], name="zeta")
    async with virtual(tmp_path, a_declaration(one, other)) as world:
        await fall_dormant(world)
        assert world.posts() == [(0.0, 400)]

        await world.run(5 * MINUTE)

        assert len(world.posts()) == 5
        assert await world.phases() == {"Ready": 2}
        assert await world.phases(other.name) == {"Ready": 2}


async def test_without_the_event_a_person_is_asked_and_nothing_is_tried(tmp_path: Path) -> None:
    """A carrier may have suspended it for a cause."""
    async with virtual(tmp_path, WANTED) as world:
        world.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", world.now)
        await world.run(SECOND)

        assert world.posts() == []
        assert await world.reasons() == {"campaign_suspended"}
        assert world.alerts == {("CampaignNotApproved", CAMPAIGN)}


async def test_a_pool_that_only_observes_wakes_nothing_and_says_so(tmp_path: Path) -> None:
    watched = replace(declared(*NUMBERS), policy=Policy(mode=Mode.OBSERVE))
    async with virtual(tmp_path, a_declaration(watched)) as world:
        await fall_dormant(world)
        await world.run(HOUR)

        assert world.posts() == []
        assert world.alerts == {("CampaignNotApproved", CAMPAIGN)}


async def test_an_observing_pool_leaves_the_try_to_the_other(tmp_path: Path) -> None:
    watched = replace(declared(*NUMBERS[:2]), policy=Policy(mode=Mode.OBSERVE))
    other = declared(*NUMBERS[2:], name="zeta")
    async with virtual(tmp_path, a_declaration(watched, other)) as world:
        await fall_dormant(world)

        assert [world.emulator.posts(number) for number in NUMBERS] == [0, 0, 1, 0]


async def test_nothing_is_tried_outside_the_window(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED) as world:
        world.may_send = False
        await fall_dormant(world)
        await world.run(3 * HOUR)
        assert world.posts() == []

        world.may_send = True
        await world.run(5 * MINUTE)

        assert [status for _, status in world.posts()] == [400, 200, 200, 200, 200]
        assert await world.phases() == {"Ready": 4}


async def test_a_request_whose_answer_was_lost_is_read_before_anything_else_is_sent(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED, behaviour=NEVER) as world:
        world.losing_answers = 1
        await fall_dormant(world)
        await world.run(timedelta(seconds=55))
        assert len(world.posts()) == 1
        assert await world.phases() == {"Assigning": 1, "Waiting": 3}

        await world.run(2 * HOUR)

        assert world.posts() == TRIES  # it was a try, and no more than three are made
        assert ("AssignmentFailed", NUMBERS[0]) not in world.alerts


async def test_a_process_that_died_with_a_try_in_hand_reads_before_it_tries_again(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED, behaviour=NEVER) as world:
        world.may_send = False
        await fall_dormant(world)
        assert await world.store.claim(world.clock.time, MINUTE) is not None  # and the process dies
        world.may_send = True

        await flow.recover(world.hands, world.desired)
        await world.run(3 * HOUR)

        assert [status for _, status in world.posts()] == [400, 400]  # nobody knows that the first was never sent
        assert world.alerts == {("CampaignNotApproved", CAMPAIGN)}


async def test_a_refusal_for_any_other_cause_is_no_failure_either(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="Not now.")
        await fall_dormant(world)
        await world.run(5 * MINUTE)

        assert [world.emulator.posts(number) for number in NUMBERS] == [2, 2, 1, 1]
        assert await world.phases() == {"Ready": 4}
        assert world.alerts == set()


async def test_a_campaign_without_wanted_numbers_stays_as_it_is(tmp_path: Path) -> None:
    empty = replace(declared(), policy=Policy(allow_empty=True))
    async with virtual(tmp_path, a_declaration(empty)) as world:
        await fall_dormant(world)
        await world.run(HOUR)

        assert world.posts() == []
        assert (await world.store.recall(())).campaigns[CAMPAIGN].phase == "dormant"


async def test_it_may_fall_dormant_again(tmp_path: Path) -> None:
    """What was tried then does not count any more."""
    async with virtual(tmp_path, WANTED) as world:
        for _ in range(5):
            await fall_dormant(world)
            await world.run(5 * MINUTE)
            assert await world.phases() == {"Ready": 4}
            for number in NUMBERS:
                world.emulator.remove_by_hand(number, world.now)

        assert [status for _, status in world.posts()].count(400) == 5
        assert world.alerts == set()


async def test_a_number_is_put_on_its_profile_to_wake_the_campaign_and_only_one(tmp_path: Path) -> None:
    profile = ProfileId("4001a1b2-0d3e-4a51-8a34-5be0a7c0d0a1")
    async with virtual(tmp_path, a_declaration(replace(declared(*NUMBERS), messaging_profile=profile))) as world:
        world.emulator.add_profile(profile)
        for number in NUMBERS:
            world.emulator.put_on_profile(number, None)
        await fall_dormant(world)
        await world.run(30 * SECOND)

        assert [one.method for one in world.emulator.journal()].count("PATCH") == 1
        assert [status for _, status in world.posts()] == [400]
        await world.run(10 * MINUTE)
        assert await world.phases() == {"Ready": 4}


async def test_a_suspension_by_t_mobile_alone_is_no_dormancy(tmp_path: Path) -> None:
    """Its status goes on as before, so nothing but the field says why it does not send; its numbers stay."""
    async with virtual(tmp_path, WANTED) as world:
        await world.sweep()
        await world.run(MINUTE)
        world.emulator.set_tmobile_suspension(CAMPAIGN, world.now, on=True)
        await world.run(MINUTE)
        assert await world.reasons() == {"campaign_suspended"}
        assert world.alerts == {("CampaignNotApproved", CAMPAIGN)}

        world.emulator.set_tmobile_suspension(CAMPAIGN, world.now, on=False)
        await world.run(MINUTE)

        assert await world.phases() == {"Ready": 4}
        assert len(world.posts()) == 4
        assert world.removals() == 0


async def test_an_older_dormancy_that_is_told_late_wakes_nothing_that_was_approved_since(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED) as world:
        await world.sweep()
        await world.run(MINUTE)
        world.emulator.emit(
            "10dlc.campaign.update",
            {"campaignId": CAMPAIGN, "type": "TELNYX_EVENT", "status": "DORMANT"},
            world.now,
            url=HOOK,
        )
        await world.run(MINUTE)
        assert await world.phases() == {"Ready": 4}
        await world.sweep()
        await world.run(MINUTE)

        assert (await world.store.recall(())).dormancies == {}


async def test_an_event_that_was_missed_and_read_back_from_the_deliveries_tells_it_too(tmp_path: Path) -> None:
    async with virtual(tmp_path, WANTED) as world:
        world.losing_webhooks = True
        await fall_dormant(world)
        await world.sweep()
        await world.run(HOUR)
        assert await world.reasons() == {"campaign_suspended"}
        assert world.posts() == []

        told = await world.hands.telnyx.deliveries(world.clock.time - 2 * HOUR)
        assert not isinstance(told, Fault)
        for one in told:
            event_id, digest, flaw = identify(one.body)
            await world.store.receive(event_id, digest, one.body, world.clock.time, flaw, EventSource.DELIVERY)
        await world.run(5 * MINUTE)

        assert [status for _, status in world.posts()] == [400, 200, 200, 200, 200]
        assert await world.phases() == {"Ready": 4}
