"""Whole worlds, dormant campaigns too: a plan answers every drift, and once it is done there is nothing to do."""

from collections import Counter
from dataclasses import replace
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from reconciler.compose.rounds import conclude, found, heals, taught
from reconciler.decide.learn import learn
from reconciler.decide.remember import remember
from reconciler.model.dormancy import SUSPENDED_AT_TCR, WAKE_WAITS
from reconciler.model.drift import Drift
from reconciler.model.fleet import AssignmentState, CampaignPhase, Observed
from reconciler.model.memory import Memory, Round
from reconciler.model.plan import Action, Assign, AttachProfile
from reconciler.model.pools import Desired, DriftClass, Mode
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    PATIENCE,
    SECOND,
    a_campaign,
    a_dormancy,
    a_halt,
    a_line,
    a_single,
    an_assignment,
    asked,
)
from tests.compose.test_rounds_laws import afterwards
from tests.decide.worlds import MOSTLY, RARELY, worlds

World: TypeAlias = tuple[Desired, Observed, Memory]
CLASSES = st.frozensets(st.sampled_from(DriftClass), max_size=3)
ASLEEP = a_campaign(CampaignPhase.SUSPENDED, status=SUSPENDED_AT_TCR)
"""As it is read: that it is only dormant, events tell."""
READINGS = st.sampled_from(
    [a_campaign()] * 4
    + [ASLEEP] * 4
    + [a_campaign(phase) for phase in CampaignPhase if phase is not CampaignPhase.DORMANT]
)
DORMANCIES = st.none() | st.builds(
    lambda tries, minutes: a_dormancy(tries, NOW - minutes * MINUTE, told_at=NOW - 3 * HOUR),
    st.integers(0, 4),
    st.integers(0, 80),
)
ENDS = [AssignmentState.PENDING, AssignmentState.ASSIGNED]


@st.composite
def wide_worlds(draw: st.DrawFn) -> World:
    """A world with modes by class of drift, any phase of its campaigns, and what events told of them; maybe halted."""
    wanted, look, memory = draw(worlds())
    pools = tuple(
        replace(pool, policy=replace(pool.policy, observed=draw(CLASSES), enforced=draw(CLASSES)))
        for pool in wanted.pools
    )
    read = {campaign: replace(draw(READINGS), id=campaign) for campaign in look.campaigns if draw(MOSTLY)}
    told = {campaign: draw(DORMANCIES) for campaign in (CAMPAIGN, FOREIGN)}
    dormancies = {campaign: replace(one, campaign=campaign) for campaign, one in told.items() if one is not None}
    memory = replace(memory, dormancies=dormancies, halt=a_halt() if draw(RARELY) else None)
    return replace(wanted, pools=pools), replace(look, campaigns=read), memory


def drifts_in(world: World) -> tuple[Drift, ...]:
    """Every drift in a world, as a round finds it."""
    wanted, look, memory = world
    look = look.given(memory.dormancies)
    memory = taught(memory, look, learn(wanted, look, memory))
    news = {one.number: one for one in remember(wanted, look, memory, now=NOW, patience=PATIENCE)}
    after = replace(memory, sightings={**memory.sightings, **news})
    return found(wanted, look, memory, after, now=NOW, patience=PATIENCE)


def concluded(world: World) -> Round:
    """One round, at NOW."""
    return conclude(world[0], (asked(),), world[1], world[2], PATIENCE, NOW, NOW, 0.5)


@given(wide_worlds())
def test_every_drift_is_an_action_or_a_hold_with_one_reason(world: World) -> None:
    wanted, look, memory = world
    done = concluded(world)

    answers = Counter((one.number, one.pool) for one in (*done.plan.actions, *done.plan.holds))
    assert answers == Counter((drift.number, drift.pool) for drift in drifts_in(world))
    assert max(Counter(action.number for action in done.plan.actions).values(), default=1) == 1
    assert all(hold.reason is not Reason.NONE and hold.reason.sentence for hold in done.plan.holds)
    policies = {pool.name: pool.policy for pool in wanted.pools}
    enforced = [one for one in done.plan.actions if policies[one.pool].mode_for(heals(one)) is Mode.ENFORCE]
    assert [*done.actions] == enforced
    phases = {one.id: one.phase for one in look.given(memory.dormancies).campaigns.values()}
    waking = Counter(one.campaign for one in done.plan.actions if phases.get(one.campaign) is CampaignPhase.DORMANT)
    assert max(waking.values(), default=1) == 1
    assert all(memory.dormancies[campaign].tries < len(WAKE_WAITS) for campaign in waking)
    may = (CampaignPhase.APPROVED, CampaignPhase.DORMANT, None)
    assert all(phases.get(one.campaign) in may for one in done.plan.actions)


# What is done to a world by what was planned in it.


def in_order(world: World) -> World:
    """The same, with nothing told or remembered that is newer than the look."""
    wanted, look, memory = world
    told = {number: replace(one, taken_at=min(NOW, one.taken_at)) for number, one in look.lines.items()}
    sightings = {number: replace(one, seen_at=min(NOW, one.seen_at)) for number, one in memory.sightings.items()}
    lines = {number: replace(one, taken_at=min(NOW, one.taken_at)) for number, one in memory.lines.items()}
    return wanted, replace(look, lines=told), replace(memory, sightings=sightings, lines=lines)


@st.composite
def applied(draw: st.DrawFn, world: World, done: Round) -> World:
    """The world once every action has succeeded: Telnyx shows it in a list or in a read of the number, as it may be.

    A dormant campaign wakes by what was assigned to it.
    """
    wanted, look, memory = world
    at = max(look.taken_at, NOW) + SECOND
    listings, singles, lines, campaigns = {**look.listings}, {**look.singles}, {**look.lines}, {**look.campaigns}
    for action in done.plan.actions:
        match action:
            case Assign():
                shown = an_assignment(action.number, draw(st.sampled_from(ENDS)), action.campaign)
                before = listings[action.campaign]
                in_list = before.complete and action.number not in singles and draw(st.booleans())
                if in_list:
                    every = {**before.assignments, action.number: shown}
                    listings[action.campaign] = replace(before, assignments=every)
                else:
                    singles[action.number] = a_single(action.number, shown, taken_at=at)
                known = campaigns.get(action.campaign) or memory.campaigns[action.campaign]
                campaigns[action.campaign] = a_campaign(campaign=action.campaign, read_at=max(at, known.read_at))
            case AttachProfile():
                lines[action.number] = a_line(action.number, action.profile, taken_at=at)
    after = replace(afterwards(memory, done), dormancies={} if draw(st.booleans()) else memory.dormancies)
    return (
        wanted,
        replace(look, listings=listings, singles=singles, lines=lines, campaigns=campaigns, taken_at=at),
        after,
    )


@given(wide_worlds().map(in_order), st.data())
def test_once_a_plan_is_done_there_is_nothing_left_to_do(world: World, data: st.DataObject) -> None:
    """A number is attached, then assigned; a dormant campaign wakes by one number, then has the others."""
    done_before: set[Action] = set()
    for _ in range(5):
        done = concluded(world)
        if not done.plan.actions:
            return
        assert done_before.isdisjoint(done.plan.actions), "what is done is not planned again"
        done_before |= {*done.plan.actions}
        world = data.draw(applied(world, done))
    raise AssertionError(f"still to do: {concluded(world).plan.actions}")
