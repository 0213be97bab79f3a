"""Commands that write: through the running service where there is one, else with the store's own lock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from reconciler.app import loopback, operate
from reconciler.app.queue_shapes import PausedShape, RetriesShape
from reconciler.app.shapes import EventDetailShape, Shape
from reconciler.app.world import SystemClock
from reconciler.decide.enlist import enlist
from reconciler.model.errors import ReconcilerError, ServiceRefused, StoreInUse
from reconciler.model.ids import PhoneNumber
from reconciler.model.pools import Declaration
from reconciler.model.settings import Settings
from reconciler.store.file import lock_of, path_of
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore

AUTHOR = "cli"

Answer = TypeVar("Answer", bound=Shape)


async def pause(settings: Settings, reason: str, until: datetime | None) -> PausedShape:
    """Send nothing new from now on."""

    async def by_hand(store: SqlStore) -> PausedShape:
        return await operate.pause(store, reason, until, AUTHOR, SystemClock().now())

    body = {"reason": reason, "until": None if until is None else until.isoformat(), "by": AUTHOR}
    return await _ask(settings, "/api/v1/queue/pause", body, PausedShape, by_hand)


async def resume(settings: Settings) -> PausedShape:
    """Send again."""

    async def by_hand(store: SqlStore) -> PausedShape:
        return await operate.resume(store, SystemClock().now())

    return await _ask(settings, "/api/v1/queue/resume", {}, PausedShape, by_hand)


async def retry(settings: Settings, declaration: Declaration, numbers: Sequence[PhoneNumber] | None) -> RetriesShape:
    """Bring what these numbers (None: all) wait for forward to now."""

    async def by_hand(store: SqlStore) -> RetriesShape:
        now = SystemClock().now()
        if numbers is None:
            return await operate.retry_all(store, AUTHOR, now)
        desired = enlist(declaration, await store.selected(declaration.selections), now=now)
        return await operate.retry(store, desired, numbers, AUTHOR, now)

    body = {"all": True, "by": AUTHOR} if numbers is None else {"numbers": list(numbers), "by": AUTHOR}
    return await _ask(settings, "/api/v1/queue/retry", body, RetriesShape, by_hand)


async def inspect(settings: Settings, event: int) -> EventDetailShape:
    """A person looks at an event. Raises ServiceRefused if there is none of this id."""

    async def by_hand(store: SqlStore) -> EventDetailShape:
        if (found := await operate.inspect(store, event, SystemClock().now())) is None:
            raise ServiceRefused("unknown_event", f"there is no event {event}")
        return found

    return await _ask(settings, f"/api/v1/events/{event}/inspected", {}, EventDetailShape, by_hand)


async def _ask(
    settings: Settings,
    path: str,
    body: Mapping[str, object],
    shape: type[Answer],
    by_hand: Callable[[SqlStore], Awaitable[Answer]],
) -> Answer:
    """The lock says for certain whether a service runs. Raises ReconcilerError if one holds it and does not answer."""
    try:
        store = open_store(settings.store_url, writer=True)
    except StoreInUse as held:
        lock = lock_of(path_of(settings.store_url))
        try:
            answer = await asyncio.to_thread(loopback.post, settings.web, path, body, lock)
        except loopback.ServiceSilent as silent:
            hint = "see whether it still starts or hangs; `web.listen` must be as it was when it started"
            raise ReconcilerError(f"{held}, and {silent}", hint) from None
        return shape.model_validate(answer)
    with store:
        return await by_hand(store)
