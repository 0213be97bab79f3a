"""The account's numbers and their messaging profiles: what Telnyx says of them, and when we came to know it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.ids import US_REGIONS, PhoneNumber, ProfileId

READS_TO_BE_GONE = 2
"""Reads in a row without the number before it counts as gone from the account: one may be a lie."""


class LineKind(StrEnum):
    """What kind of number it is (OAS `type` and `phone_number_type`)."""

    LONG_CODE = "long_code"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"
    UNKNOWN = "unknown"


class Membership(StrEnum):
    """Where a number is, seen from the messaging profile that its pool names."""

    EXPECTED = "expected"
    NONE = "none"
    """On no profile: it must be on one before it can be assigned (number assignment page)."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """Not read, or not clear: neither on a profile nor on none."""


@dataclass(frozen=True, slots=True)
class Line:
    """One number as the account has it."""

    number: PhoneNumber
    taken_at: datetime
    profile: ProfileId | None = None
    """The messaging profile that it is on. None: on none, unless `unclear`."""
    id: str = ""
    """Telnyx's id of it, which requests about it need (OAS: an integer-like text)."""
    kind: LineKind = LineKind.UNKNOWN
    country: str = ""
    """ISO alpha-2; empty: not said."""
    unclear: bool = False
    """Its profile could not be told: the field was missing or read UNAVAILABLE (FIELD:70941097519), or a complete
    list of its last known profile lacks it and it has not been read by itself since."""
    absences: int = 0
    """Reads in a row that found no such number in the account; 0: it is there."""

    @property
    def is_gone(self) -> bool:
        """Whether it is surely not in the account."""
        return self.absences >= READS_TO_BE_GONE

    @property
    def is_wrong_kind(self) -> bool:
        """Whether it can be on no 10DLC campaign: "US long code (10-digit) numbers only" (number assignment page)."""
        elsewhere = bool(self.country) and self.country not in US_REGIONS
        return elsewhere or self.kind in (LineKind.TOLL_FREE, LineKind.SHORT_CODE)

    def membership(self, profile: ProfileId) -> Membership:
        """Where it is, seen from this profile."""
        if self.unclear or self.absences:
            return Membership.UNKNOWN
        if self.profile is None:
            return Membership.NONE
        return Membership.EXPECTED if self.profile == profile else Membership.OTHER

    def says_the_same(self, other: Line) -> bool:
        """Whether both readings tell the same, whenever they were made."""
        return (self.profile, self.id, self.kind, self.country, self.unclear, self.absences) == (
            other.profile,
            other.id,
            other.kind,
            other.country,
            other.unclear,
            other.absences,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One reading of a messaging profile."""

    id: ProfileId
    read_at: datetime
    exists: bool = True
    """False: Telnyx knows no profile by this id."""
    name: str = ""
    pooled: bool = False
    """Whether its number pool may pick a long code: it has pool settings, and their weight for long codes is not 0
    (OAS NumberPoolSettings)."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The numbers on one messaging profile, from all pages of one list."""

    profile: ProfileId
    lines: Mapping[PhoneNumber, Line]
    taken_at: datetime
    """When its first page was asked for."""
    complete: bool
    """The rows collected equal the total, and every row is of this profile. Absence is evidence only then."""
    flaw: str = ""
    """Why it is not complete."""


@dataclass(frozen=True, slots=True, order=True)
class ByTags:
    """The account's numbers that bear every one of these tags, and none of those."""

    tags: tuple[str, ...]
    """Sorted, at least one."""
    not_tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return json.dumps({"tags": self.tags, "not_tags": self.not_tags}, sort_keys=True)


@dataclass(frozen=True, slots=True, order=True)
class ByProfile:
    """The numbers on a messaging profile."""

    profile: ProfileId

    def __str__(self) -> str:
        return json.dumps({"messaging_profile": self.profile})


Selection: TypeAlias = ByTags | ByProfile
"""A choice of numbers that only the account can answer. Its text tells it from every other."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What a selection chose, from all pages of one list."""

    selection: Selection
    numbers: frozenset[PhoneNumber]
    """US long codes only: toll-free numbers never belong on a 10DLC campaign (OAS NumberPoolSettings)."""
    taken_at: datetime
    complete: bool
    """As of a Roster. What an incomplete list lacks is still selected: unknown is not empty."""
    flaw: str = ""
