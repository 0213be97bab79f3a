"""The clock is set: every time by which something waits, or is so old, moves with it; dates and history stay."""

from __future__ import annotations

import pytest

from reconciler.store import rebase
from reconciler.store.kinds import INSTANT
from reconciler.store.tables import metadata

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
