"""people: the store's methods for people and their tools, as in `store`: one method is one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from reconciler.model.epochs import Epoch
from reconciler.model.events import EventSource, EventState, StoredEvent
from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Operation, Step
from reconciler.model.standing import EVERYWHERE, Freeze, Moment
from reconciler.store import epochs, freezes, inbox, meta, queue, timeline
from reconciler.store.access import Access, answered
from reconciler.store.kinds import Json
from reconciler.store.lanes import Task
from reconciler.store.queue import Retried

EXPORT_PAGE = 200
"""Events read at once for an export: 50 MB at the most."""
CHECK_SECONDS = 1.5
"""How long a look at the store's health takes at the most: as long as a webhook waits."""


class PeopleStore(Access):
    """What is asked for and done by hand."""

    # Events.

    async def events(
        self,
        limit: int,
        state: EventState | None = None,
        event_type: str | None = None,
        before: int | None = None,
        source: EventSource | None = None,
    ) -> tuple[StoredEvent, ...]:
        """Stored events, newest first; with `before`, those older than the event of that id."""
        return await self._read(inbox.events, limit, state, event_type, before, source)

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

    async def inspect(self, number: int, now: datetime) -> StoredEvent | None:
        """A person looked at this event: noted where it is quarantined, the first time. None: there is none."""
        return await self._write(inbox.inspect, number, now)

    # The queue.

    async def oldest_seconds(self, now: datetime) -> float:
        """For how many seconds the oldest operation that is due has been due (0.0: none is)."""
        return await self._read(queue.oldest_seconds, now)

    async def steps(self) -> dict[Step, int]:
        """How many operations are open in each step."""
        return await self._read(queue.steps)

    async def operations_open(self) -> tuple[Operation, ...]:
        """Every open operation, in the order in which they come up."""
        return await self._read(queue.open_operations)

    async def operations(self, limit: int) -> tuple[Operation, ...]:
        """Open operations in the order of their turns: in doubt, to be sent, and what only Telnyx can go on with."""
        return await self._read(queue.listed, limit)

    async def timeline(self, number: PhoneNumber, limit: int) -> tuple[Moment, ...]:
        """The last steps of a number's operations, oldest first."""
        return await self._read(timeline.timeline, number, limit)

    async def retry(
        self, numbers: Sequence[PhoneNumber], author: str, now: datetime
    ) -> tuple[tuple[PhoneNumber, Retried], ...]:
        """Bring what these numbers wait for forward to now. What that did, for each."""
        return await self._write(queue.retry, numbers, author, now)

    async def retry_all(self, limit: int, author: str, now: datetime) -> tuple[int, int]:
        """The same for `limit` of those that wait: how many to send, and how many to read. Fewer are the last."""
        return await self._write(queue.retry_all, limit, author, now)

    async def pause(self, freeze: Freeze) -> Freeze:
        """Pause. What is paused already keeps its beginning, and takes the new reason and end."""
        return await self._write(freezes.keep, freeze)

    async def resume(self, now: datetime) -> Freeze | None:
        """End the pause of everything. What was paused; None: nothing was."""
        return await self._write(freezes.lift, EVERYWHERE, now)

    async def paused(self, now: datetime) -> Freeze | None:
        """The pause of everything that holds now."""
        return await self._read(freezes.holding, now)

    # The store.

    async def epoch(self) -> Epoch:
        """Whether the store is as it was left, or was lost or restored, and since when."""
        return await self._read(epochs.epoch)

    async def check(self) -> None:
        """See that an event could be kept: by a write, within 1.5 s. Raises StoreError if it could not."""
        self._room.see()
        task = Task(meta.touch)
        await answered(self._writer(), task, CHECK_SECONDS)

    async def counts(self) -> meta.Counts:
        """Counts of events and parcels, and the time of the last event."""
        return await self._read(meta.counts)

    async def dropped_parcels(self) -> int:
        """How many messages a full outbox lost, ever."""
        return await self._read(meta.dropped_parcels)

    async def note_config(self, digest: str | None, at: datetime) -> None:
        """This config was taken in then; None: one that is no good was not."""
        await self._write(meta.note_config, digest, at)

    async def notes(self) -> dict[str, Json]:
        """All that was noted."""
        return await self._read(meta.notes)
