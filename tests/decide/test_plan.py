"""Every drift has one answer, and the same input makes the same plan."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.diff import diff
from reconciler.decide.plan import plan
from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Assignment, AssignmentState, CampaignPhase, Observed
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Assign, Hold, Plan
from reconciler.model.pools import Desired, Mode, OnConflict
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    PATIENCE,
    POOL,
    a_campaign,
    a_fault,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    an_assignment,
    an_operation,
    asleep,
    desired,
)

MISSING = Missing(NUMBER, POOL, CAMPAIGN)
LOOK = a_look(a_listing())


def planned(*drifts: Drift, look: Observed = LOOK, memory: Memory | None = None, wanted: Desired | None = None) -> Plan:
    """The plan for these drifts."""
    return plan(wanted or desired(), look, drifts, memory or a_memory())


def the_hold(
    *drifts: Drift, look: Observed = LOOK, memory: Memory | None = None, wanted: Desired | None = None
) -> Hold:
    """The plan's only answer, a hold."""
    made = planned(*drifts, look=look, memory=memory, wanted=wanted)
    assert made.actions == ()
    (hold,) = made.holds
    return hold


def test_a_missing_number_is_assigned() -> None:
    made = planned(MISSING)

    assert made.actions == (Assign(NUMBER, POOL, CAMPAIGN),)
    assert made.holds == ()


def test_no_drift_is_no_plan_to_do_anything() -> None:
    made = planned(look=a_look(a_listing(an_assignment())))

    assert (made.actions, made.holds, made.unchanged, made.complete) == ((), (), 1, True)


def test_a_failed_assignment_without_an_operation_is_asked_for_again() -> None:
    found = an_assignment(state=AssignmentState.FAILED)

    assert planned(replace(MISSING, found=found)).actions == (Assign(NUMBER, POOL, CAMPAIGN),)


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        (CampaignPhase.SUBMITTED, Reason.CAMPAIGN_IN_REVIEW),
        (CampaignPhase.IN_REVIEW, Reason.CAMPAIGN_IN_REVIEW),
        (CampaignPhase.SUSPENDED, Reason.CAMPAIGN_SUSPENDED),
        (CampaignPhase.REJECTED, Reason.CAMPAIGN_REJECTED),
        (CampaignPhase.EXPIRED, Reason.CAMPAIGN_EXPIRED),
        (CampaignPhase.UNKNOWN, Reason.CAMPAIGN_UNKNOWN),
    ],
)
def test_nothing_is_assigned_to_a_campaign_that_is_not_approved(phase: CampaignPhase, reason: Reason) -> None:
    look = a_look(a_listing(), campaigns=[a_campaign(phase, status="ITS_WORD")])

    assert the_hold(MISSING, look=look) == Hold(NUMBER, POOL, reason, "campaignStatus is ITS_WORD")


def test_of_a_dormant_campaign_one_number_is_assigned_and_the_rest_waits() -> None:
    wanted = desired(a_pool(NUMBER, OTHER))
    look = a_look(a_listing(), campaigns=[asleep()])
    drifts = (Missing(NUMBER, POOL, CAMPAIGN), Missing(OTHER, POOL, CAMPAIGN))

    made = plan(wanted, look, drifts, a_memory(), frozenset({OTHER}))

    assert made.actions == (Assign(OTHER, POOL, CAMPAIGN),)
    assert made.holds == (Hold(NUMBER, POOL, Reason.CAMPAIGN_WAKING, "campaignStatus is TCR_SUSPENDED"),)


def test_what_is_chosen_to_wake_a_campaign_is_not_assigned_to_one_that_is_not_dormant() -> None:
    look = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.SUSPENDED)])

    made = plan(desired(), look, (Missing(NUMBER, POOL, CAMPAIGN),), a_memory(), frozenset({NUMBER}))

    assert [hold.reason for hold in made.holds] == [Reason.CAMPAIGN_SUSPENDED]


def test_nothing_is_assigned_to_a_campaign_that_was_never_read() -> None:
    unread = Observed(NOW, listings=LOOK.listings)

    assert the_hold(MISSING, look=unread) == Hold(NUMBER, POOL, Reason.EVIDENCE_STALE)


def test_the_look_itself_outweighs_what_was_remembered_of_the_campaign() -> None:
    suspended = a_memory(campaigns=[a_campaign(CampaignPhase.SUSPENDED)])

    assert planned(MISSING, memory=suspended).actions


