"""Every oddity can be switched on, changes what it says and nothing else, and is off by default."""

import json
from collections.abc import Callable
from dataclasses import fields
from email.utils import parsedate_to_datetime

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.oddities import (
    Door,
    ErrorShape,
    LimitHeaders,
    Oddities,
    ProfileLookup,
    Reasons,
    RetryAfter,
    Times,
)
from tests.sandbox.stage import (
    CAMPAIGN,
    HOOK,
    LEGACY_PATH,
    NUMBER,
    OTHER_CAMPAIGN,
    OTHER_NUMBER,
    PATH,
    SHARED_CAMPAIGN,
    Json,
    Telnyx,
    code,
    content,
)

NUMBERS = [f"+1303555{place:04}" for place in range(7)]
REASON = "Longcode cannot be added."


def account(oddities: Oddities | None = None, behaviour: Behaviour | None = None) -> Telnyx:
    """Seven numbers on one campaign, one that failed on another, and then the oddities."""
    telnyx = Telnyx(behaviour or Behaviour(assignment_seconds=1, carrier_seconds=1))
    for number in NUMBERS:
        telnyx.emulator.add_number(number)
        telnyx.emulator.assign_by_hand(number, CAMPAIGN, telnyx.now)
    telnyx.emulator.fail_next(OTHER_NUMBER, reason=REASON)
    telnyx.assign(OTHER_NUMBER, OTHER_CAMPAIGN)
    telnyx.wait(2)
    telnyx.emulator.oddities = oddities or Oddities()
    return telnyx


def listed(telnyx: Telnyx, **query: str) -> Json:
    return content(telnyx.ask("GET", PATH, **{"sort": "phoneNumber", "recordsPerPage": "3", **query}))


def numbers(page: Json) -> list[str]:
    return [one["phoneNumber"] for one in page["records"]]


def owned(telnyx: Telnyx, **query: str) -> Json:
    return content(telnyx.ask("GET", "/v2/phone_numbers", **{"sort": "phone_number", "page[size]": "3", **query}))


