"""The postman: carries messages to receivers, one at a time to each, and all of them side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from reconciler import flow
from reconciler.app.teller import Teller
from reconciler.model.alerts import Sent
from reconciler.ports import Hands, Sink

log = structlog.get_logger()


class Postman:
    """Holds nobody up: a receiver that hangs keeps waiting what is for it, and nothing else.

    Its tasks belong to `tasks`. Once `is_stopping`, nothing more is begun.
    """

    def __init__(self, tasks: asyncio.TaskGroup, teller: Teller, is_stopping: Callable[[], bool]) -> None:
        self._tasks = tasks
        self._teller = teller
        self._is_stopping = is_stopping
        self._busy: set[str] = set()

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
        except Exception:
            log.exception("loop_failed", loop=f"deliver to {sink.name}")
        finally:
            self._busy.discard(sink.name)
