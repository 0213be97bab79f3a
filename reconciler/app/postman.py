"""The postman: carries messages to receivers, one at a time to each, and all of them side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

from reconciler import flow
from reconciler.app.teller import Teller
from reconciler.model.alerts import Sent
from reconciler.model.settings import AlertSettings
from reconciler.ports import Hands, Sink

NOTIFY_SECONDS = 1.0
NOTIFY_REST = 9.0
"""How much longer than a look at all alerts the pause after it is: ten thousand of them take half a second."""


class Postman:
    """Holds nobody up: a receiver that hangs keeps waiting what is for it, and nothing else.

    Its tasks belong to `tasks`. Once `is_stopping`, nothing more is begun. `clock` gives seconds.
    """

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        teller: Teller,
        is_stopping: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tasks = tasks
        self._teller = teller
        self._is_stopping = is_stopping
        self._clock = clock
        self._busy: set[str] = set()
        self._trouble: Exception | None = None
        """What ended a task before its time: the next step raises it, so that the loop tells of it."""
        self._addressed: AlertSettings | None = None
        """What messages were last posted by."""
        self._quiet_until = 0.0

    async def step(self, hands: Hands, alerts: AlertSettings, sinks: Mapping[str, Sink]) -> float:
        """Post what is due, and set out with what waits. How many seconds to rest; whoever rings sooner waits."""
        began = self._clock()
        if began < self._quiet_until:
            return self._quiet_until - began
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            raise trouble
        if alerts != self._addressed:  # here, where nothing can be posted meanwhile to one that is gone
            before = alerts if self._addressed is None else self._addressed
            changed = [one.name for one in alerts.receivers if one not in before.receivers]
            await hands.store.retain([one.name for one in alerts.receivers], changed, hands.clock.now())
            self._addressed = alerts
        for message in await flow.notify(hands, alerts.grouping, alerts.routing):
            self._teller.posted(message)
        waiting = await hands.store.waiting(hands.clock.now())
        self.go(hands, (sink for name, sink in sinks.items() if name in waiting))
        ended = self._clock()
        self._quiet_until = ended + NOTIFY_REST * (ended - began)
        return NOTIFY_SECONDS

    def go(self, hands: Hands, sinks: Iterable[Sink]) -> None:
        """Set out to those of these receivers to whom nothing is under way."""
        for sink in sinks:
            if sink.name not in self._busy and not self._is_stopping():
                self._busy.add(sink.name)
                self._tasks.create_task(self._carry(hands, sink), name=f"deliver to {sink.name}")

    async def _carry(self, hands: Hands, sink: Sink) -> None:
        """Deliver all that is due to one receiver, until one attempt holds up the rest."""
        try:
            while not self._is_stopping() and (done := await flow.deliver(hands, sink)) is not None:
                parcel, outcome = done
                self._teller.delivered(parcel, None if isinstance(outcome, Sent) else outcome)
        except Exception as error:  # noqa: BLE001 -- a task of its own must not end the service's loops
            self._trouble = error
        finally:
            self._busy.discard(sink.name)
