"""Desired state: the pools of the config, what they say, and which numbers that makes wanted now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from reconciler.model.errors import Place
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import ByProfile, Selection


class Mode(StrEnum):
    """What may be done for a pool."""

    ENFORCE = "enforce"
    OBSERVE = "observe"
    """Plan, report and alert; never write."""


class DriftClass(StrEnum):
    """The classes of drift, as the config, the outputs and the metrics name them."""

    MISSING = "missing"
    MISSING_PREREQUISITE = "missing_prerequisite"
    OTHER_PROFILE = "other_profile"
    OFF_PROFILE = "off_profile"
    CONFLICT = "conflict"
    EXTRA = "extra"
    UNCOVERED_SENDER = "uncovered_sender"
    MIXED_CAMPAIGNS = "mixed_campaigns"
    INELIGIBLE = "ineligible"
    CLAIMED = "claimed"
    UNPROVEN = "unproven"


class OnConflict(StrEnum):
    """What to do about a wanted number that is on another campaign. Moving it is not supported yet."""

    FAIL = "fail"
    """Leave it there and say so."""
    SKIP = "skip"
    """Leave it there in silence."""


class OnMissingProfile(StrEnum):
    """What to do about a wanted number that is on no messaging profile, where its pool names one."""

    ATTACH = "attach"
    """Put it on the pool's profile, then assign it."""
    FAIL = "fail"
    """Leave it and say so."""
    SKIP = "skip"
    """Leave it in silence."""


