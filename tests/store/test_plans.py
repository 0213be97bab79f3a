"""However large the inbox grows, what is done for each webhook and each turn finds its rows by an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from reconciler.store import Inline, open_store
from reconciler.store.lanes import Lane, Task, Work

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = ("inbox", "steps", "runs")


async def test_receiving_reading_and_claiming_scan_no_large_table(tmp_path: Path) -> None:
    lanes: dict[str, Lane] = {}
    said: list[str] = []

    def listen(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(said.append)

    def plans(connection: Connection) -> list[str]:
        found = []
        for statement in tuple(said):
            if statement.split(" ", 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.replace(':', '::')}")
                found += [f"{row[-1]}   <- {statement}" for row in explained]
        return found

    def lane(name: str, work: Work) -> Lane:
        return lanes.setdefault(name, Inline(name, work))

    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True, lane=lane) as store:
        await store.note_config("warm", NOW)
        for one in lanes.values():
            one.put(Task(listen))
        for event_id in ("e1", "e1", "", "e2"):
            await store.receive(event_id, event_id.encode() or b"d", b"{}", NOW, "")
        await store.receive("e1", b"other data", b"{}", NOW, "")
        unread = await store.unread_events(9)
        await store.finish_events((), ())
        await store.due_triggers(NOW, 9)
        await store.claim(NOW, timedelta(seconds=30))
        await store.agenda(NOW)
        assert len(unread) == 3
        assert sum("inbox" in one for one in said) >= 6
        task = Task(plans)
        lanes["writing"].put(task)
        assert [
            one
            for one in task.future.result()
            if one.startswith(tuple(f"SCAN {name}" for name in LARGE)) and "INDEX" not in one
        ] == []
