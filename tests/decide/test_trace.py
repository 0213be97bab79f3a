"""Every link from the config to the carriers, each with its evidence and its age."""

from dataclasses import replace

import pytest

from reconciler.decide.trace import trace
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, CarrierState
from reconciler.model.ids import PoolName
from reconciler.model.lines import Line, LineKind
from reconciler.model.operations import Step
from reconciler.model.pools import Mode
from reconciler.model.reasons import Reason
from reconciler.model.standing import Check, Facts, Result
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
)

READY = an_assignment(tmobile=CarrierState.ADDED)
FACTS = Facts(NUMBER, a_pool(), a_campaign(status="MNO_PROVISIONED"), a_sighting(READY, seen_at=NOW), None)


def chain(facts: Facts) -> tuple[Check, ...]:
    """Every link of these facts."""
    return trace(facts, now=NOW)


def check(facts: Facts, name: str) -> Check:
    """One link of the chain."""
    (found,) = [one for one in chain(facts) if one.name == name]
    return found


def test_the_age_is_that_of_the_last_look_that_told_of_it() -> None:
    facts = replace(FACTS, sighting=a_sighting(READY, seen_at=NOW - HOUR), looked_at=NOW - MINUTE)

    assert [one.age_seconds for one in chain(facts)] == [None, 0, 60, 60]


def test_a_halted_account_is_a_broken_link() -> None:
    halted = replace(FACTS, halt=a_halt(since=NOW - MINUTE))

    assert check(halted, "account") == Check("account", Result.FAIL, "10009: authentication failed", 60)


@pytest.mark.parametrize(
    ("campaign", "result"),
    [
        (CampaignPhase.SUBMITTED, Result.WAIT),
        (CampaignPhase.IN_REVIEW, Result.WAIT),
        (CampaignPhase.SUSPENDED, Result.WAIT),
        (CampaignPhase.REJECTED, Result.FAIL),
        (CampaignPhase.EXPIRED, Result.FAIL),
        (CampaignPhase.UNKNOWN, Result.UNKNOWN),
    ],
)
def test_the_campaign_is_a_link(campaign: CampaignPhase, result: Result) -> None:
    found = check(replace(FACTS, campaign=a_campaign(campaign, read_at=NOW - MINUTE)), "campaign")

    assert (found.result, found.age_seconds) == (result, 60)
    assert campaign is CampaignPhase.UNKNOWN or found.evidence.startswith(campaign)


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (AssignmentState.PENDING, Result.WAIT),
        (AssignmentState.UNASSIGNING, Result.WAIT),
        (AssignmentState.FAILED, Result.FAIL),
        (AssignmentState.UNASSIGN_FAILED, Result.FAIL),
        (AssignmentState.UNKNOWN, Result.UNKNOWN),
    ],
)
def test_the_assignment_is_a_link(state: AssignmentState, result: Result) -> None:
    assert check(replace(FACTS, sighting=a_sighting(an_assignment(state=state))), "assignment").result is result


def test_an_assignment_to_another_campaign_names_it() -> None:
    found = check(replace(FACTS, sighting=a_sighting(an_assignment(campaign=FOREIGN))), "assignment")

    assert found.result is Result.FAIL
    assert FOREIGN in found.evidence


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (CarrierState.PENDING, Result.WAIT),
        (CarrierState.FAILED, Result.FAIL),
        (CarrierState.UNKNOWN, Result.UNKNOWN),
    ],
)
def test_each_carrier_is_a_link(state: CarrierState, result: Result) -> None:
    facts = replace(FACTS, sighting=a_sighting(an_assignment(tmobile=CarrierState.ADDED, others=state)))

    assert [(one.name, one.result) for one in chain(facts)[-2:]] == [
        ("carrier others", result),
        ("carrier tmobile", Result.OK),
    ]


def test_what_was_not_read_yet_is_unknown() -> None:
    unread = Facts(NUMBER, a_pool(), None, None, None)

    assert check(unread, "campaign").result is Result.UNKNOWN
    assert check(unread, "assignment").result is Result.UNKNOWN


