"""What the story needs from the world, as protocols. The hands implement them; `flow` knows no more than this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from reconciler.model.alerts import Alert, Attempt, Group, Judgement, Message, Parcel, Sent
from reconciler.model.errors import Fault
from reconciler.model.events import Delivery, Event, Finished, StoredEvent, Trigger, Unusable
from reconciler.model.fleet import Look, Observed, Sighting, Single
from reconciler.model.health import Health, Ledger
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import Line, Selected, Selection
from reconciler.model.memory import Agenda, Asked, Memory, PoolCheck, Round
from reconciler.model.operations import Operation, Urgency
from reconciler.model.patience import Awaited, Patience
from reconciler.model.plan import Assign
from reconciler.model.settings import Draft
from reconciler.model.verdicts import Accepted, Refused, Told, Unresolved, Verdict


class Clock(Protocol):
    """The wall clock."""

    def now(self) -> datetime:
        """The time, in UTC."""


class Chance(Protocol):
    """The source of chance."""

    def draw(self) -> float:
        """A number in [0, 1)."""


ReadEvent: TypeAlias = Callable[[bytes], Event | Unusable]
"""Reads a stored body. Strict, bounded, never raises."""


class PoolsFile(Protocol):
    """The config file."""

    def read(self) -> Draft:
        """What the file says now, with every problem found. Raises nothing that a file can cause."""

    def fingerprint(self) -> str:
        """Tells whether the file, or anything that it names, has changed since `read`: then it is another text.

        Raises nothing that a file can cause; what cannot be read has a fingerprint of its own.
        """


class Turn(Protocol):
    """The right to make one call to Telnyx."""

    async def act(self, action: Assign) -> Accepted | Refused | Unresolved:
        """Do it, once. Ends within the call's total deadline and raises nothing that the world may answer."""

    async def attach(self, line: Line, profile: ProfileId) -> Told | Refused | Unresolved:
        """Put a number on a messaging profile, once: as `act`. The answer tells of it, and must be read back."""

    async def look(self, number: PhoneNumber) -> Single | Fault:
        """Read which campaign one number is on."""

    async def read(self, number: PhoneNumber) -> Line | Fault:
        """Read one number as the account has it. One that is not there is a Line with an absence, not a fault."""


class Telnyx(Protocol):
    """Telnyx, as far as we use it."""

    @property
    def health(self) -> Health:
        """How calls have fared."""

    def moved(self, by: timedelta) -> None:
        """The wall clock was set by so much: what `health` tells moves with it."""

    def turn(self, urgency: Urgency) -> AbstractAsyncContextManager[Turn]:
        """Wait for the rate limit's leave to make one call. An unused turn is given back."""

    async def observe(
        self,
        looks: Collection[Look],
        numbers: Collection[PhoneNumber],
        urgency: Urgency = Urgency.EVENT,
        *,
        lines: Collection[PhoneNumber] = (),
    ) -> Observed:
        """Read campaigns with their numbers, which campaigns single `numbers` are on, and single `lines`.

        What fails is in the answer's `faults`; a refusal of the key or the account ends the look at once.
        """

    async def deliveries(self, since: datetime, urgency: Urgency = Urgency.SWEEP) -> tuple[Delivery, ...] | Fault:
        """The 10DLC webhooks that Telnyx tried to deliver since then, delivered or not, the oldest first.

        Best effort: how long they are kept, and whether all are, is not documented.
        """


class Inbox(Protocol):
    """Events, from the wire to their meaning."""

    async def receive(self, event_id: str, digest: bytes, body: bytes, at: datetime, flaw: str) -> bool:
        """Keep a verified body. Durable when it returns. False: it was here already (same id and digest).

        A `flaw` other than empty quarantines it. Raises StoreError, StoreBusy.
        """

    async def unread_events(self, limit: int) -> tuple[StoredEvent, ...]:
        """Events in state NEW, oldest first."""

    async def finish_events(self, finished: tuple[Finished, ...], triggers: tuple[Trigger, ...]) -> None:
        """Record what events mean and ask for the looks that they cause, in one transaction."""


class Backlog(Protocol):
    """What Telnyx told and no webhook brought."""

    async def take_back(self, deliveries: tuple[Delivery, ...], at: datetime) -> int:
        """Keep what deliveries tell of; how many events were not here. One that is here already is left as it is."""

    async def heard(self) -> tuple[datetime | None, datetime | None]:
        """When the list of deliveries was last read, and when the last webhook came."""

    async def read_back(self, at: datetime) -> None:
        """The list of deliveries was read then, and what it told is kept."""


