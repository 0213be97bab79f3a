"""What the store remembers for one question, and what one round of reconciling writes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from reconciler.model.alerts import Judgement
from reconciler.model.dormancy import Dormancy
from reconciler.model.drift import Drift
from reconciler.model.events import Cause, Subject, Trigger
from reconciler.model.fleet import Campaign, Observed, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line, Membership, Profile, Selected
from reconciler.model.operations import Operation, Urgency
from reconciler.model.patience import Patience
from reconciler.model.plan import Action, Plan
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason
from reconciler.model.reversals import Reversals
from reconciler.model.standing import Freeze, Halt
from reconciler.model.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """A due trigger as claimed. It is answered only if nobody asked again meanwhile (`generation`)."""

    subject: Subject
    cause: Cause
    generation: int
    since: datetime
    """When it was first asked: what cannot be answered is postponed for about as long as it has waited."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of some numbers and of all campaigns."""

    campaigns: Mapping[CampaignId, Campaign] = field(default_factory=lambda: MappingProxyType({}))
    sightings: Mapping[PhoneNumber, Sighting] = field(default_factory=lambda: MappingProxyType({}))
    operations: Mapping[PhoneNumber, Operation] = field(default_factory=lambda: MappingProxyType({}))
    """The open ones."""
    looked_at: Mapping[CampaignId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When each campaign's numbers were last listed completely."""
    halt: Halt | None = None
    freezes: tuple[Freeze, ...] = ()
    """What people froze, the account as a whole first."""
    dormancies: Mapping[CampaignId, Dormancy] = field(default_factory=lambda: MappingProxyType({}))
    """By the ids that the config uses."""
    lines: Mapping[PhoneNumber, Line] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers of the account, as last told."""
    profiles: Mapping[ProfileId, Profile] = field(default_factory=lambda: MappingProxyType({}))
    """All of them."""
    rostered_at: Mapping[ProfileId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When each profile's numbers were last listed completely."""
    resynced_at: datetime | None = None
    """When a full resync was last asked for: what was last read before then is to be read anew."""
    clock_set_at: datetime | None = None
    """To when this machine's clock was last set by a leap."""
    empty_since: Mapping[CampaignId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """Approved campaigns whose numbers were last listed as none: since when every list has been so."""
    reversals: Mapping[PhoneNumber, Reversals] = field(default_factory=lambda: MappingProxyType({}))
    """How often somebody lately undid what we assigned, of the numbers of which that is so."""
    opens_at: datetime | None = None
    """When the schedule's next window for changes opens; None: one is open. No store remembers that: the story adds it.
    """

    def held_until(self, number: PhoneNumber, now: datetime) -> datetime | None:
        """Until when nothing is written for a number, because what we write is undone; None: it is not held."""
        known = self.reversals.get(number)
        return None if known is None else known.held_until(now)

    def membership(self, number: PhoneNumber, profile: ProfileId, *, now: datetime, patience: Patience) -> Membership:
        """Where a number is, seen from the messaging profile that its pool names, as far as that is still fresh.

        That it is there is shown by every complete list since; that it is not, by reads of it alone, which are rare.
        """
        line = self.lines.get(number)
        if line is None:
            return Membership.UNKNOWN
        where = line.membership(profile)
        seen_at, most = line.taken_at, patience.slow_recheck
        if where is Membership.EXPECTED:
            seen_at, most = max(seen_at, self.rostered_at.get(profile, seen_at)), patience.evidence_for_assign
        return where if now - seen_at <= most else Membership.UNKNOWN


def longest_unread(read_at: Mapping[PhoneNumber, datetime | None]) -> list[PhoneNumber]:
    """Whose turn it is to be read: those that never were, then those last read the longest ago."""
    never = sorted(number for number, at in read_at.items() if at is None)
    return never + [number for _, number in sorted((at, number) for number, at in read_at.items() if at is not None)]


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is due, and when the next thing will be: what the loops sleep by."""

    urgency: Urgency | None
    """The most urgent operation that can be claimed now; None if there is none."""
    operations_at: datetime | None
    """When the next operation falls due, if one waits."""
    triggers_at: datetime | None
    parcels_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolCheck:
    """When a pool was last checked against Telnyx, and when its drift last changed."""

    pool: PoolName
    checked_at: datetime
    drift: Mapping[str, int]
    """By class of drift. A class that is left out was not judged this time, and keeps its last count."""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """All that one round of reconciling found and decided: written in one transaction."""

    started_at: datetime
    finished_at: datetime
    asked: tuple[Asked, ...]
    plan: Plan
    postponed: tuple[tuple[Asked, datetime], ...] = ()
    """Of those asked, the ones that could not be answered now, and when to try again."""
    actions: tuple[Action, ...] = ()
    """The plan's actions that may be done now: each becomes an operation, unless its number has learned
    something newer than the evidence, or already has one."""
    evidence_at: Mapping[CampaignId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When each campaign's listing was begun."""
    empty: frozenset[CampaignId] = frozenset()
    """Of these, the approved campaigns whose list was complete and empty."""
    campaigns: tuple[Campaign, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    reversals: tuple[Reversals, ...] = ()
    """Those that changed; one without times is forgotten."""
    profiles: tuple[Profile, ...] = ()
    rostered_at: Mapping[ProfileId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When each complete list of a profile's numbers was begun."""
    lines: tuple[Line, ...] = ()
    selected: tuple[Selected, ...] = ()
    """What selections chose, where that was read completely."""
    settled: tuple[tuple[Operation, Verdict], ...] = ()
    checks: tuple[PoolCheck, ...] = ()
    judgement: Judgement = Judgement()
    triggers: tuple[Trigger, ...] = ()
    halt: Halt | None = None
    """The halt that holds from now on."""
    urgencies: Mapping[PhoneNumber, Urgency] = field(default_factory=lambda: MappingProxyType({}))
    """How urgent the action of each number is; SWEEP where it is left out."""
    clock_set_at: datetime | None = None
    """As the round began to know it: if the clock was set since, its times are of two clocks, and it is void."""


@dataclass(frozen=True)
class Findings:
    """What one round found: what its alerts are judged by."""

    desired: Desired
    observed: Observed
    memory: Memory
    """This look included, but for operations: these are as they were before it."""
    drifts: tuple[Drift, ...]
    plan: Plan
    settled: Mapping[PhoneNumber, tuple[Operation, Verdict]]
    """What became of operations by this look."""
    at: datetime

    def drifts_of(self, pool: PoolName) -> tuple[Drift, ...]:
        """Those of one pool."""
        return self._by_pool.get(pool, ())

    @cached_property
    def _by_pool(self) -> dict[PoolName, tuple[Drift, ...]]:
        found: dict[PoolName, list[Drift]] = {}
        for drift in self.drifts:
            found.setdefault(drift.pool, []).append(drift)
        return {pool: tuple(drifts) for pool, drifts in found.items()}

    @cached_property
    def ungrounded(self) -> frozenset[tuple[PhoneNumber, PoolName]]:
        """Numbers, each with its pool, for which the plan does nothing because what it would rest on is not known."""
        return frozenset((one.number, one.pool) for one in self.plan.holds if one.reason is Reason.EVIDENCE_STALE)

    @property
    def may_write(self) -> bool:
        """Whether anything may be changed at Telnyx now: by the account, by people and by the schedule."""
        is_frozen = any(one.holds(self.at) for one in self.memory.freezes)
        return self.memory.halt is None and self.memory.opens_at is None and not is_frozen
