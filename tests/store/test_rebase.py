"""The clock is set: every time by which something waits, or is so old, moves with it; dates and history stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from reconciler.model.alerts import Judgement
from reconciler.model.epochs import Epoch, Origin
from reconciler.model.reversals import Reversals
from reconciler.store import epochs, meta, rebase, reversals
from reconciler.store.kinds import INSTANT, Json
from reconciler.store.tables import metadata
from tests.builders import HOUR, MINUTE, NOW, NUMBER

HISTORY = {
    *("inbox.received_at", "inbox.inspected_at", "journal.at", "runs.started_at", "runs.finished_at"),
    "operations.closed_at",  # moves only where it would lie in the future
}
DATES = {"freezes.until"}


@pytest.mark.covers("F-30")
def test_every_time_in_the_store_either_moves_or_is_known_to_stay() -> None:
    """A new column of times must be put on one side."""
    times = {
        f"{table.name}.{one.name}" for table in metadata.tables.values() for one in table.columns if one.type is INSTANT
    }
    tables = {table.name for table in rebase.MOVING} | {"operations"}
    moving = {one for one in times if one.split(".")[0] in tables} - HISTORY - DATES

    assert times - moving == HISTORY | DATES


@pytest.mark.covers("F-30")
def test_times_that_are_kept_in_words_move_too(path: Path) -> None:
    """Of an epoch, of receivers that are let be, of assignments that were undone."""
    by = timedelta(hours=-1)
    undone = Reversals(NUMBER, (NOW - HOUR, NOW))
    times = {"began_at": NOW, "settles_at": NOW + MINUTE, "add_only_since": NOW}
    epoch: dict[str, Json] = {"number": 2, "cause": "restored", **{name: at.isoformat() for name, at in times.items()}}
    trouble: dict[str, Json] = {"failures": 2, "until": (NOW + MINUTE).isoformat(), "at": NOW.isoformat()}
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).begin() as connection:
        meta.note(connection, epochs.EPOCH, epoch)
        meta.note(connection, "receiver:ops", trouble)
        reversals.keep(connection, (undone,))

        rebase.rebase(connection, by, Judgement(), NOW + by)

        assert epochs.epoch(connection) == Epoch(2, Origin.RESTORED, NOW + by, NOW + MINUTE + by, NOW)
        assert reversals.known(connection, None) == {NUMBER: Reversals(NUMBER, (NOW - HOUR + by, NOW + by))}
        moved = {"until": (NOW + MINUTE + by).isoformat(), "at": (NOW + by).isoformat()}
        assert meta.noted(connection, "receiver:ops") == trouble | moved
