"""Lanes: jobs in line, with a limit, answered also when the lane closes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reconciler.model.errors import StoreBusy, StoreError
from reconciler.store import lanes
from reconciler.store.lanes import Inline, Task, Thread


class Slow:
    """Work that begins when told, and remembers its batches."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.batches: list[int] = []

    def __call__(self, tasks: list[Task[Any]]) -> None:
        self.begun.set()
        self.go.wait(10)
        self.batches.append(len(tasks))
        for task in tasks:
            task.future.set_result(None)


def job() -> Task[None]:
    return Task(lambda _: None)


def test_what_waits_is_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_IN_A_BATCH", 4)
    work = Slow()
    lane = Thread("test", work)
    tasks = [job() for _ in range(7)]
    lane.put(tasks[0])
    assert work.begun.wait(10)
    for task in tasks[1:]:
        lane.put(task)
    work.go.set()
    for task in tasks:
        task.future.result(10)
    lane.close()

    assert work.batches == [1, 4, 2]


def test_a_full_lane_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_WAITING", 2)
    work = Slow()
    lane = Thread("test", work)
    lane.put(job())
    assert work.begun.wait(10)
    waiting = [job(), job()]
    for task in waiting:
        lane.put(task)

    with pytest.raises(StoreBusy, match="2 jobs wait"):
        lane.put(job())

    work.go.set()
    lane.close()
    assert all(task.future.done() for task in waiting)


def test_closing_finishes_what_is_in_line_and_takes_no_more() -> None:
    work = Slow()
    lane = Thread("test", work)
    tasks = [job() for _ in range(3)]
    for task in tasks:
        lane.put(task)
    work.go.set()
    lane.close()

    assert all(task.future.done() for task in tasks)
    with pytest.raises(StoreError, match="closed"):
        lane.put(job())
    lane.close()


def test_inline_runs_at_once() -> None:
    work = Slow()
    work.go.set()
    lane = Inline("test", work)
    task = job()
    lane.put(task)

    assert task.future.done()
    lane.close()
    with pytest.raises(StoreError, match="closed"):
        lane.put(job())
