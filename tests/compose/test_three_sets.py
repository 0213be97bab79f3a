"""Drift from three sets: wanted (D), on the campaign (A), on the messaging profile (P); each class and its answer."""

from itertools import product
from typing import TypeAlias

import pytest

from reconciler.compose.rounds import conclude
from reconciler.model.fleet import Observed
from reconciler.model.ids import CampaignId, ProfileId
from reconciler.model.plan import Action, Assign, AttachProfile
from reconciler.model.reasons import Reason
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    NUMBER,
    OTHER,
    OTHER_PROFILE,
    PATIENCE,
    POOL,
    PROFILE,
    a_line,
    a_listing,
    a_look,
    a_memory,
    a_pool,
    a_profile,
    a_single,
    an_assignment,
    asked,
    desired,
    on_profile,
)

Answer: TypeAlias = Action | Reason
ASSIGN = Assign(NUMBER, POOL, CAMPAIGN)
ATTACH = AttachProfile(NUMBER, POOL, CAMPAIGN, PROFILE)
CONFLICT: dict[str, Answer] = {"conflict": Reason.FOREIGN_ASSIGNMENT}
OFF: dict[str, Answer] = {"off_profile": Reason.OFF_PROFILE}
EXTRA: dict[str, Answer] = {"extra": Reason.EXTRA_UNOWNED}

# (wanted, on which campaign, on which profile): each class with its answer. Where the profile has no number pool:
TABLE: dict[tuple[bool, CampaignId | None, ProfileId | None], dict[str, Answer]] = {
    (True, None, PROFILE): {"missing": ASSIGN},
    (True, None, None): {"missing_prerequisite": ATTACH},
    (True, None, OTHER_PROFILE): {"other_profile": Reason.OTHER_PROFILE},
    (True, CAMPAIGN, PROFILE): {},
    (True, CAMPAIGN, None): OFF,
    (True, CAMPAIGN, OTHER_PROFILE): OFF,
    (True, FOREIGN, PROFILE): CONFLICT,
    (True, FOREIGN, None): CONFLICT,
    (True, FOREIGN, OTHER_PROFILE): CONFLICT,
    (False, None, PROFILE): {},
    (False, None, None): {},
    (False, None, OTHER_PROFILE): {},
    (False, CAMPAIGN, PROFILE): EXTRA,
    (False, CAMPAIGN, None): EXTRA,
    (False, CAMPAIGN, OTHER_PROFILE): EXTRA,
    (False, FOREIGN, PROFILE): {},
    (False, FOREIGN, None): {},
    (False, FOREIGN, OTHER_PROFILE): {},
}
MIXED: dict[str, Answer] = {"mixed_campaigns": Reason.MIXED_CAMPAIGNS}
POOLED: dict[tuple[bool, CampaignId | None, ProfileId | None], dict[str, Answer]] = {
    (False, None, PROFILE): {"uncovered_sender": Reason.UNCOVERED_SENDER},
    (True, FOREIGN, PROFILE): MIXED,
    (False, FOREIGN, PROFILE): MIXED,
}
"""What a number pool adds."""


def seen(campaign: CampaignId | None, profile: ProfileId | None, *, pooled: bool) -> Observed:
    """A whole look at one number, and at another one that is in sync."""
    found = None if campaign is None else an_assignment(campaign=campaign)
    listed = [an_assignment(OTHER), *([found] if found and campaign == CAMPAIGN else [])]
    return a_look(
        a_listing(*listed),
        singles=[] if campaign == CAMPAIGN else [a_single(NUMBER, found)],
        profiles=[a_profile(pooled=pooled)],
        rosters=[on_profile(OTHER, *([NUMBER] if profile == PROFILE else []))],
        lines=[] if profile == PROFILE else [a_line(NUMBER, profile)],
    )


BESIDE = {"extra", "mixed_campaigns", "uncovered_sender"}


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize(("wanted", "campaign", "profile"), TABLE)
def test_each_combination_has_its_class_and_its_answer(
    *, wanted: bool, campaign: CampaignId | None, profile: ProfileId | None, pooled: bool
) -> None:
    pool = a_pool(*([NUMBER, OTHER] if wanted else [OTHER]), profile=PROFILE)
    expected = TABLE[wanted, campaign, profile] | (POOLED.get((wanted, campaign, profile), {}) if pooled else {})

    done = conclude(
        desired(pool), (asked(),), seen(campaign, profile, pooled=pooled), a_memory(), PATIENCE, NOW, NOW, 0.5
    )

    assert {name: count for name, count in done.checks[0].drift.items() if count} == dict.fromkeys(expected, 1)
    assert {*done.plan.actions, *(hold.reason for hold in done.plan.holds)} == set(expected.values())
    assert done.plan.unchanged == len(pool.numbers) - len(expected.keys() - BESIDE)
    assert done.plan.complete
    assert done.actions == done.plan.actions


def test_the_table_leaves_no_combination_out() -> None:
    assert set(TABLE) == set(product((True, False), (None, CAMPAIGN, FOREIGN), (None, PROFILE, OTHER_PROFILE)))
    assert POOLED.keys() <= TABLE.keys()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("profile", [None, PROFILE, OTHER_PROFILE])
@pytest.mark.parametrize(("campaign", "expected"), [(None, {"missing": 1}), (CAMPAIGN, {}), (FOREIGN, {"conflict": 1})])
def test_for_a_pool_that_names_no_profile_the_third_set_plays_no_part(
    *, campaign: CampaignId | None, profile: ProfileId | None, pooled: bool, expected: dict[str, int]
) -> None:
    look = seen(campaign, profile, pooled=pooled)

    done = conclude(desired(a_pool(NUMBER, OTHER)), (asked(),), look, a_memory(), PATIENCE, NOW, NOW, 0.5)

    assert {name: count for name, count in done.checks[0].drift.items() if count} == expected
    assert done.actions == ((ASSIGN,) if campaign is None else ())
