"""access: the way from a method of the store to a lane, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection

from reconciler.model.errors import StoreBusy, StoreError
from reconciler.store.lanes import Lane, Task
from reconciler.store.room import Room
from reconciler.store.witness import Witness

ANSWER_SECONDS = 60.0
"""A job is answered within this time, if it has no time of its own."""

P = ParamSpec("P")
T = TypeVar("T")


class Access:
    """Two lanes, one that writes and one that reads, and the witness of what is written; closes them."""

    def __init__(
        self,
        writing: Lane | None,
        reading: Lane,
        close: Callable[[], None],
        room: Room,
        witness: Witness | None = None,
    ) -> None:
        self._writing = writing
        self._reading = reading
        self._close = close
        self._room = room
        self._witness = witness

    def close(self) -> None:
        """Finish what is in line, close the file, and give up the lock. More than once does no harm."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _writer(self) -> Lane:
        if self._writing is None:
            raise StoreError("the store is open for reading only", "ask the running service to do it")
        return self._writing

    async def _write(self, job: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        task = Task(lambda connection: job(connection, *args, **kwargs))
        return await answered(self._writer(), task, ANSWER_SECONDS)

    async def _read(self, job: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        task = Task(lambda connection: job(connection, *args, **kwargs))
        return await answered(self._reading, task, ANSWER_SECONDS)


async def answered(lane: Lane, task: Task[T], seconds: float) -> T:
    """Have a lane do it, within so many seconds. Raises StoreBusy if it takes longer; then it may still be done."""
    lane.put(task)
    if task.future.done():  # an inline lane needs no loop
        return task.future.result()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(task.future)
    except TimeoutError:
        raise StoreBusy(f"the store did not answer within {seconds:g} s", "ask again in a moment") from None
