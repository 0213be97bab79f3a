"""Whole worlds, one round: it is learned once, each operation has one fate, and nothing waits in vain."""

from dataclasses import replace
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from reconciler.compose.rounds import conclude
from reconciler.model.events import EVERYTHING, Cause, Subject
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, Keep, Retry
from tests.builders import CAMPAIGN, FOREIGN, NOW, PATIENCE, asked
from tests.decide.worlds import worlds

World: TypeAlias = tuple[Desired, Observed, Memory]
SUBJECTS: list[Subject] = [EVERYTHING, CAMPAIGN, FOREIGN]
ASKS = st.builds(asked, st.sampled_from(SUBJECTS), st.sampled_from(Cause))


def concluded(world: World, asks: tuple[Asked, ...] = ()) -> Round:
    """One round, at NOW."""
    wanted, look, memory = world
    return conclude(wanted, asks or (asked(),), look, memory, PATIENCE, NOW, NOW, 0.5)


def afterwards(memory: Memory, done: Round) -> Memory:
    """The memory with what a round learned, and with its operations as they were."""
    return replace(
        memory,
        campaigns={**memory.campaigns, **{one.id: one for one in done.campaigns}},
        sightings={**memory.sightings, **{one.number: one for one in done.sightings}},
        lines={**memory.lines, **{one.number: one for one in done.lines}},
        profiles={**memory.profiles, **{one.id: one for one in done.profiles}},
        rostered_at={**memory.rostered_at, **done.rostered_at},
    )


@given(worlds())
def test_the_same_look_twice_teaches_once_and_concludes_the_same(world: World) -> None:
    wanted, look, memory = world
    first = concluded(world)

    again = concluded((wanted, look, afterwards(memory, first)))

    assert again.lines == ()
    assert again.plan == first.plan
    assert again.checks == first.checks


@given(worlds(), ASKS)
def test_each_operation_has_one_fate(world: World, ask: Asked) -> None:
    """It is settled once, or goes on as it is and holds its number: nothing is begun beside it."""
    wanted, _, memory = world
    done = concluded(world, (ask,))

    fates = [operation.number for operation, _ in done.settled]
    ended = {operation.number for operation, verdict in done.settled if isinstance(verdict, Done)}
    assert len(fates) == len(set(fates))
    assert all(memory.operations[operation.number] is operation for operation, _ in done.settled)
    for action in done.plan.actions:
        assert action.number not in memory.operations.keys() - ended
    for operation, verdict in done.settled:
        assert not isinstance(verdict, Keep)
        assert operation.step is not Step.SENT
        if operation.verb is Verb.ATTACH_PROFILE:  # no listing tells of it
            assert isinstance(verdict, Done | Retry)
            assert operation.step is not Step.UNRESOLVED
        if operation.step is Step.UNRESOLVED:
            assert operation.number in world[1].told()
    assert {hold.pool for hold in done.plan.holds} <= {pool.name for pool in wanted.pools}


@given(worlds(), ASKS)
def test_no_round_asks_for_the_next_one_at_once(world: World, ask: Asked) -> None:
    """Whatever it saw: else one would follow the other for ever."""
    done = concluded(world, (ask,))

    assert all(trigger.due_at > NOW for trigger in done.triggers)
    assert all(due_at > NOW for _, due_at in done.postponed)


@given(worlds())
def test_what_is_not_proven_is_looked_at_again_or_was_seen_in_between(world: World) -> None:
    """What is in between two states has a pace of its own; an operation has its own time."""
    wanted, look, memory = world
    done = concluded(world, (asked(CAMPAIGN), asked(FOREIGN)))
    comes = {trigger.subject for trigger in done.triggers} | {one.subject for one, _ in done.postponed}

    for hold in done.plan.holds:
        pool, one = wanted.pool_of(hold.number), look.told().get(hold.number)
        found = None if one is None else one.assignment
        is_in_between = found is not None and found.state is not AssignmentState.FAILED
        is_of_pool = pool is not None and pool.name == hold.pool
        if hold.reason is Reason.EVIDENCE_STALE and is_of_pool and not is_in_between:
            assert pool is not None
            is_read = pool.campaign in look.campaigns
            assert pool.campaign in comes or hold.number in memory.operations or not is_read
