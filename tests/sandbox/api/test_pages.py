"""Lists page, sort and filter as the API does, in each of its two ways."""

import pytest

from reconciler.sandbox.behaviour import Behaviour
from tests.sandbox.stage import CAMPAIGN, NUMBER, OTHER_CAMPAIGN, OTHER_NUMBER, PATH, Telnyx, code, content


class TestRecords:
    def test_pages_newest_first(self) -> None:
        telnyx = Telnyx()
        numbers = [f"+1202555{place:04}" for place in range(45)]
        for number in numbers:
            telnyx.emulator.add_number(number)
            telnyx.assign(number)
            telnyx.now += 0.001

        first = content(telnyx.ask("GET", PATH))
        assert (first["page"], first["totalRecords"]) == (1, 45)
        assert telnyx.numbers() == numbers[:24:-1]
        assert telnyx.numbers(page="3") == numbers[4::-1]
        assert telnyx.numbers(page="4") == []
        assert telnyx.numbers(recordsPerPage="500", sort="phoneNumber") == numbers
        assert telnyx.numbers(recordsPerPage="2", sort="-phoneNumber") == numbers[:-3:-1]

    def test_gives_500_at_most(self) -> None:
        telnyx = Telnyx()
        for place in range(501):
            telnyx.emulator.add_number(number := f"+1202555{place:04}")
            telnyx.emulator.assign_by_hand(number, CAMPAIGN, telnyx.now)

        assert len(telnyx.numbers(recordsPerPage="501")) == 500

    def test_filters_by_campaign_and_brand_and_ignores_every_other_filter(self) -> None:
        telnyx = Telnyx()
        telnyx.assign(NUMBER, CAMPAIGN)
        telnyx.assign(OTHER_NUMBER, OTHER_CAMPAIGN)

        assert telnyx.numbers(filter_telnyx_campaign_id=CAMPAIGN) == [NUMBER]
        assert telnyx.numbers(filter_tcr_campaign_id="CAAAAAA") == [NUMBER]
        assert telnyx.numbers(filter_telnyx_brand_id="another-brand") == [OTHER_NUMBER]
        assert telnyx.numbers(filter_tcr_brand_id="nobody") == []
        assert len(telnyx.numbers(filter_campaignId=CAMPAIGN)) == 2

    @pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"recordsPerPage": "-1"}, {"sort": "age"}])
    def test_what_makes_no_sense_is_422(self, query: dict[str, str]) -> None:
        reply = Telnyx().ask("GET", PATH, **query)

        assert reply.status == 422
        assert content(reply)["detail"]

    def test_may_lag_behind(self) -> None:
        telnyx = Telnyx(Behaviour(listing_lag_seconds=60))
        telnyx.assign()

        assert telnyx.read().status == 200
        assert telnyx.numbers() == []
        telnyx.wait(60)
        assert telnyx.numbers() == [NUMBER]


class TestData:
    def test_pages_with_meta(self) -> None:
        telnyx = Telnyx()
        for place in range(43):
            telnyx.emulator.add_number(f"+1303555{place:04}", now=telnyx.now + place)

        first = content(telnyx.ask("GET", "/v2/phone_numbers"))
        assert first["meta"] == {"page_number": 1, "page_size": 20, "total_pages": 3, "total_results": 45}
        assert first["data"][0]["phone_number"] == "+13035550042"
        last = content(telnyx.ask("GET", "/v2/phone_numbers", **{"page[number]": "3", "page[size]": "20"}))
        assert [one["phone_number"] for one in last["data"]][-2:] == [NUMBER, OTHER_NUMBER]
        assert content(telnyx.ask("GET", "/v2/phone_numbers", **{"page[number]": "4"}))["data"] == []
        whole = content(telnyx.ask("GET", "/v2/phone_numbers", **{"page[size]": "250"}))
        assert (len(whole["data"]), whole["meta"]["total_pages"]) == (45, 1)

    @pytest.mark.parametrize("query", [{"page[number]": "0"}, {"page[size]": "x"}, {"page[size]": "251"}])
    def test_what_makes_no_sense_is_422(self, query: dict[str, str]) -> None:
        for path in ("phone_numbers", "phone_numbers/messaging", "messaging_profiles", "webhook_deliveries"):
            assert code(Telnyx().ask("GET", f"/v2/{path}", **query)) == (422, "10015")
