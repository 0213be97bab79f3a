"""The plan's answers about profiles, records and claims; and whole worlds of them: every drift has its answer."""

from dataclasses import replace

import pytest

from reconciler.decide.plan import plan
from reconciler.model.drift import (
    Claimed,
    Drift,
    Ineligible,
    MissingPrerequisite,
    MixedCampaigns,
    OffProfile,
    OtherProfile,
    UncoveredSender,
    Unproven,
)
from reconciler.model.fleet import CampaignPhase, Observed
from reconciler.model.ids import PoolName
from reconciler.model.lines import ByTags, Selected
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Action, AttachProfile, Hold, Plan
from reconciler.model.pools import Desired, Mode, OnMissingProfile
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    POOL,
    PROFILE,
    a_campaign,
    a_listing,
    a_look,
    a_memory,
    a_number,
    a_pool,
    an_attachment,
    an_operation,
    desired,
    on_profile,
)

ZETA = PoolName("zeta")
LOOK = a_look(a_listing())
NO_PROFILE = MissingPrerequisite(NUMBER, POOL, CAMPAIGN, PROFILE)
ATTACH = AttachProfile(NUMBER, POOL, CAMPAIGN, PROFILE)


def planned(*drifts: Drift, look: Observed = LOOK, memory: Memory | None = None, wanted: Desired | None = None) -> Plan:
    """The plan for these drifts."""
    return plan(wanted or desired(a_pool(profile=PROFILE)), look, drifts, memory or a_memory())


def the_answer(
    drift: Drift, memory: Memory | None = None, look: Observed = LOOK, wanted: Desired | None = None
) -> Action | Hold:
    """The plan's only answer."""
    made = planned(drift, look=look, memory=memory, wanted=wanted)
    answers: list[Action | Hold] = [*made.actions, *made.holds]
    (answer,) = answers
    return answer


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (OnMissingProfile.ATTACH, ATTACH),
        (OnMissingProfile.FAIL, Hold(NUMBER, POOL, Reason.PROFILE_MISSING, "left so by `on_missing_profile: fail`")),
        (OnMissingProfile.SKIP, Hold(NUMBER, POOL, Reason.PROFILE_MISSING, "left so by `on_missing_profile: skip`")),
    ],
)
def test_a_number_on_no_profile_is_attached_if_the_policy_says_so(
    policy: OnMissingProfile, answer: Action | Hold
) -> None:
    wanted = desired(a_pool(profile=PROFILE, on_missing_profile=policy))

    assert the_answer(NO_PROFILE, wanted=wanted) == answer


@pytest.mark.parametrize("policy", OnMissingProfile)
def test_nothing_is_attached_before_its_campaign_is_approved(policy: OnMissingProfile) -> None:
    """The profile's number pool would send from it at once, and no campaign would cover it."""
    look = a_look(a_listing(), campaigns=[a_campaign(CampaignPhase.IN_REVIEW, status="MNO_PENDING")])
    wanted = desired(a_pool(profile=PROFILE, on_missing_profile=policy))

    assert the_answer(NO_PROFILE, look=look, wanted=wanted) == Hold(
        NUMBER, POOL, Reason.CAMPAIGN_IN_REVIEW, "campaignStatus is MNO_PENDING"
    )


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (an_attachment(Step.SENT), Reason.REQUEST_OPEN),
        (an_attachment(Step.UNRESOLVED), Reason.OUTCOME_UNKNOWN),
        (an_operation(Step.UNRESOLVED), Reason.OUTCOME_UNKNOWN),
        (an_attachment(Step.BLOCKED, reason=Reason.REQUEST_REFUSED), Reason.REQUEST_REFUSED),
    ],
)
def test_while_something_is_open_for_it_it_is_held_for_that(operation: Operation, reason: Reason) -> None:
    """Whatever is open, and whatever is due: one request at a time."""
    answer = the_answer(NO_PROFILE, a_memory(operations=[operation]))

    assert isinstance(answer, Hold)
    assert answer.reason is reason


