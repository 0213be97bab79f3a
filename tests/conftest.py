"""What every test may use: the asyncio backend, the shared folder, a new store's file, Hypothesis profiles."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from reconciler.store import open_store

PROJECT = Path(__file__).resolve().parent.parent

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material: `$TENDLC_SHARED`, else `../shared`; a test without it skips."""
    folder = Path(os.environ.get("TENDLC_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no shared folder at {folder}: set $TENDLC_SHARED")
    return folder


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new store: made once and copied for each test, so that no test waits for the migrations."""
    path = tmp_path_factory.mktemp("empty") / "tendlc.db"
    open_store(f"sqlite:///{path}", writer=True).close()
    return path