@pytest.mark.parametrize(
    ("operation", "hold"),
    [
        (an_operation(Step.SENT), Hold(NUMBER, POOL, Reason.REQUEST_OPEN)),
        (an_operation(Step.UNRESOLVED, detail="lost"), Hold(NUMBER, POOL, Reason.OUTCOME_UNKNOWN, "lost")),
        (an_operation(Step.CONFIRMING), Hold(NUMBER, POOL, Reason.TELNYX_PENDING)),
        (an_operation(Step.READY), Hold(NUMBER, POOL, Reason.ASSIGN_DUE, "", NOW)),
        (
            an_operation(Step.READY, reason=Reason.TELNYX_REFUSED, detail="no", not_before=NOW + HOUR),
            Hold(NUMBER, POOL, Reason.TELNYX_REFUSED, "no", NOW + HOUR),
        ),
        (
            an_operation(Step.BLOCKED, reason=Reason.CAPACITY, detail="full", not_before=NOW + HOUR),
            Hold(NUMBER, POOL, Reason.CAPACITY, "full", NOW + HOUR),
        ),
    ],
)
def test_a_number_with_an_open_operation_is_held_for_what_that_waits_for(operation: Operation, hold: Hold) -> None:
    assert the_hold(MISSING, memory=a_memory(operations=[operation])) == hold


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Step.READY, Reason.CAMPAIGN_SUSPENDED),
        (Step.SENT, Reason.REQUEST_OPEN),
        (Step.CONFIRMING, Reason.TELNYX_PENDING),
    ],
)
def test_a_campaign_stands_in_the_way_of_what_is_not_yet_sent(step: Step, reason: Reason) -> None:
    look = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.SUSPENDED)])

    assert the_hold(MISSING, look=look, memory=a_memory(operations=[an_operation(step)])).reason is reason


def test_a_number_that_is_taken_off_again_and_again_is_held_and_no_other() -> None:
    until = NOW + HOUR
    drifts = (Missing(NUMBER, POOL, CAMPAIGN), Missing(OTHER, POOL, CAMPAIGN))
    made = plan(desired(a_pool(NUMBER, OTHER)), LOOK, drifts, a_memory(), flapping={NUMBER: until})

    (hold,) = made.holds
    assert (hold.number, hold.reason, hold.until) == (NUMBER, Reason.FLAPPING, until)
    assert [one.number for one in made.actions] == [OTHER]


def test_what_else_speaks_against_it_comes_first() -> None:
    review = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.IN_REVIEW)])
    made = plan(desired(), review, (Missing(NUMBER, POOL, CAMPAIGN),), a_memory(), flapping={NUMBER: NOW + HOUR})

    assert [one.reason for one in made.holds] == [Reason.CAMPAIGN_IN_REVIEW]


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_a_number_on_another_campaign_is_left_there(on_conflict: OnConflict) -> None:
    drift = Conflict(NUMBER, POOL, CAMPAIGN, an_assignment(campaign=FOREIGN))

    hold = the_hold(drift, wanted=desired(a_pool(on_conflict=on_conflict)))

    assert hold.reason is Reason.FOREIGN_ASSIGNMENT
    assert hold.detail.startswith(f"on campaign {FOREIGN}")
    assert ("on_conflict: skip" in hold.detail) is (on_conflict is OnConflict.SKIP)


def test_an_extra_number_is_reported_only() -> None:
    drift = Extra(OTHER, POOL, CAMPAIGN, an_assignment(OTHER))

    assert the_hold(drift) == Hold(OTHER, POOL, Reason.EXTRA_UNOWNED, "reported only")


def test_an_unproven_absence_is_held() -> None:
    assert the_hold(Unproven(NUMBER, POOL, CAMPAIGN, "torn")) == Hold(NUMBER, POOL, Reason.EVIDENCE_STALE, "torn")


def test_a_pool_that_only_observes_shows_its_actions_all_the_same() -> None:
    assert planned(MISSING, wanted=desired(a_pool(mode=Mode.OBSERVE))).actions


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(complete=False)),
        a_look(a_listing(), faults=[(FOREIGN, a_fault())]),
    ],
)
def test_a_plan_from_a_look_that_was_not_whole_says_so(look: Observed) -> None:
    assert not planned(MISSING, look=look).complete


def test_the_digest_is_of_what_would_be_done_not_of_when() -> None:
    again = replace(LOOK, taken_at=NOW + HOUR)

    assert planned(MISSING).digest == planned(MISSING, look=again).digest
    assert planned(MISSING).digest != planned(MISSING, wanted=desired(revision="r2")).digest
    assert planned(MISSING).digest != planned(Unproven(NUMBER, POOL, CAMPAIGN, "torn")).digest


