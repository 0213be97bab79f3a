"""The teller: what happened, as log lines and metrics. One event name for each kind of thing, fixed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from reconciler.app.shapes import NotOursShape
from reconciler.model.alerts import Message, Parcel
from reconciler.model.errors import Fault
from reconciler.model.events import EVERYTHING, EventSource, EventState, Finished, ReadBack, Unusable
from reconciler.model.memory import Round
from reconciler.model.operations import Operation, Urgency
from reconciler.model.verdicts import GiveUp, StopAll, Verdict
from reconciler.web.metrics import Meter

log = structlog.get_logger()


class Teller:
    """Remembers only what keeps it from saying a thing twice."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._not_ours: dict[str, str] = {}
        self._unknown: set[str] = set()
        """Messaging profiles that Telnyx does not know."""
        self._looked_for: datetime | None = None
        """When the event came that the next urgent request answers."""
        self._is_unheard = False
        """Whether the list of deliveries could not be read, and that was said."""

    def moved(self, by: timedelta) -> None:
        """The clock was set by so much."""
        if self._looked_for is not None:
            self._looked_for += by

    def events(self, finished: tuple[Finished, ...]) -> None:
        """Events were read."""
        for one in finished:
            log.info(
                "event_read",
                id=one.event.id,
                event_type=getattr(one.parsed, "event_type", ""),
                type=getattr(one.parsed, "type", ""),
                subject=one.reading.subject,
                reason=one.reading.reason,
            )
            occurred_at = None if isinstance(one.parsed, Unusable) else one.parsed.occurred_at
            if one.event.source is EventSource.WEBHOOK and occurred_at is not None:
                self._meter.lagged(max((one.event.received_at - occurred_at).total_seconds(), 0.0))
        if any(one.reading.state is EventState.PROCESSED and one.reading.looks for one in finished):
            self._looked_for = min(one.event.received_at for one in finished)

    def read_back(self, done: ReadBack) -> None:
        """The list of deliveries was read."""
        self._is_unheard = False
        self._meter.lost(done.new)
        log.info("deliveries_read", since=done.since.isoformat(), found=done.found, new=done.new)

    def unheard(self, fault: Fault) -> None:
        """The list of deliveries could not be read: said once, until it can be."""
        if not self._is_unheard:
            self._is_unheard = True
            log.warning("deliveries_unread", detail=fault.detail)

    def round(self, done: Round) -> None:
        """A round of reconciling ended."""
        if any(one.subject == EVERYTHING for one in done.asked):
            return  # it only asked for a look at each campaign; those are told
        for profile in done.profiles:
            if profile.exists:
                self._unknown.discard(profile.id)
            elif profile.id not in self._unknown:  # a selection by it stays as it last chose, and nothing else says so
                self._unknown.add(profile.id)
                log.warning("messaging_profile_unknown", messaging_profile=profile.id)
        if done.halt is not None:
            log.warning("halted", since=done.halt.since.isoformat(), detail=done.halt.detail)
        seconds = (done.finished_at - done.started_at).total_seconds()
        causes = sorted({one.cause for one in done.asked})
        result = "ok" if done.plan.complete else "incomplete"
        self._meter.reconciled(causes, result, seconds, done.finished_at)
        log.info(
            "reconciled",
            causes=causes,
            result=result,
            seconds=round(seconds, 3),
            actions=len(done.actions),
            holds=len(done.plan.holds),
            unchanged=done.plan.unchanged,
            plan=done.plan.digest[:12],
        )

    def operation(self, operation: Operation, verdict: Verdict, now: datetime) -> None:
        """An attempt or a look at an operation brought this verdict."""
        self._meter.operation(operation.verb, verdict)
        if operation.urgency is Urgency.APPROVAL and operation.attempt == 1 and self._looked_for is not None:
            self._meter.submitted(max((now - self._looked_for).total_seconds(), 0.0))
            self._looked_for = None
        tell = log.warning if isinstance(verdict, GiveUp | StopAll) else log.info
        tell(
            "operation",
            verb=operation.verb,
            number=operation.number,
            pool=operation.pool,
            attempt=operation.attempt,
            step=operation.step,
            verdict=type(verdict).__name__.lower(),
            reason=getattr(verdict, "reason", ""),
            detail=getattr(verdict, "detail", ""),
        )

    def posted(self, message: Message) -> None:
        """A message went into the outbox, or an end was noted without one."""
        if message.unsaid:
            return
        tell = log.warning if message.status == "firing" else log.info
        tell(
            "alert_posted",
            receiver=message.receiver,
            alert=message.alert,
            severity=message.severity,
            pool=message.pool,
            status=message.status,
            count=message.count,
            summary=message.summary,
        )

    def delivered(self, parcel: Parcel, fault: Fault | None) -> None:
        """A message reached its receiver, or did not."""
        self._meter.notified(parcel.receiver, delivered=fault is None)
        if fault is not None:
            attempts = parcel.attempts + 1
            log.warning("notification_failed", receiver=parcel.receiver, detail=fault.detail, attempts=attempts)

    def not_ours(self, found: Iterable[NotOursShape]) -> None:
        """Campaigns send their events elsewhere: said once for each, so that nobody waits for what cannot come."""
        for one in found:
            if self._not_ours.get(one.campaign) != one.webhook_url:
                self._not_ours[one.campaign] = one.webhook_url
                log.warning("webhook_url_not_ours", campaign=one.campaign, pools=one.pools, webhook_url=one.webhook_url)
