"""Alerts from where numbers were last seen: pending for too long, refused by a carrier, on another campaign."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide import sightings
from reconciler.model.alerts import AlertName, Condition, Family, Judgement, Severity
from reconciler.model.fleet import AssignmentState, CarrierState, Sighting
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import OnConflict, PendingAfter, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Retry, Verdict, Wait
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    POOL,
    SECOND,
    TCR_ID,
    a_campaign,
    a_memory,
    a_pool,
    a_sighting,
    an_assignment,
    an_attachment,
    an_operation,
)

STUCK, CARRIER, CONFLICT = (
    AlertName.ASSIGNMENT_STUCK,
    AlertName.CARRIER_MAPPING_FAILED,
    AlertName.CONFLICT_FOUND,
)
PENDING = an_assignment(state=AssignmentState.PENDING)


def judged(
    sighting: Sighting | None = None,
    operation: Operation | None = None,
    verdict: Verdict | None = None,
    pool: Pool | None = None,
    *,
    tcr: bool = False,
) -> Judgement:
    """The judgement of a pool of one number."""
    memory = a_memory(*[sighting] if sighting else [], operations=[operation] if operation else [])
    settled = {NUMBER: (operation, verdict)} if operation and verdict else {}
    campaign = a_campaign(tcr_id=TCR_ID if tcr else None)
    return sightings.of_pool(pool or a_pool(), campaign, memory, settled, now=NOW)


def levels(judgement: Judgement) -> list[tuple[AlertName, Severity]]:
    """The alerts that hold, and how much they matter."""
    return [(one.alert, one.level) for one in judgement.conditions]


def pending_for(age: timedelta) -> Sighting:
    """A number that has been seen pending for so long."""
    return a_sighting(PENDING, since=NOW - age)


def test_a_pool_without_trouble_resolves_all_three() -> None:
    assert judged() == Judgement(tuple(Family(name, POOL) for name in (STUCK, CARRIER, CONFLICT)))


@pytest.mark.parametrize(
    ("age", "severity"),
    [
        (4 * HOUR - SECOND, None),
        (4 * HOUR, Severity.INFO),
        (24 * HOUR - SECOND, Severity.INFO),
        (24 * HOUR, Severity.WARNING),
        (72 * HOUR - SECOND, Severity.WARNING),
        (72 * HOUR, Severity.CRITICAL),
    ],
)
def test_what_is_pending_is_said_ever_louder(age: timedelta, severity: Severity | None) -> None:
    assert levels(judged(pending_for(age))) == ([] if severity is None else [(STUCK, severity)])


def test_its_detail_stays_the_same_while_it_grows_older() -> None:
    """Else each look would write each of them anew."""
    (first,) = judged(pending_for(25 * HOUR)).conditions

    assert first == Condition(STUCK, POOL, NUMBER, Reason.TELNYX_PENDING, "pending since 2026-11-22 11:00 UTC")


def test_how_long_it_may_be_pending_is_a_policy() -> None:
    quick = a_pool(pending_after=PendingAfter.around(HOUR))

    assert levels(judged(pending_for(HOUR), pool=quick)) == [(STUCK, Severity.WARNING)]


@pytest.mark.parametrize(
    ("operation", "verdict", "is_stuck"),
    [
        (an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR), Keep(), True),
        (an_operation(Step.UNRESOLVED, sent_at=NOW - 25 * HOUR), Wait(), True),
        (an_operation(Step.CONFIRMING, sent_at=NOW - HOUR), Keep(), False),
        (an_operation(Step.UNRESOLVED, sent_at=NOW - 25 * HOUR), Keep(), False),
        (an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR), Done(End.DONE), False),
        (an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR), GiveUp(NOW, Reason.TELNYX_REFUSED, ""), False),
        (
            an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR),
            Retry(NOW, Reason.TELNYX_REFUSED, "", refused=True),
            False,
        ),
        (an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR, campaign=FOREIGN), Keep(), False),
        (an_attachment(Step.CONFIRMING, sent_at=NOW - 25 * HOUR), Keep(), False),
    ],
)
def test_what_telnyx_took_and_shows_nowhere_is_pending_too(
    operation: Operation, verdict: Verdict, *, is_stuck: bool
) -> None:
    assert bool(judged(None, operation, verdict).conditions) is is_stuck


def test_a_carrier_that_changes_its_mind_does_not_make_it_young_again() -> None:
    """The assignment reads otherwise since then, and the request is as old as it is."""
    operation = an_operation(Step.CONFIRMING, sent_at=NOW - 25 * HOUR)

    assert levels(judged(pending_for(HOUR), operation)) == [(STUCK, Severity.WARNING)]


@pytest.mark.parametrize("state", [one for one in AssignmentState if one is not AssignmentState.PENDING])
def test_nothing_else_is_pending(state: AssignmentState) -> None:
    assert levels(judged(a_sighting(an_assignment(state=state), since=NOW - 99 * HOUR))) == []


def test_a_carrier_that_refuses_is_named() -> None:
    found = an_assignment(tmobile=CarrierState.FAILED, others=CarrierState.ADDED, att=CarrierState.FAILED)

    (condition,) = judged(a_sighting(found)).conditions

    assert condition == Condition(CARRIER, POOL, NUMBER, Reason.CARRIER_REFUSED, "refused by att, tmobile")


def test_a_carrier_of_another_campaign_is_none_of_ours() -> None:
    found = an_assignment(campaign=FOREIGN, tmobile=CarrierState.FAILED)

    assert levels(judged(a_sighting(found))) == [(CONFLICT, Severity.WARNING)]


def test_a_number_on_another_campaign_is_a_conflict_unless_the_policy_skips_it() -> None:
    elsewhere = a_sighting(an_assignment(campaign=FOREIGN))

    (condition,) = judged(elsewhere).conditions

    assert condition == Condition(CONFLICT, POOL, NUMBER, Reason.FOREIGN_ASSIGNMENT, f"on campaign {FOREIGN}")
    assert judged(elsewhere, pool=a_pool(on_conflict=OnConflict.SKIP)).conditions == ()


def test_a_campaign_is_known_by_each_of_its_ids() -> None:
    shared = a_sighting(an_assignment(campaign=TCR_ID, tmobile=CarrierState.FAILED))

    assert levels(judged(shared, tcr=True)) == [(CARRIER, Severity.WARNING)]
    assert levels(judged(shared)) == [(CONFLICT, Severity.WARNING)]


def test_an_answer_about_one_number_judges_that_one_alone() -> None:
    operation = an_operation(Step.SENT)
    pool, seen = a_pool(NUMBER, OTHER), a_sighting(an_assignment(campaign=FOREIGN))

    judgement = sightings.of_number(operation, Done(End.TAKEN), pool, a_campaign(), seen, now=NOW)

    assert judgement.families == tuple(Family(name, POOL, NUMBER) for name in (STUCK, CARRIER, CONFLICT))
    assert [(one.alert, one.subject) for one in judgement.conditions] == [(CONFLICT, NUMBER)]


SIGHTINGS = st.builds(
    lambda state, campaign, hours, tmobile: a_sighting(
        an_assignment(state=state, campaign=campaign, tmobile=tmobile), since=NOW - hours * HOUR
    ),
    st.sampled_from(AssignmentState),
    st.sampled_from([CAMPAIGN, FOREIGN]),
    st.integers(0, 100),
    st.sampled_from(CarrierState),
)
OPERATIONS = st.builds(
    lambda step, hours: an_operation(step, sent_at=NOW - hours * HOUR), st.sampled_from(Step), st.integers(0, 100)
)


@given(st.none() | SIGHTINGS, st.none() | OPERATIONS)
def test_a_pool_and_an_answer_judge_a_number_alike(sighting: Sighting | None, operation: Operation | None) -> None:
    """Whichever comes last is right, and no alert comes and goes between the two."""
    of_pool = judged(sighting, operation)
    if operation is not None:
        alone = sightings.of_number(operation, Keep(), a_pool(), a_campaign(), sighting, now=NOW)
        assert alone.conditions == of_pool.conditions
    assert len({(one.alert, one.subject) for one in of_pool.conditions}) == len(of_pool.conditions)
    assert all(any(family.covers(one) for family in of_pool.families) for one in of_pool.conditions)
