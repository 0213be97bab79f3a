"""Identifiers are checked once, at the door, and are plain text afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.ids import CampaignId, PhoneNumber, PoolName


@pytest.mark.parametrize("text", ["+12025550123", "+442071838750", "+15"])
def test_a_phone_number_is_e164(text: str) -> None:
    assert PhoneNumber(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "12025550123", "+0202555", "+1 202 555 0123", "+1202555012345678", "+1202555012٣", "+12025550123\n", "tel:+1"],
)
def test_what_is_no_phone_number_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a phone number in E\.164 form"):
        PhoneNumber(text)


def test_a_refusal_shows_no_more_than_a_line() -> None:
    with pytest.raises(ValueError, match="is not a pool name") as refused:
        PoolName("x" * 10_000)

    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "long_code", "toll_free"),
    [
        ("+12025550123", True, False),
        ("+18005550123", False, True),
        ("+18885550123", False, True),
        ("+442071838750", False, False),
        ("+1202555012", False, False),
    ],
)
def test_only_us_long_codes_may_be_on_a_campaign(text: str, *, long_code: bool, toll_free: bool) -> None:
    number = PhoneNumber(text)

    assert (number.is_us_long_code, number.is_toll_free) == (long_code, toll_free)


@pytest.mark.parametrize(
    ("text", "is_tcr"),
    [
        ("C6X6M95", True),
        ("4b30019f-a9df-e17b-3529-70677db27ec4", False),
        ("CXXXXXXXXXX", False),
        ("c6x6m95", False),
    ],
)
def test_a_campaign_id_comes_in_two_forms(text: str, *, is_tcr: bool) -> None:
    assert CampaignId(text).is_tcr is is_tcr


@pytest.mark.parametrize("text", ["", "-x", "a/b", "a b", "../x", "x" * 65, "ü"])
def test_what_is_no_campaign_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a campaign id"):
        CampaignId(text)


@pytest.mark.parametrize("text", ["", "Acme", "acme_1", "a.b", "x" * 64])
def test_what_is_no_pool_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a pool name"):
        PoolName(text)


@given(st.text(max_size=30))
def test_an_id_is_the_text_it_was_made_of_or_is_not_made(text: str) -> None:
    for kind in (PhoneNumber, CampaignId, PoolName):
        try:
            made = kind(text)
        except ValueError:
            continue
        assert (made, made.isascii(), made.strip()) == (text, True, text)
