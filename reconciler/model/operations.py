"""Operations: one number, one verb, from intent to verdict; the rows of the journal and of the work queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TypeAlias

from reconciler.model.errors import Fault
from reconciler.model.fleet import Assignment
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason


class Step(StrEnum):
    """Where an open operation stands. At most one operation of a number is open (enforced by the database)."""

    READY = "ready"
    """To be sent when due."""
    SENT = "sent"
    """The intent is written and the request may be on the wire. After a crash this becomes UNRESOLVED."""
    UNRESOLVED = "unresolved"
    """It may have happened. Only reads until the outcome is known."""
    CONFIRMING = "confirming"
    """Telnyx took it; listings of its campaign will show the end."""
    BLOCKED = "blocked"
    """Refused for good, as it seems. Tried again slowly (`not_before`), or when a person asks."""
    CLOSED = "closed"


class Urgency(IntEnum):
    """Who goes first when all are due. Lower is sooner."""

    APPROVAL = 0
    """Its campaign was just approved: people wait for it."""
    EVENT = 1
    """Telnyx told of its campaign or of itself; or a person asked for it."""
    HEAL = 2
    """It was assigned before, and is not any more."""
    SWEEP = 3
    """Whatever a look everywhere finds besides, such as all numbers of a new pool."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the journal."""

    id: int
    number: PhoneNumber
    pool: PoolName
    campaign: CampaignId
    step: Step
    created_at: datetime
    not_before: datetime
    """When it is due; for CONFIRMING, only of use to people."""
    urgency: Urgency = Urgency.SWEEP
    attempt: int = 0
    """Requests sent."""
    refusals: int = 0
    """Times that Telnyx refused it, at once or later (FAILED_ASSIGNMENT). While above 0, an alert fires."""
    trouble: int = 0
    """Transient failures in a row; the backoff grows with them."""
    lease_token: int = 0
    """Grows with every claim. A record under an older token is refused (fencing)."""
    sent_at: datetime | None = None
    first_absent_at: datetime | None = None
    """While UNRESOLVED: when a read first answered that the number is on no campaign."""
    reason: Reason = Reason.NONE
    """Why it is not done yet, where something went wrong."""
    detail: str = ""
    """The last fault in words."""
    closed_at: datetime | None = None
    verb: Verb = Verb.ASSIGN
    profile: ProfileId | None = None
    """The messaging profile to put it on, where that is the verb."""

    @property
    def waits_for(self) -> Reason:
        """What an open operation is waiting for."""
        match self.step:
            case Step.SENT:
                return Reason.REQUEST_OPEN
            case Step.UNRESOLVED:
                return Reason.OUTCOME_UNKNOWN
            case Step.CONFIRMING:
                return Reason.TELNYX_PENDING
            case Step.READY | Step.BLOCKED | Step.CLOSED:
                due = Reason.ASSIGN_DUE if self.verb is Verb.ASSIGN else Reason.PROFILE_MISSING
                return self.reason or due


# What an attempt or a look brought.


@dataclass(frozen=True, slots=True)
class Accepted:
    """Telnyx answered 2xx: usually pending, sometimes assigned at once."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Refused:
    """Telnyx, or the network before Telnyx, surely did not do it."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Unresolved:
    """It may have happened."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Seen:
    """A look found the number on a campaign."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Absent:
    """A read of this very number answered 404: it is on no campaign. A listing never makes this."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A look failed, so it tells nothing."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Told:
    """The number's own record, which shows its messaging profile."""

    line: Line
    answer: bool = False
    """Whether it is the answer to our write, which must be read back, and not a read."""


Outcome: TypeAlias = Accepted | Refused | Unresolved | Seen | Absent | Unread | Told


# What we make of it.


class End(StrEnum):
    """How an operation ends."""

    DONE = "done"
    """The number is on the wanted campaign, or messaging profile."""
    TAKEN = "taken"
    """The number is on another one: the next diff shows it."""
    STALE = "stale"
    """The config or the campaign changed; what is still wanted is planned anew."""


