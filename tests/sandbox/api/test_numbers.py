"""The numbers of the account are listed, filtered, read and tagged as the numbers API does it."""

import pytest

from reconciler.sandbox.holdings import PROFILE
from tests.sandbox.stage import NUMBER, OTHER_NUMBER, Telnyx, code, content

PATH = "/v2/phone_numbers"
FREE = "+18005550111"


def account() -> Telnyx:
    telnyx = Telnyx()
    telnyx.emulator.add_number(NUMBER, tags=("gold", "west"), now=1)
    telnyx.emulator.add_number(OTHER_NUMBER, status="port-pending", messaging_profile_id=None, now=2)
    telnyx.emulator.add_number(FREE, phone_number_type="toll_free", country="CA", tags=("gold",), now=3)
    return telnyx


def listed(telnyx: Telnyx, **query: str) -> list[str]:
    return [one["phone_number"] for one in content(telnyx.ask("GET", PATH, **query))["data"]]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [FREE, OTHER_NUMBER, NUMBER]),
        ({"sort": "phone_number"}, [NUMBER, OTHER_NUMBER, FREE]),
        ({"sort": "purchased_at"}, [NUMBER, OTHER_NUMBER, FREE]),
        ({"filter[tag]": "gold"}, [FREE, NUMBER]),
        ({"filter[tag]": "gol"}, []),
        ({"filter[without_tags]": "true"}, [OTHER_NUMBER]),
        ({"filter[status]": "port-pending"}, [OTHER_NUMBER]),
        ({"filter[phone_number]": NUMBER[1:]}, [NUMBER]),
        ({"filter[phone_number]": "202555"}, [OTHER_NUMBER, NUMBER]),
        ({"filter[phone_number]": NUMBER}, []),  # what is no digit lets nothing pass
        ({"filter[country_iso_alpha2]": "CA"}, [FREE]),
        ({"filter[number_type][eq]": "local"}, [OTHER_NUMBER, NUMBER]),
        ({"filter[tag]": "gold", "filter[number_type][eq]": "local"}, [NUMBER]),
        ({"filter[messaging_profile_id]": PROFILE}, [FREE, OTHER_NUMBER, NUMBER]),  # no filter here: ignored
    ],
)
def test_the_list_is_filtered_and_sorted(query: dict[str, str], numbers: list[str]) -> None:
    assert listed(account(), **query) == numbers


@pytest.mark.parametrize("query", [{"filter[phone_number]": "12"}, {"sort": "-phone_number"}])
def test_what_makes_no_sense_is_422(query: dict[str, str]) -> None:
    assert code(account().ask("GET", PATH, **query)) == (422, "10015")


def test_one_is_read_by_its_id_and_by_its_number() -> None:
    telnyx = account()
    number_id = telnyx.emulator.numbers()[NUMBER].number_id

    one = content(telnyx.ask("GET", f"{PATH}/{number_id}"))["data"]

    assert one == content(telnyx.ask("GET", f"{PATH}/%2B{NUMBER[1:]}"))["data"]
    assert (one["phone_number"], one["tags"], one["messaging_profile_id"]) == (NUMBER, ["gold", "west"], PROFILE)
    assert number_id.isdecimal()
    assert code(telnyx.ask("GET", f"{PATH}/12025550123")) == (404, "10005")


def test_its_tags_are_written_and_its_messaging_profile_is_not() -> None:
    telnyx = account()

    changed = telnyx.ask("PATCH", f"{PATH}/{NUMBER}", {"tags": ["east"], "messaging_profile_id": "another"})

    assert content(changed)["data"]["tags"] == ["east"]
    assert content(changed)["data"]["messaging_profile_id"] == PROFILE
    assert content(telnyx.ask("PATCH", f"{PATH}/{NUMBER}", {}))["data"]["tags"] == ["east"]
    assert code(telnyx.ask("PATCH", f"{PATH}/{NUMBER}", {"tags": "east"})) == (400, "10015")
    assert code(telnyx.ask("PATCH", f"{PATH}/+12025559999", {})) == (404, "10005")
