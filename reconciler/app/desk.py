"""The running service as its API's callers meet it: lists, and what a person does by hand."""

from __future__ import annotations

from datetime import datetime

import structlog

from reconciler.app import operate
from reconciler.app.alerting import alerts_of
from reconciler.app.inbox import detail_shape, events_of
from reconciler.app.lists import Filter, numbers_of, operations_of
from reconciler.app.live import explanation_of
from reconciler.app.queue_shapes import PausedShape
from reconciler.app.service import Service
from reconciler.model.events import EventSource, EventState
from reconciler.model.ids import PhoneNumber
from reconciler.store.file import lock_of, path_of

log = structlog.get_logger()


class ServiceDesk:
    """Does it on the service's store, and wakes the loops that it is news to."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.store = lock_of(path_of(service.settings.store_url))

    async def explain(self, number: PhoneNumber) -> dict[str, object] | None:
        """Why a number does or does not send. None: nothing is known of it."""
        service = self._service
        shape = await explanation_of(service.store, service.desired, service.settings, number, self._now())
        return shape.model_dump(mode="json") if shape.pool or shape.timeline or len(shape.checks) > 1 else None

    async def numbers(self, phase: str | None, pool: str | None, limit: int, after: str) -> dict[str, object]:
        """Where the wanted numbers after this one stand."""
        service = self._service
        shape = await numbers_of(
            service.store,
            service.desired,
            service.settings,
            self._now(),
            Filter(phase, pool),
            limit=limit,
            after=after,
        )
        return shape.model_dump(mode="json")

    async def operations(self, limit: int) -> dict[str, object]:
        """The open operations, in the order of their turns."""
        return (await operations_of(self._service.store, limit, self._now())).model_dump(mode="json")

    async def events(
        self, state: str | None, event_type: str | None, source: str | None, limit: int, before: int | None
    ) -> dict[str, object]:
        """The newest events, or those older than one."""
        shape = await events_of(
            self._service.store,
            limit,
            state=None if state is None else EventState(state),
            event_type=event_type,
            source=None if source is None else EventSource(source),
            before=before,
        )
        return shape.model_dump(mode="json")

    async def event(self, number: int) -> dict[str, object] | None:
        """One event, whole."""
        found = await self._service.store.event(number)
        return None if found is None else detail_shape(found).model_dump(mode="json")

    async def inspect(self, number: int) -> dict[str, object] | None:
        """The same; a person looks at it."""
        found = await operate.inspect(self._service.store, number, self._now())
        self._service.judging.ring()
        return None if found is None else found.model_dump(mode="json")

    async def alerts(self) -> dict[str, object]:
        """What fires, pends and is inhibited."""
        return (await alerts_of(self._service.store, self._service.settings.alerts)).model_dump(mode="json")

    async def pause(self, reason: str, until: datetime | None, by: str) -> dict[str, object]:
        """Send nothing new."""
        done = await operate.pause(self._service.store, reason, until, by, self._now())
        log.warning("queue_paused", by=by, reason=reason, until=None if until is None else until.isoformat())
        return self._changed(done)

    async def resume(self) -> dict[str, object]:
        """Send again."""
        done = await operate.resume(self._service.store, self._now())
        log.info("queue_resumed", was_paused=done.ended is not None)
        return self._changed(done)

    async def retry(self, numbers: tuple[PhoneNumber, ...] | None, by: str) -> dict[str, object]:
        """Bring what these numbers (None: all) wait for forward to now."""
        service = self._service
        if numbers is None:
            done = await operate.retry_all(service.store, by, self._now())
        else:
            done = await operate.retry(service.store, service.desired, numbers, by, self._now())
        log.info("queue_retried", by=by, send=done.send, read=done.read, nothing=done.nothing)
        service.executing.ring()
        return done.model_dump(mode="json")

    def _changed(self, done: PausedShape) -> dict[str, object]:
        self._service.executing.ring()
        return done.model_dump(mode="json")

    def _now(self) -> datetime:
        return self._service.hands.clock.now()
