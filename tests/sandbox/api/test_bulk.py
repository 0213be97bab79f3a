"""All numbers of a messaging profile go onto a campaign as one task, each as if it had been asked for by itself."""

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.holdings import PROFILE
from tests.sandbox.stage import (
    CAMPAIGN,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    code,
    content,
)

PATH = "/v2/10dlc/phoneNumberAssignmentByProfile"


def test_some_fail_and_the_others_are_assigned() -> None:
    telnyx = Telnyx(Behaviour(assignment_seconds=1))
    refused, failing, off_the_profile = "+12025550001", "+12025550002", "+12025550003"
    for number in (refused, failing):
        telnyx.emulator.add_number(number)
    telnyx.emulator.add_number(off_the_profile, messaging_profile_id=None)
    telnyx.emulator.fail_next(refused, "refuse")
    telnyx.emulator.fail_next(failing, "assignment")
    telnyx.assign(OTHER_NUMBER, OTHER_CAMPAIGN)

    begun = telnyx.ask("POST", PATH, {"messagingProfileId": PROFILE, "campaignId": CAMPAIGN})
    task = content(begun)["taskId"]

    assert begun.status == 202
    assert content(begun) == {"messagingProfileId": PROFILE, "campaignId": CAMPAIGN, "taskId": task}
    assert content(telnyx.ask("GET", f"{PATH}/{task}"))["status"] == "processing"
    telnyx.wait(1)
    assert content(telnyx.ask("GET", f"{PATH}/{task}"))["status"] == "completed"
    numbers = content(telnyx.ask("GET", f"{PATH}/{task}/phoneNumbers"))
    assert numbers.keys() == {"records"}
    assert {one["phoneNumber"]: one["status"] for one in numbers["records"]} == {
        NUMBER: "completed",
        failing: "failed",
        refused: "failed",
        OTHER_NUMBER: "failed",
    }
    assert telnyx.emulator.assignments()[OTHER_NUMBER].campaign_id == OTHER_CAMPAIGN


def test_a_shared_campaign_goes_by_its_tcr_id() -> None:
    telnyx = Telnyx()

    begun = telnyx.ask("POST", PATH, {"messagingProfileId": PROFILE, "tcrCampaignId": SHARED_CAMPAIGN})

    assert content(begun)["tcrCampaignId"] == SHARED_CAMPAIGN
    assert {one.campaign_id for one in telnyx.emulator.assignments().values()} == {SHARED_CAMPAIGN}


def test_a_task_whose_numbers_are_all_refused_has_failed() -> None:
    telnyx = Telnyx()
    telnyx.emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", telnyx.now)

    begun = telnyx.ask("POST", PATH, {"messagingProfileId": PROFILE, "campaignId": CAMPAIGN})

    assert content(telnyx.ask("GET", f"{PATH}/{content(begun)['taskId']}"))["status"] == "failed"


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"messagingProfileId": "no-such", "campaignId": CAMPAIGN}, (404, "10005")),
        ({"messagingProfileId": PROFILE, "campaignId": "no-such"}, (404, "10005")),
        ({"messagingProfileId": PROFILE, "campaignId": SHARED_CAMPAIGN}, (404, "10005")),
        ({"messagingProfileId": PROFILE, "tcrCampaignId": "CAAAAAA"}, (404, "10005")),
        ({"messagingProfileId": PROFILE, "campaignId": CAMPAIGN, "tcrCampaignId": SHARED_CAMPAIGN}, (400, "10015")),
        ({"messagingProfileId": PROFILE}, (400, "10015")),
    ],
)
def test_what_makes_no_sense_is_refused(wish: Json, refusal: tuple[int, str]) -> None:
    assert code(Telnyx().ask("POST", PATH, wish)) == refusal


def test_a_task_that_never_was_is_404() -> None:
    for path in (f"{PATH}/no-such", f"{PATH}/no-such/phoneNumbers"):
        assert code(Telnyx().ask("GET", path)) == (404, "10005")
