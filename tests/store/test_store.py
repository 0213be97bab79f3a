"""The store's face: it answers in time or says that it cannot, with or without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest

from reconciler.model.errors import StoreBusy, StoreError
from reconciler.model.events import EVERYTHING, Cause, Trigger
from reconciler.store import Inline, SqlStore, open_store
from reconciler.store.lanes import Task, Work

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T = TypeVar("T")


class Stuck:
    """A lane whose turn never comes."""

    def __init__(self, name: str, work: Work) -> None:
        del name, work
        self.tasks: list[Task[Any]] = []
        LANES.append(self)

    def put(self, task: Task[Any]) -> None:
        """Leave it waiting."""
        self.tasks.append(task)

    def close(self) -> None:
        """There is nothing to end."""


LANES: list[Stuck] = []


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waited")


def test_inline_it_never_waits_and_needs_no_loop(path: Path) -> None:
    with open_store(f"sqlite:///{path}", writer=True, lane=Inline) as store:
        assert at_once(store.receive("e1", b"d", b"{}", NOW, ""))
        at_once(store.ask((Trigger(EVERYTHING, Cause.START, NOW),)))
        assert len(at_once(store.unread_events(9))) == len(at_once(store.due_triggers(NOW, 9))) == 1
        assert at_once(store.claim(NOW, timedelta(seconds=30))) is None


async def test_a_webhook_is_answered_in_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.store.store.RECEIVE_SECONDS", 0.01)
    with (
        open_store(f"sqlite:///{path}", writer=True, lane=Stuck) as store,
        pytest.raises(StoreBusy, match=r"did not answer within 0\.01 s"),
    ):
        await store.receive("e1", b"d", b"{}", NOW, "")

    (task,) = (task for lane in LANES for task in lane.tasks)
    assert task.future.cancelled()  # so the writer will leave it out


async def test_a_caller_that_is_cancelled_harms_nobody(store: SqlStore) -> None:
    async with anyio.create_task_group() as group:
        for index in range(50):
            group.start_soon(store.receive, f"e{index}", b"d", b"{}", NOW, "")
        await asyncio.sleep(0)
        group.cancel_scope.cancel()

    assert await store.receive("later", b"d", b"{}", NOW, "")


async def test_every_write_is_seen_by_the_next_read(store: SqlStore) -> None:
    for index in range(50):
        await store.receive(f"e{index}", b"d", b"{}", NOW, "")
        assert len(await store.unread_events(99)) == index + 1


async def test_a_closed_store_says_so(store: SqlStore) -> None:
    store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.receive("e1", b"d", b"{}", NOW, "")
    with pytest.raises(StoreError, match="closed"):
        await store.unread_events(9)
    store.close()
