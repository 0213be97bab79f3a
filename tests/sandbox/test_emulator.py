"""The emulator answers as Telnyx is known to: its door, assigning, leaving; and its law, for any story."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.account import AssignmentStatus
from reconciler.sandbox.behaviour import Behaviour
from tests.sandbox.stage import (
    CAMPAIGN,
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


class TestDoor:
    def test_wants_the_key(self) -> None:
        assert code(Telnyx().ask("GET", PATH, key="wrong")) == (401, "10009")

    def test_answers_without_v2_too(self) -> None:
        assert Telnyx().ask("GET", PATH.removeprefix("/v2")).status == 200

    def test_a_wrong_address_is_404_and_a_wrong_method_405(self) -> None:
        telnyx = Telnyx()

        assert code(telnyx.ask("GET", "/v2/10dlc/phoneNumberCampaigns")) == (404, "10005")
        assert telnyx.ask("PATCH", PATH).status == 405
        assert telnyx.ask("DELETE", f"/v2/10dlc/campaign/{CAMPAIGN}").status == 405

    def test_counts_requests_in_a_window(self) -> None:
        telnyx = Telnyx(Behaviour(rate_per_second=2))

        replies = [telnyx.ask("GET", PATH) for _ in range(3)]

        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["1", "0", "0"]
        assert replies[2].headers["x-ratelimit-reset"] == "1"
        assert code(replies[2]) == (429, "10011")
        telnyx.now += 1
        assert telnyx.ask("GET", PATH).status == 200

    def test_less_than_one_a_second_is_a_longer_window(self) -> None:
        telnyx = Telnyx(Behaviour(rate_per_second=0.25))

        assert telnyx.ask("GET", PATH).headers["x-ratelimit-reset"] == "4"
        telnyx.now += 3.9
        assert telnyx.ask("GET", PATH).status == 429
        telnyx.now += 0.1
        assert telnyx.ask("GET", PATH).status == 200

    def test_unlimited_still_says_its_headers(self) -> None:
        telnyx = Telnyx()

        assert {telnyx.read().status for _ in range(2000)} == {404}
        assert "x-ratelimit-limit" in telnyx.read().headers

    def test_keeps_a_journal_without_the_key(self) -> None:
        telnyx = Telnyx()
        telnyx.assign()
        telnyx.read()

        post, get = telnyx.emulator.journal()
        assert (post.method, post.path, post.status, post.at) == (
            "POST",
            PATH.removeprefix("/v2"),
            200,
            telnyx.now,
        )
        assert json.loads(post.body)["phoneNumber"] == NUMBER
        assert get.path.endswith(f"/{NUMBER}")
        assert "KEY-sandbox" not in repr((post, get, telnyx.behaviour))


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


NUMBERS = st.sampled_from([NUMBER, OTHER_NUMBER])
PLACES = st.sampled_from([CAMPAIGN, OTHER_CAMPAIGN, SHARED_CAMPAIGN, "no-such"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["POST", "PUT", "DELETE", "wait", "by hand", "taken", "approve", "suspend", "fail"]),
        NUMBERS,
        PLACES,
        st.floats(0, 5),
    ),
    max_size=40,
)


def play(telnyx: Telnyx, step: str, number: str, place: str, seconds: float) -> bytes:
    """Do one thing; what came out of it."""
    wish = {"phoneNumber": number, "campaignId": place}
    try:
        match step:
            case "POST":
                return telnyx.ask("POST", PATH, wish).body
            case "PUT" | "DELETE":
                return telnyx.ask(step, f"{PATH}/{number}", wish).body
            case "by hand":
                telnyx.emulator.assign_by_hand(number, place, telnyx.now)
            case "taken":
                telnyx.emulator.remove_by_hand(number, telnyx.now, announce=True)
            case "approve":
                telnyx.emulator.approve(place, telnyx.now)
            case "suspend":
                telnyx.emulator.set_campaign_status(place, "TCR_SUSPENDED", telnyx.now)
            case "fail":
                telnyx.emulator.fail_next(number, ["refuse", "assignment", "carrier", "removal"][int(seconds) % 4])
            case _:
                assert step == "wait"
    except LookupError:
        return b"not there"
    return b"".join(delivery.body for delivery in telnyx.wait(seconds))


@given(STEPS)
def test_a_number_is_on_one_campaign_whatever_happens(steps: list[tuple[str, str, str, float]]) -> None:
    telnyx, twin = Telnyx(), Telnyx()

    for step in steps:
        assert play(telnyx, *step) == play(twin, *step)  # the same in, the same out
        listed = telnyx.numbers(recordsPerPage="500")
        assert len(listed) == len(set(listed))
        for number in (NUMBER, OTHER_NUMBER):
            assert (telnyx.read(number).status == 200) == (number in listed)

    for _ in range(3):
        telnyx.wait(10)  # time alone brings everything to rest
    resting = {
        AssignmentStatus.ASSIGNED,
        AssignmentStatus.FAILED_ASSIGNMENT,
        AssignmentStatus.FAILED_UNASSIGNMENT,
    }
    assert {assignment.status for assignment in telnyx.emulator.assignments().values()} <= resting
    assert telnyx.emulator.next_step() is None
