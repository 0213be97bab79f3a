"""Why a number does or does not send, link by link, each with its evidence and its age."""

from dataclasses import replace

import pytest

from reconciler.decide.explain import explain
from reconciler.decide.phase import phase
from reconciler.model.fleet import AssignmentState, CampaignPhase, CarrierState
from reconciler.model.operations import Step
from reconciler.model.reasons import Reason
from reconciler.model.standing import Check, Explanation, Facts, Result
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    HOUR,
    MINUTE,
    NOW,
    NUMBER,
    a_campaign,
    a_halt,
    a_pool,
    a_sighting,
    an_assignment,
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

    assert said(stranger).message == "It is on this campaign and in no pool."


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
