"""Health: how the service itself fares: calls to Telnyx, webhooks, the queue; what alerts of no pool are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.model.epochs import Epoch
from reconciler.model.standing import Freeze, Halt

MANY_UNSIGNED = 6
"""Webhooks that were not authentic: so many within a short time are too many, and no more of them are kept."""


@dataclass(frozen=True, slots=True)
class Health:
    """How calls to Telnyx have fared since the start."""

    succeeded_at: datetime | None = None
    """When Telnyx last answered a call, yes or no; None: it never did."""
    failing_since: datetime | None = None
    """When the first call failed of those that failed since; None: the last answer came after every failure."""
    detail: str = ""
    """The last failure in words."""


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Webhooks that were refused because nobody could tell that Telnyx sent them."""

    since: datetime
    """Since when they have been counted: nothing is known of the time before."""
    latest: tuple[datetime, ...] = ()
    """When the latest ones came, the oldest first: at most `MANY_UNSIGNED`."""
    reason: str = ""
    """Why the last of them was refused."""
    untimely: tuple[datetime, ...] = ()
    """When the last two came that Telnyx signed, at a time that our clock puts too far away."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A signed event that could not be used, and that no person has looked at."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the store tells of the service as a whole, as of one moment."""

    first_run_at: datetime | None = None
    """When this store's first round of reconciling began."""
    webhook_at: datetime | None = None
    """When the last webhook came; what was read back from Telnyx's list of deliveries is none."""
    changed_at: datetime | None = None
    """When Telnyx last took or finished an assignment of ours, some minutes ago or longer: it has told of that."""
    unusable: tuple[Unusable, ...] = ()
    """The newest first, and a limited number of them."""
    due_at: datetime | None = None
    """Since when the oldest operation that may be sent has been due; None: none is."""
    doubted_at: datetime | None = None
    """The same for what is in doubt, and is read until it is clear."""
    worked_at: datetime | None = None
    """When a step of an operation was last written down."""
    halt: Halt | None = None
    freezes: tuple[Freeze, ...] = ()
    epoch: Epoch = Epoch()
    """Whether the store was lost or restored, and when."""
    pools: frozenset[str] = frozenset()
    """Pools of which an alert fires or is pending; empty for the account as a whole."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What keeps due operations from being sent, as it was last seen."""

    held: frozenset[str]
    """`halt`, `freeze`, `window`."""
    since: datetime
    """Since when it has been just these."""


@dataclass(frozen=True, slots=True)
class Stumbles:
    """What counts of the failures of one of the service's loops."""

    last_at: float | None = None
    """The last one, in seconds of a clock that never goes back."""
    again: bool = False
    """There was another one shortly before it."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """All of it."""

    health: Health
    unsigned: Unsigned
    ledger: Ledger
    holds: Holds
    at: datetime
