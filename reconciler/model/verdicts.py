"""Verdicts: what an attempt or a look brought for an operation, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.errors import Fault
from reconciler.model.fleet import Assignment
from reconciler.model.lines import Line
from reconciler.model.reasons import Reason

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
    asked_at: datetime | None = None
    """What it shows is no younger than this; None: as young as can be."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A read of this very number answered 404: it is on no campaign. A listing never makes this."""

    asked_at: datetime | None = None
    """As of `Seen`."""


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
    anew: bool = False  # what stood in the way may be gone, so the backoff begins from nothing


@dataclass(frozen=True, slots=True)
class Recheck:
    """The outcome is unknown: read the number, not before `at`. Never a second write."""

    at: datetime
    detail: str
    absent: bool = False
    """This look answered that the number is on no campaign."""
    reason: Reason = Reason.NONE
    """Recorded if given; a NONE leaves the operation's reason as it is."""
    trouble: bool = True
    """As in Retry: one that Telnyx asked to wait shows no trouble."""


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
