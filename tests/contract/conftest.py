"""The stores that keep the promises of `ports.Store`: on a thread of their own, and inline."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.store import Inline, SqlStore, Thread, open_store
from reconciler.store.lanes import OpenLane


@pytest.fixture(params=[Thread, Inline])
def store(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> Iterator[SqlStore]:
    """A new store, open for writing."""
    lane: OpenLane = request.param
    shutil.copy(empty, tmp_path)
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True, lane=lane) as opened:
        yield opened
