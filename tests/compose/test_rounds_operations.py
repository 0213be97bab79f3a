"""What a round makes of open operations: nothing is asked for twice, and nothing waits for ever."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.compose.rounds import conclude
from reconciler.model.events import (
    EVERYTHING,
    Cause,
    Subject,
    Trigger,
)
from reconciler.model.fleet import Assignment, AssignmentState, CampaignPhase, Observed, Sighting
from reconciler.model.memory import Asked, Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Assign
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, GiveUp, Retry, Verdict, Wait
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    PATIENCE,
    POOL,
    SECOND,
    TCR_ID,
    a_campaign,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_sighting,
    a_single,
    an_assignment,
    an_operation,
    asked,
    desired,
)

ASSIGN = Assign(NUMBER, POOL, CAMPAIGN)
PENDING = an_assignment(state=AssignmentState.PENDING)
FAILED = an_assignment(state=AssignmentState.FAILED, failure="DCA said no")
SILENT = a_look(a_listing())


def concluded(
    look: Observed,
    memory: Memory | None = None,
    *,
    wanted: Desired | None = None,
    asks: Iterable[Asked] = (asked(),),
    started: datetime = NOW,
) -> Round:
    """One round, at NOW."""
    return conclude(wanted or desired(), tuple(asks), look, memory or a_memory(), PATIENCE, started, NOW, 0.5)


def the_verdict(
    look: Observed, operation: Operation, *sightings: Sighting, wanted: Desired | None = None
) -> Verdict | None:
    """What becomes of one operation."""
    done = concluded(look, a_memory(*sightings, operations=[operation]), wanted=wanted)
    assert all(one is operation for one, _ in done.settled)
    return done.settled[0][1] if done.settled else None


def test_a_confirmed_assignment_closes_its_operation() -> None:
    assert the_verdict(a_look(a_listing(an_assignment())), an_operation(Step.CONFIRMING)) == Done(End.DONE)


def test_a_listing_ends_an_unknown_outcome_by_showing_the_number_and_never_by_its_silence() -> None:
    unresolved = an_operation(Step.UNRESOLVED, sent_at=NOW - HOUR)

    assert the_verdict(a_look(a_listing(PENDING)), unresolved) == Wait()
    assert the_verdict(SILENT, unresolved) is None
    assert the_verdict(SILENT, unresolved, a_sighting(None)) is None


def test_a_number_is_found_under_the_id_that_its_campaign_was_once_read_by() -> None:
    look = Observed(NOW, listings={CAMPAIGN: a_listing(an_assignment(campaign=TCR_ID))})
    operation = an_operation(Step.CONFIRMING)
    memory = a_memory(operations=[operation], campaigns=[a_campaign(tcr_id=TCR_ID)])

    assert concluded(look, memory).settled == ((operation, Done(End.DONE)),)


def test_a_failure_from_before_the_request_is_looked_at_again_once_the_request_must_show() -> None:
    """It does not look like something to wait for, so nothing else would ask before the next sweep."""
    operation = an_operation(Step.CONFIRMING, refusals=1, sent_at=NOW - 10 * SECOND)
    known = a_sighting(PENDING, seen_at=NOW - 10 * SECOND, source="answer")
    look = a_look(a_listing(FAILED))

    done = concluded(look, a_memory(known, operations=[operation]))

    assert done.settled == ()
    assert done.triggers == (Trigger(CAMPAIGN, Cause.CONFIRM, NOW + 50 * SECOND),)
    assert concluded(a_look(a_listing(PENDING)), a_memory(known, operations=[operation])).triggers == ()


def test_an_operation_on_the_wire_is_left_to_its_worker() -> None:
    assert the_verdict(a_look(a_listing(an_assignment())), an_operation(Step.SENT)) is None


@pytest.mark.parametrize("step", [Step.UNRESOLVED, Step.CONFIRMING])
@pytest.mark.parametrize("shown", [FAILED, an_assignment(campaign=FOREIGN)])
def test_what_was_seen_before_the_request_tells_nothing_of_it(step: Step, shown: Assignment) -> None:
    """A listing of many pages takes its time: a request may go out, and be answered, while it is read."""
    look = a_look(a_listing(shown, taken_at=NOW - 3 * MINUTE))

    assert the_verdict(look, an_operation(step, sent_at=NOW - 2 * MINUTE)) is None
    assert the_verdict(look, an_operation(step, sent_at=NOW - 4 * MINUTE)) is not None


def test_what_was_seen_before_we_learned_more_tells_nothing() -> None:
    look = a_look(a_listing(FAILED, taken_at=NOW - MINUTE))
    known = a_sighting(PENDING, seen_at=NOW, source="item")

    assert the_verdict(look, an_operation(Step.CONFIRMING, sent_at=NOW - HOUR), known) is None


def test_what_the_config_no_longer_asks_for_is_asked_for_elsewhere_at_once() -> None:
    """Not a sweep later: the plan rests on the operations that stay open."""
    wanted = desired(a_pool(campaign=FOREIGN))
    done = concluded(a_look(a_listing(campaign=FOREIGN)), a_memory(operations=[an_operation()]), wanted=wanted)

    assert [verdict for _, verdict in done.settled] == [Done(End.STALE, "the config no longer asks for it")]
    assert done.actions == (Assign(NUMBER, POOL, FOREIGN),)


def test_a_blocked_number_outlives_neither_a_suspension_nor_the_approval_after_it() -> None:
    blocked = an_operation(Step.BLOCKED, refusals=1, reason=Reason.REQUEST_REFUSED, not_before=NOW + 6 * HOUR)
    suspended = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.SUSPENDED)])

    first = concluded(suspended, a_memory(operations=[blocked]))
    then = concluded(SILENT, a_memory(campaigns=[a_campaign(CampaignPhase.SUSPENDED)]))

    assert first.settled == ((blocked, Done(End.STALE, "its campaign is suspended")),)
    assert first.actions == ()
    assert then.actions == (ASSIGN,)


def test_an_event_of_its_campaign_brings_a_blocked_number_forward() -> None:
    blocked = an_operation(
        Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, sent_at=NOW - HOUR, not_before=NOW + 5 * HOUR
    )

    done = concluded(SILENT, a_memory(operations=[blocked]), asks=[asked(CAMPAIGN, Cause.EVENT)])

    assert done.settled == ((blocked, Retry(NOW, Reason.CAPACITY, "", trouble=False, anew=True)),)
    assert done.actions == ()
    assert [one.subject for one in done.judgement.conditions] == [NUMBER]


def test_what_was_seen_outranks_what_the_config_says() -> None:
    taken = a_look(a_listing(), singles=[a_single(found=an_assignment(campaign=FOREIGN))])

    verdict = the_verdict(taken, an_operation(Step.READY), wanted=desired(a_pool(name="renamed")))

    assert isinstance(verdict, Done)
    assert verdict.end is End.TAKEN


STEPS = st.sampled_from([step for step in Step if step is not Step.CLOSED])
AGES = st.integers(0, 7200).map(lambda seconds: NOW - seconds * SECOND)
FOUND = st.builds(an_assignment, state=st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN]))
OPERATIONS = st.builds(
    an_operation,
    STEPS,
    campaign=st.sampled_from([CAMPAIGN, FOREIGN]),
    refusals=st.integers(0, 4),
    sent_at=AGES,
    reason=st.sampled_from(Reason),
    not_before=st.integers(0, 7200).map(lambda seconds: NOW + seconds * SECOND),
)
LOOKS = st.builds(
    lambda found, complete, read, phase: a_look(
        a_listing(*found, complete=complete), singles=read, campaigns=[a_campaign(phase)]
    ),
    st.lists(FOUND, max_size=1),
    st.booleans(),
    st.lists(st.builds(a_single, found=st.none() | FOUND), max_size=1),
    st.sampled_from(CampaignPhase),
)
SIGHTINGS = st.builds(
    a_sighting, st.none() | FOUND, seen_at=AGES, source=st.sampled_from(["listing", "item", "answer"])
)


@given(
    look=LOOKS,
    operation=st.none() | OPERATIONS,
    known=st.none() | SIGHTINGS,
    subject=st.sampled_from([EVERYTHING, CAMPAIGN, NUMBER]),
    cause=st.sampled_from(Cause),
)
def test_a_number_is_never_asked_for_while_an_answer_is_outstanding(
    *, look: Observed, operation: Operation | None, known: Sighting | None, subject: Subject, cause: Cause
) -> None:
    """The laws of one round: at most one verdict, no second request, nothing to a campaign that is not approved."""
    memory = a_memory(*[known] if known else [], operations=[operation] if operation else [])
    done = concluded(look, memory, asks=[asked(subject, cause)])

    ended = [verdict for _, verdict in done.settled if isinstance(verdict, Done)]
    assert len(done.settled) <= 1
    assert len(done.sightings) <= 1
    if done.actions:
        assert operation is None or ended
        assert look.campaigns[CAMPAIGN].phase is CampaignPhase.APPROVED
    if operation is not None and operation.step in (Step.SENT, Step.UNRESOLVED):
        assert not done.actions
        if any(isinstance(verdict, (Retry, GiveUp)) for _, verdict in done.settled):
            assert look.told()[NUMBER].assignment == replace(FAILED, failure="", campaign=operation.campaign)


@given(look=LOOKS, known=st.none() | SIGHTINGS)
def test_every_wanted_number_is_in_sync_or_acted_on_or_held(*, look: Observed, known: Sighting | None) -> None:
    done = concluded(look, a_memory(*[known] if known else []))

    acted = [action.number for action in done.plan.actions]
    held = [hold.number for hold in done.plan.holds]
    assert done.plan.unchanged + (acted + held).count(NUMBER) == 1
