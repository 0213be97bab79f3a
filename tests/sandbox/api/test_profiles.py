"""Messaging profiles are listed, read and changed, and tell which numbers are on them."""

import pytest

from reconciler.sandbox.holdings import PROFILE
from tests.sandbox.stage import NUMBER, OTHER_NUMBER, Telnyx, code, content

PATH = "/v2/messaging_profiles"
OTHER_PROFILE = "b1a2c3d4-0000-4000-8000-000000000001"
POOL = {"toll_free_weight": 0, "long_code_weight": 1, "skip_unhealthy": True}


def account() -> Telnyx:
    telnyx = Telnyx()
    telnyx.emulator.add_profile(OTHER_PROFILE, name="Acme marketing", now=telnyx.now)
    telnyx.emulator.put_on_profile(OTHER_NUMBER, OTHER_PROFILE)
    return telnyx


@pytest.mark.parametrize(
    ("query", "profiles"),
    [
        ({}, [OTHER_PROFILE, PROFILE]),
        ({"filter[name]": "Acme marketing"}, [OTHER_PROFILE]),
        ({"filter[name][eq]": "Acme"}, []),
        ({"filter[name][contains]": "Acme"}, [OTHER_PROFILE]),
    ],
)
def test_the_list_is_filtered(query: dict[str, str], profiles: list[str]) -> None:
    assert [one["id"] for one in content(account().ask("GET", PATH, **query))["data"]] == profiles


def test_the_numbers_on_one_are_listed() -> None:
    telnyx = account()

    for profile, numbers in ((PROFILE, [NUMBER]), (OTHER_PROFILE, [OTHER_NUMBER])):
        listed = content(telnyx.ask("GET", f"{PATH}/{profile}/phone_numbers"))
        assert [one["phone_number"] for one in listed["data"]] == numbers
    assert code(telnyx.ask("GET", f"{PATH}/no-such/phone_numbers")) == (404, "10005")


def test_one_is_read_with_its_secret() -> None:
    telnyx = account()

    one = content(telnyx.ask("GET", f"{PATH}/{OTHER_PROFILE}"))["data"]

    assert (one["name"], one["number_pool_settings"]) == ("Acme marketing", None)
    assert OTHER_PROFILE in one["v1_secret"]
    assert code(telnyx.ask("GET", f"{PATH}/no-such")) == (404, "10005")


def test_its_number_pool_begins_changes_and_ends() -> None:
    telnyx = account()

    def pool(change: object) -> object:
        return content(telnyx.ask("PATCH", f"{PATH}/{PROFILE}", change))["data"]["number_pool_settings"]

    assert pool({"number_pool_settings": POOL}) == {**POOL, "sticky_sender": False, "geomatch": False}
    assert pool({"number_pool_settings": {**POOL, "geomatch": True}}) == {
        **POOL,
        "sticky_sender": False,
        "geomatch": True,
    }
    assert pool({"name": "Renamed"}) is not None
    assert content(telnyx.ask("GET", f"{PATH}/{PROFILE}"))["data"]["name"] == "Renamed"
    assert pool({"number_pool_settings": None}) is None


@pytest.mark.parametrize("change", [{"number_pool_settings": {}}, {"number_pool_settings": "off"}, {"name": ""}, []])
def test_a_change_that_makes_no_sense_is_400(change: object) -> None:
    assert code(account().ask("PATCH", f"{PATH}/{PROFILE}", change)) == (400, "10015")
