"""Operations: one number, one verb, from intent to verdict; the rows of the journal and of the work queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
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
    """Who goes first when all are due. Lower is sooner; `decide.rank` says which action is what."""

    APPROVAL = 0
    EVENT = 1
    HEAL = 2
    SWEEP = 3


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
