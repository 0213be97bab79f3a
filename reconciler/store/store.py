"""store: the port's methods, each one job on a lane: one method is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime, timedelta
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from reconciler.model.alerts import Alert, Group, Judgement, Message, Parcel
from reconciler.model.errors import StoreBusy, StoreError
from reconciler.model.events import Delivery, EventSource, EventState, Finished, StoredEvent, Trigger
from reconciler.model.fleet import Sighting
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line, Selected, Selection
from reconciler.model.memory import Agenda, Asked, Memory, PoolCheck, Round
from reconciler.model.operations import Awaited, Operation, Verdict
from reconciler.model.standing import Moment
from reconciler.store import facts, inbox, journal, meta, outbox, rounds, timeline
from reconciler.store import selections as choices
from reconciler.store import triggers as asking
from reconciler.store.kinds import Json
from reconciler.store.lanes import Lane, Task

RECEIVE_SECONDS = 1.5
"""A webhook is answered within this time, if only by a 503."""
ANSWER_SECONDS = 60.0
"""Any other job is answered within this time."""
EXPORT_PAGE = 200
"""Events read at once for an export: 50 MB at the most."""

P = ParamSpec("P")
T = TypeVar("T")


class SqlStore:
    """The store, for one process and any number of callers. Made by `open_store`; a context manager that closes it.

    A write is durable when its method returns, and every later read sees it. Every method raises StoreError if the
    store is in trouble, and StoreBusy (one of them) if it may well work in a moment. A caller that gave up waiting
    does not know whether its write was made.
    """

    def __init__(self, writing: Lane | None, reading: Lane, close: Callable[[], None]) -> None:
        self._writing = writing
        self._reading = reading
        self._close = close

    def close(self) -> None:
        """Finish what is in line, close the file, and give up the lock. More than once does no harm."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Inbox.

    async def receive(
        self,
        event_id: str,
        digest: bytes,
        body: bytes,
        at: datetime,
        flaw: str,
        source: EventSource = EventSource.WEBHOOK,
    ) -> bool:
        """Keep a trusted body. False: it was here already. Answers within 1.5 s, or raises StoreBusy."""
        task = Task(lambda connection: inbox.receive(connection, event_id, digest, body, at, flaw, source))
        return await _done(self._writer(), task, RECEIVE_SECONDS)

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

    async def events(
        self,
        limit: int,
        state: EventState | None = None,
        event_types: tuple[str, ...] = (),
        before: int | None = None,
    ) -> tuple[StoredEvent, ...]:
        """Stored events, newest first; with `before`, those older than the event of that id."""
        return await self._read(inbox.events, limit, state, event_types, before)

    async def event(self, number: int) -> StoredEvent | None:
        """The event of this id."""
        return await self._read(inbox.event, number)

    async def all_events(self) -> AsyncIterator[StoredEvent]:
        """Every stored event, oldest first."""
        last = 0
        while page := await self._read(inbox.events_after, last, EXPORT_PAGE):
            for event in page:
                yield event
            last = page[-1].id

    # Triggers.

    async def ask(self, triggers: tuple[Trigger, ...]) -> None:
        """Ask for looks. One row a subject: the earliest time and the most urgent cause win; CONFIRM yields to any."""
        await self._write(asking.ask, triggers)

    async def resync(self, now: datetime) -> None:
        """Ask for a look everywhere, and for all that was last read before now to be read anew."""
        await self._write(rounds.resync, now)

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

    async def awaited(self, campaigns: Collection[CampaignId], now: datetime) -> tuple[Awaited, ...]:
        """The campaigns among these with numbers that have not settled."""
        return await self._read(facts.awaited, campaigns, now)

    async def reconciled(self, done: Round) -> None:
        """Write one round, whole."""
        await self._write(rounds.reconciled, done)

    async def recover(self, now: datetime) -> int:
        """At start: what a dead process had sent is in doubt and due now. Returns how many operations are in doubt."""
        return await self._write(journal.recover, now)

    async def claim(self, now: datetime, lease: timedelta, *, only_unresolved: bool = False) -> Operation | None:
        """Lease the most urgent due operation; a READY one comes back SENT, its intent durable."""
        return await self._write(journal.claim, now, lease, only_unresolved=only_unresolved)

    async def renew(self, operation: Operation, now: datetime, lease: timedelta) -> None:
        """Lease a claimed operation anew from now on. Raises LeaseLost if it is not held, or writes are halted."""
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

    async def operations_open(self) -> tuple[Operation, ...]:
        """Every open operation, in the order in which they come up."""
        return await self._read(journal.open_operations)

    async def timeline(self, number: PhoneNumber, limit: int) -> tuple[Moment, ...]:
        """The last steps of a number's operations, oldest first."""
        return await self._read(timeline.timeline, number, limit)

    async def checks(self) -> tuple[PoolCheck, ...]:
        """The last check of each pool, by name."""
        return await self._read(facts.checks)

    # Outbox.

    async def judge(self, judgement: Judgement, now: datetime) -> None:
        """Fire and resolve alerts."""
        await self._write(outbox.judge, judgement, now)

    async def alerts(self) -> tuple[tuple[Alert, ...], tuple[Group, ...]]:
        """Every alert that fires or was resolved and is not yet told, and what was last sent of each group."""
        return await self._read(outbox.standing)

    async def post(self, messages: tuple[Message, ...], receivers: tuple[str, ...], now: datetime) -> None:
        """Put messages into the outbox for each receiver and note them as sent."""
        await self._write(outbox.post, messages, receivers, now)

    async def parcels(self, now: datetime, limit: int) -> tuple[Parcel, ...]:
        """Messages to deliver now: one for each receiver at the most."""
        return await self._read(outbox.parcels, now, limit)

    async def delivered(self, parcel: Parcel, retry_at: datetime | None, now: datetime) -> None:  # noqa: ARG002 -- the port's signature
        """A parcel arrived (`retry_at` None), or is to be tried again then."""
        await self._write(outbox.delivered, parcel, retry_at)

    async def agenda(self, now: datetime, opens_at: datetime | None = None) -> Agenda:
        """What is due now and next. What a halt holds, looks included, is not due before the halt's probe.

        With `opens_at`, what waits to be sent is not due before then.
        """
        return await self._read(_agenda, now, opens_at)

    # For people.

    async def check(self) -> None:
        """See that the store can be written: an empty transaction. Raises StoreError if it cannot."""
        await self._write(lambda _: None)

    async def queue(self, now: datetime) -> tuple[int, float]:
        """How many operations are open, and for how many seconds the oldest that is due has been due (0.0: none is)."""
        return await self._read(journal.queue, now)

    async def counts(self) -> meta.Counts:
        """Counts of events, alerts and parcels, and the time of the last event."""
        return await self._read(meta.counts)

    async def probe(self, now: datetime) -> None:
        """Where writes are halted, let a look tell now whether they may go on, and then go on at once."""
        await self._write(journal.probe, now)

    async def note(self, key: str, value: Json) -> None:
        """Remember a value under a name."""
        await self._write(meta.note, key, value)

    async def notes(self) -> dict[str, Json]:
        """All that was noted."""
        return await self._read(meta.notes)

    # The way to the lanes.

    def _writer(self) -> Lane:
        if self._writing is None:
            raise StoreError("the store is open for reading only", "ask the running service to do it")
        return self._writing

    async def _write(self, job: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        task = Task(lambda connection: job(connection, *args, **kwargs))
        return await _done(self._writer(), task, ANSWER_SECONDS)

    async def _read(self, job: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        task = Task(lambda connection: job(connection, *args, **kwargs))
        return await _done(self._reading, task, ANSWER_SECONDS)


def _agenda(connection: Connection, now: datetime, opens_at: datetime | None) -> Agenda:
    urgency, operations_at = journal.agenda(connection, now, opens_at)
    triggers_at, halt = asking.next_at(connection), meta.halt(connection)
    if halt is not None and triggers_at is not None:
        triggers_at = max(triggers_at, halt.probe_at)
    return Agenda(urgency, operations_at, triggers_at, outbox.next_at(connection))


async def _done(lane: Lane, task: Task[T], seconds: float) -> T:
    lane.put(task)
    if task.future.done():  # an inline lane needs no loop
        return task.future.result()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(task.future)
    except TimeoutError:
        raise StoreBusy(f"the store did not answer within {seconds:g} s", "ask again in a moment") from None
