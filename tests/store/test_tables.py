"""Tables: what the loops ask all day is answered from an index, however much is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from reconciler.model.events import EventState
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.store import facts, inbox, journal, meta, outbox, rounds, timeline, triggers

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [PhoneNumber("+12025550123"), PhoneNumber("+12025550124")]
CAMPAIGN = CampaignId("4b30019f")

BOUNDED = ("campaigns", "listings", "groups", "alerts", "halts", "meta", "pool_checks", "triggers", "outbox")
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
        partial(journal.recover, now=NOW),
        partial(journal.agenda, now=NOW),
        partial(journal.queue, now=NOW),
        partial(journal.open_operations),
        partial(facts.recall, numbers=NUMBERS),
        partial(facts.recall, numbers=()),
        partial(facts.awaited, wanted=[CAMPAIGN], now=NOW),
        partial(rounds.learned, numbers=NUMBERS),
        partial(timeline.timeline, number=NUMBERS[0], limit=50),
        partial(meta.counts),
        partial(outbox.parcels, now=NOW, limit=50),
    ],
    ids=lambda question: f"{question.func.__module__.rsplit('.', 1)[1]}.{question.func.__name__}",
)
def test_no_question_reads_a_whole_table(path: Path, question: Callable[[Connection], object]) -> None:
    engine = create_engine(f"sqlite:///{path}")
    plans: list[str] = []

    def explain(*call: object) -> None:
        connection, _, statement, parameters, *_ = call
        assert isinstance(connection, Connection)
        raw = connection.connection.driver_connection
        assert raw is not None
        if str(statement).startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", explain)
        question(connection)
    engine.dispose()

    scans = [plan for plan in plans if plan.startswith("SCAN") and "INDEX" not in plan]
    assert [plan for plan in scans if plan.split()[1] not in BOUNDED] == []