class TestLists:
    def test_may_ignore_every_filter(self) -> None:
        telnyx = account(Oddities(filters_ignored=True))

        assert listed(telnyx, filter_telnyx_campaign_id=OTHER_CAMPAIGN)["totalRecords"] == 8
        assert owned(telnyx, **{"filter[tag]": "no-such"})["meta"]["total_results"] == 9

    def test_may_have_smaller_pages_than_asked_for(self) -> None:
        telnyx = account(Oddities(page_size=2))

        assert len(listed(telnyx)["records"]) == 2
        assert len(listed(telnyx, recordsPerPage="1")["records"]) == 1
        page = owned(telnyx, **{"page[size]": "250"})
        assert (len(page["data"]), page["meta"]["page_size"]) == (2, 2)

    def test_may_repeat_rows_on_the_next_page(self) -> None:
        plain, telnyx = account(), account(Oddities(shifted_rows=1))
        first, second = (numbers(listed(plain, page=page)) for page in "12")

        assert numbers(listed(telnyx, page="1")) == first
        assert numbers(listed(telnyx, page="2")) == [first[-1], *second[:-1]]
        assert listed(telnyx, page="2")["totalRecords"] == 8
        assert len(numbers(listed(telnyx, page="3"))) == 3  # the last page has room for the row that moved on
        assert numbers(listed(telnyx, page="4")) == []
        tail = owned(telnyx, **{"page[number]": "2"})["data"][0]["phone_number"]
        assert tail == owned(telnyx)["data"][-1]["phone_number"]

    def test_may_miss_rows_between_pages(self) -> None:
        plain, telnyx = account(), account(Oddities(shifted_rows=-1))
        first, second, third = (numbers(listed(plain, page=page)) for page in "123")

        assert numbers(listed(telnyx, page="1")) == first
        assert numbers(listed(telnyx, page="2")) == [*second[1:], third[0]]

    def test_may_have_an_empty_page(self) -> None:
        telnyx = account(Oddities(empty_page=2))

        assert numbers(listed(telnyx, page="1"))
        assert listed(telnyx, page="2") == {"records": [], "page": 2, "totalRecords": 8}
        assert owned(telnyx, **{"page[number]": "2"})["data"] == []

    def test_may_leave_numbers_out_that_are_found_by_themselves(self) -> None:
        telnyx = account(Oddities(omitted_numbers=(NUMBERS[0],)))

        assert numbers(listed(telnyx)) == [OTHER_NUMBER, NUMBERS[1]]
        assert listed(telnyx)["totalRecords"] == 8
        assert telnyx.read(NUMBERS[0]).status == 200
        assert NUMBERS[0] not in [one["phone_number"] for one in owned(telnyx, **{"page[size]": "250"})["data"]]

    @pytest.mark.parametrize("wrong", [-3, 4])
    def test_may_miscount(self, wrong: int) -> None:
        telnyx = account(Oddities(total_off_by=wrong))

        assert listed(telnyx)["totalRecords"] == 8 + wrong
        assert owned(telnyx)["meta"]["total_results"] == 9 + wrong

    def test_may_not_count(self) -> None:
        telnyx = account(Oddities(total_missing=True))

        assert listed(telnyx).keys() == {"records", "page"}
        assert owned(telnyx)["meta"] == {"page_number": 1, "page_size": 3}

    def test_may_be_in_data(self) -> None:
        telnyx = account(Oddities(listed_in_data=True))

        page = listed(telnyx)
        assert page.keys() == {"data", "page", "totalRecords"}
        assert page["data"] == listed(account())["records"]

    def test_of_numbers_may_not_know_the_messaging_profiles(self) -> None:
        asked = {"handle_messaging_profile_error": "true"}
        unavailable, omitted = account(Oddities(profile_lookup=ProfileLookup.UNAVAILABLE)), account()
        omitted.emulator.oddities = Oddities(profile_lookup=ProfileLookup.OMITTED)

        for telnyx in (unavailable, omitted):
            assert code(telnyx.ask("GET", "/v2/phone_numbers")) == (503, "10007")
            assert telnyx.ask("GET", f"/v2/phone_numbers/{NUMBER}").status == 200
        assert {one["messaging_profile_id"] for one in owned(unavailable, **asked)["data"]} == {"UNAVAILABLE"}
        page = owned(omitted, **asked)
        assert "messaging_profile_id" not in page["data"][0]
        assert page["errors"][0]["code"] == "10007"


