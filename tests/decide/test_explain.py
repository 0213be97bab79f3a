"""Why a number does or does not send, link by link, each with its evidence and its age."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.explain import LINKS, explain
from reconciler.decide.phase import phase
from reconciler.decide.trace import trace
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.ids import PoolName
from reconciler.model.lines import LineKind
from reconciler.model.operations import Step
from reconciler.model.pools import Mode, OnMissingProfile, Pool
from reconciler.model.reasons import Reason
from reconciler.model.standing import Check, Explanation, Facts, Freeze, Phase, Result
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
    a_dormancy,
    a_halt,
    a_line,
    a_pool,
    a_profile,
    a_sighting,
    an_assignment,
    an_attachment,
    an_operation,
    asleep,
)

READY = an_assignment(tmobile=CarrierState.ADDED)
FACTS = Facts(NUMBER, a_pool(), a_campaign(status="MNO_PROVISIONED"), a_sighting(READY, seen_at=NOW), None)


def said(facts: Facts) -> Explanation:
    """The explanation of these facts."""
    return explain(facts, phase(facts, now=NOW, stale_after=10 * MINUTE), trace(facts, now=NOW))


def check(facts: Facts, name: str) -> Check:
    """One link of the chain."""
    (found,) = [one for one in said(facts).checks if one.name == name]
    return found


PROFILED = replace(FACTS, pool=a_pool(profile=PROFILE), line=a_line(NUMBER, PROFILE), profile=a_profile())


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


# What a person has to do.


@pytest.mark.parametrize(
    ("facts", "next_step"),
    [
        (replace(PROFILED, line=a_line(NUMBER, OTHER_PROFILE)), Reason.OFF_PROFILE.next_step),
        (replace(FACTS, halt=a_halt()), Reason.ACCOUNT_HALTED.next_step),
        (replace(FACTS, campaign=a_campaign(CampaignPhase.IN_REVIEW)), ""),
        (FACTS, ""),
        (replace(FACTS, campaign=a_campaign(CampaignPhase.REJECTED)), Reason.CAMPAIGN_REJECTED.next_step),
    ],
)
def test_the_next_step_is_that_of_the_first_broken_link(facts: Facts, next_step: str) -> None:
    assert said(facts).next_step == next_step


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        (a_pool(profile=PROFILE), "Nothing to do"),
        (a_pool(profile=PROFILE, on_missing_profile=OnMissingProfile.FAIL), "`on_missing_profile: attach`"),
        (a_pool(), "name one as the pool's `messaging_profile`"),
    ],
)
def test_what_to_do_about_a_missing_profile_depends_on_the_pool(pool: Pool, words: str) -> None:
    unprofiled = an_operation(Step.BLOCKED, refusals=1, reason=Reason.PROFILE_MISSING)
    operation = unprofiled if pool.messaging_profile is None else None
    facts = replace(FACTS, pool=pool, sighting=None, looked_at=NOW, line=a_line(), operation=operation)

    assert said(facts).standing.reason is Reason.PROFILE_MISSING
    assert words in said(facts).next_step


@pytest.mark.parametrize(
    ("state", "message", "next_step"),
    [
        (AssignmentState.UNASSIGNING, "Somebody is taking it off its campaign.", "once it is off"),
        (AssignmentState.UNASSIGN_FAILED, "Somebody took it off its campaign, and Telnyx failed that.", "Take it off"),
    ],
)
def test_a_number_between_two_states_says_which(state: AssignmentState, message: str, next_step: str) -> None:
    explanation = said(replace(FACTS, sighting=a_sighting(an_assignment(state=state))))

    assert explanation.message == message
    assert next_step in explanation.next_step


def test_what_telnyx_says_of_the_account_and_of_a_campaign_is_quoted() -> None:
    rejected = replace(a_campaign(CampaignPhase.REJECTED), failure="no opt-out")
    halted = replace(FACTS, sighting=None, looked_at=NOW, halt=a_halt())

    assert said(replace(FACTS, campaign=rejected)).message.endswith(" Telnyx says: no opt-out")
    assert said(halted).message.endswith(" Telnyx says: 10009: authentication failed")


def test_what_is_not_known_is_named() -> None:
    assert said(replace(PROFILED, sighting=None, looked_at=NOW, line=None)).message.endswith(
        " See profile: not read yet."
    )


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


@pytest.mark.parametrize(
    ("reason", "evidence", "more"),
    [("a migration", "paused by cli: a migration", " The reason given: a migration"), ("", "paused by cli", "")],
)
def test_a_pause_gives_its_reason_where_it_has_one(reason: str, evidence: str, more: str) -> None:
    paused = replace(FACTS, sighting=None, freeze=Freeze("*", NOW - HOUR, reason, "cli"))
    dormant = replace(paused, campaign=asleep(), dormancy=a_dormancy(0))

    assert check(paused, "freeze").evidence == evidence
    assert said(paused).message == Reason.FROZEN.sentence + more
    assert [one.name for one in said(dormant).checks] == ["config", "freeze", "campaign", "assignment"]


def test_a_dormant_campaign_says_how_often_it_was_tried() -> None:
    known = check(replace(FACTS, sighting=None, campaign=asleep(), dormancy=a_dormancy(2)), "campaign")

    assert known.result is Result.WAIT
    assert known.evidence == "dormant (campaignStatus TCR_SUSPENDED); assignments to wake it: 2 of 3"


@pytest.mark.parametrize(
    ("phase", "evidence"),
    [
        (CampaignPhase.SUSPENDED, "suspended (campaignStatus MNO_PROVISIONED): T-Mobile suspended it"),
        (CampaignPhase.IN_REVIEW, "in_review (campaignStatus MNO_PROVISIONED)"),
    ],
)
def test_a_suspension_names_its_cause_and_a_review_says_nothing_of_long_ago(
    phase: CampaignPhase, evidence: str
) -> None:
    read = replace(a_campaign(phase, status="MNO_PROVISIONED"), failure="T-Mobile suspended it")

    assert check(replace(FACTS, campaign=read), "campaign").evidence == evidence
