"""US long codes are taken, and what is none is told with the way out."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.mistake import Mistake
from reconciler.config.numbers import number

TAKEN = {
    "+12025550123": "Washington",
    "+15551234567": "an area that nobody has: not asked",
    "+12020000000": "an exchange that nobody has: not asked",
    "+17875550123": "Puerto Rico",
    "+16715550123": "Guam",
    "+13405550123": "the US Virgin Islands",
    "+15005550123": "personal numbers",
    "+10000000000": "nothing at all",
}
SHAPE = "write +1 and ten digits, such as +12025550123"
REFUSED = {
    "+18005550123": ("a toll-free number: 10DLC campaigns take US long codes only", "take it out"),
    "+18335550123": ("a toll-free number: 10DLC campaigns take US long codes only", "take it out"),
    "+14165550123": ("a number of another country (CA): 10DLC campaigns take US long codes only", "take it out"),
    "+16005550123": ("a number of another country (CA): 10DLC campaigns take US long codes only", "take it out"),
    "+18765550123": ("a number of another country (JM): 10DLC campaigns take US long codes only", "take it out"),
    "+12425550123": ("a number of another country (BS): 10DLC campaigns take US long codes only", "take it out"),
    "+18095550123": ("a number of another country (DO): 10DLC campaigns take US long codes only", "take it out"),
    "+442071838750": ("not a US number: 10DLC campaigns take US long codes only", SHAPE),
    "12345": ("a short code: 10DLC campaigns take US long codes only", "take it out"),
    "123456": ("a short code: 10DLC campaigns take US long codes only", "take it out"),
    "12025550123": ("not written as +1 and ten digits", "write +12025550123"),
    "2025550123": ("not written as +1 and ten digits", "write +12025550123"),
    "0012025550123": ("not written as +1 and ten digits", "write +12025550123"),
    "+1 202 555 0123": ("not written as +1 and ten digits", "write +12025550123"),
    " +12025550123": ("not written as +1 and ten digits", "write +12025550123"),
    "+1-202-555-0123": ("not written as +1 and ten digits", "write +12025550123"),
    "(202) 555-0123": ("not written as +1 and ten digits", "write +12025550123"),
    "202.555.0123": ("not written as +1 and ten digits", "write +12025550123"),
    "\u202a+1 (202) 555\u20110123\u202c": ("not written as +1 and ten digits", "write +12025550123"),
    "+1202555012": ("not ten digits after +1", SHAPE),
    "+120255501234": ("not ten digits after +1", SHAPE),
    "+1": ("not ten digits after +1", SHAPE),
    "1.2025550123E+10": ("a number as spreadsheets round it, its end lost", "format its column as text"),
    "1,20256E+10": ("a number as spreadsheets round it, its end lost", "format its column as text"),
    "+1202555O123": ("not a phone number", SHAPE),
    "+1\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff12\uff13": ("not a phone number", SHAPE),
    "tel:+12025550123": ("not a phone number", SHAPE),
    "secret": ("not a phone number", SHAPE),
    "": ("is empty", ""),
    " ": ("is empty", ""),
}


@pytest.mark.parametrize("text", TAKEN)
def test_a_us_long_code_is_taken(text: str) -> None:
    assert number(text) == text


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_none_is_told_with_the_way_out(text: str) -> None:
    with pytest.raises(Mistake) as caught:
        number(text)

    assert (caught.value.words, caught.value.hint) == REFUSED[text]


@given(st.text() | st.text("+1234567890 -()", max_size=20))
def test_any_text_is_taken_as_it_is_or_refused(text: str) -> None:
    with suppress(Mistake):
        assert number(text) == text
