"""What a client has learned is bounded, and one spelling is given up for the other at most once."""

from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.telnyx.calls import ASSIGNMENTS, LEGACY_ASSIGNMENTS
from reconciler.telnyx.known import MAX_CAMPAIGNS, MAX_ELSEWHERE, Known
from tests.telnyx.scripted import NOW, StoppedClock

OWN = CampaignId("3008dd9f-66d7-40e0-bf23-bf2d8d1a96ba")


def known(path: str = ASSIGNMENTS) -> Known:
    return Known(StoppedClock(), path)


def test_the_other_spelling_of_either_is_the_one_left() -> None:
    assert known().other_spelling == LEGACY_ASSIGNMENTS
    assert known(LEGACY_ASSIGNMENTS).other_spelling == ASSIGNMENTS
    assert known(f"/{LEGACY_ASSIGNMENTS}").other_spelling == ASSIGNMENTS


def test_there_is_no_way_back_to_a_spelling_that_was_given_up() -> None:
    one = known()

    one.respell(LEGACY_ASSIGNMENTS)

    assert (one.assignment_path, one.other_spelling) == (LEGACY_ASSIGNMENTS, None)


def test_a_campaign_without_ids_is_not_learned() -> None:
    one = known()

    one.learn(Campaign(CampaignId("C6X6M95"), CampaignPhase.UNKNOWN, NOW))

    assert one.id_at_telnyx(CampaignId("C6X6M95")) == "C6X6M95"


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    one = known()
    campaigns = [CampaignId(f"named-{index}") for index in range(MAX_CAMPAIGNS + 1)]
    numbers = [PhoneNumber(f"+1{2020000000 + index}") for index in range(MAX_ELSEWHERE + 1)]

    one.learn(*(Campaign(campaign, CampaignPhase.APPROVED, NOW, telnyx_id=OWN) for campaign in campaigns))
    for number in numbers:
        one.look_elsewhere(number)

    assert [one.id_at_telnyx(campaign) for campaign in campaigns[:2]] == [campaigns[0], OWN]
    assert [one.is_elsewhere(number) for number in numbers[:2]] == [False, True]