class TestItems:
    def test_may_be_inside_data(self) -> None:
        telnyx = account(Oddities(wrapped_in_data=True))

        assert content(telnyx.read(NUMBERS[0])) == {"data": content(account().read(NUMBERS[0]))}
        assert content(telnyx.assign())["data"]["assignmentStatus"] == "PENDING_ASSIGNMENT"
        assert content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))["data"]["campaignId"] == CAMPAIGN
        assert "records" in listed(telnyx)
        assert code(telnyx.read("+12025559999")) == (404, "10005")

    def test_may_call_the_status_by_another_name(self) -> None:
        telnyx = account(Oddities(status_renamed=True))

        for item in (content(telnyx.read(NUMBERS[0])), listed(telnyx)["records"][-1]):
            assert item["status"] == "ASSIGNED"
            assert "assignmentStatus" not in item

    def test_may_say_new_words(self) -> None:
        telnyx = account(Oddities(assignment_status="HELD", campaign_status="MNO_HELD", mapping_status="QUEUED"))

        item = content(telnyx.read(NUMBERS[0]))
        assert item["assignmentStatus"] == "HELD"
        assert item["tmobileNumberMappingStatus"] == item["nonTmobileNumberMappingStatus"] == "QUEUED"
        for path in (f"campaign/{CAMPAIGN}", f"partner_campaigns/{SHARED_CAMPAIGN}"):
            campaign = content(telnyx.ask("GET", f"/v2/10dlc/{path}"))
            assert campaign["campaignStatus"] == "MNO_HELD"
            assert "assignmentStatus" not in campaign

    def test_may_tell_of_a_third_group_of_carriers(self) -> None:
        telnyx = account(Oddities(att_mapping_status="FAILED"))

        assert content(telnyx.read(NUMBERS[0]))["attNumberMappingStatus"] == "FAILED"
        assert "attNumberMappingStatus" not in content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))

    def test_may_hyphenate_types(self) -> None:
        telnyx = account(Oddities(hyphenated_types=True))

        settings = content(telnyx.ask("GET", f"/v2/phone_numbers/{NUMBER}/messaging"))["data"]
        assert settings["type"] == "long-code"

    @pytest.mark.parametrize(
        ("reasons", "shown", "errors"),
        [
            (Reasons.TEXT, REASON, None),
            (Reasons.TEXTS, [REASON], None),
            (Reasons.OBJECTS, [{"fields": [], "description": REASON}], None),
            (Reasons.ELSEWHERE, None, REASON),
        ],
    )
    def test_may_give_reasons_in_four_shapes(self, reasons: Reasons, shown: object, errors: object) -> None:
        telnyx = account(Oddities(reasons=reasons))
        telnyx.emulator.set_campaign_status(CAMPAIGN, "TELNYX_FAILED", telnyx.now, reason=REASON)

        campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))
        for item in (content(telnyx.read(OTHER_NUMBER)), listed(telnyx)["records"][0], campaign):
            assert (item["failureReasons"], item.get("errors")) == (shown, errors)

    @pytest.mark.parametrize(
        ("times", "assignment", "number"),
        [(Times.DOCUMENTED, "0", "Z"), (Times.ZONED, "+00:00", "+00:00"), (Times.ZONELESS, "0", "0")],
    )
    def test_may_have_times_with_a_zone_or_without(self, times: Times, assignment: str, number: str) -> None:
        telnyx = account(Oddities(times=times))

        assert content(telnyx.read(NUMBERS[0]))["createdAt"].endswith(assignment)
        assert owned(telnyx)["data"][0]["created_at"].endswith(number)
        assert content(telnyx.read(NUMBERS[0]))["phoneNumber"] == NUMBERS[0]


class TestRefusals:
    @pytest.mark.parametrize(
        ("shape", "names"),
        [
            (ErrorShape.ERRORS, {"errors"}),
            (ErrorShape.BARE, {"code", "title", "detail"}),
            (ErrorShape.DETAIL, {"detail"}),
            (ErrorShape.MESSAGE, {"message"}),
        ],
    )
    def test_have_four_shapes(self, shape: ErrorShape, names: set[str]) -> None:
        reply = account(Oddities(error_shape=shape)).read("+12025559999")

        assert reply.status == 404
        assert content(reply).keys() == names
        assert "could not be found" in reply.body.decode()

    def test_may_have_codes_that_are_integers(self) -> None:
        telnyx = account(Oddities(integer_codes=True))

        assert content(telnyx.read("+12025559999"))["errors"][0]["code"] == 10005
        telnyx.emulator.oddities = Oddities(integer_codes=True, error_shape=ErrorShape.BARE)
        assert content(telnyx.read("+12025559999"))["code"] == 10005

    def test_may_be_answered_200(self) -> None:
        reply = account(Oddities(errors_as_200=True)).read("+12025559999")

        assert code(reply) == (200, "10005")

    def test_a_field_of_an_item_is_no_refusal(self) -> None:
        oddities = Oddities(reasons=Reasons.ELSEWHERE, integer_codes=True, error_shape=ErrorShape.BARE)

        assert content(account(oddities).read(OTHER_NUMBER))["errors"] == REASON


