"""One reading of the config: every file that it takes from the disk, bounded together, and remembered.

What was read is remembered by its hash, so that a later look can tell whether any of it has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.config.disk import names_in, read_bounded
from reconciler.config.mistake import Mistake

FILE_BYTES = 16 * 1024 * 1024
ALL_BYTES = 4 * FILE_BYTES
FILES_LIMIT = 10_000
FOLDER_LIMIT = 10_000  # names in pools.d


@dataclass(frozen=True, slots=True)
class _Taken:
    """Something that was read. Without a limit in bytes it is a folder."""

    path: Path
    limit_bytes: int | None
    state: bytes
    """The hash of its bytes or names, or why there are none."""


class Reading:
    """Takes files from the disk for one reading of the config.

    `folder` is the config file's own; `salt` goes into fingerprints, so that they tell nothing of a secret.
    """

    def __init__(self, folder: Path, salt: bytes) -> None:
        self._prefix = f"{folder}/"
        self._salt = salt
        self._taken: list[_Taken] = []
        self._revision = hashlib.sha256()
        self._bytes = 0

    def text(self, path: Path) -> bytes:
        """The bytes of a part of the config: they go into its revision. Raises `Mistake`."""
        content = self._read(path, FILE_BYTES)
        self._bytes += len(content)
        if self._bytes > ALL_BYTES:
            raise Mistake(f"is too much: with those before it, it holds more than {ALL_BYTES // 1024} KiB")
        if self._taken[0].path != path:
            name = str(path).removeprefix(self._prefix).encode(errors="surrogateescape")
            self._revision.update(b"\0%b\0%d\0" % (name, len(content)))
        self._revision.update(content)
        return content

    def secret(self, path: Path, limit_bytes: int) -> bytes:
        """The bytes of a file whose content is no part of the revision. Raises `Mistake`."""
        return self._read(path, limit_bytes)

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder that are not hidden, sorted. Raises `Mistake`."""
        try:
            names = _names(folder)
        except Mistake as mistake:
            self._taken.append(_Taken(folder, None, mistake.words.encode()))
            raise
        self._taken.append(_Taken(folder, None, _hash_of_names(names)))
        return names

    @property
    def revision(self) -> str:
        """SHA-256 over the config's parts, in hexadecimal: the first as it is, the others with their names."""
        return self._revision.hexdigest()

    @property
    def fingerprint(self) -> str:
        """Tells what was read from everything else that might have been."""
        return self._digest(one.state for one in self._taken)

    def fingerprint_now(self) -> str:
        """What the fingerprint would be if the same were read now."""
        return self._digest(_state_now(one.path, one.limit_bytes) for one in self._taken)

    def _read(self, path: Path, limit_bytes: int) -> bytes:
        if len(self._taken) >= FILES_LIMIT:
            raise Mistake(f"is one too many: the config may be of {FILES_LIMIT} files")
        try:
            content = read_bounded(path, limit_bytes)
        except Mistake as mistake:
            self._taken.append(_Taken(path, limit_bytes, mistake.words.encode()))
            raise
        self._taken.append(_Taken(path, limit_bytes, _hash(content)))
        return content

    def _digest(self, states: Iterator[bytes]) -> str:
        return hashlib.sha256(b"\0".join((self._salt, *states))).hexdigest()


def _state_now(path: Path, limit_bytes: int | None) -> bytes:
    try:
        if limit_bytes is None:
            return _hash_of_names(_names(path))
        return _hash(read_bounded(path, limit_bytes))
    except Mistake as mistake:
        return mistake.words.encode()


def _names(folder: Path) -> tuple[str, ...]:
    """Kubernetes keeps what it mounts in hidden folders, and editors what they write in hidden files."""
    return tuple(name for name in names_in(folder, FOLDER_LIMIT) if not name.startswith("."))


def _hash_of_names(names: tuple[str, ...]) -> bytes:
    return _hash("\0".join(names).encode(errors="surrogateescape"))


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
