"""witness: a small file beside the store that knows what a lost store or a restored backup cannot know."""

from __future__ import annotations

import os
import re
from pathlib import Path

from reconciler.model.epochs import Mark
from reconciler.model.errors import StoreError
from reconciler.store.file import PRIVATE

_WIDTH = 40
"""Bytes; always as many, so that it is written over in one go."""
_SAID = re.compile(rb"(\d{1,12}) +(\d{1,20}) *\n")


class Witness:
    """The epoch of the store, and how far its journal had come when the last request was about to go out.

    It is written before each request, without waiting for the disk: a process that dies loses none of it, and a machine
    that dies loses it together with nothing that the store has not kept.
    """

    def __init__(self, path: Path) -> None:
        """Of the store at this path. Raises StoreError."""
        self._path = f"{path}.witness"
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise self._trouble(error) from None
        self._epoch = 0

    def read(self) -> Mark | None:
        """What it says. None: nothing, or nothing that can be read."""
        said = _SAID.fullmatch(os.pread(self._file, _WIDTH + 1, 0))
        return None if said is None else Mark(int(said[1]), int(said[2]))

    def begin(self, mark: Mark) -> None:
        """An epoch begins or goes on, from here. On the disk when it returns. Raises StoreError."""
        self._epoch = mark.epoch
        self.come(mark.far)
        os.ftruncate(self._file, _WIDTH)
        os.fsync(self._file)

    def come(self, far: int) -> None:
        """The journal has come so far, and a request is about to go out. Raises StoreError: then none may."""
        try:
            os.pwrite(self._file, f"{self._epoch} {far}".ljust(_WIDTH - 1).encode() + b"\n", 0)
        except OSError as error:
            raise self._trouble(error) from None

    def close(self) -> None:
        """Give the file up."""
        os.close(self._file)

    def _trouble(self, error: OSError) -> StoreError:
        hint = "see that the store's folder exists and that the service's user may write there"
        return StoreError(f"the store's witness cannot be written: {error.strerror}: {self._path}", hint)
