"""Assigning a number, moving it and taking it off go as Telnyx is known to do it, by both spellings of the path."""

import json

import pytest

from reconciler.sandbox.behaviour import Behaviour
from tests.sandbox.stage import (
    CAMPAIGN,
    LEGACY_PATH,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    PATH,
    SHARED_CAMPAIGN,
    Telnyx,
    code,
    content,
    detail,
    told,
)


class TestAssigning:
    def test_takes_its_time_and_tells_each_step(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=10, carrier_seconds=5))

        assert content(telnyx.assign())["assignmentStatus"] == "PENDING_ASSIGNMENT"
        assert telnyx.wait(9) == []
        assert content(telnyx.read())["tmobileNumberMappingStatus"] == "PENDING"

        assert told(telnyx.wait(1)) == [("ASSIGNMENT", "success")]
        assert content(telnyx.read())["assignmentStatus"] == "ASSIGNED"
        assert content(telnyx.read())["nonTmobileNumberMappingStatus"] == "PENDING"

        assert told(telnyx.wait(5)) == [("STATUS_UPDATE", "ADDED"), ("STATUS_UPDATE", "ADDED")]
        assert content(telnyx.read())["tmobileNumberMappingStatus"] == "ADDED"
        assert telnyx.emulator.next_due(telnyx.now) is None

    def test_a_late_tick_catches_up_each_step_at_its_own_time(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=10, carrier_seconds=5))
        telnyx.assign()

        occurred = [json.loads(delivery.body)["data"]["occurred_at"] for delivery in telnyx.wait(100)]

        assert [time[17:19] for time in occurred] == ["30", "35", "35"]

    def test_reading_lets_time_pass_too(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=10))
        telnyx.assign()
        telnyx.now += 10

        assert content(telnyx.read())["assignmentStatus"] == "ASSIGNED"

    def test_before_approval_is_10036(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", telnyx.now)

        assert code(telnyx.assign()) == (400, "10036")
        assert telnyx.read().status == 404

    def test_an_unknown_number_or_campaign_is_404(self) -> None:
        telnyx = Telnyx()

        assert code(telnyx.assign(number="+12025559999")) == (404, "10005")
        assert code(telnyx.assign(campaign="no-such")) == (404, "10005")

    def test_a_campaign_of_ours_is_not_assigned_by_its_tcr_id_but_a_shared_one_is(self) -> None:
        telnyx = Telnyx()

        assert code(telnyx.assign(campaign="CAAAAAA")) == (404, "10005")
        record = content(telnyx.assign(campaign=SHARED_CAMPAIGN))
        assert (record["campaignId"], record["telnyxCampaignId"], record["brandId"]) == (
            SHARED_CAMPAIGN,
            "",
            "",
        )

    def test_what_the_page_calls_troubles_is_refused_in_its_words(self) -> None:
        telnyx = Telnyx()
        stranger, loose, free_of_charge, abroad = "+12025559999", "+12025550001", "+18005550001", "+14165550001"
        telnyx.emulator.add_number(loose, messaging_profile_id=None)
        telnyx.emulator.add_number(free_of_charge, phone_number_type="toll_free")
        telnyx.emulator.add_number(abroad, country="CA")
        telnyx.assign(OTHER_NUMBER, OTHER_CAMPAIGN)

        replies = [telnyx.assign(number) for number in (NUMBER, stranger, loose, free_of_charge, abroad, OTHER_NUMBER)]

        assert [reply.status for reply in replies] == [200, 404, 400, 400, 400, 400]
        assert [detail(reply) for reply in replies[1:]] == [
            f"Number not found: {stranger}",
            f"Number not assigned to a messaging profile: {loose}",
            f"Only US long code numbers can be on a campaign: {free_of_charge}",
            f"Only US long code numbers can be on a campaign: {abroad}",
            "Longcode cannot be added/deleted as it is already associated with another campaign.",
        ]

    def test_needs_a_messaging_profile(self) -> None:
        telnyx = Telnyx()
        telnyx.emulator.add_number(NUMBER, messaging_profile_id=None)

        assert code(telnyx.assign()) == (400, "10015")
        assert "not assigned to a messaging profile" in detail(telnyx.assign())

    def test_twice_is_a_duplicate(self) -> None:
        telnyx = Telnyx()
        telnyx.assign()

        assert code(telnyx.assign()) == (400, "10012")
        assert "already assigned to campaign" in detail(telnyx.assign())
        assert telnyx.emulator.posts(NUMBER) == 3

    def test_on_another_campaign_is_a_duplicate_with_the_carriers_words(self) -> None:
        telnyx = Telnyx()
        telnyx.assign(campaign=OTHER_CAMPAIGN)

        assert code(telnyx.assign()) == (400, "10012")
        assert "already associated with another campaign" in detail(telnyx.assign())
        assert telnyx.emulator.assignments()[NUMBER].campaign_id == OTHER_CAMPAIGN

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"phoneNumber":"+12025550123"}', b'{"campaignId":7}'])
    def test_a_body_that_says_too_little_is_400(self, body: bytes) -> None:
        telnyx = Telnyx()
        headers = {"authorization": "Bearer KEY-sandbox"}

        assert code(telnyx.emulator.apply("POST", PATH, [], body, telnyx.now, headers)) == (400, "10015")


