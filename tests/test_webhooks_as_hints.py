"""A webhook says where to look, never what is true: however webhooks travel, the end is the same."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import post
from tests.builders import PROFILE
from tests.inline import World, a_world
from tests.post import Way
from tests.story import (
    APPROVED_LATER,
    FAILS_FOR_EVER,
    FAILS_ONCE,
    FOREIGN,
    MOVED_AWAY,
    MOVED_TO_A_BROTHER,
    POOLS,
    RARELY,
    REFUSED_BY_A_CARRIER,
    SUSPENDED,
    TAKEN_OFF,
    TAKEN_OFF_IN_SILENCE,
    UNPROFILED,
    WANTED,
    End,
    at_first,
    end_of,
    needless_writes,
    play,
)

pytestmark = pytest.mark.anyio

SEEDS = int(os.environ.get("TENDLC_SEEDS", "2"))
"""How many worlds in which each webhook travels in a way of its own."""


@pytest.fixture(scope="module")
async def expected(tmp_path_factory: pytest.TempPathFactory) -> End:
    """How it ends where every webhook arrives once, at once."""
    async with a_world(tmp_path_factory.mktemp("expected"), POOLS, rest=RARELY, stage=at_first) as world:
        return await play(world)


async def test_the_story_ends_as_it_should(expected: End) -> None:
    by_hand = {MOVED_AWAY: FOREIGN, MOVED_TO_A_BROTHER: APPROVED_LATER}
    wanted = {number: campaign for campaign, numbers in WANTED.items() for number in numbers}
    assert {number: campaign for number, (campaign, _) in expected.assignments.items()} == wanted | by_hand
    assert {number: told for number, told in expected.standings.items() if told != ("Ready", "")} == {
        FAILS_FOR_EVER: ("Blocked", "telnyx_refused"),
        REFUSED_BY_A_CARRIER: ("Blocked", "carrier_refused"),
        MOVED_AWAY: ("Blocked", "foreign_assignment"),
        MOVED_TO_A_BROTHER: ("Blocked", "foreign_assignment"),
        **dict.fromkeys(WANTED[SUSPENDED], ("Waiting", "campaign_suspended")),
    }
    assert expected.profiles[UNPROFILED] == PROFILE
    assert {(one.alert.value, one.subject) for one in expected.firing} >= {
        ("AssignmentFailed", FAILS_FOR_EVER),
        ("CampaignNotApproved", SUSPENDED),
    }


@pytest.mark.parametrize(
    ("way", "seed"),
    [
        (post.none, 0),
        (post.doubled, 0),
        (post.reordered, 0),
        (post.delayed, 0),
        *((post.at_random, seed) for seed in range(SEEDS)),
    ],
)
async def test_however_webhooks_travel_the_end_is_the_same(tmp_path: Path, expected: End, way: Way, seed: int) -> None:
    async with a_world(tmp_path, POOLS, rest=RARELY, stage=at_first, seed=seed) as world:
        world.shuffled = True

        world.post.way = way

        assert await play(world) == expected

        assert list(needless_writes(world)) == []
        numbers = {number for numbers in WANTED.values() for number in numbers} - {FAILS_FOR_EVER}
        twice = {TAKEN_OFF, TAKEN_OFF_IN_SILENCE, FAILS_ONCE}
        posts = {number: world.emulator.posts(number) for number in numbers}
        assert posts == dict.fromkeys(numbers, 1) | dict.fromkeys(twice, 2)
        assert set(world.post.answers) <= {200}


# Any events at all, in any order, of a world that stands still.


def bodies(world: World) -> list[bytes]:
    """Every event of the story, as Telnyx told it and under a name of its own; some flat, some that we cannot read."""
    told = [one.event for one in world.emulator.outbox.history.sent()]
    anew = [{**event, "id": "anew"} for event in told]
    flat = [json.dumps(event["payload"]).encode() for event in told[:5]]
    strange = [b"", b"[]", b'{"data": 1}', b'{"data": {"payload": {"phoneNumber": "+1"}}}']
    return [json.dumps({"data": event, "meta": {"attempt": 1}}).encode() for event in (*told, *anew)] + flat + strange


def test_any_events_in_any_order_any_number_of_times_change_nothing_and_ask_for_nothing(tmp_path: Path) -> None:
    """What happened is known already: nothing is written for being told of it again, differently, or falsely."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(a_world(tmp_path, POOLS, rest=RARELY, stage=at_first)))
        runner.run(play(world))
        world.emulator.clear_failures(FAILS_FOR_EVER)  # an event about its campaign is a reason to try it again
        runner.run(world.wait(timedelta(hours=7)))
        before, bank, names = runner.run(end_of(world)), bodies(world), itertools.count()
        writes = [one for one in world.emulator.journal() if one.method != "GET"]

        @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
        @given(told=st.lists(st.tuples(st.sampled_from(bank), st.sampled_from([0, 0, 0, 1, 10])), max_size=8))
        def told_anything(told: list[tuple[bytes, int]]) -> None:
            async def tell() -> End:
                for known, seconds in told:
                    body = known.replace(b"anew", b"anew-%d" % next(names))
                    assert await world.post.send(body, world.now) == 200
                    await world.wait(timedelta(seconds=seconds))
                await world.wait(timedelta(seconds=5))
                return await end_of(world)

            assert runner.run(tell()) == before
            assert [one for one in world.emulator.journal() if one.method != "GET"] == writes

        told_anything()
        runner.run(stack.aclose())
