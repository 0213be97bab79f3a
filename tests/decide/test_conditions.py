"""Which alerts hold: of one operation, of one pool, of the account; and what is no longer said."""

from dataclasses import replace

import pytest

from reconciler.decide import conditions
from reconciler.model.alerts import AlertName, Family, Judgement
from reconciler.model.errors import Place, Problem
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase
from reconciler.model.lines import Line, LineKind
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.pools import OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, Verdict, Wait
from tests.builders import (
    FOREIGN,
    HOUR,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    POOL,
    PROFILE,
    a_campaign,
    a_halt,
    a_line,
    a_memory,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_attachment,
    an_operation,
)

FAILED = AlertName.ASSIGNMENT_FAILED
AGAIN = Retry(NOW + HOUR, Reason.TELNYX_REFUSED, "DCA said no", refused=True)
GIVEN_UP = GiveUp(NOW + HOUR, Reason.CAPACITY, "full")
FAILED_HERE = a_sighting(an_assignment(state=AssignmentState.FAILED, failure="DCA said no"))


@pytest.mark.parametrize(
    ("refusals", "verdict", "reason"),
    [
        (0, AGAIN, Reason.TELNYX_REFUSED),
        (0, GIVEN_UP, Reason.CAPACITY),
        (0, Retry(NOW, Reason.RATE_LIMITED, "slow"), None),
        (0, Retry(NOW, Reason.CAMPAIGN_IN_REVIEW, "10036"), None),
        (0, Recheck(NOW, "lost"), None),
        (0, Wait(), None),
        (1, Wait(), Reason.TELNYX_REFUSED),
        (1, Keep(), Reason.TELNYX_REFUSED),
        (1, Done(End.DONE), None),
        (1, Done(End.TAKEN), None),
    ],
)
def test_an_alert_fires_at_the_first_refusal_and_until_the_end(
    refusals: int, verdict: Verdict, reason: Reason | None
) -> None:
    operation = an_operation(refusals=refusals, reason=Reason.TELNYX_REFUSED)

    judgement = conditions.of_operation(operation, verdict, a_pool())

    assert judgement.families == (Family(FAILED, POOL, NUMBER),)
    assert [condition.reason for condition in judgement.conditions] == ([] if reason is None else [reason])


def of_pool(memory: Memory, *settled: tuple[Operation, Verdict]) -> Judgement:
    """The judgement of a pool of two numbers on an approved campaign."""
    by_number = {operation.number: (operation, verdict) for operation, verdict in settled}
    return conditions.of_pool(a_pool(NUMBER, OTHER), a_campaign(), memory, by_number)


def failing(judgement: Judgement) -> list[tuple[str, str]]:
    """Subjects and details of the numbers that failed."""
    return [(one.subject, one.detail) for one in judgement.conditions if one.alert is FAILED]


def test_a_pool_without_trouble_resolves_all_that_was_said_of_it() -> None:
    assert of_pool(a_memory()) == Judgement((Family(FAILED, POOL),))


def test_a_refused_number_fires_while_it_waits_to_be_tried_again() -> None:
    operation = an_operation(Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, detail="full")

    assert failing(of_pool(a_memory(operations=[operation]))) == [(NUMBER, "full")]


def test_what_was_just_settled_outweighs_what_was_remembered() -> None:
    operation = an_operation(Step.CONFIRMING, detail="old")
    memory = a_memory(operations=[operation])

    assert failing(of_pool(memory, (operation, AGAIN))) == [(NUMBER, "DCA said no")]
    assert failing(of_pool(memory, (an_operation(refusals=2), Done(End.DONE)))) == []


def test_a_failed_assignment_fires_even_if_nobody_is_going_to_retry_it() -> None:
    """In a pool that only observes, or while its campaign is suspended."""
    assert failing(of_pool(a_memory(FAILED_HERE))) == [(NUMBER, "DCA said no")]


def test_it_goes_on_firing_when_its_operation_is_retired() -> None:
    """Else every suspension would resolve it, and the next look fire it again."""
    operation = an_operation(Step.READY, refusals=1, reason=Reason.TELNYX_REFUSED)
    memory = a_memory(FAILED_HERE, operations=[operation])

    assert failing(of_pool(memory, (operation, Done(End.STALE)))) == [(NUMBER, "DCA said no")]


def test_a_failure_on_another_campaign_is_not_this_pools() -> None:
    elsewhere = a_sighting(an_assignment(state=AssignmentState.FAILED, campaign=FOREIGN))

    assert failing(of_pool(a_memory(elsewhere))) == []


# What is not even asked for.

GONE, WRONG_KIND = a_line(absences=2), a_line(kind=LineKind.TOLL_FREE)
ELSEWHERE = a_line(NUMBER, OTHER_PROFILE)
PROFILED = a_pool(profile=PROFILE, on_missing_profile=OnMissingProfile.FAIL)


def reasons(
    *lines: Line, pool: Pool = PROFILED, campaign: Campaign | None = None, memory: Memory | None = None
) -> list[str]:
    """Why numbers of a pool fail."""
    known = replace(memory or a_memory(), lines={one.number: one for one in lines})
    judgement = conditions.of_pool(pool, campaign or a_campaign(), known, {})
    return [one.reason for one in judgement.conditions if one.alert is FAILED]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GONE, Reason.NUMBER_NOT_IN_ACCOUNT),
        (WRONG_KIND, Reason.NOT_US_LONG_CODE),
        (ELSEWHERE, Reason.OTHER_PROFILE),
        (a_line(), Reason.PROFILE_MISSING),
        (a_line(NUMBER, PROFILE), None),
        (a_line(unclear=True), None),
        (a_line(absences=1), None),
    ],
)
def test_a_number_that_only_a_person_can_help_fires(line: Line, reason: Reason | None) -> None:
    assert reasons(line) == ([] if reason is None else [reason])