class TestStatusesAndHeaders:
    def test_a_post_may_be_answered_201(self) -> None:
        telnyx = account(Oddities(posts_as_201=True))

        assert telnyx.assign().status == 201
        assert telnyx.assign().status == 400
        assert telnyx.read().status == 200

    def test_the_reset_may_be_a_time(self) -> None:
        telnyx = account(Oddities(reset_as_epoch=True))

        assert int(telnyx.read().headers["x-ratelimit-reset"]) == int(telnyx.now) + 1

    @pytest.mark.parametrize("epoch", [False, True])
    def test_429_may_say_when_to_come_back(self, epoch: bool) -> None:
        telnyx = Telnyx(Behaviour(rate_per_second=0.25))
        telnyx.read()

        telnyx.emulator.oddities = Oddities(retry_after=RetryAfter.SECONDS, reset_as_epoch=epoch)
        assert (telnyx.read().status, telnyx.read().headers["retry-after"]) == (429, "4")
        telnyx.emulator.oddities = Oddities(retry_after=RetryAfter.DATE, reset_as_epoch=epoch)
        date = parsedate_to_datetime(telnyx.read().headers["retry-after"])
        assert date.timestamp() == int(telnyx.now) + 4
        telnyx.emulator.oddities = Oddities(retry_after=RetryAfter.ABSURD, reset_as_epoch=epoch)
        assert int(telnyx.read().headers["retry-after"]) > 365 * 86_400
        telnyx.emulator.oddities = Oddities()
        assert "retry-after" not in telnyx.read().headers

    @pytest.mark.parametrize(
        ("headers", "shown"),
        [
            (LimitHeaders.PLAIN, ["1", "0", "4"]),
            (LimitHeaders.POLICY, ["1, 1;w=4", "0", "4"]),
            (LimitHeaders.ABSURD, ["-1", "-1", "-1"]),
            (LimitHeaders.MISSING, [None, None, None]),
        ],
    )
    def test_the_headers_of_the_limit_vary(self, headers: LimitHeaders, shown: list[str | None]) -> None:
        telnyx = Telnyx(Behaviour(rate_per_second=0.25))
        telnyx.emulator.oddities = Oddities(limit_headers=headers)

        for status in (404, 429):
            reply = telnyx.read()
            assert reply.status == status
            assert [reply.headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")] == shown

    def test_429_may_say_when_to_come_back_in_that_header_alone(self) -> None:
        telnyx = Telnyx(Behaviour(rate_per_second=0.25))
        telnyx.read()
        odd = Oddities(limit_headers=LimitHeaders.MISSING, retry_after=RetryAfter.SECONDS)
        telnyx.emulator.oddities = odd

        assert telnyx.read().headers["retry-after"] == "4"
        assert "x-ratelimit-reset" not in telnyx.read().headers

    def test_503_may_say_so_too_and_a_200_never_does(self) -> None:
        oddities = Oddities(retry_after=RetryAfter.SECONDS, profile_lookup=ProfileLookup.UNAVAILABLE)
        telnyx = account(oddities)

        assert telnyx.ask("GET", "/v2/phone_numbers").headers["retry-after"] == "1"
        assert "retry-after" not in telnyx.read(NUMBERS[0]).headers


class TestDoors:
    @pytest.mark.parametrize(
        ("door", "refusal"), [(Door.NOT_FOUND, (404, "10005")), (Door.NOT_ALLOWED, (405, "10015"))]
    )
    @pytest.mark.parametrize(("shut", "other"), [(PATH, LEGACY_PATH), (LEGACY_PATH, PATH)])
    def test_one_spelling_may_be_shut(self, door: Door, refusal: tuple[int, str], shut: str, other: str) -> None:
        odd = Oddities(current_path=door) if shut == PATH else Oddities(legacy_path=door)
        telnyx = account(odd)
        wish = {"phoneNumber": NUMBER, "campaignId": CAMPAIGN}

        assert code(telnyx.ask("GET", shut)) == refusal
        assert code(telnyx.ask("POST", shut, wish)) == refusal
        assert code(telnyx.ask("GET", f"{shut}/{NUMBERS[0]}")) == refusal
        assert NUMBER not in telnyx.emulator.assignments()
        assert telnyx.ask("GET", f"{other}/{NUMBERS[0]}").status == 200
        assert telnyx.ask("POST", other, wish).status == 200

    def test_a_wrong_key_is_still_told_first(self) -> None:
        telnyx = account(Oddities(current_path=Door.NOT_FOUND))

        assert code(telnyx.ask("GET", PATH, key="wrong")) == (401, "10009")
        assert "x-ratelimit-limit" in telnyx.ask("GET", PATH).headers


def test_events_may_be_flat() -> None:
    telnyx = account(Oddities(flat_events=("10dlc.campaign.update",)))
    telnyx.assign()
    telnyx.emulator.set_campaign_status(CAMPAIGN, "TCR_SUSPENDED", telnyx.now, dormant=True)

    dormant, assigned = telnyx.wait(1)

    assert json.loads(dormant.body) == {
        "campaignId": CAMPAIGN,
        "type": "TELNYX_EVENT",
        "status": "DORMANT",
        "description": "Campaign has been marked as dormant",
    }
    assert json.loads(assigned.body)["data"]["payload"]["type"] == "ASSIGNMENT"
    assert dormant.url == HOOK


def every_answer(telnyx: Telnyx) -> list[tuple[int, bytes, dict[str, str]]]:
    paths = [
        PATH,
        f"{PATH}/{NUMBERS[0]}",
        f"{PATH}/{OTHER_NUMBER}",
        f"{PATH}/+12025559999",
        LEGACY_PATH,
        f"/v2/10dlc/campaign/{CAMPAIGN}",
        "/v2/10dlc/campaign",
        "/v2/10dlc/brand",
        "/v2/phone_numbers",
        f"/v2/phone_numbers/{NUMBER}/messaging",
        "/v2/messaging_profiles",
        "/v2/webhook_deliveries",
    ]
    replies = [telnyx.ask("GET", path, **query) for path in paths for query in ({}, {"page": "2"})]
    return [(reply.status, reply.body, reply.headers) for reply in [*replies, telnyx.assign()]]


SOMETHING: dict[str, object] = {
    "current_path": Door.NOT_FOUND,
    "legacy_path": Door.NOT_FOUND,
    "page_size": 2,
    "shifted_rows": 1,
    "empty_page": 1,
    "omitted_numbers": (NUMBERS[0],),
    "total_off_by": 1,
    "assignment_status": "HELD",
    "campaign_status": "HELD",
    "mapping_status": "HELD",
    "att_mapping_status": "HELD",
    "reasons": Reasons.TEXTS,
    "times": Times.ZONED,
    "profile_lookup": ProfileLookup.OMITTED,
    "error_shape": ErrorShape.BARE,
    "retry_after": RetryAfter.DATE,
    "limit_headers": LimitHeaders.POLICY,
    "flat_events": ("10dlc.campaign.update",),
}
SILENT = {"filters_ignored", "page_size", "shifted_rows", "retry_after", "flat_events"}
"""What none of `every_answer` shows: each has its own test above."""


@pytest.mark.parametrize("name", [field.name for field in fields(Oddities)])
def test_each_is_off_by_default_and_shows_when_it_is_on(name: str) -> None:
    make: Callable[..., Oddities] = Oddities
    odd = make(**{name: SOMETHING.get(name, True)})

    assert odd != Oddities()
    assert (every_answer(account(odd)) == every_answer(account())) == (name in SILENT)


def test_a_page_has_a_row_at_least() -> None:
    with pytest.raises(ValueError, match="page_size"):
        Oddities(page_size=0)
