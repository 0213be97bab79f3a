"""Whole worlds: every drift has one answer, whatever the order, and no answer does what must never be done."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeAlias, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.diff import diff
from reconciler.decide.learn import learn
from reconciler.decide.plan import plan
from reconciler.decide.senders import senders
from reconciler.model.drift import Drift
from reconciler.model.fleet import CampaignPhase, Observed
from reconciler.model.lines import Membership
from reconciler.model.memory import Memory
from reconciler.model.plan import Assign, AttachProfile
from reconciler.model.pools import Desired, OnMissingProfile
from tests.builders import NOW, PATIENCE
from tests.decide.worlds import worlds

K = TypeVar("K")
V = TypeVar("V")
World: TypeAlias = tuple[Desired, Observed, Memory]


def taught(world: World) -> Memory:
    """What is remembered after the look."""
    wanted, look, memory = world
    return replace(memory, lines={**memory.lines, **{one.number: one for one in learn(wanted, look, memory)}})


def drifts_in(world: World) -> tuple[Drift, ...]:
    """Every drift in a world, once what its look teaches is learned."""
    wanted, look, _ = world
    found = (verb(wanted, look, taught(world), now=NOW, patience=PATIENCE) for verb in (diff, senders))
    return tuple(chain.from_iterable(found))


def backwards(mapping: Mapping[K, V]) -> dict[K, V]:
    """The same, the other way round."""
    return dict(reversed(tuple(mapping.items())))


@given(worlds())
def test_every_drift_has_exactly_one_answer(world: World) -> None:
    drifts = drifts_in(world)

    made = plan(world[0], world[1], drifts, world[2])

    answered = Counter((one.number, one.pool) for one in (*made.actions, *made.holds))
    assert answered == Counter((drift.number, drift.pool) for drift in drifts)
    assert all(hold.reason for hold in made.holds)
    assert made.unchanged >= 0
    assert max(Counter(action.number for action in made.actions).values(), default=1) == 1


@given(worlds(), st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_its_input(world: World, chance: random.Random) -> None:
    wanted, look, memory = world
    drifts = drifts_in(world)
    shuffled = chance.sample(drifts, len(drifts))
    turned = replace(look, rosters=backwards(look.rosters), listings=backwards(look.listings))

    made = plan(wanted, look, drifts, memory)

    assert plan(wanted, look, tuple(shuffled), memory) == made
    assert plan(wanted, turned, drifts_in((wanted, turned, memory)), memory) == made


@given(worlds())
def test_no_number_is_taken_from_a_profile_and_none_is_assigned_that_is_known_to_be_on_none(
    world: World,
) -> None:
    wanted, look, memory = world
    told = look.lines_told()

    for action in plan(wanted, look, drifts_in(world), memory).actions:
        pool = wanted.pool_of(action.number)
        assert pool is not None
        newest = known = taught(world).lines.get(action.number)
        shown = told.get(action.number)
        if shown is not None and not shown.unclear and not shown.absences:
            newest = shown if known is None or known.taken_at <= shown.taken_at else known
        profile = pool.messaging_profile
        where = Membership.UNKNOWN if newest is None or profile is None else newest.membership(profile)
        match action:
            case Assign():
                assert profile is None or where is Membership.EXPECTED
            case AttachProfile():
                assert where is Membership.NONE
                assert (profile, pool.policy.on_missing_profile) == (action.profile, OnMissingProfile.ATTACH)
        assert action.number not in pool.undecided
        assert action.number not in memory.operations
        assert look.campaigns[action.campaign].phase is CampaignPhase.APPROVED
