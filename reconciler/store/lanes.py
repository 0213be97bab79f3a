"""lanes: where jobs run. One lane owns one connection: a thread of its own, or the caller's for the simulator."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection

from reconciler.model.errors import StoreBusy, StoreError

MOST_WAITING = 4096
"""Jobs in line. One more is refused: at some thousand a second, it would wait for longer than its caller."""
MOST_IN_A_BATCH = 512
"""Jobs taken at once."""
CLOSE_SECONDS = 10.0
"""How long closing waits for the jobs in line."""

T = TypeVar("T")


class Task(Generic[T]):
    """A job and where its answer goes."""

    __slots__ = ("future", "job")

    def __init__(self, job: Callable[[Connection], T]) -> None:
        self.job = job
        self.future: Future[T] = Future()


Work: TypeAlias = Callable[[list[Task[Any]]], None]
"""Runs jobs and answers each of them. Raises nothing."""


class Lane(Protocol):
    """Where jobs run, one batch after another."""

    def put(self, task: Task[Any]) -> None:
        """Put a job in line. Raises StoreBusy, or StoreError once closed."""

    def close(self) -> None:
        """Take no more, finish what is in line, and end."""


OpenLane: TypeAlias = Callable[[str, Work], Lane]
"""Opens a lane: `Thread` or `Inline`."""


class Inline:
    """Runs each job at once, where it is put: no threads, so that a simulator decides what comes when."""

    def __init__(self, name: str, work: Work) -> None:
        self._name = name
        self._work = work
        self._closed = False

    def put(self, task: Task[Any]) -> None:
        """Run it."""
        if self._closed:
            raise _closed(self._name)
        self._work([task])

    def close(self) -> None:
        """Take no more."""
        self._closed = True


class Thread:
    """Runs jobs in a thread: takes what waits, works, answers, repeats. No timer, so an idle store answers at once."""

    def __init__(self, name: str, work: Work) -> None:
        self._name = name
        self._work = work
        self._waiting: deque[Task[Any]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"store-{name}", daemon=True)
        self._thread.start()

    def put(self, task: Task[Any]) -> None:
        """Put a job in line. Raises StoreBusy, or StoreError once closed."""
        with self._changed:
            if self._closed:
                raise _closed(self._name)
            if len(self._waiting) >= MOST_WAITING:
                raise StoreBusy(f"{MOST_WAITING} jobs wait for the store already", "ask again in a moment")
            self._waiting.append(task)
            self._changed.notify()

    def close(self) -> None:
        """Take no more, finish what is in line (for 10 s at most), and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while batch := self._take():
            self._work(batch)

    def _take(self) -> list[Task[Any]]:
        """What waits; nothing once closed and done."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_A_BATCH))]


def _closed(name: str) -> StoreError:
    return StoreError(f"the store is closed for {name}")
