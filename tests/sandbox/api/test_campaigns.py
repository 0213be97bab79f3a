"""Campaigns, shared campaigns and brands are read and listed as the 10DLC API does it."""

import pytest

from tests.sandbox.stage import CAMPAIGN, HOOK, NUMBER, OTHER_CAMPAIGN, SHARED_CAMPAIGN, Telnyx, code, content


def test_they_are_read_by_their_telnyx_id_and_shared_ones_by_their_tcr_id() -> None:
    telnyx = Telnyx()
    telnyx.assign(campaign=SHARED_CAMPAIGN)

    campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))
    assert (campaign["campaignStatus"], campaign["tcrCampaignId"]) == ("MNO_PROVISIONED", "CAAAAAA")
    assert campaign["webhookURL"] == HOOK
    shared = content(telnyx.ask("GET", f"/v2/10dlc/partner_campaigns/{SHARED_CAMPAIGN}"))
    assert shared["assignedPhoneNumbersCount"] == 1
    for path in ("campaign/CAAAAAA", f"campaign/{SHARED_CAMPAIGN}", "partner_campaigns/CAAAAAA"):
        assert code(telnyx.ask("GET", f"/v2/10dlc/{path}")) == (404, "10005")


def test_they_are_active_long_before_they_are_approved() -> None:
    telnyx = Telnyx()
    telnyx.emulator.set_campaign_status(CAMPAIGN, "TELNYX_FAILED", telnyx.now)

    campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))

    assert (campaign["status"], campaign["campaignStatus"]) == ("ACTIVE", "TELNYX_FAILED")


def test_they_are_listed_by_brand() -> None:
    telnyx = Telnyx()
    brands = content(telnyx.ask("GET", "/v2/10dlc/brand"))["records"]

    assert isinstance(brands, list)
    listed = [content(telnyx.ask("GET", "/v2/10dlc/campaign", brandId=brand["brandId"])) for brand in brands]

    assert [page["totalRecords"] for page in listed] == [1, 1]
    assert telnyx.ask("GET", "/v2/10dlc/campaign").status == 422


def test_shared_ones_are_listed() -> None:
    telnyx = Telnyx()
    telnyx.emulator.add_campaign("C000001", status="MNO_PENDING", shared=True, now=telnyx.now)
    telnyx.assign(NUMBER, SHARED_CAMPAIGN)

    listed = content(telnyx.ask("GET", "/v2/10dlc/partner_campaigns", sort="-assignedPhoneNumbersCount"))

    assert listed["totalRecords"] == 2
    assert [(one["tcrCampaignId"], one["assignedPhoneNumbersCount"]) for one in listed["records"]] == [
        (SHARED_CAMPAIGN, 1),
        ("C000001", 0),
    ]


def test_brands_come_in_pages_of_up_to_500() -> None:
    telnyx = Telnyx()
    for place in range(600):
        telnyx.emulator.add_campaign(f"{place:06}", brand_id=f"brand-{place:03}")

    page = content(telnyx.ask("GET", "/v2/10dlc/brand", recordsPerPage="1000", sort="brandId"))

    assert (len(page["records"]), page["totalRecords"]) == (500, 602)
    assert len(content(telnyx.ask("GET", "/v2/10dlc/brand"))["records"]) == 10


@pytest.mark.parametrize(
    ("status", "word"),
    [("MNO_PENDING", "REVIEW"), ("MNO_PROVISIONED", "APPROVED"), ("MNO_REJECTED", "REJECTED")],
)
def test_each_carrier_has_a_word_on_a_campaign(status: str, word: str) -> None:
    telnyx = Telnyx()
    telnyx.emulator.set_campaign_status(CAMPAIGN, status, telnyx.now)

    assert content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}/operationStatus")) == {
        "10017": word,
        "10035": word,
    }
    metadata = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}/mnoMetadata"))
    assert [one["mno"] for one in metadata.values()] == ["AT&T", "T-Mobile"]
    for what in ("operationStatus", "mnoMetadata"):
        assert code(telnyx.ask("GET", f"/v2/10dlc/campaign/{SHARED_CAMPAIGN}/{what}")) == (404, "10005")


def test_why_one_was_refused_outlives_its_approval() -> None:
    telnyx = Telnyx()
    telnyx.emulator.set_campaign_status(CAMPAIGN, "TELNYX_FAILED", telnyx.now, reason="No opt-out in the sample.")
    telnyx.emulator.approve(CAMPAIGN, telnyx.now)

    campaign = content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))
    assert campaign["failureReasons"] == "No opt-out in the sample."
    assert "failureReasons" not in content(telnyx.ask("GET", f"/v2/10dlc/campaign/{OTHER_CAMPAIGN}"))


def test_one_limited_to_a_number_is_a_sole_proprietors() -> None:
    telnyx = Telnyx()
    telnyx.emulator.limit_numbers(CAMPAIGN, 1)

    assert content(telnyx.ask("GET", f"/v2/10dlc/campaign/{CAMPAIGN}"))["usecase"] == "SOLE_PROPRIETOR"
