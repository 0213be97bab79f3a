"""Identifiers: phone numbers, campaign, profile and pool names, as text that has been checked once, at the door."""

from __future__ import annotations

import re
from typing import Self

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_US_LONG_CODE = re.compile(r"\+1[0-9]{10}")
_CAMPAIGN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_PROFILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_POOL_NAME = re.compile(r"[a-z0-9-]{1,63}")
US_REGIONS = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})
"""The United States and its territories, as ISO alpha-2: Telnyx's own examples put a number of Guam on a campaign
(KB:10dlc-event-notifications)."""
_TOLL_FREE_AREAS = frozenset({"800", "822", "833", "844", "855", "866", "877", "888"})


class _CheckedText(str):
    """Text of one shape. Making one from text of another shape raises `ValueError` with the shape in words."""

    __slots__ = ()
    _shape: re.Pattern[str]
    _words: str

    def __new__(cls, text: str) -> Self:
        if not cls._shape.fullmatch(text):
            message = f"{text[:80]!r} is not {cls._words}"
            raise ValueError(message)
        return super().__new__(cls, text)


class PhoneNumber(_CheckedText):
    """A phone number in E.164 form, such as `+12025550123`."""

    __slots__ = ()
    _shape = _E164
    _words = "a phone number in E.164 form (+ and the digits, such as +12025550123)"

    @property
    def is_us_shaped(self) -> bool:
        """Whether it has the form +1 and ten digits (it may still be Canadian or toll-free)."""
        return _US_LONG_CODE.fullmatch(self) is not None

    @property
    def is_toll_free(self) -> bool:
        """Whether it is toll-free. Toll-free numbers never belong on a 10DLC campaign (OAS NumberPoolSettings)."""
        return self.is_us_shaped and self[2:5] in _TOLL_FREE_AREAS

    @property
    def is_us_long_code(self) -> bool:
        """Whether it may be on a 10DLC campaign: "US long code (10-digit) numbers only" (number assignment page)."""
        return self.is_us_shaped and not self.is_toll_free


class CampaignId(_CheckedText):
    """A campaign's id: Telnyx's own (UUID-like; the official examples are not all hexadecimal) or TCR's (`C6X6M95`).

    Both forms occur: assignments on shared campaigns carry the TCR id (OAS PhoneNumberCampaign), and so do
    CAMPAIGN_NUDGE events (KB:10dlc-event-notifications).
    """

    __slots__ = ()
    _shape = _CAMPAIGN_ID
    _words = "a campaign id (a Telnyx campaign UUID, or a TCR id such as C6X6M95)"

    @property
    def is_tcr(self) -> bool:
        """Whether it is in TCR's form: `C` and up to seven letters and digits, without dashes."""
        return len(self) <= 8 and self.startswith("C") and "-" not in self  # noqa: PLR2004 -- TCR ids are this short


class ProfileId(_CheckedText):
    """A messaging profile's id: a UUID (OAS MessagingProfile), in small letters however it was written."""

    __slots__ = ()
    _shape = _PROFILE_ID
    _words = "a messaging profile id (a UUID, such as 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11)"

    def __new__(cls, text: str) -> Self:
        """Make one."""
        return super().__new__(cls, text.lower())


class PoolName(_CheckedText):
    """A pool's name: unique in the config, fit for a metric label and a command line."""

    __slots__ = ()
    _shape = _POOL_NAME
    _words = "a pool name (1-63 of a-z, 0-9 and -)"
