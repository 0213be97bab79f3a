"""Where a number stands by the account's own record, its messaging profile, and the schedule's windows."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.phase import phase
from reconciler.model.fleet import AssignmentState, CampaignPhase, Sighting
from reconciler.model.ids import PoolName
from reconciler.model.lines import Line, LineKind, Membership, Profile
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import DriftClass, Mode, OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Facts, Phase, Standing, Who
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    OTHER_PROFILE,
    PROFILE,
    a_campaign,
    a_halt,
    a_line,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_attachment,
    an_operation,
    taken_off,
)

PROFILED = a_pool(profile=PROFILE)
THERE, ELSEWHERE, NOWHERE = a_line(NUMBER, PROFILE), a_line(NUMBER, OTHER_PROFILE), a_line()
UNTOLD = a_line(unclear=True)
ABSENT = Facts(NUMBER, PROFILED, a_campaign(), None, None, looked_at=NOW, line=THERE, profile=a_profile())
UNCERTAIN = Standing(Phase.WAITING, Reason.EVIDENCE_STALE)


def stands(facts: Facts) -> Standing:
    """Where it stands now."""
    return phase(facts, now=NOW, stale_after=10 * MINUTE)


# The account.


@pytest.mark.parametrize("operation", [None, an_operation(Step.UNRESOLVED), an_operation(Step.BLOCKED, refusals=1)])
@pytest.mark.parametrize("sighting", [None, a_sighting(an_assignment(), seen_at=NOW)])
def test_a_number_that_left_the_account_is_gone_whatever_else_is_known(
    operation: Operation | None, sighting: Sighting | None
) -> None:
    facts = replace(ABSENT, line=a_line(absences=2), operation=operation, sighting=sighting)

    assert stands(facts) == Standing(Phase.GONE, Reason.NUMBER_NOT_IN_ACCOUNT, Who.YOU)


def test_one_read_without_it_is_not_enough() -> None:
    assert stands(replace(ABSENT, line=a_line(absences=1))) == UNCERTAIN


@pytest.mark.parametrize("line", [a_line(kind=LineKind.TOLL_FREE), a_line(country="CA")])
@pytest.mark.parametrize("pool", [PROFILED, a_pool()])
def test_a_number_of_the_wrong_kind_is_blocked(line: Line, pool: Pool) -> None:
    assert stands(replace(ABSENT, pool=pool, line=line)) == Standing(Phase.BLOCKED, Reason.NOT_US_LONG_CODE, Who.YOU)


# The messaging profile.


@pytest.mark.parametrize(
    ("policy", "standing"),
    [
        (OnMissingProfile.ATTACH, Standing(Phase.QUEUED, Reason.PROFILE_MISSING)),
        (OnMissingProfile.FAIL, Standing(Phase.BLOCKED, Reason.PROFILE_MISSING, Who.YOU)),
        (OnMissingProfile.SKIP, Standing(Phase.BLOCKED, Reason.PROFILE_MISSING, Who.YOU)),
    ],
)
def test_a_number_on_no_profile_is_about_to_be_attached_or_blocked(
    policy: OnMissingProfile, standing: Standing
) -> None:
    facts = replace(ABSENT, pool=a_pool(profile=PROFILE, on_missing_profile=policy), line=NOWHERE)

    assert stands(facts) == standing


def test_a_number_on_another_profile_is_blocked() -> None:
    assert stands(replace(ABSENT, line=ELSEWHERE)) == Standing(Phase.BLOCKED, Reason.OTHER_PROFILE, Who.YOU)


@pytest.mark.parametrize("line", [None, THERE, NOWHERE, ELSEWHERE, UNTOLD])
def test_a_profile_that_does_not_exist_blocks_its_numbers(line: Line | None) -> None:
    facts = replace(ABSENT, line=line, profile=a_profile(exists=False))

    assert stands(facts) == Standing(Phase.BLOCKED, Reason.PROFILE_UNKNOWN, Who.YOU)


@pytest.mark.parametrize("line", [None, UNTOLD, a_line(NUMBER, PROFILE, unclear=True)])
def test_until_its_profile_is_told_nothing_is_claimed(line: Line | None) -> None:
    assert stands(replace(ABSENT, line=line)) == UNCERTAIN
    assert stands(replace(ABSENT, line=line, pool=a_pool())) == Standing(Phase.QUEUED, Reason.ASSIGN_DUE)


@pytest.mark.parametrize("line", [NOWHERE, ELSEWHERE, UNTOLD])
def test_a_number_that_is_assigned_is_ready_wherever_its_profile_is(line: Line) -> None:
    """That it is off its profile is drift to report; to carriers it can send."""
    seen = a_sighting(an_assignment(), seen_at=NOW)

    assert stands(replace(ABSENT, line=line, sighting=seen)).phase is Phase.READY


@pytest.mark.parametrize("line", [THERE, NOWHERE, ELSEWHERE])
def test_a_campaign_that_is_not_approved_is_told_first(line: Line) -> None:
    facts = replace(ABSENT, line=line, campaign=a_campaign(CampaignPhase.IN_REVIEW))

    assert stands(facts).reason is Reason.CAMPAIGN_IN_REVIEW


def test_what_another_pool_may_yet_have_is_not_about_to_be_assigned() -> None:
    undecided = a_pool(profile=PROFILE, undecided={NUMBER: PoolName("vip")})

    assert stands(replace(ABSENT, pool=undecided)) == UNCERTAIN


# An attachment under way.


@pytest.mark.parametrize(
    ("operation", "standing"),
    [
        (an_attachment(Step.SENT), Standing(Phase.ASSIGNING, Reason.REQUEST_OPEN)),
        (an_attachment(Step.UNRESOLVED), Standing(Phase.ASSIGNING, Reason.OUTCOME_UNKNOWN, Who.US, NOW)),
        (an_attachment(), Standing(Phase.QUEUED, Reason.PROFILE_MISSING, Who.US, NOW)),
        (
            an_attachment(reason=Reason.EVIDENCE_STALE, not_before=NOW + MINUTE),
            Standing(Phase.RETRYING, Reason.EVIDENCE_STALE, Who.TELNYX, NOW + MINUTE),
        ),
        (
            an_attachment(refusals=1, reason=Reason.PROFILE_MISSING, not_before=NOW + HOUR),
            Standing(Phase.RETRYING, Reason.PROFILE_MISSING, Who.US, NOW + HOUR),
        ),
        (
            an_attachment(Step.BLOCKED, refusals=4, reason=Reason.REQUEST_REFUSED, not_before=NOW + HOUR),
            Standing(Phase.BLOCKED, Reason.REQUEST_REFUSED, Who.YOU, NOW + HOUR),
        ),
    ],
)
def test_an_attachment_stands_where_its_operation_does(operation: Operation, standing: Standing) -> None:
    assert stands(replace(ABSENT, line=NOWHERE, operation=operation)) == standing


# Modes and windows.

MISSING, UNATTACHED = DriftClass.MISSING, DriftClass.MISSING_PREREQUISITE


@pytest.mark.parametrize(
    ("pool", "line", "waits"),
    [
        (a_pool(profile=PROFILE, observed=frozenset({UNATTACHED})), NOWHERE, True),
        (a_pool(profile=PROFILE, observed=frozenset({UNATTACHED})), THERE, False),
        (a_pool(profile=PROFILE, observed=frozenset({MISSING})), NOWHERE, False),
        (a_pool(profile=PROFILE, observed=frozenset({MISSING})), THERE, True),
        (a_pool(profile=PROFILE, mode=Mode.OBSERVE, enforced=frozenset({MISSING})), THERE, False),
        (a_pool(profile=PROFILE, mode=Mode.OBSERVE, enforced=frozenset({MISSING})), NOWHERE, True),
    ],
)
def test_it_waits_for_a_person_where_the_mode_of_its_class_only_observes(
    pool: Pool, line: Line, *, waits: bool
) -> None:
    standing = stands(replace(ABSENT, pool=pool, line=line))

    assert (standing == Standing(Phase.WAITING, Reason.OBSERVE_MODE, Who.YOU)) is waits


@pytest.mark.parametrize("line", [THERE, NOWHERE])
@pytest.mark.parametrize("operation", [None, an_operation(), an_attachment()])
def test_outside_the_windows_what_is_due_waits_for_the_next(line: Line, operation: Operation | None) -> None:
    facts = replace(ABSENT, line=line, operation=operation, opens_at=NOW + HOUR)

    assert stands(facts) == Standing(Phase.WAITING, Reason.OUTSIDE_WINDOW, Who.US, NOW + HOUR)


@pytest.mark.parametrize(
    "facts",
    [
        replace(ABSENT, sighting=a_sighting(an_assignment(), seen_at=NOW)),
        replace(ABSENT, operation=an_operation(Step.UNRESOLVED)),
        replace(ABSENT, operation=an_operation(Step.BLOCKED, refusals=1, reason=Reason.CAPACITY)),
        replace(ABSENT, line=ELSEWHERE),
        replace(ABSENT, halt=a_halt()),
        replace(ABSENT, campaign=None),
        replace(ABSENT, pool=a_pool(profile=PROFILE, mode=Mode.OBSERVE)),
    ],
    ids=["ready", "in doubt", "blocked", "elsewhere", "halted", "unread", "observed"],
)
def test_a_window_holds_only_what_would_be_done_now(facts: Facts) -> None:
    assert stands(replace(facts, opens_at=NOW + HOUR)) == stands(facts)


# Whatever is known.

FOUND = st.builds(an_assignment, state=st.sampled_from(AssignmentState), campaign=st.sampled_from([CAMPAIGN, FOREIGN]))
LINES = st.builds(
    a_line,
    profile=st.none() | st.sampled_from([PROFILE, OTHER_PROFILE]),
    kind=st.sampled_from(LineKind),
    unclear=st.booleans(),
    absences=st.integers(0, 2),
)
STEPS = st.sampled_from([step for step in Step if step is not Step.CLOSED])
OPERATIONS = st.builds(
    an_attachment,
    STEPS,
    refusals=st.integers(0, 4),
    reason=st.sampled_from(Reason),
    not_before=st.integers(-60, 60).map(lambda minutes: NOW + minutes * MINUTE),
)
POOLS = st.builds(
    a_pool,
    profile=st.none() | st.just(PROFILE),
    mode=st.sampled_from(Mode),
    on_missing_profile=st.sampled_from(OnMissingProfile),
)


@given(
    POOLS,
    st.sampled_from(CampaignPhase),
    st.none() | st.builds(a_sighting, st.none() | FOUND),
    st.none() | OPERATIONS,
    st.none() | LINES,
    st.none() | st.builds(a_profile, exists=st.booleans()),
    st.none() | st.just(NOW + HOUR),
)
def test_any_facts_have_one_standing_and_somebody_or_some_time_to_wait_for(
    pool: Pool,
    campaign: CampaignPhase,
    sighting: Sighting | None,
    operation: Operation | None,
    line: Line | None,
    profile: Profile | None,
    opens_at: datetime | None,
) -> None:
    facts = Facts(NUMBER, pool, a_campaign(campaign), sighting, operation, None, NOW, line, profile, None, opens_at)

    standing = stands(facts)

    assert bool(standing.reason) is (standing.phase is not Phase.READY)
    if standing.phase in (Phase.BLOCKED, Phase.GONE):
        assert standing.who is not Who.US
    if standing.phase is Phase.QUEUED:  # nothing stands in the way of what is due
        where = Membership.EXPECTED if pool.messaging_profile is None or line is None else line.membership(PROFILE)
        assert where is not Membership.OTHER
        assert opens_at is None
        assert pool.policy.mode is Mode.ENFORCE
        assert where is not Membership.NONE or pool.policy.on_missing_profile is OnMissingProfile.ATTACH


# Somebody works against us.


HELD = replace(ABSENT, reversals=taken_off()[NUMBER])
FLAPPING = Standing(Phase.BLOCKED, Reason.FLAPPING, Who.YOU, NOW + 23 * HOUR)


@pytest.mark.parametrize(
    "facts",
    [
        HELD,
        replace(HELD, halt=a_halt()),
        replace(HELD, opens_at=NOW + HOUR),
        replace(HELD, pool=a_pool(profile=PROFILE, mode=Mode.OBSERVE)),
        replace(HELD, line=NOWHERE),
    ],
    ids=["plain", "halted", "outside the window", "observed", "on no profile"],
)
def test_a_number_that_is_taken_off_again_and_again_is_blocked_whatever_else_holds_writes(facts: Facts) -> None:
    assert stands(facts) == FLAPPING


def test_what_its_campaign_or_profile_forbids_comes_before_that() -> None:
    assert stands(replace(HELD, line=ELSEWHERE)).reason is Reason.OTHER_PROFILE
    assert stands(replace(HELD, campaign=a_campaign(CampaignPhase.SUSPENDED))).reason is Reason.CAMPAIGN_SUSPENDED


def test_where_it_is_it_is_ready_however_often_it_was_taken_off() -> None:
    assert stands(replace(HELD, sighting=a_sighting(an_assignment(), seen_at=NOW))).phase is Phase.READY