def test_absence_is_told_with_how_it_is_known() -> None:
    by_listing = replace(FACTS, sighting=None, looked_at=NOW - MINUTE)
    by_read = replace(FACTS, sighting=a_sighting(None, source="item", seen_at=NOW))

    assert check(by_listing, "assignment") == Check(
        "assignment", Result.FAIL, "on no list of its campaign's numbers", 60
    )
    assert check(by_read, "assignment") == Check("assignment", Result.FAIL, "on no campaign (item)", 0)


def test_a_clock_that_went_back_makes_no_negative_age() -> None:
    assert check(replace(FACTS, campaign=a_campaign(read_at=NOW + HOUR)), "campaign").age_seconds == 0


def test_the_pool_and_its_campaign_are_named() -> None:
    assert check(FACTS, "config").evidence == f"pool acme, campaign {CAMPAIGN}"


# The account and the messaging profile.

PROFILED = replace(FACTS, pool=a_pool(profile=PROFILE), line=a_line(NUMBER, PROFILE), profile=a_profile())


def test_the_account_and_the_profile_come_between_the_config_and_the_campaign() -> None:
    assert [(one.name, one.result) for one in chain(PROFILED)] == [
        ("config", Result.OK),
        ("number", Result.OK),
        ("profile", Result.OK),
        ("campaign", Result.OK),
        ("assignment", Result.OK),
        ("carrier tmobile", Result.OK),
    ]


def test_they_are_not_asked_about_where_nothing_asks() -> None:
    assert not {"number", "profile"} & {one.name for one in chain(FACTS)}
    assert "profile" not in {one.name for one in chain(replace(FACTS, line=a_line()))}


@pytest.mark.parametrize(
    ("line", "result", "evidence"),
    [
        (a_line(), Result.OK, "in the account, long code US"),
        (a_line(kind=LineKind.UNKNOWN, country=""), Result.OK, "in the account, of a kind that is not told"),
        (a_line(unclear=True), Result.OK, "in the account, long code US"),
        (a_line(kind=LineKind.TOLL_FREE), Result.FAIL, "no US long code: toll free US"),
        (a_line(country="CA"), Result.FAIL, "no US long code: long code CA"),
        (a_line(absences=1), Result.UNKNOWN, "one read found no such number in the account"),
        (a_line(absences=2), Result.FAIL, "not in the account, by two reads"),
    ],
)
def test_the_number_is_a_link(line: Line, result: Result, evidence: str) -> None:
    facts = replace(FACTS, line=replace(line, taken_at=NOW - MINUTE))

    assert check(facts, "number") == Check("number", result, evidence, 60)


@pytest.mark.parametrize(
    ("line", "result", "evidence"),
    [
        (a_line(NUMBER, PROFILE), Result.OK, f"on messaging profile {PROFILE}"),
        (a_line(), Result.FAIL, "on no messaging profile"),
        (a_line(NUMBER, OTHER_PROFILE), Result.FAIL, f"on messaging profile {OTHER_PROFILE}, not {PROFILE}"),
        (a_line(unclear=True), Result.UNKNOWN, "its messaging profile could not be told"),
        (a_line(absences=1), Result.UNKNOWN, "its messaging profile could not be told"),
    ],
)
def test_the_profile_is_a_link(line: Line, result: Result, evidence: str) -> None:
    facts = replace(PROFILED, line=replace(line, taken_at=NOW - MINUTE))

    assert check(facts, "profile") == Check("profile", result, evidence, 60)


def test_a_profile_that_was_not_read_yet_is_unknown() -> None:
    assert check(replace(PROFILED, line=None), "profile") == Check("profile", Result.UNKNOWN, "not read yet")


def test_a_profile_that_does_not_exist_is_a_broken_link() -> None:
    gone = a_profile(exists=False, read_at=NOW - MINUTE)

    assert check(replace(PROFILED, profile=gone), "profile") == Check(
        "profile", Result.FAIL, f"no messaging profile {PROFILE}", 60
    )


