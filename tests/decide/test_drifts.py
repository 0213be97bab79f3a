"""Alerts from drifts: what a number pool sends from, and what stays different though checks go on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reconciler.decide import drifts
from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.drift import (
    Conflict,
    Drift,
    Extra,
    Missing,
    MissingPrerequisite,
    MixedCampaigns,
    OtherProfile,
    UncoveredSender,
    Unproven,
)
from reconciler.model.fleet import AssignmentState, CampaignPhase, Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByProfile, ByTags, Line
from reconciler.model.memory import Findings, Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Hold, Plan
from reconciler.model.pools import DriftClass, Mode, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Freeze
from reconciler.model.verdicts import Done, End, GiveUp, Recheck, Retry, Verdict, Wait
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    POOL,
    PROFILE,
    a_campaign,
    a_fault,
    a_halt,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_operation,
    desired,
    on_profile,
)

UNRESOLVED, UNCOVERED, MIXED = (
    AlertName.DRIFT_UNRESOLVED,
    AlertName.UNCOVERED_SENDER,
    AlertName.MIXED_CAMPAIGNS,
)
WAIT = timedelta(minutes=20)
LISTED = a_look(a_listing())
PROFILED = a_pool(profile=PROFILE)
MISSING = Missing(NUMBER, POOL, CAMPAIGN)
UNPROVEN = Unproven(NUMBER, POOL, CAMPAIGN, "not read yet")
DOWN = Reason.TELNYX_UNAVAILABLE


def findings(
    *found: Drift,
    pool: Pool | None = None,
    look: Observed = LISTED,
    memory: Memory | None = None,
    settled: tuple[Operation, Verdict] | None = None,
    held: Reason | None = None,
) -> Findings:
    """What a round found."""
    holds = () if held is None else (Hold(NUMBER, POOL, held),)
    plan = Plan("r1", NOW, complete=True, actions=(), holds=holds, unchanged=0, digest="")
    ended = {} if settled is None else {settled[0].number: settled}
    return Findings(desired(pool or a_pool()), look, memory or a_memory(), found, plan, ended, NOW)


def left(
    *found: Drift,
    pool: Pool | None = None,
    memory: Memory | None = None,
    settled: tuple[Operation, Verdict] | None = None,
    held: Reason | None = None,
    told: tuple[str, ...] = (),
) -> list[tuple[str, str]]:
    """What is unresolved of a pool: subjects and reasons."""
    made = findings(*found, pool=pool, memory=memory, settled=settled, held=held)
    judgement = drifts.of_drifts(pool or a_pool(), made, told, wait=WAIT)
    return [(one.subject, one.reason) for one in judgement.conditions]


def test_what_could_not_be_proven_waits_before_it_fires() -> None:
    judgement = drifts.of_drifts(a_pool(), findings(UNPROVEN), (), wait=WAIT)

    assert judgement.families == (Family(UNRESOLVED, POOL),)
    assert judgement.conditions == (
        Condition(UNRESOLVED, POOL, NUMBER, Reason.EVIDENCE_STALE, "not read yet", wait=WAIT),
    )
    assert judgement.conditions[0].wait == WAIT


def test_a_pool_without_trouble_resolves_what_was_said_of_it() -> None:
    assert drifts.of_drifts(a_pool(), findings(), (), wait=WAIT) == Judgement((Family(UNRESOLVED, POOL),))


@pytest.mark.parametrize(
    "drift",
    [
        MISSING,
        Conflict(NUMBER, POOL, CAMPAIGN, an_assignment(campaign=FOREIGN)),
        Extra(OTHER, POOL, CAMPAIGN, an_assignment(OTHER)),
        OtherProfile(NUMBER, POOL, CAMPAIGN, PROFILE, OTHER_PROFILE),
        UncoveredSender(OTHER, POOL, CAMPAIGN, PROFILE),
        Unproven(OTHER, POOL, CAMPAIGN, "whether a campaign covers it has not been read"),
    ],
)
def test_what_is_about_to_be_done_or_has_an_alert_of_its_own_or_is_only_reported_is_none(drift: Drift) -> None:
    assert left(drift) == []


def test_what_is_told_already_is_not_told_twice() -> None:
    assert left(UNPROVEN, told=(NUMBER,)) == []


@pytest.mark.parametrize("kind", [DriftClass.MISSING, DriftClass.UNPROVEN])
def test_a_class_that_is_only_observed_is_so_on_purpose(kind: DriftClass) -> None:
    pool = a_pool(observed=frozenset({kind}))
    troubled = a_memory(operations=[an_operation(reason=DOWN)])

    assert left(UNPROVEN, pool=pool) == ([] if kind is DriftClass.UNPROVEN else [(NUMBER, "evidence_stale")])
    assert left(MISSING, pool=pool, memory=troubled) == ([] if kind is DriftClass.MISSING else [(NUMBER, DOWN)])
    assert left(UNPROVEN, MISSING, pool=a_pool(mode=Mode.OBSERVE), memory=troubled) == []


@pytest.mark.parametrize(
    ("held", "is_left"),
    [
        (Reason.EVIDENCE_STALE, True),
        (Reason.CAMPAIGN_IN_REVIEW, False),
        (Reason.CAMPAIGN_SUSPENDED, False),
        (Reason.PROFILE_MISSING, False),
    ],
)
def test_a_number_that_is_held_is_left_only_if_its_campaign_could_not_be_read(held: Reason, *, is_left: bool) -> None:
    assert bool(left(MISSING, held=held)) is is_left


@pytest.mark.parametrize("drift", [MISSING, MissingPrerequisite(NUMBER, POOL, CAMPAIGN, PROFILE)])
@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (an_operation(Step.READY, reason=DOWN), DOWN),
        (an_operation(Step.READY, reason=Reason.RATE_LIMITED), Reason.RATE_LIMITED),
        (an_operation(Step.SENT, reason=DOWN), DOWN),
        (an_operation(Step.UNRESOLVED), Reason.OUTCOME_UNKNOWN),
        (an_operation(Step.READY), None),
        (an_operation(Step.SENT), None),
        (an_operation(Step.READY, reason=Reason.CAMPAIGN_IN_REVIEW), None),
        (an_operation(Step.READY, reason=Reason.ACCOUNT_HALTED), None),
        (an_operation(Step.CONFIRMING, reason=DOWN), None),
        (an_operation(Step.BLOCKED, refusals=1, reason=Reason.CAPACITY), None),
    ],
)
def test_an_operation_that_meets_trouble_is_left_and_one_under_way_is_not(
    drift: Drift, operation: Operation, reason: Reason | None
) -> None:
    assert left(drift, memory=a_memory(operations=[operation])) == ([(NUMBER, reason)] if reason else [])


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (Retry(NOW, DOWN, "502"), DOWN),
        (Recheck(NOW, "lost"), Reason.OUTCOME_UNKNOWN),
        (Retry(NOW, Reason.TELNYX_REFUSED, "", refused=True), None),
        (Done(End.STALE), None),
        (Wait(), None),
        (GiveUp(NOW, Reason.CAPACITY, "full"), None),
    ],
)
def test_what_a_look_made_of_an_operation_counts(verdict: Verdict, reason: Reason | None) -> None:
    operation = an_operation(Step.UNRESOLVED)
    known = a_memory(operations=[operation])

    assert left(MISSING, memory=known, settled=(operation, verdict)) == ([(NUMBER, reason)] if reason else [])


@pytest.mark.parametrize("phase", [CampaignPhase.IN_REVIEW, CampaignPhase.SUSPENDED, CampaignPhase.UNKNOWN])
def test_while_a_campaign_is_not_approved_its_numbers_wait_on_purpose(phase: CampaignPhase) -> None:
    """What a selection chooses is a question all the same."""
    known = a_memory(a_sighting(an_assignment()), campaigns=[a_campaign(phase)], lines=[a_line(NUMBER, OTHER_PROFILE)])
    tags = ByTags(("acme",))
    pool = a_pool(profile=PROFILE, selections=(tags,), unread=(tags,))

    assert left(UNPROVEN, pool=pool, memory=known) == [(str(tags), Reason.EVIDENCE_STALE)]
    broken = a_look(campaigns=[a_campaign(phase)], faults=[(CAMPAIGN, a_fault())])
    assert unread(broken, known) == Judgement()


CLOSED = [
    replace(a_memory(), opens_at=NOW + HOUR),
    a_memory(halt=a_halt()),
    replace(a_memory(), freezes=(Freeze("*", NOW - HOUR, "a drill"),)),
    replace(a_memory(), freezes=(Freeze("*", NOW - HOUR, "a drill", until=NOW + MINUTE),)),
]


@pytest.mark.parametrize("closed", CLOSED)
def test_while_nothing_may_be_written_what_waits_for_that_is_so_on_purpose(closed: Memory) -> None:
    """What is only read goes on, and its trouble is one."""
    ready = replace(closed, operations={NUMBER: an_operation(reason=DOWN)})
    doubted = replace(closed, operations={NUMBER: an_operation(Step.UNRESOLVED)})

    assert left(MISSING, memory=ready) == []
    assert left(MISSING, memory=doubted) == [(NUMBER, Reason.OUTCOME_UNKNOWN)]
    assert left(UNPROVEN, memory=closed) == [(NUMBER, Reason.EVIDENCE_STALE)]


def test_a_freeze_whose_time_is_up_holds_nothing() -> None:
    over = replace(a_memory(), freezes=(Freeze("*", NOW - HOUR, "a drill", until=NOW),))

    assert left(MISSING, memory=replace(over, operations={NUMBER: an_operation(reason=DOWN)})) == [(NUMBER, DOWN)]


OLD = NOW - 99 * HOUR


@pytest.mark.parametrize(
    ("line", "is_off"),
    [
        (a_line(NUMBER, OTHER_PROFILE), True),
        (a_line(NUMBER, OTHER_PROFILE, taken_at=OLD), True),
        (a_line(NUMBER, OTHER_PROFILE, unclear=True), True),
        (a_line(NUMBER, None), True),
        (a_line(NUMBER, None, unclear=True), False),
        (a_line(NUMBER, None, absences=1), False),
        (a_line(NUMBER, PROFILE), False),
        (None, False),
    ],
)
def test_a_number_that_is_assigned_off_its_profile_stays_so_until_a_read_shows_otherwise(
    line: Line | None, *, is_off: bool
) -> None:
    known = a_memory(a_sighting(an_assignment()), lines=[line] if line else [])

    assert left(pool=PROFILED, memory=known) == ([(NUMBER, Reason.OFF_PROFILE)] if is_off else [])
    assert left(pool=replace(PROFILED, policy=a_pool(mode=Mode.OBSERVE).policy), memory=known) == []
    assert left(memory=known) == []


@pytest.mark.parametrize("state", [AssignmentState.FAILED, AssignmentState.UNASSIGNING])
def test_a_number_that_is_not_assigned_is_off_no_profile(state: AssignmentState) -> None:
    known = a_memory(a_sighting(an_assignment(state=state)), lines=[a_line(NUMBER, OTHER_PROFILE)])

    assert left(pool=PROFILED, memory=known) == []


def test_a_selection_that_was_never_read_and_one_by_a_profile_that_is_not_are_said_as_they_are() -> None:
    tags, profile, fine = ByTags(("acme",)), ByProfile(PROFILE), ByTags(("vip",))
    pool = a_pool(selections=(tags, profile, fine), unread=(tags,))

    assert left(pool=pool, memory=a_memory(profiles=[a_profile(exists=False)])) == [
        ('{"not_tags": [], "tags": ["acme"]}', Reason.EVIDENCE_STALE),
        (f'{{"messaging_profile": "{PROFILE}"}}', Reason.PROFILE_UNKNOWN),
    ]


# A campaign whose numbers could not be listed.


def unread(look: Observed, memory: Memory | None = None) -> Judgement:
    return drifts.of_unread(a_pool(), findings(look=look, memory=memory), wait=WAIT)


def test_a_list_that_breaks_again_and_again_is_left_and_resolves_nothing() -> None:
    look = a_look(campaigns=[a_campaign()], faults=[(CAMPAIGN, a_fault())])

    condition = Condition(UNRESOLVED, POOL, CAMPAIGN, Reason.EVIDENCE_STALE, "no answer")
    assert unread(look) == Judgement((), (condition,))


@pytest.mark.parametrize(
    ("look", "memory"),
    [
        (a_look(campaigns=[a_campaign()]), None),
        (a_look(faults=[(CAMPAIGN, a_fault())]), None),
        (a_look(campaigns=[a_campaign()], faults=[(CAMPAIGN, a_fault())]), a_memory(halt=a_halt())),
        (a_look(campaigns=[a_campaign()], faults=[(FOREIGN, a_fault())]), None),
    ],
    ids=["not asked", "nothing read at all", "halted", "another"],
)
def test_trouble_that_is_not_of_this_campaign_is_not_said_of_it(look: Observed, memory: Memory | None) -> None:
    assert unread(look, memory) == Judgement()


# What a number pool sends from.

POOLED = a_profile(pooled=True)
ON = a_look(a_listing(), rosters=[on_profile(NUMBER, OTHER)], profiles=[POOLED])
SENDER = UncoveredSender(OTHER, POOL, CAMPAIGN, PROFILE)
BOTH = (Family(UNCOVERED, POOL), Family(MIXED, POOL))


def of_senders(*found: Drift, pool: Pool = PROFILED, look: Observed = ON, memory: Memory | None = None) -> Judgement:
    return drifts.of_senders(pool, findings(*found, pool=pool, look=look, memory=memory))


def test_an_uncovered_sender_is_one_each_and_mixed_campaigns_one_a_profile() -> None:
    mixed = MixedCampaigns(OTHER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 2})

    judgement = of_senders(SENDER, mixed)

    assert judgement.families == BOTH
    assert judgement.conditions == (
        Condition(
            UNCOVERED, POOL, OTHER, Reason.UNCOVERED_SENDER, f"on messaging profile {PROFILE} and on no campaign"
        ),
        Condition(MIXED, POOL, PROFILE, Reason.MIXED_CAMPAIGNS, f"2 on campaign {FOREIGN}"),
    )


@pytest.mark.parametrize(
    ("look", "pool", "is_judged"),
    [
        (ON, PROFILED, True),
        (LISTED, PROFILED, False),
        (a_look(a_listing(), rosters=[on_profile(complete=False)], profiles=[POOLED]), PROFILED, False),
        (a_look(rosters=[on_profile()], profiles=[POOLED]), PROFILED, False),
        (a_look(a_listing(), rosters=[on_profile()]), PROFILED, True),
        (a_look(a_listing(), profiles=[a_profile()]), PROFILED, True),
        (LISTED, a_pool(), True),
    ],
)
def test_only_a_look_that_listed_the_profile_resolves(look: Observed, pool: Pool, *, is_judged: bool) -> None:
    assert of_senders(pool=pool, look=look) == Judgement(BOTH if is_judged else ())


@pytest.mark.parametrize(
    ("number", "seen_at", "holds"), [(OTHER, OLD, True), (OTHER, None, False), (NUMBER, OLD, False)]
)
def test_a_sender_whose_last_read_is_old_stays_uncovered(
    number: PhoneNumber, seen_at: datetime | None, *, holds: bool
) -> None:
    """Else it would be resolved by the passing of time, and fire again once it is read."""
    known = a_memory(*[a_sighting(None, number, seen_at=seen_at)] if seen_at else [])

    assert bool(of_senders(Unproven(number, POOL, CAMPAIGN, "not read"), memory=known).conditions) is holds
