"""What becomes of campaigns and numbers in the emulated account, and what can be made to fail."""

import json

import pytest

from reconciler.sandbox.behaviour import Behaviour
from tests.sandbox.stage import CAMPAIGN, NUMBER, OTHER_CAMPAIGN, OTHER_NUMBER, PATH, Json, Telnyx, code, content, told


class TestCampaigns:
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

    def test_a_dormant_one_refuses_a_number_and_wakes(self) -> None:
        telnyx = Telnyx(Behaviour(wake_seconds=60))
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)
        telnyx.wait(3600)
        assert content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))["campaignStatus"] == "TCR_SUSPENDED"

        refused = telnyx.assign()

        assert code(refused) == (400, "10036")
        assert "not Deployed" in refused.body.decode()
        telnyx.wait(30)
        telnyx.assign(OTHER_NUMBER)  # asking again delays nothing
        assert telnyx.wait(29) == []
        assert told(telnyx.wait(1)) == [("MNO_REVIEW", "ACCEPTED"), ("VERIFIED", "")]
        assert telnyx.assign().status == 200

    def test_a_dormant_one_may_never_wake(self) -> None:
        telnyx = Telnyx(Behaviour(wake_seconds=None))
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)
        telnyx.wait(0)

        for _ in range(3):
            assert code(telnyx.assign()) == (400, "10036")
            assert telnyx.wait(3600) == []

    def test_one_that_was_suspended_for_a_cause_does_not_wake(self) -> None:
        telnyx = Telnyx(Behaviour(wake_seconds=1))
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now)
        telnyx.wait(0)

        assert code(telnyx.assign()) == (400, "10036")
        assert telnyx.wait(3600) == []

    def test_what_becomes_of_it_meanwhile_outlasts_its_waking(self) -> None:
        telnyx = Telnyx(Behaviour(wake_seconds=60))
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)
        telnyx.assign()
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_EXPIRED", telnyx.now)
        telnyx.wait(3600)

        assert telnyx.emulator.campaign(CAMPAIGN).status == "TCR_EXPIRED"

    def test_t_mobile_alone_may_suspend_one(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_tmobile_suspension(CAMPAIGN, telnyx.now, on=True)

        shown = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))
        assert (shown["campaignStatus"], shown["isTMobileSuspended"]) == ("MNO_PROVISIONED", True)
        telnyx.emulator.set_tmobile_suspension(CAMPAIGN, telnyx.now, on=False)
        assert content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))["isTMobileSuspended"] is False
        payloads = [json.loads(one.body)["data"]["payload"] for one in telnyx.wait(0)]
        assert [one["eventType"] for one in payloads] == [
            "MNO_CAMPAIGN_OPERATION_SUSPENDED",
            "MNO_CAMPAIGN_OPERATION_UNSUSPENDED",
        ]

    def test_number_pooling_comes_and_goes(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_number_pooling(CAMPAIGN, telnyx.now, on=True)
        telnyx.emulator.set_number_pooling(CAMPAIGN, telnyx.now, on=False)

        assert told(telnyx.wait(0)) == [("NUMBER_POOL_PROVISIONED", ""), ("NUMBER_POOL_DEPROVISIONED", "")]

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


class TestCapacity:
    def test_has_no_limit_unless_one_is_set(self) -> None:
        assert Telnyx().emulator.campaigns()[CAMPAIGN].capacity is None

    @pytest.mark.parametrize(
        ("capacity", "words"),
        [
            (2, "Longcode cannot be added to campaign. Limit exceeded"),
            (1, "Sole Proprietor campaigns can only have one phone number assigned"),
        ],
    )
    def test_one_number_too_many_fails_in_the_carriers_words(self, capacity: int, words: str) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=1))
        telnyx.emulator.limit_numbers(CAMPAIGN, capacity)
        numbers = [f"+1202555000{place}" for place in range(capacity + 1)]
        for number in numbers:
            telnyx.emulator.add_number(number)
            assert telnyx.assign(number).status == 200
        telnyx.wait(1)

        *placed, last = (content(telnyx.read(number)) for number in numbers)
        assert {one["assignmentStatus"] for one in placed} == {"ASSIGNED"}
        assert (last["assignmentStatus"], last["failureReasons"]) == ("FAILED_ASSIGNMENT", words)

        telnyx.emulator.remove_by_hand(numbers[0], telnyx.now)
        telnyx.assign(numbers[-1])
        telnyx.wait(1)
        assert content(telnyx.read(numbers[-1]))["assignmentStatus"] == "ASSIGNED"

    def test_does_not_bind_while_there_is_a_number_pool(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=0))
        telnyx.emulator.limit_numbers(CAMPAIGN, 1)
        telnyx.emulator.set_number_pooling(CAMPAIGN, telnyx.now, on=True)
        telnyx.assign(NUMBER)
        telnyx.assign(OTHER_NUMBER)

        assert content(telnyx.read(OTHER_NUMBER))["assignmentStatus"] == "ASSIGNED"
        telnyx.emulator.set_number_pooling(CAMPAIGN, telnyx.now, on=False)
        assert len(telnyx.numbers(filter_telnyx_campaign_id=CAMPAIGN)) == 2  # those that are there stay

    def test_is_one_at_least(self) -> None:
        with pytest.raises(ValueError, match="capacity is 1 or more"):
            Telnyx().emulator.limit_numbers(CAMPAIGN, 0)


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
    with pytest.raises(LookupError, match="no number"):
        emulator.release_number("+12025559999")
    assert dict(emulator.assignments()) == {}


def test_a_released_number_is_gone_and_comes_back_as_another() -> None:
    telnyx = Telnyx()
    number_id = telnyx.emulator.numbers()[NUMBER].number_id
    telnyx.assign()
    telnyx.emulator.release_number(NUMBER)

    assert telnyx.read().status == telnyx.assign().status == 404
    assert telnyx.ask("GET", f"/v2/phone_numbers/{number_id}").status == 404
    assert told(telnyx.wait(100)) == []
    telnyx.emulator.add_number(NUMBER)
    ids = [number.number_id for number in telnyx.emulator.numbers().values()]
    assert number_id not in ids
    assert len(set(ids)) == len(ids) == 2
