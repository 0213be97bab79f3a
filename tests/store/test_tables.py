"""Tables: what the loops ask all day is answered from an index, however much is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from reconciler.model.events import EventState
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.memory import Round
from reconciler.model.plan import Assign, Plan
from reconciler.store import (
    SqlStore,
    evidence,
    facts,
    inbox,
    journal,
    lines,
    lineup,
    meta,
    outbox,
    parcels,
    queue,
    reversals,
    rounds,
    selections,
    timeline,
    triggers,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [PhoneNumber("+12025550123"), PhoneNumber("+12025550124")]
CAMPAIGN = CampaignId("4b30019f")

BOUNDED = (
    "campaigns",
    "dormancies",
    "listings",
    "profiles",
    "rosters",
    "groups",
    "alerts",
    "freezes",
    "halts",
    "meta",
    "pool_checks",
    "triggers",
    "outbox",
)
"""Tables that stay small, or are bounded: these may be read whole."""


@pytest.mark.parametrize(
    "question",
    [
        partial(inbox.receive, event_id="e", digest=b"d", body=b"{}", at=NOW, flaw=""),
        partial(inbox.unread_events, limit=500),
        partial(inbox.events, limit=50, state=EventState.QUARANTINED),
        partial(inbox.events_after, number=7, limit=50),
        partial(triggers.due, now=NOW, limit=500),
        partial(journal.claim, now=NOW, lease=timedelta(seconds=30)),
        partial(journal.recover, now=NOW, settle_window=timedelta(seconds=60)),
        partial(journal.agenda, now=NOW),
        partial(journal.agenda, now=NOW, opens_at=NOW),
        partial(queue.oldest_seconds, now=NOW),
        partial(queue.steps),
        partial(queue.open_operations),
        partial(queue.listed, limit=50),
        partial(queue.retry, numbers=NUMBERS, author="cli", now=NOW),
        partial(queue.retry_all, limit=50, author="cli", now=NOW),
        partial(inbox.inspect, number=7, now=NOW),
        partial(journal.led_to, actions=[Assign(NUMBERS[0], PoolName("acme"), CAMPAIGN)], now=NOW),
        partial(lineup.unproven, now=NOW),
        partial(evidence.queued),
        partial(evidence.wanting, those=[CAMPAIGN], now=NOW, held=()),
        partial(facts.recall, numbers=NUMBERS),
        partial(facts.recall, numbers=()),
        partial(reversals.forgive, numbers=NUMBERS, author="cli", now=NOW),
        partial(facts.awaited, wanted=[CAMPAIGN], now=NOW),
        partial(lines.told_at, numbers=NUMBERS),
        partial(selections.chosen, asked=[ByTags(("prod",)), ByProfile(ProfileId("4001838b"))]),
        partial(rounds.learned, numbers=NUMBERS),
        partial(timeline.timeline, number=NUMBERS[0], limit=50),
        partial(meta.counts),
        partial(meta.heard),
        partial(parcels.waiting, now=NOW),
        partial(parcels.take, receiver="ops", now=NOW),
        partial(outbox.standing),
    ],
    ids=lambda question: f"{question.func.__module__.rsplit('.', 1)[1]}.{question.func.__name__}",
)
def test_no_question_reads_a_whole_table(path: Path, question: Callable[[Connection], object]) -> None:
    scans = [plan for plan in plans(path, question) if plan.startswith("SCAN") and "INDEX" not in plan]

    assert [plan for plan in scans if plan.split()[1] not in BOUNDED] == []


@pytest.mark.parametrize("opens_at", [None, NOW + timedelta(hours=1)], ids=["open", "before a window"])
async def test_the_agenda_costs_the_same_however_long_the_queue_is(
    path: Path, store: SqlStore, opens_at: datetime | None
) -> None:
    """Every loop asks for it before each thing that it does."""
    costs = []
    for upto in (10, 3000):
        actions = tuple(Assign(PhoneNumber(f"+1202{index:07d}"), PoolName("acme"), CAMPAIGN) for index in range(upto))
        plan = Plan("revision", NOW, complete=True, actions=actions, holds=(), unchanged=0, digest="")
        await store.reconciled(Round(NOW, NOW, (), plan, actions=actions, evidence_at={CAMPAIGN: NOW}))
        costs.append(steps(path, partial(journal.agenda, now=NOW, opens_at=opens_at)))

    assert len(await store.operations_open()) == 3000
    assert costs[0] == costs[1] > 0


def steps(path: Path, question: Callable[[Connection], object]) -> int:
    """How many steps SQLite's machine takes to answer a question."""
    engine = create_engine(f"sqlite:///{path}")
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with engine.connect() as connection:
        question(connection)  # so that the file's schema is read
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(step, 1)
        question(connection)
    engine.dispose()
    return taken


def plans(path: Path, question: Callable[[Connection], object]) -> list[str]:
    """How SQLite goes about a question."""
    engine = create_engine(f"sqlite:///{path}")
    found: list[str] = []

    def explain(*call: object) -> None:
        connection, _, statement, parameters, *_ = call
        assert isinstance(connection, Connection)
        raw = connection.connection.driver_connection
        assert raw is not None
        if str(statement).startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            found.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", explain)
        question(connection)
    engine.dispose()
    return found
