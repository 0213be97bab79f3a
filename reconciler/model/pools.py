"""Desired state: the pools of the config, each a campaign and the numbers that belong on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from reconciler.model.errors import Place
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName


class Mode(StrEnum):
    """What may be done for a pool."""

    ENFORCE = "enforce"
    OBSERVE = "observe"
    """Plan, report and alert; never write."""


class OnConflict(StrEnum):
    """What to do about a wanted number that is on another campaign. Moving it is not supported yet."""

    FAIL = "fail"
    """Leave it there and say so."""
    SKIP = "skip"
    """Leave it there in silence."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How far the service may go for a pool."""

    mode: Mode = Mode.ENFORCE
    on_conflict: OnConflict = OnConflict.FAIL
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """A named set of numbers that belong on one campaign."""

    name: PoolName
    campaign: CampaignId
    numbers: tuple[PhoneNumber, ...]
    """Sorted, each once."""
    policy: Policy = Policy()
    description: str = ""


class Contradiction(ValueError):
    """A desired state that cannot be: a number in two pools, a name twice."""


@dataclass(frozen=True)
class Desired:
    """The whole desired state, and the revision of the config it came from."""

    revision: str
    pools: tuple[Pool, ...]
    _by_number: dict[PhoneNumber, Pool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_number: dict[PhoneNumber, Pool] = {}
        for pool in self.pools:
            for number in pool.numbers:
                if (other := by_number.setdefault(number, pool)) is not pool:
                    message = f"{number} is in two pools: {other.name} and {pool.name}"
                    raise Contradiction(message)
        if len({pool.name for pool in self.pools}) != len(self.pools):
            message = "two pools have one name"
            raise Contradiction(message)
        object.__setattr__(self, "_by_number", by_number)

    def pool_of(self, number: PhoneNumber) -> Pool | None:
        """The pool that wants this number, if one does."""
        return self._by_number.get(number)

    def campaign_of(self, subject: CampaignId | PhoneNumber) -> CampaignId | None:
        """The managed campaign that a subject is about: itself, or that of the number's pool. None: not ours."""
        if isinstance(subject, CampaignId):
            return subject if subject in self.campaigns else None
        pool = self.pool_of(subject)
        return None if pool is None else pool.campaign

    @cached_property
    def campaigns(self) -> tuple[CampaignId, ...]:
        """Every campaign a pool names, in the order of the file, each once."""
        return tuple(dict.fromkeys(pool.campaign for pool in self.pools))

    def pools_on(self, campaign: CampaignId) -> tuple[Pool, ...]:
        """The pools that name this campaign, by the id the file uses."""
        return tuple(pool for pool in self.pools if pool.campaign == campaign)


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text from the config with its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """A pool as the file has it: read, not yet believed."""

    name: Placed
    campaign: Placed
    numbers: tuple[Placed, ...]
    policy: Policy
    description: str = ""
