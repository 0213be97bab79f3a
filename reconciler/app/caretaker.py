"""The caretaker: sees whether the store takes what is written, and tells of it what the store itself cannot keep."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from reconciler.app.bell import Bell
from reconciler.decide.render import render
from reconciler.decide.route import route
from reconciler.model.alerts import Alert, AlertName, Condition, Group, Grouping, Message, Sent
from reconciler.model.errors import StoreError
from reconciler.model.settings import AlertSettings
from reconciler.ports import Clock, Sink
from reconciler.store.outbox import body_of
from reconciler.store.room import StoreFull
from reconciler.store.store import SqlStore
from reconciler.store.troubles import Forsaken
from reconciler.web.metrics import Meter

LOOK_SECONDS = 5.0

log = structlog.get_logger()


class Caretaker:
    """All other alerts are stored before they are told; that there is no storing is told from memory, straight away.

    It begins, is repeated and ends by the rules of all alerts. `over` is set when only another process can go on: it is
    told once more, and this one must end.
    """

    def __init__(self, meter: Meter, store: SqlStore, clock: Clock) -> None:
        self.bell = Bell()
        self.over = asyncio.Event()
        self.trouble: StoreError | None = None
        """As of the last look."""
        self._meter = meter
        self._store = store
        self._clock = clock
        self._alert: Alert | None = None
        self._told: dict[str, Group] = {}
        """What each receiver knows."""

    @property
    def writes_fail(self) -> bool:
        """Whether nothing at all can be noted: what is done now could not be remembered as done."""
        return self.trouble is not None and not isinstance(self.trouble, StoreFull)

    async def step(self, alerts: AlertSettings, sinks: Mapping[str, Sink]) -> float:
        """Look once, and tell. How many seconds to rest."""
        before, self.trouble = self.trouble, await _trouble_of(self._store)
        now = self._clock.now()
        self._meter.store(works=self.trouble is None)
        self._note(before, now)
        is_over = isinstance(self.trouble, Forsaken)
        if self._alert is not None:
            grouping = replace(alerts.grouping, group_wait=timedelta()) if is_over else alerts.grouping
            await self._tell(self._alert, replace(alerts, grouping=grouping), sinks, now)
        if is_over:
            self.over.set()
        return LOOK_SECONDS

    def _note(self, before: StoreError | None, now: datetime) -> None:
        if self.trouble is not None:
            since = now if self._alert is None or self._alert.resolved_at is not None else self._alert.firing_since
            detail = f"{self.trouble}; {self.trouble.hint}"
            condition = Condition(AlertName.STORE_FAILED, "", "", type(self.trouble).__name__, detail)
            self._alert = Alert(condition, since)
            if str(self.trouble) != str(before):
                log.error("store_failed", detail=str(self.trouble), hint=self.trouble.hint)
        elif before is not None and self._alert is not None:
            self._alert = replace(self._alert, resolved_at=now)
            log.info("store_works")

    async def _tell(self, alert: Alert, alerts: AlertSettings, sinks: Mapping[str, Sink], now: datetime) -> None:
        routed = route((alert,), alerts.routing)
        due = _due(alert, self._told, alerts.grouping, routed, alerts.routing.link, now)
        messages = [one for one in due if one.receiver in sinks]
        answers = await asyncio.gather(*(sinks[one.receiver].send(body_of(one, now)) for one in messages))
        for message, answer in zip(messages, answers, strict=True):
            if not isinstance(answer, Sent):
                log.warning("notification_failed", receiver=message.receiver, detail=answer.detail, attempts=1)
            elif message.status == "resolved":
                self._told.pop(message.receiver, None)
            else:
                self._told[message.receiver] = _known(message, now)
        if alert.resolved_at is not None and not self._told:
            self._alert = None


async def _trouble_of(store: SqlStore) -> StoreError | None:
    try:
        await store.check()
    except StoreError as trouble:
        return trouble
    return None


def _due(
    alert: Alert,
    told: Mapping[str, Group],
    grouping: Grouping,
    routed: Mapping[str, tuple[Alert, ...]],
    link: str,
    now: datetime,
) -> tuple[Message, ...]:
    """The messages due now. Its end is told at once: meanwhile there may be another beginning."""
    if alert.resolved_at is not None:
        grouping = replace(grouping, group_interval=timedelta())
    return render((alert,), tuple(told.values()), routed, (), grouping, link, now=now)


def _known(message: Message, now: datetime) -> Group:
    return Group(
        message.receiver,
        message.alert,
        message.pool,
        last_sent_at=now,
        last_sent=message.subjects,
        severity=message.severity,
        started_at=message.started_at,
    )
