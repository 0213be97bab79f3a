"""Which country an area code of North America belongs to. The one door to phonenumbers."""

from __future__ import annotations

from phonenumbers import PhoneNumber, region_code_for_number

ANY_LINE = "2345678"
"""What may follow every area code."""


def country_of(area: str) -> str | None:
    """The ISO country of three digits after +1; None: nobody has them today."""
    return region_code_for_number(PhoneNumber(country_code=1, national_number=int(area + ANY_LINE)))
