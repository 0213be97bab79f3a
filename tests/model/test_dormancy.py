"""A dormancy: when it is tried, when it is looked at, and when a person is asked."""

from __future__ import annotations

from datetime import datetime

import pytest

from reconciler.model.dormancy import Dormancy
from reconciler.model.fleet import CampaignPhase
from tests.builders import CAMPAIGN, HOUR, MINUTE, NOW, PATIENCE, SECOND, a_campaign, a_dormancy, a_look

SUSPENDED = a_campaign(CampaignPhase.SUSPENDED, status="TCR_SUSPENDED")


@pytest.mark.parametrize(
    ("dormancy", "due_at", "ends_at"),
    [
        (a_dormancy(told_at=NOW), NOW, None),
        (a_dormancy(1, NOW), NOW + 2 * MINUTE, None),
        (a_dormancy(2, NOW), NOW + 10 * MINUTE, None),
        (a_dormancy(3, NOW), None, NOW + HOUR),
        (a_dormancy(7, NOW), None, NOW + HOUR),
    ],
)
def test_three_tries_have_their_time(dormancy: Dormancy, due_at: datetime | None, ends_at: datetime | None) -> None:
    assert (dormancy.due_at, dormancy.ends_at) == (due_at, ends_at)


@pytest.mark.parametrize(
    ("dormancy", "next_at"),
    [
        (a_dormancy(), None),
        (a_dormancy(1, NOW), NOW + 90 * SECOND),
        (a_dormancy(1, NOW - 90 * SECOND), NOW + 30 * SECOND),
        (a_dormancy(1, NOW - 2 * MINUTE), None),
        (a_dormancy(3, NOW - 2 * MINUTE), NOW + 58 * MINUTE),
        (a_dormancy(3, NOW - HOUR), None),
    ],
)
def test_it_is_looked_at_after_a_try_and_when_the_next_is_due(dormancy: Dormancy, next_at: datetime | None) -> None:
    assert dormancy.next_at(NOW, PATIENCE.wake_look) == next_at


def test_only_the_event_and_the_reading_together_make_it_dormant() -> None:
    assert SUSPENDED.given(a_dormancy()).phase is CampaignPhase.DORMANT
    assert SUSPENDED.given(None) == SUSPENDED
    assert SUSPENDED.given(a_dormancy()).given(None) == SUSPENDED
    for other in (a_campaign(), a_campaign(CampaignPhase.SUSPENDED, status="MNO_PROVISIONED")):
        assert other.given(a_dormancy()) == other


def test_after_the_last_try_had_its_time_a_reading_is_a_suspension_again() -> None:
    tried = a_dormancy(3, NOW - HOUR)

    assert SUSPENDED.given(tried) == SUSPENDED
    assert a_campaign(CampaignPhase.SUSPENDED, CAMPAIGN, NOW - SECOND, "TCR_SUSPENDED").given(tried).phase == "dormant"


def test_a_look_is_taken_in_the_light_of_it() -> None:
    look = a_look(campaigns=[SUSPENDED])

    assert look.given({CAMPAIGN: a_dormancy()}).campaigns[CAMPAIGN].phase is CampaignPhase.DORMANT
    assert look.given({}) == look