@dataclass(frozen=True, slots=True)
class PendingAfter:
    """How long a number may be pending at Telnyx before that is said, ever louder: info, warning, critical."""

    warn: timedelta = timedelta(hours=4)
    alert: timedelta = timedelta(hours=24)
    escalate: timedelta = timedelta(hours=72)

    def __post_init__(self) -> None:
        if not self.warn <= self.alert <= self.escalate:
            message = "warn must not be longer than alert, nor alert longer than escalate"
            raise ValueError(message)

    @classmethod
    def around(
        cls, alert: timedelta | None = None, *, warn: timedelta | None = None, escalate: timedelta | None = None
    ) -> PendingAfter:
        """What is not said stands to `alert` as it does by default. Raises ValueError for an order that cannot be."""
        usual = cls()
        alert = usual.alert if alert is None else alert
        return cls(
            alert * (usual.warn / usual.alert) if warn is None else warn,
            alert,
            alert * (usual.escalate / usual.alert) if escalate is None else escalate,
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """How far the service may go for a pool."""

    mode: Mode = Mode.ENFORCE
    """For every drift that `observed` and `enforced` do not name."""
    observed: frozenset[DriftClass] = frozenset()
    """Classes of drift that are only observed, whatever `mode` says."""
    enforced: frozenset[DriftClass] = frozenset()
    """Classes of drift that are healed, whatever `mode` says."""
    on_conflict: OnConflict = OnConflict.FAIL
    on_missing_profile: OnMissingProfile = OnMissingProfile.ATTACH
    allow_empty: bool = False
    pending_after: PendingAfter = PendingAfter()

    def mode_for(self, drift: DriftClass) -> Mode:
        """What may be done about drift of this class."""
        if drift in self.observed:
            return Mode.OBSERVE
        return Mode.ENFORCE if drift in self.enforced else self.mode


@dataclass(frozen=True, slots=True)
class Listed:
    """A number as a pool lists it."""

    number: PhoneNumber
    note: str = ""
    """For people."""
    until: datetime | None = None
    """From then on it is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A pool as the config has it, good for any time: which numbers it wants may change with time and account."""

    name: PoolName
    campaign: CampaignId
    listed: tuple[Listed, ...]
    """Sorted by number, each once."""
    selections: tuple[Selection, ...] = ()
    exclude: frozenset[PhoneNumber] = frozenset()
    """Never wanted here, however listed or selected."""
    protect: frozenset[PhoneNumber] = frozenset()
    """Never moved or unassigned."""
    messaging_profile: ProfileId | None = None
    """Where its numbers belong. None: profiles are not checked for this pool."""
    policy: Policy = Policy()
    description: str = ""


class Contradiction(ValueError):
    """A desired state that cannot be: a number in two pools, a name twice."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """All pools of a config, and its revision. `decide.enlist` makes of it what is wanted now."""

    revision: str
    pools: tuple[Declared, ...]

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Every selection, each once, in the order of the file."""
        return tuple(dict.fromkeys(one for pool in self.pools for one in pool.selections))


@dataclass(frozen=True, slots=True)
class Pool:
    """A named set of numbers that belong on one campaign now."""

    name: PoolName
    campaign: CampaignId
    numbers: tuple[PhoneNumber, ...]
    """Sorted, each once."""
    policy: Policy = Policy()
    description: str = ""
    messaging_profile: ProfileId | None = None
    """Where its numbers belong. None: profiles are not checked for this pool."""
    selections: tuple[Selection, ...] = ()
    """Where some of its numbers come from."""
    notes: Mapping[PhoneNumber, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the config says of some of its numbers, for people."""
    claimed: Mapping[PhoneNumber, PoolName] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers that its selections choose too, and the pool that has them: a number is wanted by one pool only."""
    undecided: Mapping[PhoneNumber, PoolName] = field(default_factory=lambda: MappingProxyType({}))
    """Of its numbers, those that a pool before it may have: a selection of that one was never read. Nothing is written
    for them until then, since a number on the wrong campaign stays there."""
    unread: tuple[Selection, ...] = ()
    """Of its selections, those that were never read completely: what they choose is not known yet."""

    @property
    def profiles(self) -> tuple[ProfileId, ...]:
        """Every messaging profile that it asks about, each once: its own first."""
        chosen = (one.profile for one in self.selections if isinstance(one, ByProfile))
        own = () if self.messaging_profile is None else (self.messaging_profile,)
        return tuple(dict.fromkeys((*own, *chosen)))

    @property
    def sources(self) -> frozenset[str]:
        """Everything at Telnyx that must be read to judge it: ids as text."""
        return frozenset({self.campaign, *self.profiles, *map(str, self.selections)})


@dataclass(frozen=True)
class Desired:
    """The whole desired state as of now, and the revision of the config it came from."""

    revision: str
    pools: tuple[Pool, ...]
    until: datetime | None = None
    """When a number of it stops being wanted by itself, if one does."""
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

    def claims_on(self, number: PhoneNumber) -> tuple[PoolName, ...]:
        """The pools whose selections choose this number too, and that do not have it."""
        return self._claims.get(number, ())

    def campaign_of(self, subject: CampaignId | PhoneNumber) -> CampaignId | None:
        """The managed campaign that a subject is about: itself, or that of the number's pool. None: not ours."""
        if isinstance(subject, CampaignId):
            return subject if subject in self._by_campaign else None
        pool = self.pool_of(subject)
        return None if pool is None else pool.campaign

    @cached_property
    def campaigns(self) -> tuple[CampaignId, ...]:
        """Every campaign a pool names, in the order of the file, each once."""
        return tuple(self._by_campaign)

    @cached_property
    def policies(self) -> Mapping[PoolName, Policy]:
        """The policy of each pool, by its name."""
        return {pool.name: pool.policy for pool in self.pools}

    @cached_property
    def _claims(self) -> dict[PhoneNumber, tuple[PoolName, ...]]:
        found: dict[PhoneNumber, tuple[PoolName, ...]] = {}
        for pool in self.pools:
            for number in pool.claimed:
                found[number] = (*found.get(number, ()), pool.name)
        return found

    @cached_property
    def _by_campaign(self) -> dict[CampaignId, tuple[Pool, ...]]:
        found: dict[CampaignId, tuple[Pool, ...]] = {}
        for pool in self.pools:
            found[pool.campaign] = (*found.get(pool.campaign, ()), pool)
        return found

    def pools_on(self, campaign: CampaignId) -> tuple[Pool, ...]:
        """The pools that name this campaign, by the id the file uses."""
        return self._by_campaign.get(campaign, ())


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text from the config with its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A number of a pool with its place: its form is right, and that is all."""

    number: PhoneNumber
    place: Place
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """A pool as the file has it: read, not yet believed."""

    name: Placed
    campaign: Placed
    listed: tuple[ListedDraft, ...]
    policy: Policy
    description: str = ""
    selections: tuple[Selection, ...] = ()
    exclude: frozenset[PhoneNumber] = frozenset()
    protect: frozenset[PhoneNumber] = frozenset()
    messaging_profile: ProfileId | None = None
