"""file: the SQLite file on the disk: where it is, who may write it, and whether it is still the one we opened."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from reconciler.model.errors import StoreError, StoreInUse
from reconciler.store.troubles import Forsaken

PRIVATE = 0o600
"""Only the service's own user may read or write the store: it holds signed events and phone numbers."""


def path_of(url: str) -> Path:
    """The file that `sqlite:///relative.db` or `sqlite:////absolute.db` names. Raises StoreError, without the URL."""
    hint = "write `store: {url: sqlite:///tendlc.db}`"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("the store's URL cannot be read", hint) from None
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"a store of kind {parsed.get_backend_name()} is not supported yet", hint)
    if parsed.drivername != "sqlite" or parsed.query or parsed.host or parsed.database in (None, "", ":memory:"):
        raise StoreError("the store's URL must name a file and nothing else", hint)
    return Path(str(parsed.database)).absolute()


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Be the one writer of this store, by a lock that dies with the process. Raises StoreInUse if there is one."""
    try:
        held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        hint = "see that its folder exists and that the service's user may write there"
        raise StoreError(f"the store's lock file cannot be opened: {error.strerror}: {path}.lock", hint) from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(held, 20, 0).decode(errors="replace").strip() or "unknown"
            hint = "end that process first, or ask it through its admin listener (`web.listen`)"
            raise StoreInUse(f"the store {path} is in use by process {holder}", hint) from None
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(held)


def lock_of(path: Path) -> str:
    """Which lock is this store's, whatever name it goes by. Two that know the same one mean the same store."""
    return str(_inode(f"{path}.lock"))


def make_private(path: Path) -> None:
    """Make the file if there is none, readable by its owner only. Raises StoreError."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
    except OSError as error:
        hint = "see that its folder exists and that the service's user may write there"
        raise StoreError(f"the store cannot be opened: {error.strerror}: {path}", hint) from None


class Identity:
    """The file, its write-ahead log and the index of that as they were when opened.

    What is written after either was removed or replaced goes to a file without a name, and is lost with the process.
    """

    def __init__(self, path: Path) -> None:
        self._files = {file: _inode(file) for file in (str(path), f"{path}-wal", f"{path}-shm")}

    def check(self) -> None:
        """Raises Forsaken if one of them is no longer there."""
        for file, inode in self._files.items():
            if _inode(file) != inode:
                hint = "the service ends, and the next start goes on; what is missing is rebuilt by looking"
                raise Forsaken(f"{file} was removed or replaced while in use", hint)


def _inode(file: str) -> int | None:
    with suppress(FileNotFoundError):
        return os.stat(file).st_ino  # noqa: PTH116 -- before each commit: a Path costs more than the call
    return None
