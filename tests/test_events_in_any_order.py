"""A set of events, whatever it is: in any order, any number of times, and at any pace, it ends in the same state."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.emulator import Emulator
from reconciler.telnyx import wire
from tests import post
from tests.builders import PROFILE, a_number
from tests.inline import HOOK, MONDAY, World, a_world
from tests.story import RARELY

APPROVED, IN_REVIEW, ASLEEP, SUSPENDED, STRANGER = (f"4b30019f-a9df-e17b-3529-70677db27e{n:02}" for n in range(10, 15))
MANAGED = (APPROVED, IN_REVIEW, ASLEEP, SUSPENDED)
WANTED = {one: tuple(map(a_number, range(at * 10, at * 10 + 3))) for at, one in enumerate(MANAGED, 1)}
REFUSED, ON_A_STRANGER, TAKEN_OFF = WANTED[APPROVED]
UNPROFILED = WANTED[IN_REVIEW][0]
NUMBERS = [number for numbers in WANTED.values() for number in numbers]
POOLS = "".join(
    f"""
- name: pool-{at}
  campaign: {campaign}
  messaging_profile: {PROFILE}
  numbers: [{", ".join(f"'{number}'" for number in numbers)}]
"""
    for at, (campaign, numbers) in enumerate(WANTED.items())
)
SETTLED = timedelta(minutes=15)
"""After the last event: nothing that is under way takes longer."""


def stage(emulator: Emulator) -> None:
    """The account before the service starts."""
    for campaign, status in (
        (APPROVED, "MNO_PROVISIONED"),
        (IN_REVIEW, "MNO_PENDING"),
        (ASLEEP, "MNO_PROVISIONED"),
        (SUSPENDED, "TCR_SUSPENDED"),
        (STRANGER, "MNO_PROVISIONED"),
    ):
        emulator.add_campaign(campaign, status=status, webhook_url=HOOK, brand_id=f"brand-of-{campaign[-2:]}")
    emulator.add_profile(PROFILE)
    for number in NUMBERS:
        emulator.add_number(number, messaging_profile_id=None if number == UNPROFILED else PROFILE)
    emulator.set_campaign_status(ASLEEP, "TCR_SUSPENDED", MONDAY.timestamp(), dormant=True)
    emulator.assign_by_hand(ON_A_STRANGER, STRANGER)
    emulator.fail_next(REFUSED, "carrier", reason="no")


def happen(world: World) -> None:
    """What the events are about, some of them; whatever else they claim is not so."""
    world.emulator.approve(IN_REVIEW, world.seconds)
    world.emulator.remove_by_hand(TAKEN_OFF, world.seconds)


def told() -> Iterator[bytes]:
    """Every documented type about campaigns and numbers of ours and of others; what is no type; what is no event."""
    ids = itertools.count()

    def event(event_type: str, payload: object, event_id: str = "") -> bytes:
        told = {"event_type": event_type, "id": event_id or f"e-{next(ids)}", "payload": payload}
        return json.dumps({"data": told, "meta": {"attempt": 1}}).encode()

    campaigns = (*WANTED, STRANGER, "CNOBODY")
    for event_type, kinds in wire.PAYLOAD_TYPES.items():
        for kind, campaign in zip(sorted(kinds), itertools.cycle(campaigns)):
            yield event(event_type, {"type": kind, "campaignId": campaign, "brandId": f"brand-of-{campaign[-2:]}"})
    for kind, status in itertools.product(("ASSIGNMENT", "DELETION", "STATUS_UPDATE"), ("success", "failed", "ADDED")):
        for number in (TAKEN_OFF, UNPROFILED, "+12025559999"):
            payload = {"type": kind, "status": status, "phoneNumber": number, "campaignId": APPROVED}
            yield event(wire.PHONE_NUMBER_UPDATE, payload)
    for campaign in (ASLEEP, APPROVED, IN_REVIEW, STRANGER):
        yield event(wire.CAMPAIGN_UPDATE, {"type": "TELNYX_EVENT", "status": "DORMANT", "campaignId": campaign})
    yield event("10dlc.new.thing", {"campaignId": IN_REVIEW, "type": "NEW"})
    yield event(wire.BRAND_UPDATE, {"brandId": "brand-of-10", "type": "REVET"})
    yield event(wire.CAMPAIGN_UPDATE, {"campaignId": APPROVED, "type": "VERIFIED"}, "one-id")
    yield event(wire.CAMPAIGN_UPDATE, {"campaignId": SUSPENDED, "type": "VERIFIED"}, "one-id")
    yield json.dumps({"campaignId": IN_REVIEW, "type": "VERIFIED"}).encode()
    yield from (b"", b"[]", b'{"data": 1}', b'{"data": {"payload": {"phoneNumber": "+1"}}}', b"\xff")


TOLD = tuple(told())
EXAMPLES = int(os.environ.get("TENDLC_SEEDS", "2"))
"""Worlds beside the first: each takes a second or more."""


@dataclass(frozen=True, slots=True)
class State:
    """How it ends."""

    assigned: dict[str, tuple[str, AssignmentStatus]]
    profiles: dict[str, str | None]
    explained: dict[str, tuple[str, str]]
    alerts: Counter[tuple[str, str, str]]
    """Each with how many there are; which row of the inbox one of an event is about, is left out."""
    asked: frozenset[tuple[str, str]]
    """What is still to be looked at, and why; when, is left out."""
    open: frozenset[str]
    """Numbers with an open operation."""
    posts: dict[str, int]
    """How often each number was asked for."""
    removals: int


async def end_of(world: World) -> State:
    """What there is to compare."""
    explained = {number: await world.explain(number) for number in NUMBERS}
    asked = await world.store.due_triggers(world.now + timedelta(days=30), 10_000)
    return State(
        world.assigned(),
        {number: one.messaging_profile_id for number, one in world.emulator.numbers().items()},
        {number: (one.phase, one.reason) for number, one in explained.items()},
        Counter((one.alert.value, one.subject if one.pool else "", one.detail) for one in await world.alerts()),
        frozenset((str(one.subject), one.cause.value) for one in asked),
        frozenset((await world.store.recall(None)).operations),
        {number: world.emulator.posts(number) for number in NUMBERS},
        world.removals() - sum(call.method == "PATCH" for call in world.emulator.journal()),
    )


async def lived(folder: Path, told: Sequence[tuple[bytes, int]], seed: int | None = None) -> State:
    """A world in which these come, each followed by so many seconds. By a seed, chance says what is done first."""
    async with a_world(folder, POOLS, rest=RARELY, stage=stage, seed=seed or 0) as world:
        world.post.way, world.shuffled = post.none, seed is not None
        await world.wait(timedelta(minutes=1))
        happen(world)
        for body, seconds in told:
            assert await world.post.send(body, world.now) == 200
            if seconds:
                await world.wait(timedelta(seconds=seconds))
        await world.wait(SETTLED)
        return await end_of(world)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> State:
    """How it ends where each comes once, one after the other."""
    return asyncio.run(lived(tmp_path_factory.mktemp("expected") / "world", [(body, 0) for body in TOLD]))


@pytest.mark.covers("E05")
def test_what_is_told_is_kept_and_nothing_is_believed_of_it(expected: State) -> None:
    at_work = {number: campaign for campaign in (APPROVED, IN_REVIEW, ASLEEP) for number in WANTED[campaign]}
    assert {number: campaign for number, (campaign, _) in expected.assigned.items()} == at_work | {
        ON_A_STRANGER: STRANGER
    }
    assert {number: told for number, told in expected.explained.items() if told != ("Ready", "")} == {
        REFUSED: ("Blocked", "carrier_refused"),
        ON_A_STRANGER: ("Blocked", "foreign_assignment"),
        **dict.fromkeys(WANTED[SUSPENDED], ("Waiting", "campaign_suspended")),
    }
    assert expected.profiles[UNPROFILED] == PROFILE
    never, twice = set(WANTED[SUSPENDED]), {TAKEN_OFF, WANTED[ASLEEP][0]}
    assert expected.posts == {number: 0 if number in never else 1 + (number in twice) for number in NUMBERS}
    assert (expected.asked, expected.open, expected.removals) == (frozenset(), frozenset(), 0)
    assert sum(count for (alert, *_), count in expected.alerts.items() if alert == "WebhookQuarantined") == 5


DUPLICATED = st.lists(st.sampled_from(range(len(TOLD))), max_size=20)
PACES = [0] * 20 + [1, 10, 90]
"""Seconds from one to the next."""


@pytest.mark.covers("E03")
@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.reuse, Phase.generate], database=None)
@given(order=st.permutations(range(len(TOLD))), again=DUPLICATED, chance=st.randoms(use_true_random=False))
def test_in_any_order_and_any_number_of_times_they_end_in_the_same_state(
    expected: State, order: list[int], again: list[int], chance: Random
) -> None:
    places = [*order, *again]
    for at in range(len(order), len(places)):  # a copy may come anywhere, before what it is a copy of too
        other = chance.randrange(len(places))
        places[at], places[other] = places[other], places[at]
    told = [(TOLD[which], chance.choice(PACES)) for which in places]

    with tempfile.TemporaryDirectory() as folder:
        assert asyncio.run(lived(Path(folder) / "world", told, chance.randrange(2**32))) == expected
