"""Drift: each way in which what Telnyx has differs from what the config wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.fleet import Assignment
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName


@dataclass(frozen=True, slots=True)
class Missing:
    """Wanted on the campaign and not on it: it may send now, and carriers filter it."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    found: Assignment | None = None
    """A failed assignment on the wanted campaign, where there is one."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """Wanted and not seen, but the look was incomplete or the number was last seen assigned: absence is not shown."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    why: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Wanted here, and on another campaign."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    found: Assignment


@dataclass(frozen=True, slots=True)
class Extra:
    """On a pool's campaign, and in no pool."""

    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    found: Assignment


Drift: TypeAlias = Missing | Unproven | Conflict | Extra
