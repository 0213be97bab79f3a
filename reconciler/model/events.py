"""Webhook events and the triggers they become: a signed event says where to look, never what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from reconciler.model.dormancy import Dormancy
from reconciler.model.ids import CampaignId, PhoneNumber


@dataclass(frozen=True, slots=True)
class Event:
    """A signed event as far as we use it. Every field is a claim: it is read to know where to look."""

    event_type: str = ""
    """Such as `10dlc.campaign.update`; empty for a flat body."""
    type: str = ""
    """The payload's own type, such as VERIFIED or ASSIGNMENT."""
    campaigns: tuple[CampaignId, ...] = ()
    phone_number: PhoneNumber | None = None
    flat: bool = False
    """Came without the `data` envelope, as OAS and SUP:10723378 show it."""
    brands: tuple[str, ...] = ()
    """The brand's ids, at Telnyx and at TCR."""
    occurred_at: datetime | None = None
    known: bool = True
    """Whether its types are among those that Telnyx documents. Others are used just the same: Telnyx adds some."""
    dormant: bool = False
    """It says that its campaign is dormant."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A signed body that is no event we can read. It is kept, quarantined and shown; it never stops anything."""

    reason: str


class EventSource(StrEnum):
    """How an event came to us."""

    WEBHOOK = "webhook"
    DELIVERY = "delivery"
    """Read back from Telnyx's list of deliveries: trust comes from the API that told of it, not from a signature."""


class EventState(StrEnum):
    """Where a stored event stands. "Unknown type" and "not ours" are reasons of processed."""

    NEW = "new"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the inbox."""

    id: int
    event_id: str
    """Telnyx's id of the event; empty if the body had none that is usable."""
    received_at: datetime
    body: bytes
    state: EventState = EventState.NEW
    reason: str = ""
    event_type: str = ""
    type: str = ""
    subject: str = ""
    duplicates: int = 0
    source: EventSource = EventSource.WEBHOOK
    inspected_at: datetime | None = None
    """When a person looked at it, where it is quarantined."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that Telnyx says it tried to deliver (OAS webhook_delivery): what the event said is in its body."""

    id: str
    delivered: bool
    """Whether some attempt was answered 200."""
    body: bytes
    """The event in its envelope, as a webhook would have brought it; trust comes from the API that told of it."""
    event_id: str
    digest: bytes
    """With the id, what the webhook itself is known by."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What a read of the list of deliveries brought."""

    since: datetime
    found: int
    """Deliveries of 10DLC events."""
    new: int
    """Events among them that no webhook had brought."""


@dataclass(frozen=True, slots=True)
class Everything:
    """The subject of a sweep: look everywhere."""

    def __str__(self) -> str:
        return "*"


EVERYTHING = Everything()
Subject: TypeAlias = CampaignId | PhoneNumber | Everything


class Cause(StrEnum):
    """Why we look. The order is that of urgency."""

    EVENT = "event"
    CONFIRM = "confirm"
    START = "start"
    RELOAD = "reload"
    REQUEST = "request"
    PROBE = "probe"
    RESYNC = "resync"
    SWEEP = "sweep"


RANK: Mapping[Cause, int] = MappingProxyType({cause: rank for rank, cause in enumerate(Cause)})
"""The place of each in that order: 0 is the most urgent."""
AT_EASE = frozenset({Cause.START, Cause.RELOAD, Cause.RESYNC, Cause.SWEEP})
"""Nobody in particular waits for these looks."""
BY_SCHEDULE = frozenset({Cause.RESYNC, Cause.SWEEP})
"""Nobody at all waits for these looks."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Where to look, and when; never what to do. Triggers on one subject coalesce: the earliest time wins."""

    subject: Subject
    cause: Cause
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event means to us: its next state, why, whom it is about, and where to look."""

    state: EventState
    reason: str
    subject: str = ""
    looks: tuple[Subject, ...] = ()
    dormant: CampaignId | None = None
    """The campaign that is said to be dormant, by the id that the config uses."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A stored event with what was read in it and what that means."""

    event: StoredEvent
    parsed: Event | Unusable
    reading: Reading

    @property
    def dormancy(self) -> Dormancy | None:
        """The dormancy that it tells of, from when it was said: an event that was read back may be days old."""
        if self.reading.dormant is None or not isinstance(self.parsed, Event):
            return None
        received_at = self.event.received_at
        return Dormancy(self.reading.dormant, min(self.parsed.occurred_at or received_at, received_at))
