"""store: the port's methods, each one job on a lane: one method is one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reconciler.model.alerts import Alert, Attempt, Group, Judgement, Message, Parcel, Pending, Unreached
from reconciler.model.events import Delivery, Finished, StoredEvent, Trigger
from reconciler.model.fleet import Sighting
from reconciler.model.health import Ledger
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line, Selected, Selection
from reconciler.model.memory import Agenda, Asked, Memory, PoolCheck, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Awaited
from reconciler.model.verdicts import Verdict
from reconciler.store import epochs, facts, inbox, journal, ledger, meta, outbox, parcels, rebase, rounds
from reconciler.store import selections as choices
from reconciler.store import triggers as asking
from reconciler.store.access import answered
from reconciler.store.lanes import Task
from reconciler.store.lineup import unproven
from reconciler.store.people import PeopleStore

RECEIVE_SECONDS = 1.5
"""A webhook is answered within this time, if only by a 503."""


class SqlStore(PeopleStore):
    """The store, for one process and any number of callers. Made by `open_store`; a context manager that closes it.

    A write is durable when its method returns, and every later read sees it. Every method raises StoreError if the
    store is in trouble, and StoreBusy (one of them) if it may well work in a moment. A caller that gave up waiting
    does not know whether its write was made.
    """

    # Inbox.

    async def receive(self, event_id: str, digest: bytes, body: bytes, at: datetime, flaw: str) -> bool:
        """Keep a verified body. False: it was here already. Answers within 1.5 s, or raises StoreBusy.

        Raises StoreFull where less space is left than the floor.
        """
        self._room.see()
        task = Task(lambda connection: inbox.receive(connection, event_id, digest, body, at, flaw))
        return await answered(self._writer(), task, RECEIVE_SECONDS)

    async def take_back(self, deliveries: tuple[Delivery, ...], at: datetime) -> int:
        """Keep what deliveries tell of, all or none; how many events were not here."""
        return await self._write(inbox.take_back, deliveries, at)

    async def heard(self) -> tuple[datetime | None, datetime | None]:
        """When the list of deliveries was last read, and when the last webhook came."""
        return await self._read(meta.heard)

    async def read_back(self, at: datetime) -> None:
        """The list of deliveries was read then."""
        await self._write(meta.note_moment, meta.READ_BACK, at)

    async def unread_events(self, limit: int) -> tuple[StoredEvent, ...]:
        """Events in state NEW, oldest first."""
        return await self._read(inbox.unread_events, limit)

    async def finish_events(self, finished: tuple[Finished, ...], triggers: tuple[Trigger, ...]) -> None:
        """Record what events mean and ask for the looks that they cause."""
        await self._write(inbox.finish_events, finished, triggers)

    # Triggers.

    async def ask(self, triggers: tuple[Trigger, ...]) -> None:
        """Ask for looks. One row a subject: the earliest time and the most urgent cause win; CONFIRM yields to any."""
        await self._write(asking.ask, triggers)

    async def resync(self, now: datetime) -> None:
        """Ask for a look everywhere, and for all that was last read before now to be read anew."""
        await self._write(rounds.resync, now)

    async def unproven(self, now: datetime, opens_at: datetime | None = None) -> tuple[CampaignId, ...]:
        """The campaigns that must be read before what is due is sent to them, and of which no look is asked for."""
        looks = await self._read(unproven, now, opens_at)
        return tuple(sorted(campaign for campaign, at in looks.items() if at <= now))

    async def due_triggers(self, now: datetime, limit: int) -> tuple[Asked, ...]:
        """The triggers that are due, the most urgent first. They stay until a Round answers them."""
        return await self._read(asking.due, now, limit)

    async def take(self, asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
        """A round answers these now, as they stand: what is asked about them from now on is a question of its own."""
        return await self._write(asking.take, asked)

    async def let_go(self) -> None:
        """A round failed: what it had in hand is due again as it was."""
        await self._write(asking.let_go)

    # Journal.

    async def recall(self, numbers: Collection[PhoneNumber] | None) -> Memory:
        """What is remembered of these numbers (None: of all), and of all campaigns and messaging profiles."""
        return await self._read(facts.recall, numbers)

    async def recall_open(self) -> Memory:
        """What is remembered of the numbers that have an open operation, and of all campaigns and profiles."""
        return await self._read(facts.recall_open)

    async def recall_of(self, numbers: Collection[PhoneNumber], memory: Memory) -> Memory:
        """What is remembered of these numbers, and of all else what `memory` says already."""
        return await self._read(facts.recall_of, numbers, memory)

    async def awaited(self, campaigns: Collection[CampaignId], now: datetime) -> tuple[Awaited, ...]:
        """The campaigns among these with numbers that have not settled."""
        return await self._read(facts.awaited, campaigns, now)

    async def reconciled(self, done: Round) -> None:
        """Write one round, whole."""
        await self._write(rounds.reconciled, done)

    async def recover(self, now: datetime, settle_window: timedelta) -> int:
        """At start: what a dead process had sent is in doubt and due now. Returns how many operations are in doubt.

        Of a store that was lost or restored, so is all that is open; it is due once `settle_window` is over.
        """
        return await self._write(journal.recover, now, settle_window)

    async def claim(self, now: datetime, lease: timedelta, *, only_unresolved: bool = False) -> Operation | None:
        """Lease the most urgent due operation; a READY one comes back SENT, its intent durable and witnessed."""
        operation, far = await self._write(_claim, now, lease, only_unresolved=only_unresolved)
        if operation is not None and operation.step is Step.SENT and self._witness is not None:
            self._witness.come(far)
        return operation

    async def renew(self, operation: Operation, now: datetime, lease: timedelta) -> None:
        """Lease a claimed operation anew from now on. Raises LeaseLost if it is not held, or writes are held."""
        await self._write(journal.renew, operation, now, lease)

    async def record(
        self,
        operation: Operation,
        verdict: Verdict,
        seen: Sighting | Line | None,
        judgement: Judgement,
        triggers: tuple[Trigger, ...],
        now: datetime,
    ) -> None:
        """Write what came of a claimed operation. Raises LeaseLost if it is no longer held under this claim."""
        await self._write(journal.record, operation, verdict, seen, judgement, triggers, now)

    async def selected(self, selections: Collection[Selection]) -> tuple[Selected, ...]:
        """What these selections last chose, where that was ever read completely."""
        return await self._read(choices.chosen, selections)

    async def checks(self) -> tuple[PoolCheck, ...]:
        """The last check of each pool, by name."""
        return await self._read(facts.checks)

    # Outbox.

    async def judge(self, judgement: Judgement, now: datetime) -> None:
        """Fire and resolve alerts."""
        await self._write(outbox.judge, judgement, now)

    async def alerts(self) -> tuple[tuple[Alert, ...], tuple[Group, ...]]:
        """Every alert that fires or was resolved and is not yet told, and what each receiver was last told."""
        return await self._read(outbox.standing)

    async def pending(self) -> tuple[Pending, ...]:
        """Every condition that holds, and has not held long enough to fire."""
        return await self._read(outbox.pending)

    async def post(self, messages: tuple[Message, ...], now: datetime) -> None:
        """Put messages into the outbox, each for its receiver, and note their groups as told."""
        await self._write(outbox.post, messages, now)

    async def waiting(self, now: datetime) -> frozenset[str]:
        """The receivers for whom a message is due."""
        return await self._read(parcels.waiting, now)

    async def unreached(self) -> tuple[Unreached, ...]:
        """The receivers whose last attempt failed, by name."""
        return await self._read(parcels.unreached)

    async def take_parcel(self, receiver: str, now: datetime) -> Parcel | None:
        """The message to deliver next to a receiver; of older ones about the same, nothing is left."""
        return await self._write(outbox.take, receiver, now)

    async def delivered(self, parcel: Parcel, attempt: Attempt, now: datetime) -> None:
        """Write what came of an attempt, and what that says of its receiver."""
        await self._write(outbox.delivered, parcel, attempt, now)

    async def retain(self, receivers: Collection[str], changed: Collection[str], now: datetime) -> None:
        """Forget every receiver but these. What waits for one that was `changed` is due now."""
        await self._write(outbox.retain, receivers, changed, now)

    async def agenda(self, now: datetime, opens_at: datetime | None = None) -> Agenda:
        """What is due now and next. What a halt holds, looks included, is not due before the halt's probe.

        With `opens_at`, what waits to be sent is not due before then.
        """
        return await self._read(_agenda, now, opens_at)

    async def probe(self, now: datetime) -> None:
        """Where writes are halted, let a look tell now whether they may go on, and then go on at once."""
        await self._write(journal.probe, now)

    # The clock.

    async def clock_set(self, by: timedelta, judgement: Judgement, now: datetime) -> None:
        """The clock was set by so much, to now: what waits and what is known moves with it, and all is looked at."""
        await self._write(rebase.rebase, by, judgement, now)

    async def clock_shows(self, now: datetime) -> None:
        """Remember what the clock shows."""
        await self._write(meta.note_moment, rebase.SHOWN, now)

    async def clock_showed(self) -> datetime | None:
        """The latest time that the clock is known to have shown."""
        return await self._read(rebase.showed)

    async def ledger(self, now: datetime) -> Ledger:
        """What is known of the service as a whole."""
        return await self._read(ledger.read, now)


def _claim(
    connection: Connection, now: datetime, lease: timedelta, *, only_unresolved: bool
) -> tuple[Operation | None, int]:
    operation = journal.claim(connection, now, lease, only_unresolved=only_unresolved)
    return operation, epochs.far(connection)


def _agenda(connection: Connection, now: datetime, opens_at: datetime | None) -> Agenda:
    urgency, operations_at = journal.agenda(connection, now, opens_at)
    looks, halt = unproven(connection, now, opens_at), meta.halt(connection)
    asked_at = asking.next_at(connection)
    triggers_at = min((*looks.values(), *(() if asked_at is None else (asked_at,))), default=None)
    if halt is not None and triggers_at is not None:
        triggers_at = max(triggers_at, halt.probe_at)
    return Agenda(urgency, operations_at, triggers_at, parcels.next_at(connection))