def test_a_number_without_a_record_is_no_alert() -> None:
    assert reasons() == []


@pytest.mark.parametrize(
    ("policy", "fires"),
    [(OnMissingProfile.ATTACH, False), (OnMissingProfile.FAIL, True), (OnMissingProfile.SKIP, False)],
)
def test_a_number_on_no_profile_fires_only_if_the_policy_calls_that_a_failure(
    policy: OnMissingProfile, *, fires: bool
) -> None:
    assert bool(reasons(a_line(), pool=a_pool(profile=PROFILE, on_missing_profile=policy))) is fires


@pytest.mark.parametrize("line", [replace(ELSEWHERE, unclear=True), replace(ELSEWHERE, absences=1)])
def test_what_is_only_in_doubt_resolves_no_alert(line: Line) -> None:
    """One list that lacked it, or one read: it would be resolved, and fire again a minute later."""
    assert reasons(line) == [Reason.OTHER_PROFILE]


@pytest.mark.parametrize("line", [None, a_line(), ELSEWHERE, a_line(NUMBER, PROFILE)])
def test_a_profile_that_does_not_exist_fires_for_each_number_that_is_not_assigned(line: Line | None) -> None:
    unknown = a_memory(profiles=[a_profile(exists=False)])

    assert reasons(*[line] if line else [], memory=unknown) == [Reason.PROFILE_UNKNOWN]
    assert Reason.PROFILE_UNKNOWN not in reasons(*[line] if line else [], memory=a_memory(profiles=[a_profile()]))


def test_of_profiles_it_is_said_though_its_campaign_could_not_be_read() -> None:
    unknown = a_memory(profiles=[a_profile(exists=False)])

    assert [one.reason for one in conditions.of_pool(PROFILED, None, unknown, {}).conditions] == ["profile_unknown"]


@pytest.mark.parametrize("line", [ELSEWHERE, a_line()])
def test_of_profiles_nothing_is_said_while_its_campaign_stands_in_the_way(line: Line) -> None:
    """There is an alert of that already, or none is needed yet."""
    assert reasons(line, campaign=a_campaign(CampaignPhase.IN_REVIEW)) == []
    assert reasons(GONE, campaign=a_campaign(CampaignPhase.IN_REVIEW)) == [Reason.NUMBER_NOT_IN_ACCOUNT]


@pytest.mark.parametrize("line", [ELSEWHERE, a_line()])
def test_a_number_that_is_on_a_campaign_is_no_alert_of_profiles(line: Line) -> None:
    assert reasons(line, memory=a_memory(a_sighting(an_assignment()))) == []


@pytest.mark.parametrize("line", [GONE, WRONG_KIND])
def test_a_number_that_can_be_on_no_campaign_fires_wherever_it_was_seen(line: Line) -> None:
    assert len(reasons(line, memory=a_memory(a_sighting(an_assignment())))) == 1


def test_a_pool_that_names_no_profile_has_no_alert_of_profiles() -> None:
    assert reasons(ELSEWHERE, pool=a_pool()) == []
    assert reasons(GONE, pool=a_pool()) == [Reason.NUMBER_NOT_IN_ACCOUNT]


def test_a_refusal_is_told_before_what_its_record_says() -> None:
    operation = an_attachment(Step.BLOCKED, refusals=1, reason=Reason.REQUEST_REFUSED, detail="no")

    assert reasons(a_line(), memory=a_memory(operations=[operation])) == [Reason.REQUEST_REFUSED]


def test_a_halt_is_one_alert_for_the_account() -> None:
    family = Family(AlertName.TELNYX_AUTH_FAILED, "")

    held = conditions.of_halt(a_halt())

    assert held.families == (family,)
    assert [(one.subject, one.detail) for one in held.conditions] == [("", "10009: authentication failed")]
    assert conditions.of_halt(None) == Judgement((family,))


def test_a_failed_reload_has_an_alert_for_each_problem_and_a_good_one_resolves_them_all() -> None:
    problems = [Problem(Place("tendlc.yaml", line), "no such key") for line in (4, 7)]

    judgement = conditions.of_reload(problems)

    assert [(one.subject, one.detail) for one in judgement.conditions] == [
        ("tendlc.yaml:4:1", "no such key"),
        ("tendlc.yaml:7:1", "no such key"),
    ]
    assert conditions.of_reload([]) == Judgement((Family(AlertName.CONFIG_RELOAD_FAILED, ""),))


def test_a_loop_that_fails_is_an_alert_of_its_own() -> None:
    family = Family(AlertName.LOOP_FAILED, "", "notify")

    failed = conditions.of_loop("notify", "KeyError")

    assert failed.families == (family,)
    assert [(one.subject, one.detail) for one in failed.conditions] == [("notify", "KeyError")]
    assert conditions.of_loop("notify") == Judgement((family,))


def test_a_start_resolves_what_was_said_of_the_process_before() -> None:
    said = (conditions.of_loop("notify", "KeyError"), conditions.of_reload([Problem(Place("tendlc.yaml"), "no")]))

    resolved = [family for one in said for family in conditions.of_start().families if family.covers(one.conditions[0])]
    assert len(resolved) == len(said)


def test_pools_that_left_the_config_are_resolved_and_the_account_is_not() -> None:
    judgement = conditions.of_unlisted(["acme", "zeta", "", "zeta"], ["acme"])

    assert judgement == Judgement(tuple(Family(name, "zeta") for name in AlertName))
