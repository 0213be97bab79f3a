"""Judging alerts costs a write only where something changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.alerts import AlertName, Condition, Family, Judgement, Severity
from reconciler.store import SqlStore

pytestmark = pytest.mark.anyio

NAME = AlertName.DRIFT_UNRESOLVED
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HELD = Condition(NAME, "acme", "+12025550123", "evidence_stale", "not read")


@pytest.fixture
def outside(path: Path) -> Iterator[sqlite3.Connection]:
    """Another reader of the same file."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def version(outside: sqlite3.Connection) -> int:
    """Differs once another connection has written something."""
    found: int = outside.execute("PRAGMA data_version").fetchone()[0]
    return found


def judged(*conditions: Condition) -> Judgement:
    return Judgement((Family(NAME, "acme"),), conditions)


async def test_what_holds_as_it_did_is_not_written_anew(store: SqlStore, outside: sqlite3.Connection) -> None:
    many = [replace(HELD, subject=f"+1202555{which:04d}") for which in range(300)]
    await store.judge(judged(*many), FIRST)
    before = version(outside)

    await store.judge(judged(*many), FIRST + MINUTE)

    assert version(outside) == before
    assert {one.firing_since for one in (await store.alerts())[0]} == {FIRST}


@pytest.mark.parametrize(
    "changed",
    [
        replace(HELD, reason="off_profile"),
        replace(HELD, detail="read"),
        replace(HELD, severity=Severity.CRITICAL),
    ],
)
async def test_what_holds_otherwise_is_written(
    store: SqlStore, outside: sqlite3.Connection, changed: Condition
) -> None:
    await store.judge(judged(HELD), FIRST)
    before = version(outside)

    await store.judge(judged(changed), FIRST + MINUTE)

    assert version(outside) != before
    ((alert,), _) = await store.alerts()
    assert (alert.condition.reason, alert.condition.detail) == (changed.reason, changed.detail)
    assert alert.condition.level is changed.level
    assert alert.firing_since == FIRST


async def test_what_waits_is_written_when_it_comes_and_when_it_fires(
    store: SqlStore, outside: sqlite3.Connection
) -> None:
    waiting = replace(HELD, wait=2 * MINUTE)
    versions = []
    for minutes in (0, 1, 2, 3):
        await store.judge(judged(waiting), FIRST + minutes * MINUTE)
        versions.append(version(outside))

    came, pending, fired, after = versions
    assert came == pending != fired == after
    assert [one.firing_since for one in (await store.alerts())[0]] == [FIRST + 2 * MINUTE]


async def test_what_was_resolved_fires_anew(store: SqlStore) -> None:
    for minutes, judgement in enumerate([judged(HELD), judged(), judged(HELD)]):
        await store.judge(judgement, FIRST + minutes * MINUTE)

    assert [one.firing_since for one in (await store.alerts())[0]] == [FIRST + 2 * MINUTE]
