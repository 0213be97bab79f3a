"""Drift: each way in which what Telnyx has differs from what the config wants.

Three sets tell it: the numbers a pool wants (D), those on its campaign (A), those on its messaging profile (P).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from reconciler.model.fleet import Assignment
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.pools import DriftClass
from reconciler.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class _Drift:
    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    """The pool's, by the id that the config uses."""


@dataclass(frozen=True, slots=True)
class Missing(_Drift):
    """D, not A, and P (or not asked for): it may send now, and carriers filter it."""

    kind: ClassVar = DriftClass.MISSING

    found: Assignment | None = None
    """A failed assignment on the wanted campaign, where there is one."""


@dataclass(frozen=True, slots=True)
class MissingPrerequisite(_Drift):
    """D, not A, on no messaging profile: Telnyx would not assign it."""

    kind: ClassVar = DriftClass.MISSING_PREREQUISITE

    profile: ProfileId
    """The pool's."""


@dataclass(frozen=True, slots=True)
class OtherProfile(_Drift):
    """D, not A, on another messaging profile than the pool's: it is never taken from there."""

    kind: ClassVar = DriftClass.OTHER_PROFILE

    profile: ProfileId
    """The pool's."""
    found: ProfileId
    """Where it is."""


@dataclass(frozen=True, slots=True)
class OffProfile(_Drift):
    """D, A, not P: assigned, and on another messaging profile or none."""

    kind: ClassVar = DriftClass.OFF_PROFILE

    profile: ProfileId
    """The pool's."""
    found: ProfileId | None
    """Where it is."""


@dataclass(frozen=True, slots=True)
class Conflict(_Drift):
    """D, and on another campaign."""

    kind: ClassVar = DriftClass.CONFLICT

    found: Assignment


@dataclass(frozen=True, slots=True)
class Extra(_Drift):
    """A, and in no pool. `pool` is the first on that campaign."""

    kind: ClassVar = DriftClass.EXTRA

    found: Assignment


@dataclass(frozen=True, slots=True)
class UncoveredSender(_Drift):
    """P, in no pool and on no campaign, and the profile's number pool may pick it: its messages are filtered."""

    kind: ClassVar = DriftClass.UNCOVERED_SENDER

    profile: ProfileId


@dataclass(frozen=True, slots=True)
class MixedCampaigns(_Drift):
    """The profile's number pool sends from other campaigns too. `number` is an example: one drift a pool.

    "Every number in the pool must be assigned to the same campaign" (number assignment page).
    """

    kind: ClassVar = DriftClass.MIXED_CAMPAIGNS

    profile: ProfileId
    others: Mapping[CampaignId, int]
    """How many of the profile's numbers are on each other campaign."""


@dataclass(frozen=True, slots=True)
class Ineligible(_Drift):
    """D, and it can be on no 10DLC campaign: not in the account, or no US long code."""

    kind: ClassVar = DriftClass.INELIGIBLE

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Claimed(_Drift):
    """A selection of the pool chooses it, and another pool of the config has it."""

    kind: ClassVar = DriftClass.CLAIMED

    owner: PoolName


@dataclass(frozen=True, slots=True)
class Unproven(_Drift):
    """Something that must be known was not seen, or not clearly: absence is not shown."""

    kind: ClassVar = DriftClass.UNPROVEN

    why: str
    slow: bool = False
    """It was read lately, and Telnyx did not tell: another read soon would not either."""


Drift: TypeAlias = (
    Missing
    | MissingPrerequisite
    | OtherProfile
    | OffProfile
    | Conflict
    | Extra
    | UncoveredSender
    | MixedCampaigns
    | Ineligible
    | Claimed
    | Unproven
)

BESIDE: tuple[type[Drift], ...] = (Extra, UncoveredSender, MixedCampaigns, Claimed)
"""Drift of numbers that the pool does not want, or of the pool as a whole."""
