"""A store to test with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.store import SqlStore, open_store


@pytest.fixture
def path(empty: Path, tmp_path: Path) -> Path:
    """The file of a new store, for this test alone."""
    return Path(shutil.copy(empty, tmp_path))


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    """A new store, open for writing."""
    with open_store(f"sqlite:///{path}", writer=True) as opened:
        yield opened
