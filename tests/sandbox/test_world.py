"""What becomes of campaigns and numbers in the emulated account, and what can be made to fail."""

import json

import pytest

from reconciler.sandbox.behaviour import Behaviour
from tests.sandbox.stage import (
    CAMPAIGN,
    HOOK,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    PATH,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    code,
    content,
    told,
)


class TestCampaigns:
    def test_are_read_by_their_telnyx_id_and_shared_ones_by_their_tcr_id(self) -> None:
        telnyx = Telnyx()
        telnyx.assign(campaign=SHARED_CAMPAIGN)

        campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))
        assert (campaign["campaignStatus"], campaign["tcrCampaignId"]) == ("MNO_PROVISIONED", "CAAAAAA")
        assert campaign["webhookURL"] == HOOK
        shared = content(telnyx.ask("GET", f"/v2/10dlc/partner_campaigns/{SHARED_CAMPAIGN}"))
        assert shared["assignedPhoneNumbersCount"] == 1
        for path in ("campaign/CAAAAAA", f"campaign/{SHARED_CAMPAIGN}", "partner_campaigns/CAAAAAA"):
            assert code(telnyx.ask("GET", f"/v2/10dlc/{path}")) == (404, "10005")

    def test_are_active_long_before_they_are_approved(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TELNYX_FAILED", telnyx.now)

        campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))

        assert (campaign["status"], campaign["campaignStatus"]) == ("ACTIVE", "TELNYX_FAILED")

    def test_are_listed_by_brand(self) -> None:
        telnyx = Telnyx()
        brands = content(telnyx.ask("GET", "/v2/10dlc/brand"))["records"]

        assert isinstance(brands, list)
        listed = [content(telnyx.ask("GET", "/v2/10dlc/campaign", brandId=brand["brandId"])) for brand in brands]

        assert [page["totalRecords"] for page in listed] == [1, 1]
        assert telnyx.ask("GET", "/v2/10dlc/campaign").status == 422

    @pytest.mark.parametrize(
        ("status", "events"),
        [
            ("TCR_ACCEPTED", [("TCR_EVENT", "")]),
            ("TCR_FAILED", [("REGISTRATION", "failed")]),
            ("MNO_PENDING", [("TELNYX_REVIEW", "ACCEPTED")]),
            ("TELNYX_FAILED", [("TELNYX_REVIEW", "REJECTED")]),
            ("MNO_REJECTED", [("MNO_REVIEW", "REJECTED")]),
            ("MNO_PROVISIONED", [("MNO_REVIEW", "ACCEPTED"), ("VERIFIED", "")]),
            ("TCR_SUSPENDED", [("TCR_EVENT", "")]),
            ("TCR_EXPIRED", [("TCR_EVENT", "")]),
            ("A_NEW_WORD", []),
        ],
    )
    def test_tell_what_becomes_of_them(self, status: str, events: list[tuple[str, str]]) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_campaign_status("CAAAAAA", status, telnyx.now)

        assert told(telnyx.wait(0)) == events

    def test_dormancy_is_told_as_such(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)

        assert told(telnyx.wait(0)) == [("TELNYX_EVENT", "DORMANT")]

    def test_without_a_webhook_address_nobody_is_told(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.approve(OTHER_CAMPAIGN, telnyx.now)

        assert telnyx.wait(0) == []

    def test_two_of_one_tcr_id_cannot_be(self) -> None:
        with pytest.raises(ValueError, match="TCR id"):
            Telnyx().emulator.add_campaign("another", tcr_campaign_id="CAAAAAA")


class TestFailing:
    def test_an_assignment_fails_with_its_reason_and_may_be_asked_for_again(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=10))
        telnyx.emulator.fail_next(NUMBER, "assignment", reason="Longcode limit exceeded")
        telnyx.assign()

        deliveries = telnyx.wait(10)

        assert told(deliveries) == [("ASSIGNMENT", "failed")]
        assert json.loads(deliveries[0].body)["data"]["payload"]["reasons"] == ["Longcode limit exceeded"]
        record = content(telnyx.read())
        assert record["assignmentStatus"] == "FAILED_ASSIGNMENT"
        assert record["failureReasons"] == "Longcode limit exceeded"
        assert content(telnyx.assign())["assignmentStatus"] == "PENDING_ASSIGNMENT"
        telnyx.wait(10)
        assert content(telnyx.read())["assignmentStatus"] == "ASSIGNED"

    def test_a_refusal_has_the_status_and_code_that_were_ordered(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.fail_next(NUMBER, "refuse", status=402, code="20100", reason="No funds")

        assert code(telnyx.assign()) == (402, "20100")
        assert telnyx.assign(OTHER_NUMBER).status == 200
        assert telnyx.assign().status == 200

    def test_one_carrier_fails_while_the_number_is_assigned(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=1, carrier_seconds=1))
        telnyx.emulator.fail_next(NUMBER, "carrier", reason="Campaign is not Deployed.", carrier="non_tmobile")
        telnyx.assign()

        assert told(telnyx.wait(2))[1:] == [("STATUS_UPDATE", "ADDED"), ("STATUS_UPDATE", "FAILED")]
        record = content(telnyx.read())
        assert record["assignmentStatus"] == "ASSIGNED"
        assert record["tmobileNumberMappingStatus"] == "ADDED"
        assert record["nonTmobileNumberMappingStatus"] == "FAILED"
        assert (record["failureReasons"], record["errors"]) == (None, "Campaign is not Deployed.")

    def test_a_removal_fails(self) -> None:
        telnyx = Telnyx(Behaviour(removal_seconds=1))
        telnyx.emulator.assign_by_hand(NUMBER, CAMPAIGN)
        telnyx.emulator.fail_next(NUMBER, "removal", reason="Locked")
        telnyx.ask("DELETE", f"{PATH}/{NUMBER}")

        assert told(telnyx.wait(1)) == [("DELETION", "failed")]
        assert content(telnyx.read())["assignmentStatus"] == "FAILED_UNASSIGNMENT"

    def test_happens_as_often_as_ordered_or_until_cleared(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.fail_next(NUMBER, "refuse", times=2)
        telnyx.emulator.fail_next(OTHER_NUMBER, "refuse", times=None)

        assert [telnyx.assign().status for _ in range(3)] == [400, 400, 200]
        assert [telnyx.assign(OTHER_NUMBER).status for _ in range(3)] == [400, 400, 400]
        telnyx.emulator.clear_failures(OTHER_NUMBER)
        assert telnyx.assign(OTHER_NUMBER).status == 200

    @pytest.mark.parametrize("wrong", [{"kind": "other"}, {"status": 200}, {"carrier": "any"}, {"times": 0}])
    def test_what_could_not_happen_is_not_ordered(self, wrong: Json) -> None:
        with pytest.raises(ValueError, match=r"status is|carrier is|times is|is not a valid FailureKind"):
            Telnyx().emulator.fail_next(NUMBER, **wrong)


def test_what_is_not_there_is_said_and_changes_nothing() -> None:
    emulator = Telnyx().emulator

    with pytest.raises(LookupError, match="no campaign"):
        emulator.approve("no-such", 0)
    with pytest.raises(LookupError, match="no campaign"):
        emulator.assign_by_hand(NUMBER, "no-such")
    with pytest.raises(LookupError, match="no number"):
        emulator.assign_by_hand("+12025559999", CAMPAIGN)
    with pytest.raises(LookupError, match="on no campaign"):
        emulator.remove_by_hand(NUMBER, 0)
    assert dict(emulator.assignments()) == {}
