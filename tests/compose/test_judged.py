"""The alerts of one round, over whole worlds: who is blocked has one, and what was not judged is not resolved."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias, assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.compose.judged import judged_number
from reconciler.compose.rounds import conclude
from reconciler.decide.facts import facts
from reconciler.decide.phase import phase
from reconciler.model.alerts import AlertName, Family
from reconciler.model.events import EVERYTHING, Cause, Subject
from reconciler.model.fleet import CampaignPhase, Observed
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import Desired, Mode, OnConflict, OnMissingProfile, Policy, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Phase
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    PATIENCE,
    POOL,
    a_campaign,
    a_fault,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_sighting,
    an_assignment,
    an_operation,
    asked,
    desired,
)
from tests.decide.worlds import worlds

World: TypeAlias = tuple[Desired, Observed, Memory]
SUBJECTS: list[Subject] = [EVERYTHING, CAMPAIGN, FOREIGN]
ASKS = st.builds(asked, st.sampled_from(SUBJECTS), st.sampled_from(Cause))
OF_NUMBERS = {AlertName.ASSIGNMENT_FAILED, AlertName.CARRIER_MAPPING_FAILED, AlertName.CONFLICT_FOUND}


def concluded(world: World, ask: Asked) -> Round:
    """One round, at NOW."""
    wanted, look, memory = world
    return conclude(wanted, (ask,), look, memory, PATIENCE, NOW, NOW, 0.5)


def became(operation: Operation, verdict: Verdict) -> Operation | None:
    """The operation as a verdict leaves it; None: closed."""
    match verdict:
        case Done() | Tried():
            return None
        case Wait():
            return replace(operation, step=Step.CONFIRMING)
        case Retry():
            refusals = operation.refusals + verdict.refused
            return replace(operation, step=Step.READY, reason=verdict.reason, refusals=refusals)
        case GiveUp():
            return replace(operation, step=Step.BLOCKED, reason=verdict.reason, refusals=operation.refusals + 1)
        case Recheck():
            return replace(operation, step=Step.UNRESOLVED)
        case StopAll() | Keep():
            return operation
        case _:
            assert_never(verdict)


def afterwards(memory: Memory, done: Round) -> Memory:
    """The memory as a round leaves it."""
    settled = {operation.number: became(operation, verdict) for operation, verdict in done.settled}
    operations = {**memory.operations, **settled}
    return replace(
        memory,
        campaigns={**memory.campaigns, **{one.id: one for one in done.campaigns}},
        sightings={**memory.sightings, **{one.number: one for one in done.sightings}},
        lines={**memory.lines, **{one.number: one for one in done.lines}},
        profiles={**memory.profiles, **{one.id: one for one in done.profiles}},
        rostered_at={**memory.rostered_at, **done.rostered_at},
        operations={number: one for number, one in operations.items() if one is not None},
        halt=done.halt,
    )


def is_silenced(policy: Policy, reason: Reason) -> bool:
    """Whether the config says that nobody wants to hear of it."""
    if reason is Reason.FOREIGN_ASSIGNMENT:
        return policy.on_conflict is OnConflict.SKIP
    return reason is Reason.PROFILE_MISSING and policy.on_missing_profile is OnMissingProfile.SKIP


@given(worlds(), ASKS)
def test_every_number_that_is_blocked_has_an_alert(world: World, ask: Asked) -> None:
    """Law L2 of the model: of each pool where the look was."""
    wanted, look, memory = world
    done = concluded(world, ask)
    after = afterwards(memory, done)
    of_numbers = {(one.pool, one.subject) for one in done.judgement.conditions if one.alert in OF_NUMBERS}
    of_campaigns = {one.pool for one in done.judgement.conditions if one.alert is AlertName.CAMPAIGN_NOT_APPROVED}

    for pool in wanted.pools:
        if pool.campaign not in {*look.campaigns, *look.listings}:
            continue
        for number in pool.numbers:
            standing = phase(facts(number, wanted, after), now=NOW, stale_after=timedelta(days=1))
            if standing.phase is Phase.BLOCKED and not is_silenced(pool.policy, standing.reason):
                assert (pool.name, number) in of_numbers or pool.name in of_campaigns, standing


@given(worlds(), ASKS)
def test_what_was_not_looked_at_is_not_judged(world: World, ask: Asked) -> None:
    wanted, look, _ = world
    judgement = concluded(world, ask).judgement

    looked = {pool.name for pool in wanted.pools if pool.campaign in {*look.campaigns, *look.listings}}
    listed = {pool.name for pool in wanted.pools if pool.campaign in look.listings}
    assert {family.pool for family in judgement.families} - {""} == looked
    assert {one.pool for one in judgement.families if one.alert is AlertName.DRIFT_UNRESOLVED} == listed


@given(worlds(), ASKS)
def test_a_condition_holds_once_and_drift_is_told_of_nothing_that_has_an_alert(world: World, ask: Asked) -> None:
    wanted, _, _ = world
    judgement = concluded(world, ask).judgement
    policies = {pool.name: pool.policy for pool in wanted.pools}

    held = [(one.alert, one.pool, one.subject) for one in judgement.conditions]
    assert len(held) == len(set(held))
    others = {(one.pool, one.subject) for one in judgement.conditions if one.alert is not AlertName.DRIFT_UNRESOLVED}
    for one in judgement.conditions:
        if one.alert is AlertName.DRIFT_UNRESOLVED:
            assert one.wait == PATIENCE.two_checks
            assert (one.pool, one.subject) not in others
            if policies[wanted.pools[0].name].mode is policies[wanted.pools[1].name].mode is Mode.OBSERVE:
                assert one.subject in (CAMPAIGN, FOREIGN)


@given(worlds(), ASKS)
def test_the_same_look_twice_judges_the_same(world: World, ask: Asked) -> None:
    """What one look fires, the next resolves only if something is otherwise."""
    wanted, look, memory = world
    first = concluded(world, ask)
    learned = replace(afterwards(memory, first), operations=memory.operations, halt=memory.halt)

    assert concluded((wanted, look, learned), ask).judgement == first.judgement


SUBMITTED = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.SUBMITTED)])
DAY = timedelta(days=1)


def round_of(look: Observed, memory: Memory) -> Round:
    return concluded((desired(), look, memory), asked(CAMPAIGN))


def test_an_approved_campaign_is_empty_since_the_first_list_that_showed_it_so() -> None:
    """Dormancy counts from then at the latest; a campaign in review is expected to be empty."""
    empty, full = a_look(a_listing()), a_look(a_listing(an_assignment()))

    assert round_of(empty, a_memory()).empty == {CAMPAIGN}
    assert round_of(full, a_memory()).empty == frozenset()
    assert round_of(a_look(a_listing(complete=False)), a_memory()).empty == frozenset()
    assert round_of(SUBMITTED, a_memory()).empty == frozenset()
    idle = round_of(empty, a_memory(empty_since={CAMPAIGN: NOW - 10 * DAY})).judgement.conditions
    assert [one.alert for one in idle] == [AlertName.CAMPAIGN_IDLE]
    assert round_of(full, a_memory(empty_since={CAMPAIGN: NOW - 10 * DAY})).judgement.conditions == ()


def test_drift_that_waits_for_a_window_is_on_purpose() -> None:
    """And a list that broke is not."""
    troubled = a_memory(operations=[an_operation(reason=Reason.TELNYX_UNAVAILABLE, not_before=NOW + HOUR)])
    broken = a_look(a_listing(complete=False))

    open_, closed = troubled, replace(troubled, opens_at=NOW + HOUR)
    assert [one.reason for one in round_of(a_look(a_listing()), open_).judgement.conditions] == ["telnyx_unavailable"]
    assert round_of(a_look(a_listing()), closed).judgement.conditions == ()
    unlisted = replace(a_memory(), opens_at=NOW + HOUR)
    assert [one.reason for one in round_of(broken, unlisted).judgement.conditions] == ["evidence_stale"]


def test_what_an_answer_teaches_is_judged_with_it() -> None:
    operation, elsewhere = an_operation(Step.SENT), a_sighting(an_assignment(campaign=FOREIGN))

    judgement = judged_number(operation, Done(End.TAKEN), a_pool(), elsewhere, a_memory(), NOW)

    assert [(one.alert, one.subject) for one in judgement.conditions] == [(AlertName.CONFLICT_FOUND, NUMBER)]
    assert all(family.subject == NUMBER for family in judgement.families)


REFUSED = GiveUp(NOW + HOUR, Reason.CAPACITY, "full")


@pytest.mark.parametrize("pool", [None, a_pool(name="zeta"), a_pool(campaign=FOREIGN)], ids=["none", "other", "moved"])
def test_a_refusal_of_what_is_wanted_no_more_fires_nothing_and_ends_what_fired(pool: Pool | None) -> None:
    judgement = judged_number(an_operation(Step.SENT), REFUSED, pool, None, a_memory(), NOW)

    assert Family(AlertName.ASSIGNMENT_FAILED, POOL, NUMBER) in judgement.families
    assert judgement.conditions == ()


def test_of_a_number_that_no_pool_wants_only_the_failure_is_judged() -> None:
    judgement = judged_number(an_operation(Step.SENT), Done(End.STALE), None, None, a_memory(), NOW)

    assert judgement.families == (Family(AlertName.ASSIGNMENT_FAILED, POOL, NUMBER),)


def test_a_pool_is_not_judged_by_what_its_numbers_met_in_another() -> None:
    """A number changed pools while a request that was refused before is in doubt: the new pool says nothing of it."""
    moved = a_memory(operations=[an_operation(Step.UNRESOLVED, refusals=1, reason=Reason.CAPACITY)])

    done = concluded((desired(a_pool(name="zeta")), a_look(a_listing()), moved), asked(CAMPAIGN))

    assert {one.alert for one in done.judgement.conditions} == {AlertName.DRIFT_UNRESOLVED}


def test_a_list_that_could_not_be_read_is_said_of_its_pools() -> None:
    look = a_look(campaigns=[a_campaign()], faults=[(CAMPAIGN, a_fault())])

    judgement = round_of(look, a_memory()).judgement

    assert [(one.alert, one.subject) for one in judgement.conditions] == [(AlertName.DRIFT_UNRESOLVED, CAMPAIGN)]
    assert AlertName.DRIFT_UNRESOLVED not in {family.alert for family in judgement.families}