def test_the_digest_of_a_known_plan_does_not_change() -> None:
    """It is stored and compared across versions."""
    assert planned(MISSING).digest == "ae4112d2ccd479316cd8bdd5054e7ff5c8c47a632d6b2e124ab880f269fccf48"


# Whole worlds: some numbers wanted in two pools, and some seen on either campaign or on a third.

NUMBERS = [a_number(which) for which in range(6)]
SECOND_CAMPAIGN = type(CAMPAIGN)("5c30019f-a9df-e17b-3529-70677db27ec4")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Desired, Observed, Memory]:
    """A desired state, a look at it, and what is remembered."""
    homes = draw(st.lists(st.sampled_from(["acme", "zeta", ""]), min_size=6, max_size=6))
    wanted = desired(
        *(
            replace(
                a_pool(name=name, campaign=campaign),
                numbers=tuple(n for n, home in zip(NUMBERS, homes, strict=True) if home == name),
            )
            for name, campaign in (("acme", CAMPAIGN), ("zeta", SECOND_CAMPAIGN))
        )
    )
    states = st.sampled_from(AssignmentState)
    seen = draw(
        st.dictionaries(st.sampled_from(NUMBERS), st.tuples(st.sampled_from([CAMPAIGN, SECOND_CAMPAIGN]), states))
    )
    phases = st.sampled_from(CampaignPhase)
    listings = [
        a_listing(
            *(an_assignment(n, state, on) for n, (on, state) in seen.items() if on == campaign),
            campaign=campaign,
            complete=draw(st.booleans()),
        )
        for campaign in (CAMPAIGN, SECOND_CAMPAIGN)
    ]
    look = a_look(*listings, campaigns=[a_campaign(draw(phases), one.campaign) for one in listings])
    steps = st.sampled_from([step for step in Step if step is not Step.CLOSED])
    operations = draw(st.dictionaries(st.sampled_from(NUMBERS), steps, max_size=3))
    return wanted, look, a_memory(operations=[an_operation(step, n) for n, step in operations.items()])


@given(worlds())
def test_every_drift_has_exactly_one_answer(world: tuple[Desired, Observed, Memory]) -> None:
    wanted, look, memory = world
    drifts = diff(wanted, look, memory, now=NOW, patience=PATIENCE)

    made = plan(wanted, look, drifts, memory)

    answers = [action.number for action in made.actions] + [hold.number for hold in made.holds]
    assert sorted(answers) == sorted(drift.number for drift in drifts)
    assert all(hold.reason for hold in made.holds)
    assert made.unchanged >= 0


@given(worlds(), st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_its_input(
    world: tuple[Desired, Observed, Memory], chance: random.Random
) -> None:
    wanted, look, memory = world
    drifts = diff(wanted, look, memory, now=NOW, patience=PATIENCE)
    shuffled = list(drifts)
    chance.shuffle(shuffled)

    made = plan(wanted, look, drifts, memory)

    assert plan(wanted, look, tuple(shuffled), memory) == made
    assert list(made.actions) == sorted(made.actions)
    assert list(made.holds) == sorted(made.holds, key=lambda hold: (hold.number, hold.pool, hold.reason))


@given(worlds())
def test_what_a_plan_does_leaves_nothing_to_do(world: tuple[Desired, Observed, Memory]) -> None:
    wanted, look, memory = world
    made = plan(wanted, look, diff(wanted, look, memory, now=NOW, patience=PATIENCE), memory)
    done: dict[str, list[Assignment]] = {}
    for action in made.actions:
        done.setdefault(action.campaign, []).append(an_assignment(action.number, campaign=action.campaign))
    after = a_look(
        *(
            replace(one, assignments={**one.assignments, **{new.number: new for new in done.get(one.campaign, [])}})
            for one in look.listings.values()
        ),
        campaigns=look.campaigns.values(),
    )

    again = plan(wanted, after, diff(wanted, after, memory, now=NOW, patience=PATIENCE), memory)

    assert again.actions == ()
    assert again.unchanged == made.unchanged + len(made.actions)


@given(worlds())
def test_only_wanted_numbers_go_only_to_their_own_approved_campaign(world: tuple[Desired, Observed, Memory]) -> None:
    wanted, look, memory = world
    made = plan(wanted, look, diff(wanted, look, memory, now=NOW, patience=PATIENCE), memory)

    for action in made.actions:
        pool = wanted.pool_of(action.number)
        assert pool is not None
        assert (action.pool, action.campaign) == (pool.name, pool.campaign)
        assert look.campaigns[action.campaign].phase is CampaignPhase.APPROVED
        assert action.number not in memory.operations