def test_that_it_is_there_is_as_fresh_as_the_last_list_of_the_profile() -> None:
    known = replace(PROFILED, line=a_line(NUMBER, PROFILE, taken_at=NOW - HOUR))

    assert check(known, "profile").age_seconds == 3600
    assert check(replace(known, rostered_at=NOW - MINUTE), "profile").age_seconds == 60
    assert check(replace(known, rostered_at=NOW - 2 * HOUR), "profile").age_seconds == 3600


def test_an_attachment_is_called_by_its_name() -> None:
    operation = an_attachment(Step.UNRESOLVED, attempt=1, detail="lost")

    assert (
        check(replace(PROFILED, operation=operation), "operation").evidence
        == "attach_profile: unresolved, attempt 1: lost"
    )


def test_the_note_of_the_config_is_repeated() -> None:
    noted = replace(a_pool(), notes={NUMBER: "Black Friday drop"})

    assert check(replace(FACTS, pool=noted), "config").evidence.endswith("; note: Black Friday drop")


# What holds the next write.

ABSENT = replace(FACTS, sighting=None, looked_at=NOW)


def test_what_holds_the_next_write_is_a_link_only_while_something_is_to_be_written() -> None:
    held = replace(ABSENT, pool=a_pool(mode=Mode.OBSERVE), opens_at=NOW + HOUR)
    failed = an_assignment(state=AssignmentState.FAILED)

    for facts in (held, replace(held, sighting=a_sighting(failed))):
        assert check(facts, "policy") == Check("policy", Result.WAIT, "drift of class missing is only observed")
        assert check(facts, "window").evidence == "the next window for changes opens at 2026-11-23 13:00 UTC"
    for found in (READY, an_assignment(campaign=FOREIGN, state=AssignmentState.FAILED)):
        assert not {"policy", "window"} & {one.name for one in chain(replace(held, sighting=a_sighting(found)))}
    assert not {"policy", "window"} & {one.name for one in chain(ABSENT)}


def test_what_another_pool_may_yet_have_is_not_sure_of_its_place_in_the_config() -> None:
    facts = replace(ABSENT, pool=a_pool(undecided={NUMBER: PoolName("vip")}))

    assert check(facts, "config").result is Result.UNKNOWN
    assert "pool vip" in check(facts, "config").evidence
    assert check(replace(facts, sighting=a_sighting(READY)), "config").result is Result.OK


def test_the_pools_that_select_it_too_are_named() -> None:
    assert check(replace(FACTS, claimed_by=(PoolName("vip"),)), "config").evidence.endswith("; selected by vip too")


def test_what_telnyx_took_and_does_not_show_yet_is_waited_for() -> None:
    facts = replace(ABSENT, operation=an_operation(Step.CONFIRMING))

    assert check(facts, "assignment").result is Result.WAIT


def test_a_reading_in_doubt_is_unknown() -> None:
    doubted = check(replace(FACTS, sighting=a_sighting(READY, doubted=True)), "assignment")

    assert doubted.result is Result.UNKNOWN
    assert doubted.evidence.endswith("and a later list lacks it")


def test_a_campaign_that_was_read_and_never_listed_says_so() -> None:
    assert "never listed completely" in check(replace(FACTS, sighting=None), "assignment").evidence


def test_that_telnyx_misses_a_profile_is_a_link_though_the_pool_names_none() -> None:
    blocked = an_operation(Step.BLOCKED, refusals=1, reason=Reason.PROFILE_MISSING)

    assert check(replace(ABSENT, operation=blocked), "profile").result is Result.FAIL


@pytest.mark.parametrize(
    ("campaign", "evidence"),
    [
        (a_campaign(CampaignPhase.UNKNOWN, status="HOLD"), "campaignStatus HOLD, which this version does not know"),
        (replace(a_campaign(CampaignPhase.UNKNOWN), failure="no such campaign"), "no such campaign"),
        (a_campaign(CampaignPhase.UNKNOWN), "no campaignStatus given"),
    ],
)
def test_an_unknown_campaign_says_what_is_known_of_it(campaign: Campaign, evidence: str) -> None:
    assert check(replace(FACTS, campaign=campaign), "campaign").evidence == evidence