@pytest.mark.parametrize(
    ("drift", "reason", "detail"),
    [
        (
            OtherProfile(NUMBER, POOL, CAMPAIGN, PROFILE, OTHER_PROFILE),
            Reason.OTHER_PROFILE,
            f"on messaging profile {OTHER_PROFILE}, not {PROFILE}",
        ),
        (
            OffProfile(NUMBER, POOL, CAMPAIGN, PROFILE, OTHER_PROFILE),
            Reason.OFF_PROFILE,
            f"on messaging profile {OTHER_PROFILE}, not {PROFILE}",
        ),
        (
            OffProfile(NUMBER, POOL, CAMPAIGN, PROFILE, None),
            Reason.OFF_PROFILE,
            f"on no messaging profile, not {PROFILE}",
        ),
        (
            UncoveredSender(OTHER, POOL, CAMPAIGN, PROFILE),
            Reason.UNCOVERED_SENDER,
            f"on messaging profile {PROFILE} and on no campaign",
        ),
        (
            MixedCampaigns(OTHER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 3}),
            Reason.MIXED_CAMPAIGNS,
            f"messaging profile {PROFILE} has 3 on campaign {FOREIGN}",
        ),
        (
            Ineligible(NUMBER, POOL, CAMPAIGN, Reason.NUMBER_NOT_IN_ACCOUNT, "two reads"),
            Reason.NUMBER_NOT_IN_ACCOUNT,
            "two reads",
        ),
        (Claimed(OTHER, POOL, CAMPAIGN, ZETA), Reason.CLAIMED_ELSEWHERE, "pool zeta has it"),
    ],
)
def test_all_else_is_held_and_says_what_was_found(drift: Drift, reason: Reason, detail: str) -> None:
    assert the_answer(drift) == Hold(drift.number, POOL, reason, detail)


def test_a_pool_that_only_observes_shows_what_it_would_attach() -> None:
    assert the_answer(NO_PROFILE, wanted=desired(a_pool(profile=PROFILE, mode=Mode.OBSERVE))) == ATTACH


def test_what_is_beside_the_pools_own_numbers_leaves_them_unchanged() -> None:
    wanted = desired(a_pool(NUMBER, OTHER, profile=PROFILE))
    beside = (
        MixedCampaigns(NUMBER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 1}),
        UncoveredSender(a_number(1), POOL, CAMPAIGN, PROFILE),
        Unproven(a_number(2), POOL, CAMPAIGN, "unread"),
        Claimed(a_number(3), POOL, CAMPAIGN, ZETA),
    )

    assert planned(*beside, wanted=wanted).unchanged == 2
    assert planned(*beside, OffProfile(NUMBER, POOL, CAMPAIGN, PROFILE, None), wanted=wanted).unchanged == 1


def test_one_number_may_have_several_answers() -> None:
    mixed = MixedCampaigns(NUMBER, POOL, CAMPAIGN, PROFILE, {FOREIGN: 1})

    made = planned(NO_PROFILE, mixed)

    assert (made.actions, [hold.reason for hold in made.holds]) == ((ATTACH,), [Reason.MIXED_CAMPAIGNS])


@pytest.mark.parametrize(
    "look",
    [
        a_look(a_listing(), rosters=[on_profile(complete=False)]),
        a_look(a_listing(), selected=[Selected(ByTags(("acme",)), frozenset(), NOW, complete=False)]),
    ],
)
def test_a_plan_from_a_list_that_was_not_whole_says_so(look: Observed) -> None:
    assert not planned(NO_PROFILE, look=look).complete


def test_the_digest_is_over_the_profile_too() -> None:
    other = replace(NO_PROFILE, profile=OTHER_PROFILE)

    assert planned(NO_PROFILE).digest != planned(other).digest