class TestLeaving:
    def test_takes_its_time(self) -> None:
        telnyx = Telnyx(Behaviour(removal_seconds=3))
        telnyx.emulator.assign_by_hand(NUMBER, CAMPAIGN)

        first = telnyx.ask("DELETE", f"{PATH}/{NUMBER}")
        assert content(first)["assignmentStatus"] == "PENDING_UNASSIGNMENT"
        assert telnyx.wait(2) == []
        assert telnyx.ask("DELETE", f"{PATH}/{NUMBER}").body == first.body
        assert telnyx.assign().status == 400

        assert told(telnyx.wait(1)) == [("DELETION", "success")]
        assert code(telnyx.read()) == (404, "10005")
        assert code(telnyx.ask("DELETE", f"{PATH}/{NUMBER}")) == (404, "10005")

    def test_by_put_goes_to_another_campaign(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=3))
        telnyx.emulator.assign_by_hand(NUMBER, CAMPAIGN)

        moved = telnyx.ask("PUT", f"{PATH}/{NUMBER}", {"phoneNumber": NUMBER, "campaignId": OTHER_CAMPAIGN})

        assert content(moved)["campaignId"] == OTHER_CAMPAIGN
        assert told(telnyx.wait(3)) == [("DELETION", "success")]  # the other campaign has no webhook
        assert content(telnyx.read())["assignmentStatus"] == "ASSIGNED"

    def test_by_put_is_refused_where_a_post_would_be(self) -> None:
        telnyx = Telnyx()
        wish = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}

        assert code(telnyx.ask("PUT", f"{PATH}/{NUMBER}", wish)) == (404, "10005")
        telnyx.emulator.assign_by_hand(NUMBER, CAMPAIGN)
        assert code(telnyx.ask("PUT", f"{PATH}/{NUMBER}", wish)) == (400, "10012")
        assert code(telnyx.ask("PUT", f"{PATH}/{NUMBER}", wish | {"phoneNumber": OTHER_NUMBER})) == (
            400,
            "10015",
        )

    def test_by_hand_is_at_once_and_told_only_if_asked(self) -> None:
        telnyx = Telnyx()
        for announce, expected in ((False, []), (True, [("DELETION", "success")])):
            telnyx.emulator.assign_by_hand(NUMBER, "CAAAAAA", telnyx.now)
            telnyx.emulator.remove_by_hand(NUMBER, telnyx.now, announce=announce)
            assert telnyx.read().status == 404
            assert told(telnyx.wait(0)) == expected

    def test_by_hand_ends_what_was_under_way(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=10))
        telnyx.assign()
        telnyx.emulator.remove_by_hand(NUMBER, telnyx.now)

        assert told(telnyx.wait(5)) == []
        assert telnyx.read().status == 404

        telnyx.assign()
        assert told(telnyx.wait(5)) == []  # the first request's time
        assert told(telnyx.wait(5)) == [("ASSIGNMENT", "success")]


class TestLegacyPath:
    def test_is_the_same_by_another_name(self) -> None:
        telnyx = Telnyx(Behaviour(assignment_seconds=1, removal_seconds=1))
        wish = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}
        item = f"{LEGACY_PATH}/+{NUMBER[1:]}"

        assert content(telnyx.ask("POST", LEGACY_PATH, wish))["assignmentStatus"] == "PENDING_ASSIGNMENT"
        telnyx.wait(1)
        assert content(telnyx.ask("GET", item)) == content(telnyx.read())
        wish["campaignId"] = OTHER_CAMPAIGN
        assert content(telnyx.ask("PUT", item, wish))["campaignId"] == OTHER_CAMPAIGN
        assert content(telnyx.ask("DELETE", item))["assignmentStatus"] == "PENDING_UNASSIGNMENT"
        telnyx.wait(1)
        assert code(telnyx.ask("GET", item)) == (404, "10005")

    def test_lists_without_a_sort(self) -> None:
        telnyx = Telnyx()
        for number in (NUMBER, OTHER_NUMBER):
            telnyx.assign(number)
            telnyx.now += 1

        for sort in ("phoneNumber", "no-such"):
            listed = content(telnyx.ask("GET", LEGACY_PATH, sort=sort))
            assert [one["phoneNumber"] for one in listed["records"]] == [OTHER_NUMBER, NUMBER]
        assert content(telnyx.ask("GET", LEGACY_PATH, filter_telnyx_campaign_id="none"))["totalRecords"] == 0
        assert content(telnyx.ask("GET", LEGACY_PATH, filter_campaignId="none"))["totalRecords"] == 2
