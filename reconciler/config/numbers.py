"""Phone numbers as people write them: what may be on a 10DLC campaign, and the way out for what only comes close."""

from __future__ import annotations

import re
from functools import cache

from reconciler.config.areas import ANY_LINE, country_of
from reconciler.config.mistake import Mistake
from reconciler.model.ids import US_REGIONS, PhoneNumber

FORM = r"\+1[0-9]{10}"

_CHARACTERS = len("+12025550123")
_SEPARATORS = re.compile(r"[\s().\-/\"'\u00a0\u2010-\u2015\u200b-\u200f\u202a-\u202e]")
_US_DIGITS = re.compile(r"(?:\+|00|011)?1?([2-9][0-9]{9})")
_TAKEN = "10DLC campaigns take US long codes only"
_EXAMPLE = "write +1 and ten digits, such as +12025550123"
_OTHER_FORMS = (
    (re.compile("[0-9]{5,6}"), f"a short code: {_TAKEN}", "take it out"),
    (re.compile(r"\+1[0-9]*"), "not ten digits after +1", _EXAMPLE),
    (re.compile(r"\+[0-9]+"), f"not a US number: {_TAKEN}", _EXAMPLE),
    (
        re.compile("[0-9,]+[eE][+]?[0-9]+"),
        "a number as spreadsheets round it, its end lost",
        "format its column as text",
    ),
)
_COUNTRIES = US_REGIONS | {None}


def number(text: str) -> PhoneNumber:
    """A US long code. That it is assigned to anybody, or ever can be, is not asked.

    Raises `Mistake` for another form, and for toll-free, short and foreign numbers. It never quotes the text, but it
    may say how the same digits are to be written.
    """
    try:
        found = PhoneNumber(text)
    except ValueError:
        raise _misshapen(text) from None
    if not text.startswith("+1") or len(text) != _CHARACTERS:
        raise _misshapen(text)
    if why := _refusal(text[2:5]):
        raise Mistake(f"{why}: {_TAKEN}", "take it out")
    return found


@cache
def _refusal(area: str) -> str:
    """Why no number of an area code can be on a 10DLC campaign; empty if one can. A thousand answers at most."""
    if PhoneNumber(f"+1{area}{ANY_LINE}").is_toll_free:
        return "a toll-free number"
    country = country_of(area)
    return "" if country in _COUNTRIES else f"a number of another country ({country})"


def _misshapen(text: str) -> Mistake:
    bare = _SEPARATORS.sub("", text)
    if not text.strip():
        return Mistake("is empty")
    if digits := _US_DIGITS.fullmatch(bare):
        return Mistake("not written as +1 and ten digits", f"write +1{digits[1]}")
    for form, words, hint in _OTHER_FORMS:
        if form.fullmatch(bare):
            return Mistake(words, hint)
    return Mistake("not a phone number", _EXAMPLE)
