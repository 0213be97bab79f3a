"""Which messaging profile a number is on is listed, read and changed as the messaging API does it."""

import pytest

from reconciler.sandbox.holdings import PROFILE
from tests.sandbox.stage import CAMPAIGN, NUMBER, OTHER_NUMBER, Telnyx, code, content, detail

LIST = "/v2/phone_numbers/messaging"
FREE = "+18005550111"
OTHER_PROFILE = "b1a2c3d4-0000-4000-8000-000000000001"


def account() -> Telnyx:
    telnyx = Telnyx()
    telnyx.emulator.add_profile(OTHER_PROFILE, name="Other")
    telnyx.emulator.add_number(NUMBER, now=1)
    telnyx.emulator.add_number(OTHER_NUMBER, messaging_profile_id=OTHER_PROFILE, now=2)
    telnyx.emulator.add_number(FREE, phone_number_type="toll_free", messaging_profile_id=None, now=3)
    return telnyx


def change(telnyx: Telnyx, content: object) -> object:
    reply = telnyx.ask("PATCH", f"/v2/phone_numbers/{NUMBER}/messaging", content)
    assert reply.status == 200
    return telnyx.emulator.numbers()[NUMBER].messaging_profile_id


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [FREE, OTHER_NUMBER, NUMBER]),
        ({"sort[phone_number]": "asc"}, [NUMBER, OTHER_NUMBER, FREE]),
        ({"sort[phone_number]": "desc"}, [FREE, OTHER_NUMBER, NUMBER]),
        ({"filter[messaging_profile_id]": PROFILE}, [NUMBER]),
        ({"filter[messaging_profile_id]": "nobody"}, []),
        ({"filter[phone_number]": NUMBER}, [NUMBER]),
        ({"filter[phone_number]": f"{NUMBER},{FREE}"}, [FREE, NUMBER]),
        ({"filter[phone_number]": NUMBER[:-1]}, []),
        ({"filter[phone_number][contains]": "5501"}, [FREE, OTHER_NUMBER, NUMBER]),
        ({"filter[phone_number][contains]": "0123"}, [NUMBER]),
        ({"filter[type]": "longcode"}, [OTHER_NUMBER, NUMBER]),
        ({"filter[type]": "tollfree"}, [FREE]),
        ({"filter[tag]": "gold"}, [FREE, OTHER_NUMBER, NUMBER]),  # no filter here: ignored
    ],
)
def test_the_list_is_filtered_and_sorted(query: dict[str, str], numbers: list[str]) -> None:
    assert [one["phone_number"] for one in content(account().ask("GET", LIST, **query))["data"]] == numbers


def test_a_sort_that_is_none_is_422() -> None:
    assert code(account().ask("GET", LIST, **{"sort[phone_number]": "up"})) == (422, "10015")


def test_one_is_read_by_its_id_and_by_its_number() -> None:
    telnyx = account()
    number_id = telnyx.emulator.numbers()[OTHER_NUMBER].number_id

    one = content(telnyx.ask("GET", f"/v2/phone_numbers/{number_id}/messaging"))["data"]

    assert one == content(telnyx.ask("GET", f"/v2/phone_numbers/{OTHER_NUMBER}/messaging"))["data"]
    assert (one["messaging_profile_id"], one["type"]) == (OTHER_PROFILE, "longcode")
    assert code(telnyx.ask("GET", "/v2/phone_numbers/7/messaging")) == (404, "10005")


def test_a_number_changes_its_profile_leaves_it_and_keeps_it() -> None:
    telnyx = account()

    assert change(telnyx, {"messaging_profile_id": OTHER_PROFILE}) == OTHER_PROFILE
    assert change(telnyx, {"messaging_profile_id": None}) == OTHER_PROFILE
    assert change(telnyx, {"tags": ["gold"]}) == OTHER_PROFILE
    assert change(telnyx, {"messaging_profile_id": ""}) is None
    assert telnyx.emulator.numbers()[NUMBER].tags == ("gold",)
    assert code(telnyx.assign(NUMBER, CAMPAIGN)) == (400, "10015")
    assert change(telnyx, {"messaging_profile_id": PROFILE}) == PROFILE
    assert telnyx.assign(NUMBER, CAMPAIGN).status == 200


@pytest.mark.parametrize("profile", ["no-such", 7, ["a"]])
def test_a_profile_that_is_not_there_is_refused_and_nothing_changes(profile: object) -> None:
    telnyx = account()
    wish = {"messaging_profile_id": profile, "tags": ["gold"]}

    refused = telnyx.ask("PATCH", f"/v2/phone_numbers/{NUMBER}/messaging", wish)

    assert code(refused) == (400, "10015")
    assert "no messaging profile" in detail(refused)
    assert telnyx.emulator.numbers()[NUMBER].messaging_profile_id == PROFILE
    assert telnyx.emulator.numbers()[NUMBER].tags == ()
