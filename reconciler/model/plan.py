"""The plan: what would be done about every drift, as a value that is sorted, hashed, shown and compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.reasons import Reason


class Verb(StrEnum):
    """What is done to a number. Nothing is ever taken away yet."""

    ASSIGN = "assign"
    ATTACH_PROFILE = "attach_profile"


@dataclass(frozen=True, slots=True, order=True)
class Assign:
    """Put a number on its campaign."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId

    @property
    def verb(self) -> Verb:
        """The action's word in the journal and in outputs."""
        return Verb.ASSIGN


@dataclass(frozen=True, slots=True, order=True)
class AttachProfile:
    """Put a number that is on no messaging profile on its pool's: what Telnyx asks for before it can be assigned."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    """Where it is wanted."""
    profile: ProfileId

    @property
    def verb(self) -> Verb:
        """The action's word in the journal and in outputs."""
        return Verb.ATTACH_PROFILE


Action: TypeAlias = Assign | AttachProfile


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """A drift that nothing is done about now, and the one reason why."""

    number: PhoneNumber
    pool: PoolName
    reason: Reason
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions and holds answer every drift between them; none is dropped in silence."""

    revision: str
    """The config's revision that it was made for."""
    observed_at: datetime
    complete: bool
    """Whether every campaign in question was read, and read completely."""
    actions: tuple[Action, ...]
    holds: tuple[Hold, ...]
    unchanged: int
    """Wanted numbers without drift."""
    digest: str
    """SHA-256 over the config's revision, the actions and the holds; not over times."""
