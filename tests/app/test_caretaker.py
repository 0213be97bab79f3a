"""The caretaker tells of a store in trouble by the rules of all alerts, from memory: the store cannot keep that one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.app.caretaker import Caretaker
from reconciler.model.alerts import Grouping, Sent
from reconciler.model.errors import Fault, FaultKind
from reconciler.model.routing import Audience, Routing
from reconciler.model.settings import AlertSettings
from reconciler.store import Inline, SqlStore, open_store
from reconciler.web.metrics import Meter

pytestmark = pytest.mark.anyio

SETTINGS = AlertSettings(Grouping(), (), Routing(audiences=(Audience("ops"),)))
FIRING, RESOLVED = ("firing", "StoreFailed", "critical"), ("resolved", "StoreFailed", "critical")
HOUR = 3600.0


class Ops:
    """A receiver that keeps what it is told, and a clock that the test turns."""

    name = "ops"
    notes = ""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)
        self.is_down = False
        self.told: list[tuple[str, str, str]] = []

    def now(self) -> datetime:
        return self.at

    async def send(self, body: str) -> Sent | Fault:
        if self.is_down:
            return Fault(FaultKind.UNREACHABLE, "down")
        message = json.loads(body)
        self.told.append((message["status"], message["alert"], message["severity"]))
        return Sent("kept")


class Bench:
    """A store, its caretaker, and whom it tells."""

    def __init__(self, path: Path, store: SqlStore) -> None:
        self.path = path
        self.ops = Ops()
        self.meter = Meter("test")
        self.caretaker = Caretaker(self.meter, store, self.ops)

    async def look(self, after_seconds: float = 0.0) -> list[tuple[str, str, str]]:
        """Look so much later. All that was told by then."""
        self.ops.at += timedelta(seconds=after_seconds)
        await self.caretaker.step(SETTINGS, {"ops": self.ops})
        return self.ops.told

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """Another program holds the store's lock."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    path = tmp_path / "tendlc.db"
    with open_store(f"sqlite:///{path}", writer=True, lane=Inline) as store:
        yield Bench(path, store)


async def test_a_store_that_works_is_not_told_of(bench: Bench) -> None:
    assert await bench.look() == []
    assert b"tendlc_store_works 1.0" in bench.meter.render()


async def test_what_passes_within_group_wait_is_never_told(bench: Bench) -> None:
    with bench.trouble():
        assert await bench.look() == []
        assert bench.caretaker.writes_fail
        assert b"tendlc_store_works 0.0" in bench.meter.render()
    assert await bench.look(10) == []
    assert await bench.look(HOUR) == []
    assert not bench.caretaker.writes_fail


async def test_it_is_told_once_repeated_and_its_end_is_told_at_once(bench: Bench) -> None:
    with bench.trouble():
        await bench.look()
        assert await bench.look(30) == [FIRING]
        assert await bench.look(HOUR) == [FIRING]
        assert await bench.look(3 * HOUR) == [FIRING, FIRING]
    assert await bench.look(5) == [FIRING, FIRING, RESOLVED]
    assert await bench.look(HOUR) == [FIRING, FIRING, RESOLVED]
    with bench.trouble():
        await bench.look()
        assert (await bench.look(30))[3:] == [FIRING]


async def test_a_receiver_that_is_down_is_told_when_it_is_back(bench: Bench) -> None:
    bench.ops.is_down = True
    with bench.trouble():
        await bench.look()
        assert await bench.look(30) == []
        bench.ops.is_down = False
        assert await bench.look(5) == [FIRING]
        bench.ops.is_down = True
    assert await bench.look(5) == [FIRING]
    bench.ops.is_down = False
    assert await bench.look(5) == [FIRING, RESOLVED]


@pytest.mark.covers("F-20")
async def test_what_only_another_process_can_mend_is_told_at_once_and_ends_this_one(bench: Bench) -> None:
    assert not bench.caretaker.over.is_set()
    bench.path.with_name("tendlc.db-wal").unlink()

    assert await bench.look() == [FIRING]
    assert bench.caretaker.over.is_set()
