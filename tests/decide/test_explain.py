"""Why a number does or does not send, link by link, each with its evidence and its age."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.explain import LINKS, explain
from reconciler.decide.phase import phase
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.ids import PoolName
from reconciler.model.lines import Line, LineKind
from reconciler.model.operations import Step
from reconciler.model.pools import Mode, OnMissingProfile
from reconciler.model.reasons import Reason
from reconciler.model.standing import Check, Explanation, Facts, Phase, Result
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


def said(facts: Facts) -> Explanation:
    """The explanation of these facts."""
    return explain(facts, phase(facts, now=NOW, stale_after=10 * MINUTE), now=NOW)


def check(facts: Facts, name: str) -> Check:
    """One link of the chain."""
    (found,) = [one for one in said(facts).checks if one.name == name]
    return found


def test_a_number_that_can_send_has_every_link_in_order() -> None:
    explanation = said(FACTS)

    assert [(one.name, one.result) for one in explanation.checks] == [
        ("config", Result.OK),
        ("campaign", Result.OK),
        ("assignment", Result.OK),
        ("carrier tmobile", Result.OK),
    ]
    assert explanation.message == "It is assigned, and every carrier that says so has added it: it can send."


def test_an_old_reading_is_called_old() -> None:
    old = replace(FACTS, sighting=a_sighting(READY, seen_at=NOW - HOUR))

    assert said(old).message.endswith("But the last reading is old.")
    assert check(old, "assignment").age_seconds == 3600


def test_what_telnyx_said_last_is_quoted() -> None:
    blocked = an_operation(Step.BLOCKED, refusals=1, reason=Reason.CAPACITY, detail="Limit exceeded", attempt=2)
    facts = replace(FACTS, sighting=None, operation=blocked)

    assert said(facts).message == "The campaign can take no more numbers. Last answer: Limit exceeded"
    evidence = "assign: blocked, attempt 2: Limit exceeded"
    assert check(facts, "operation") == Check("operation", Result.FAIL, evidence, 3600)


def test_so_is_the_reason_of_a_failed_assignment() -> None:
    failed = a_sighting(an_assignment(state=AssignmentState.FAILED, failure="DCA said no"), seen_at=NOW)

    assert said(replace(FACTS, sighting=failed)).message.endswith("Telnyx says: DCA said no")
    assert check(replace(FACTS, sighting=failed), "assignment").evidence.endswith("DCA said no")


def test_a_strange_number_is_in_no_pool() -> None:
    stranger = Facts(NUMBER, None, None, None, None)

    assert said(stranger).message == "It is in no pool of this config."
    assert check(stranger, "config").result is Result.FAIL


def test_a_strange_number_on_a_campaign_is_left_alone() -> None:
    stranger = Facts(NUMBER, None, None, a_sighting(an_assignment()), None)

    assert said(stranger).message == (
        f"It is in no pool of this config, and assigned on campaign {CAMPAIGN}: it is left there."
    )


def test_the_age_is_that_of_the_last_look_that_told_of_it() -> None:
    facts = replace(FACTS, sighting=a_sighting(READY, seen_at=NOW - HOUR), looked_at=NOW - MINUTE)

    assert [one.age_seconds for one in said(facts).checks] == [None, 0, 60, 60]


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
    assert found.evidence.startswith(campaign)


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

    assert [(one.name, one.result) for one in said(facts).checks[-2:]] == [
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
    assert [(one.name, one.result) for one in said(PROFILED).checks] == [
        ("config", Result.OK),
        ("number", Result.OK),
        ("profile", Result.OK),
        ("campaign", Result.OK),
        ("assignment", Result.OK),
        ("carrier tmobile", Result.OK),
    ]


def test_they_are_not_asked_about_where_nothing_asks() -> None:
    assert not {"number", "profile"} & {one.name for one in said(FACTS).checks}
    assert "profile" not in {one.name for one in said(replace(FACTS, line=a_line())).checks}


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


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(PROFILED, sighting=None, line=a_line(NUMBER, OTHER_PROFILE)), Reason.OTHER_PROFILE),
        (replace(PROFILED, sighting=None, looked_at=NOW, line=a_line()), Reason.PROFILE_MISSING),
        (replace(PROFILED, sighting=None, opens_at=NOW + HOUR), Reason.OUTSIDE_WINDOW),
        (replace(PROFILED, line=a_line(absences=2)), Reason.NUMBER_NOT_IN_ACCOUNT),
    ],
)
def test_the_message_is_that_of_the_first_broken_link(facts: Facts, reason: Reason) -> None:
    assert said(facts).message == reason.sentence


# Whatever is known: the first link that does not hold is the one that the reason names.

FOUND = st.builds(
    lambda state, campaign, carriers: replace(an_assignment(state=state, campaign=campaign), carriers=carriers),
    st.sampled_from(AssignmentState),
    st.sampled_from([CAMPAIGN, CAMPAIGN, FOREIGN]),
    st.dictionaries(st.sampled_from(["tmobile", "others"]), st.sampled_from(CarrierState)),
)
STEPS = st.sampled_from([step for step in Step if step is not Step.CLOSED])
OPERATION = {
    "refusals": st.integers(0, 4),
    "reason": st.sampled_from(Reason),
    "detail": st.sampled_from(["", "no"]),
    "not_before": st.sampled_from([NOW - HOUR, NOW + HOUR]),
}
ANY_FACTS = st.builds(
    Facts,
    number=st.just(NUMBER),
    pool=st.none()
    | st.builds(
        a_pool,
        profile=st.sampled_from([None, PROFILE]),
        mode=st.sampled_from(Mode),
        on_missing_profile=st.sampled_from(OnMissingProfile),
        undecided=st.sampled_from([{}, {}, {NUMBER: PoolName("vip")}]),
    ),
    campaign=st.none() | st.builds(a_campaign, st.sampled_from([CampaignPhase.APPROVED, *CampaignPhase])),
    sighting=st.none() | st.builds(a_sighting, st.none() | FOUND, doubted=st.booleans()),
    operation=st.none() | st.builds(an_operation, STEPS, **OPERATION) | st.builds(an_attachment, STEPS, **OPERATION),
    halt=st.sampled_from([None, None, a_halt()]),
    looked_at=st.sampled_from([None, NOW]),
    line=st.none()
    | st.builds(
        a_line,
        profile=st.sampled_from([None, PROFILE, OTHER_PROFILE]),
        kind=st.sampled_from([LineKind.LONG_CODE] * 3 + list(LineKind)),
        unclear=st.booleans(),
        absences=st.sampled_from([0, 0, 0, 1, 2]),
    ),
    profile=st.none() | st.builds(a_profile, exists=st.booleans()),
    opens_at=st.sampled_from([None, NOW + HOUR]),
)


@given(ANY_FACTS)
def test_the_first_link_that_does_not_hold_is_the_one_that_the_reason_names(facts: Facts) -> None:
    explanation = said(facts)
    standing = explanation.standing
    first = next((one for one in explanation.checks if one.result is not Result.OK), None)

    assert len({one.name for one in explanation.checks}) == len(explanation.checks)
    if standing.phase is Phase.READY:
        assert (first is None) is ("But see" not in explanation.message)
        return
    assert first is not None
    if standing.phase is Phase.UNMANAGED:
        assert first.name == "config"
    elif standing.reason is Reason.EVIDENCE_STALE:
        assert first.result is Result.UNKNOWN or first.name == "operation"
    elif first.name.split()[0] not in LINKS.get(standing.reason, ()):
        assert first.name in ("operation", "assignment")
        assert facts.operation is not None
        assert facts.operation.waits_for is standing.reason


@given(ANY_FACTS)
def test_what_holds_comes_first_and_the_rest_follows_the_chain(facts: Facts) -> None:
    names = [
        "config",
        "account",
        "number",
        "profile",
        "campaign",
        "policy",
        "window",
        "assignment",
        "carrier",
        "operation",
    ]
    checks = said(facts).checks
    first = next((at for at, one in enumerate(checks) if one.result is not Result.OK), len(checks))
    places = [names.index(one.name.split()[0]) for one in checks]

    assert places[:first] == sorted(places[:first])
    assert places[first + 1 :] == sorted(places[first + 1 :])