@dataclass(frozen=True, slots=True)
class Done:
    """Close it."""

    end: End
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Telnyx has it; listings will tell."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Send it again, not before `at`."""

    at: datetime
    reason: Reason
    detail: str
    refused: bool = False
    """Telnyx took it and then failed it: counts toward the tries."""
    trouble: bool = True
    """A transient failure: the backoff grows."""
    anew: bool = False
    """What stood in the way may be gone: the backoff begins anew."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """The outcome is unknown: read the number, not before `at`. Never a second write."""

    at: datetime
    detail: str
    absent: bool = False
    """This look answered that the number is on no campaign."""
    reason: Reason = Reason.NONE
    """Recorded if given; a NONE leaves the operation's reason as it is."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Blocked: a person should look. Tried again slowly, not before `at`. Counts as a refusal."""

    at: datetime
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Tried:
    """It was sent to wake its campaign, and was refused, as was to be expected: close it, and see at `at` what it did.

    That is no failure: nobody is told, and what is still wanted is planned anew.
    """

    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing new: leave it as it is."""


@dataclass(frozen=True, slots=True)
class StopAll:
    """The account or key is refused: no writes for anyone until a probe succeeds, not before `at`."""

    at: datetime
    detail: str
    reason: Reason = Reason.ACCOUNT_HALTED


Verdict: TypeAlias = Done | Tried | Wait | Retry | Recheck | GiveUp | Keep | StopAll


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take. The defaults are those of the design; each can be traced to a line there."""

    lease: timedelta = timedelta(seconds=30)
    """How long a claimed operation is its worker's alone; longer than any call."""
    settle_window: timedelta = timedelta(seconds=60)
    refusal_waits: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
    backoff_first: timedelta = timedelta(seconds=1)
    backoff_cap: timedelta = timedelta(seconds=60)
    review_first: timedelta = timedelta(seconds=60)
    """After "not approved" for a campaign that reads as approved; doubling to `review_cap`."""
    review_cap: timedelta = timedelta(minutes=10)
    wake_look: timedelta = timedelta(seconds=90)
    """After an assignment that is to wake its campaign: "wait 1-2 minutes" (SUP:10723378)."""
    slow_recheck: timedelta = timedelta(hours=6)
    halt_probe: timedelta = timedelta(seconds=60)
    look_steps: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10, 20, 40, 80, 160, 320, 600))
    hinted_look: timedelta = timedelta(seconds=1)
    batch: int = 25
    """A listing for every so many accepted writes, while more of the campaign are still going out."""
    evidence_for_assign: timedelta = timedelta(minutes=10)
    two_checks: timedelta = timedelta(minutes=20)
    """What is still different after so long, two drift checks, is not put right by them."""

    def backoff(self, operation: Operation, draw: float) -> timedelta:
        """Full jitter: anywhere up to the doubled wait, so that many operations spread out."""
        return draw * min(self.backoff_cap, self.backoff_first * (1 << min(operation.trouble, 10)))

    def as_asked(self, fault: Fault) -> timedelta:
        """As long as Telnyx asked us to wait, within reason."""
        seconds = 1.0 if fault.retry_after_seconds is None else fault.retry_after_seconds
        return timedelta(seconds=min(max(seconds, 0.0), self.slow_recheck.total_seconds()))

    def is_settling(self, operation: Operation, now: datetime) -> bool:
        """Whether reads may still lag behind its request."""
        return operation.sent_at is not None and now < operation.sent_at + self.settle_window

    def next_read(self, operation: Operation, now: datetime) -> datetime:
        """After as long again as it is since the request, so ever more seldom, and once at the end of the window."""
        sent_at = operation.sent_at or now
        wait = min(max(now - sent_at, self.look_steps[0]), self.look_steps[-1])
        end = sent_at + self.settle_window
        return min(now + wait, end) if now < end else now + self.look_steps[0]

    def after_refusal(self, operation: Operation, reason: Reason, detail: str, now: datetime) -> Retry | GiveUp:
        """Telnyx took it and then failed it: some tries, ever further apart, and then a person."""
        if operation.refusals < len(self.refusal_waits):
            return Retry(now + self.refusal_waits[operation.refusals], reason, detail, refused=True)
        return GiveUp(now + self.slow_recheck, reason, detail)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A campaign's numbers that have not settled: what the time of the next listing is decided from."""

    campaign: CampaignId
    unsettled: int
    """Numbers pending, or assigned and not yet added by every carrier."""
    unseen: int
    """Of those, the ones accepted since the last listing."""
    queued: int
    """Operations of this campaign that are due now and not yet sent."""
    changed_at: datetime
    """The latest change among them."""
