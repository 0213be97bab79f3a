"""What a person does by hand to the queue and the inbox; done by whoever holds the store's writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from reconciler.app.inbox import detail_shape
from reconciler.app.queue_shapes import PausedShape, RetriedShape, RetriesShape
from reconciler.app.report import pause_shape
from reconciler.app.shapes import EventDetailShape
from reconciler.model.ids import PhoneNumber
from reconciler.model.pools import Desired
from reconciler.model.standing import EVERYWHERE, Freeze
from reconciler.store.queue import Retried
from reconciler.store.store import SqlStore

RETRY_PORTION = 1_000
"""Operations that one transaction brings forward: a webhook waits for no more than one of these."""


async def pause(store: SqlStore, reason: str, until: datetime | None, author: str, now: datetime) -> PausedShape:
    """Send nothing new from now on."""
    kept = await store.pause(Freeze(EVERYWHERE, now, reason, author, until))
    return PausedShape(paused=pause_shape(kept))


async def resume(store: SqlStore, now: datetime) -> PausedShape:
    """Send again."""
    return PausedShape(paused=None, ended=pause_shape(await store.resume(now)))


async def retry(
    store: SqlStore, desired: Desired, numbers: Sequence[PhoneNumber], author: str, now: datetime
) -> RetriesShape:
    """Bring what these numbers wait for forward to now, and say for each what that did."""
    done = await store.retry(numbers, author, now)
    idle = [number for number, what in done if what is Retried.NOTHING_OPEN and desired.pool_of(number) is None]
    known = (await store.recall(idle)).sightings
    told = tuple(_retried(number, what, is_unknown=number in idle and number not in known) for number, what in done)
    return RetriesShape(
        send=sum(one.done == "send" for one in told),
        read=sum(one.done == "read" for one in told),
        nothing=sum(one.done == "nothing" for one in told),
        numbers=told,
        paused=pause_shape(await store.paused(now)),
    )


async def retry_all(store: SqlStore, author: str, now: datetime) -> RetriesShape:
    """Bring all that waits forward to now."""
    sent, read, last = 0, 0, RETRY_PORTION
    while last == RETRY_PORTION:
        more, reads = await store.retry_all(RETRY_PORTION, author, now)
        sent, read, last = sent + more, read + reads, more + reads
    paused = pause_shape(await store.paused(now))
    return RetriesShape(send=sent, read=read, nothing=0, numbers=(), paused=paused)


async def inspect(store: SqlStore, number: int, now: datetime) -> EventDetailShape | None:
    """A person looks at an event: the alert about it ends by that."""
    found = await store.inspect(number, now)
    return None if found is None else detail_shape(found)


def _retried(number: PhoneNumber, what: Retried, *, is_unknown: bool) -> RetriedShape:
    match what:
        case Retried.SEND | Retried.READ:
            return RetriedShape(number=number, done=what.value, why="")
        case Retried.DUE | Retried.UNDER_WAY | Retried.TAKEN:
            return RetriedShape(number=number, done="nothing", why=what.value)
        case Retried.NOTHING_OPEN:
            return RetriedShape(number=number, done="nothing", why="unknown_number" if is_unknown else what.value)
        case _:
            assert_never(what)
