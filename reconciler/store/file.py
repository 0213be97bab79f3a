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

_LOCK_BYTES = 100
"""Of a lock file: the process, and the inodes of the file and its log that it wrote."""


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
def sole_writer(path: Path) -> Iterator[Tenure]:
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
            holder = (os.pread(held, _LOCK_BYTES, 0).decode(errors="replace").splitlines() or ["unknown"])[0]
            hint = "end that process first, or ask it through its admin listener (`web.listen`)"
            raise StoreInUse(f"the store {path} is in use by process {holder}", hint) from None
        yield Tenure(held, path)
    finally:
        os.close(held)


class Tenure:
    """The one writer's time with the store. Its lock file says who it is, and which files it wrote."""

    def __init__(self, held: int, path: Path) -> None:
        self._held = held
        self._path = path
        self._left = os.pread(held, _LOCK_BYTES, 0).decode(errors="replace").splitlines()[1:2]
        """What the last writer wrote, if it says so."""
        self._write("" if not self._left else self._left[0])

    def part_from_strangers(self) -> Path | None:
        """Set a write-ahead log aside that belongs to another file than the one that is there now. Where it is then.

        SQLite would apply it to whatever stands in its file's place, such as a backup, and damage that; or, where
        nothing does, delete it. It is known by its inode: the last writer noted those of both.
        """
        files = self._files()
        wrote = self._left[0].split() if self._left else []
        if files[1] == "0" or wrote[1:2] != [files[1]] or wrote[0] == files[0]:
            return None
        log, aside = Path(f"{self._path}-wal"), Path(f"{self._path}-wal.aside-{files[1]}")
        try:
            log.rename(aside)
        except OSError as error:
            hint = "it belongs to another file than the one that is there: move it away, and keep it"
            raise StoreError(f"{log} cannot be renamed: {error.strerror}", hint) from None
        return aside

    def sign(self) -> None:
        """Note which files this writer writes."""
        self._write(" ".join(self._files()))

    def _files(self) -> list[str]:
        return [str(_inode(file) or 0) for file in (str(self._path), f"{self._path}-wal")]

    def _write(self, files: str) -> None:
        """In place and at one length: on a full disk, what is known is neither lost nor keeps the service from it."""
        try:
            os.pwrite(self._held, f"{os.getpid()}\n{files}\n".ljust(_LOCK_BYTES).encode(), 0)
        except OSError as error:
            hint = "see that the service's user may write there, and that there is space"
            raise StoreError(f"the lock file cannot be written: {error.strerror}: {self._path}.lock", hint) from None


def set_aside(path: Path, stamp: str) -> tuple[Path, ...]:
    """Rename the store's files, so that the next start makes a new store; nothing is deleted. The new names.

    Raises StoreInUse while a service writes there, StoreError where there is nothing to rename or it is not allowed.
    """
    with sole_writer(path):
        renamed = []
        for suffix in ("-shm", "-wal", ""):  # the file itself last: whatever stops this in between can be done again
            file, aside = Path(f"{path}{suffix}"), Path(f"{path}.aside-{stamp}{suffix}")
            if file.exists() and not aside.exists():
                try:
                    file.rename(aside)
                except OSError as error:
                    raise StoreError(f"{file} cannot be renamed: {error.strerror}", "see who may write there") from None
                renamed.append(aside)
    if not renamed:
        raise StoreError(f"there is no store at {path}", "there is nothing to set aside")
    return tuple(renamed[::-1])


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
