"""Where a number stands, for people: the phase, its one reason, who can change it, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciler.model.dormancy import Dormancy
from reconciler.model.fleet import Assignment, AssignmentState, Campaign, Sighting, aliases_of
from reconciler.model.ids import PhoneNumber, PoolName
from reconciler.model.lines import Line, Membership, Profile
from reconciler.model.operations import Operation
from reconciler.model.pools import DriftClass, Mode, Pool
from reconciler.model.reasons import Reason
from reconciler.model.reversals import Reversals


class Phase(StrEnum):
    """The phases that are possible while the service only adds."""

    UNMANAGED = "Unmanaged"
    WAITING = "Waiting"
    QUEUED = "Queued"
    ASSIGNING = "Assigning"
    PROPAGATING = "Propagating"
    READY = "Ready"
    DRIFTED = "Drifted"
    RETRYING = "Retrying"
    BLOCKED = "Blocked"
    FROZEN = "Frozen"
    GONE = "Gone"


class Who(StrEnum):
    """Who can change it."""

    US = "us"
    TELNYX = "telnyx"
    CARRIER = "carrier"
    YOU = "you"


@dataclass(frozen=True, slots=True)
class Halt:
    """No write is made until this is lifted: Telnyx refused the account or the key."""

    since: datetime
    probe_at: datetime
    detail: str


EVERYWHERE = "*"
"""The scope of a freeze that holds everything."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """No write is made until a person ends this, or its time is up."""

    scope: str
    """`*` for all, or a pool."""
    since: datetime
    reason: str
    author: str = ""
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether its time is not up yet."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one number, gathered for one question: why is it not sending?"""

    number: PhoneNumber
    pool: Pool | None
    campaign: Campaign | None
    """The last reading of the campaign that wants it."""
    sighting: Sighting | None
    operation: Operation | None
    """Its open operation."""
    halt: Halt | None = None
    looked_at: datetime | None = None
    """When the wanted campaign's numbers were last listed completely."""
    line: Line | None = None
    """The number as the account has it."""
    profile: Profile | None = None
    """The last reading of the messaging profile that its pool names."""
    rostered_at: datetime | None = None
    """When that profile's numbers were last listed completely."""
    opens_at: datetime | None = None
    """When the schedule's next window for changes opens; None: one is open."""
    claimed_by: tuple[PoolName, ...] = ()
    """Pools that do not have it, and whose selections choose it too."""
    dormancy: Dormancy | None = None
    """What is done to wake the wanted campaign, where it is dormant."""
    freeze: Freeze | None = None
    """What a person paused; its time may be up."""
    reversals: Reversals | None = None
    """How often somebody lately undid what we assigned."""

    @property
    def evidence_at(self) -> datetime | None:
        """How fresh what we know of the number is."""
        if self.sighting is None or self.looked_at is None:
            return self.looked_at if self.sighting is None else self.sighting.seen_at
        return max(self.looked_at, self.sighting.seen_at)

    @property
    def found(self) -> Assignment | None:
        """Where it was last seen; None: on no campaign, or never."""
        return None if self.sighting is None else self.sighting.assignment

    @property
    def is_here(self) -> bool:
        """Whether it was last seen on the campaign that wants it, however far that has come."""
        found = self.found
        if found is None or self.pool is None:
            return False
        return found.is_on(self.pool.campaign, aliases_of(self.campaign))

    @property
    def is_lacking(self) -> bool:
        """Whether something would have to be written for it: a pool wants it, and it is on no campaign, or failed."""
        failed = self.found is not None and self.is_here and self.found.state is AssignmentState.FAILED
        return self.pool is not None and (self.found is None or failed)

    @property
    def membership(self) -> Membership:
        """Where it is, seen from the messaging profile that its pool names; as expected where it names none."""
        profile = None if self.pool is None else self.pool.messaging_profile
        if profile is None:
            return Membership.EXPECTED
        return Membership.UNKNOWN if self.line is None else self.line.membership(profile)

    @property
    def drift(self) -> DriftClass:
        """The class of drift that the next write for it would heal."""
        return DriftClass.MISSING_PREREQUISITE if self.membership is Membership.NONE else DriftClass.MISSING

    @property
    def mode(self) -> Mode:
        """What its pool lets be done about that."""
        return Mode.OBSERVE if self.pool is None else self.pool.policy.mode_for(self.drift)


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer in one row of the table of phases."""

    phase: Phase
    reason: Reason = Reason.NONE
    who: Who = Who.US
    next_at: datetime | None = None
    """When we look or act next by ourselves; None: at the next sweep, or when a person acts."""
    fresh: bool = True
    """Whether the evidence is young enough to act on."""


class Result(StrEnum):
    """How one check of the chain ended."""

    OK = "ok"
    WAIT = "wait"
    FAIL = "fail"
    UNKNOWN = "unknown"


CARRIER = "carrier"
"""The link to the carriers is one check for each group of them, such as `carrier tmobile`."""


@dataclass(frozen=True, slots=True)
class Check:
    """One link of the chain from the config to a carrier."""

    name: str
    result: Result
    evidence: str
    age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a number's history, from the journal."""

    at: datetime
    what: str
    detail: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a number does or does not send: the first broken link, its evidence, who can mend it, what comes next."""

    facts: Facts
    standing: Standing
    message: str
    next_step: str
    """What a person has to do, if anything."""
    checks: tuple[Check, ...]
