"""Alerts of campaigns: not approved, idle, with more numbers than they may have."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reconciler.decide import campaigns
from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Observed
from reconciler.model.memory import Findings, Memory
from reconciler.model.plan import Plan
from reconciler.model.pools import Desired, Pool
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    NOW,
    POOL,
    SECOND,
    a_campaign,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    an_assignment,
    desired,
)

ENDED, IDLE, CROWDED = (
    AlertName.CAMPAIGN_NOT_APPROVED,
    AlertName.CAMPAIGN_IDLE,
    AlertName.CAMPAIGN_OVER_CAPACITY,
)
DAY = timedelta(days=1)
PLAN = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="")
NUMBERS = [a_number(which) for which in range(60)]
EMPTY = a_look(a_listing())


def judged(
    *pools: Pool, read: Campaign | None = None, look: Observed = EMPTY, empty_since: datetime | None = None
) -> Judgement:
    """The judgement of the campaign, approved unless it is said how it reads."""
    known = a_memory(
        campaigns=[read or a_campaign()], empty_since={} if empty_since is None else {CAMPAIGN: empty_since}
    )
    return campaigns.of_campaign(CAMPAIGN, findings(desired(*pools), look, known))


def findings(wanted: Desired, look: Observed, known: Memory) -> Findings:
    """What a round found, without drift."""
    return Findings(wanted, look, known, (), PLAN, {}, NOW)


@pytest.mark.parametrize(
    ("phase", "reason"),
    [
        (CampaignPhase.REJECTED, Reason.CAMPAIGN_REJECTED),
        (CampaignPhase.SUSPENDED, Reason.CAMPAIGN_SUSPENDED),
        (CampaignPhase.EXPIRED, Reason.CAMPAIGN_EXPIRED),
        (CampaignPhase.UNKNOWN, Reason.CAMPAIGN_UNKNOWN),
    ],
)
def test_a_campaign_that_is_not_approved_any_more_fires_once_a_pool(phase: CampaignPhase, reason: Reason) -> None:
    judgement = judged(a_pool(*NUMBERS[:2]), read=a_campaign(phase, status="ITS_WORD"))

    detail = f"{phase} (ITS_WORD)"
    assert judgement.conditions == (Condition(ENDED, POOL, CAMPAIGN, reason, detail),)


@pytest.mark.parametrize(
    "phase", [CampaignPhase.SUBMITTED, CampaignPhase.IN_REVIEW, CampaignPhase.APPROVED, CampaignPhase.DORMANT]
)
def test_a_campaign_that_is_on_its_way_is_no_alert(phase: CampaignPhase) -> None:
    assert judged(read=a_campaign(phase)).conditions == ()


def test_nothing_depends_on_a_campaign_whose_pools_want_nothing() -> None:
    none = replace(a_pool(), numbers=())

    assert judged(none, read=a_campaign(CampaignPhase.REJECTED)).conditions == ()


def test_a_campaign_that_was_never_read_is_not_judged() -> None:
    assert campaigns.of_campaign(CAMPAIGN, findings(desired(), EMPTY, a_memory())) == Judgement()


@pytest.mark.covers("D01c")
def test_a_campaign_is_idle_after_ten_days_without_numbers_and_says_when_it_will_be_dormant() -> None:
    since = NOW - 10 * DAY

    assert judged(empty_since=since + SECOND).conditions == ()
    assert judged(empty_since=since).conditions == (
        Condition(IDLE, POOL, CAMPAIGN, "no_numbers", "no numbers since 2026-11-13; dormant from 2026-11-28 on"),
    )


def test_only_an_approved_campaign_is_idle() -> None:
    judgement = judged(read=a_campaign(CampaignPhase.IN_REVIEW), empty_since=NOW - 20 * DAY)

    assert judgement.conditions == ()
    assert Family(IDLE, POOL) in judgement.families


def test_what_is_of_the_campaign_is_said_once_and_resolved_for_all_its_pools() -> None:
    pools = a_pool(*NUMBERS[:30]), a_pool(*NUMBERS[30:], name="zeta")

    judgement = judged(*pools, empty_since=NOW - 20 * DAY)

    assert [(one.alert, one.pool) for one in judgement.conditions] == [(IDLE, POOL), (CROWDED, POOL)]
    assert {(one.alert, one.pool) for one in judgement.families} == {
        (name, pool.name) for pool in pools for name in (ENDED, IDLE, CROWDED)
    }


@pytest.mark.covers("D08")
@pytest.mark.parametrize(
    ("wanted", "extra", "detail"),
    [
        (49, 0, ""),
        (50, 0, "50 wanted, 49 allowed"),
        (45, 4, ""),
        (45, 5, "45 wanted and 5 more on it, 49 allowed"),
    ],
)
def test_what_is_wanted_and_what_is_there_already_count_together(wanted: int, extra: int, detail: str) -> None:
    there = [*NUMBERS[: wanted // 2], *NUMBERS[wanted : wanted + extra]]
    look = a_look(a_listing(*(an_assignment(number) for number in there)))

    assert [one.detail for one in judged(a_pool(*NUMBERS[:wanted]), look=look).conditions] == (
        [detail] if detail else []
    )


def test_an_assignment_that_failed_takes_no_place() -> None:
    failed = an_assignment(NUMBERS[49], AssignmentState.FAILED)

    assert judged(a_pool(*NUMBERS[:49]), look=a_look(a_listing(failed))).conditions == ()


@pytest.mark.parametrize(
    ("pooled", "sole", "count", "fires"),
    [(True, False, 60, False), (False, True, 1, False), (False, True, 2, True), (True, True, 2, True)],
)
def test_a_number_pool_at_t_mobile_lifts_the_limit_and_a_sole_proprietor_has_one(
    *, pooled: bool, sole: bool, count: int, fires: bool
) -> None:
    read = replace(a_campaign(), pooled=pooled, sole_proprietor=sole)

    assert bool(judged(a_pool(*NUMBERS[:count]), read=read).conditions) is fires


@pytest.mark.parametrize("look", [a_look(campaigns=[a_campaign()]), a_look(a_listing(complete=False))])
def test_how_many_are_on_it_is_judged_by_a_complete_list_only(look: Observed) -> None:
    judgement = judged(a_pool(*NUMBERS[:50]), look=look)

    assert CROWDED not in {family.alert for family in judgement.families}
    assert judgement.conditions == ()