class Triggers(Protocol):
    """Where to look, and when."""

    async def ask(self, triggers: tuple[Trigger, ...]) -> None:
        """Ask for looks. One row a subject: the earliest time and the most urgent cause win; CONFIRM yields to any."""

    async def unproven(self, now: datetime, opens_at: datetime | None = None) -> tuple[CampaignId, ...]:
        """The campaigns that must be read before what is due is sent to them, and of which no look is asked for."""

    async def due_triggers(self, now: datetime, limit: int) -> tuple[Asked, ...]:
        """The triggers that are due, the most urgent first. They stay until a Round answers them."""

    async def take(self, asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
        """A round answers these now, as they stand: what is asked about them from now on is a question of its own."""

    async def let_go(self) -> None:
        """A round failed: what it had in hand is due again as it was."""


class Journal(Protocol):
    """Operations and what is known of the world."""

    async def recall(self, numbers: Collection[PhoneNumber] | None) -> Memory:
        """What is remembered of these numbers (None: of all), and of all campaigns."""

    async def recall_open(self) -> Memory:
        """What is remembered of the numbers that have an open operation, and of all campaigns."""

    async def awaited(self, campaigns: Collection[CampaignId], now: datetime) -> tuple[Awaited, ...]:
        """The campaigns among these with numbers that have not settled."""

    async def reconciled(self, done: Round) -> None:
        """Write one round, whole."""

    async def recover(self, now: datetime, settle_window: timedelta) -> int:
        """At start, under the store's lock: what a dead process left SENT is UNRESOLVED now, and due.

        Of a store that was lost or restored, so is all that is open; it is due once `settle_window` is over.

        Returns how many are unresolved.
        """

    async def claim(self, now: datetime, lease: timedelta, *, only_unresolved: bool = False) -> Operation | None:
        """Lease the operation whose turn it is. A READY one comes back SENT: its intent is written and durable.

        None if nothing is due, or (READY ones) while halted or paused, or before their campaign was read lately.
        """

    async def renew(self, operation: Operation, now: datetime, lease: timedelta) -> None:
        """Lease a claimed operation anew from now on: what was held when it was claimed is held until then.

        What is SENT counts as sent from now on: its request goes out only after this.
        Raises LeaseLost if another worker claimed it since, if its lease has run out, or if writes are
        halted or paused.
        """

    async def record(
        self,
        operation: Operation,
        verdict: Verdict,
        seen: Sighting | Line | None,
        judgement: Judgement,
        triggers: tuple[Trigger, ...],
        now: datetime,
    ) -> None:
        """Write what came of a claimed operation. Raises LeaseLost if another worker claimed it since."""

    async def selected(self, selections: Collection[Selection]) -> tuple[Selected, ...]:
        """What these selections last chose, where that was ever read completely."""


class Outbox(Protocol):
    """Alerts as stored state, and messages on their way."""

    async def judge(self, judgement: Judgement, now: datetime) -> None:
        """Fire and resolve alerts."""

    async def alerts(self) -> tuple[tuple[Alert, ...], tuple[Group, ...]]:
        """Every alert that fires or was resolved and is not yet told, and what each receiver was last told."""

    async def post(self, messages: tuple[Message, ...], now: datetime) -> None:
        """Put messages into the outbox, each for its receiver, and note their groups as told, in one transaction."""

    async def waiting(self, now: datetime) -> frozenset[str]:
        """The receivers for whom a message is due."""

    async def take_parcel(self, receiver: str, now: datetime) -> Parcel | None:
        """The message to deliver next to a receiver, None if none is due.

        Older ones about the same are dropped for it, and an end whose beginning never got there with its beginning.
        Nobody may hold another parcel for this receiver meanwhile.
        """

    async def delivered(self, parcel: Parcel, attempt: Attempt, now: datetime) -> None:
        """Write what came of an attempt and the alert that follows from it, in one transaction."""

    async def retain(self, receivers: Collection[str], changed: Collection[str], now: datetime) -> None:
        """Forget every receiver but these. What waits for one that was `changed` is due now."""


class Store(Inbox, Backlog, Triggers, Journal, Outbox, Protocol):
    """The store. One method is one transaction."""

    async def agenda(self, now: datetime, opens_at: datetime | None = None) -> Agenda:
        """What is due now and next.

        What a halt holds, looks included, is not due before the halt's probe; what a pause holds not before its end.
        With `opens_at`, nothing may be sent before then, so what waits to be sent is not due before then either.
        """

    async def clock_set(self, by: timedelta, judgement: Judgement, now: datetime) -> None:
        """The clock was set by so much, to now: what waits and what is known moves with it, and all is looked at."""

    async def clock_showed(self) -> datetime | None:
        """The latest time that the clock is known to have shown."""

    async def checks(self) -> tuple[PoolCheck, ...]:
        """The last check of each pool."""

    async def ledger(self, now: datetime) -> Ledger:
        """What is known of the service as a whole."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What the story works with: one of each."""

    telnyx: Telnyx
    store: Store
    clock: Clock
    chance: Chance
    read_event: ReadEvent
    patience: Patience = Patience()


class Sink(Protocol):
    """A receiver of alerts."""

    @property
    def name(self) -> str:
        """Its name in the config."""

    @property
    def notes(self) -> str:
        """What a person who sets it up should know, such as its public key; empty if nothing."""

    async def send(self, body: str) -> Sent | Fault:
        """Deliver one message (JSON text).

        Ends within its total deadline; raises nothing that the world may answer.
        """


Wake: TypeAlias = Callable[[], None]
"""Tells a loop that there is work now."""
Sleep: TypeAlias = Callable[[float], Awaitable[None]]
"""Waits some seconds."""
