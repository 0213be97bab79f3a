"""The emulator's door, and its law for any story: a number is on one campaign."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.account import AssignmentStatus
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


NUMBERS = st.sampled_from([NUMBER, OTHER_NUMBER])
PLACES = st.sampled_from([CAMPAIGN, OTHER_CAMPAIGN, SHARED_CAMPAIGN, "no-such"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "POST",
                "PUT",
                "DELETE",
                "legacy",
                "wait",
                "by hand",
                "taken",
                "released",
                "back",
                "approve",
                "suspend",
                "fail",
            ]
        ),
        NUMBERS,
        PLACES,
        st.floats(0, 5),
    ),
    max_size=40,
)


def play(telnyx: Telnyx, step: str, number: str, place: str, seconds: float) -> bytes:
    """Do one thing; what came out of it."""
    wish, emulator = {"phoneNumber": number, "campaignId": place}, telnyx.emulator
    kind = ["refuse", "assignment", "carrier", "removal"][int(seconds) % 4]
    requests = {"POST": PATH, "PUT": f"{PATH}/{number}", "DELETE": f"{PATH}/{number}", "legacy": LEGACY_PATH}
    by_hand: dict[str, Callable[[], object]] = {
        "by hand": lambda: emulator.assign_by_hand(number, place, telnyx.now),
        "taken": lambda: emulator.remove_by_hand(number, telnyx.now, announce=True),
        "released": lambda: emulator.release_number(number),
        "back": lambda: emulator.add_number(number),
        "approve": lambda: emulator.approve(place, telnyx.now),
        "suspend": lambda: emulator.set_campaign_status(place, "TCR_SUSPENDED", telnyx.now),
        "fail": lambda: emulator.fail_next(number, kind),
        "wait": lambda: None,
    }
    if step in requests:
        return telnyx.ask("POST" if step == "legacy" else step, requests[step], wish).body
    try:
        by_hand[step]()
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
