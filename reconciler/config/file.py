"""The config file, as the rest of the service asks for it: read as often as one likes, and it never raises."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.config.complaints import in_order
from reconciler.config.load import Loaded, load
from reconciler.config.reading import Reading
from reconciler.config.surroundings import Surroundings
from reconciler.model.settings import Draft

_MORE_TRIES = 2  # to read files that change under our eyes


class ConfigFile:
    """The config file at a path. It is a `ports.PoolsFile`.

    `environ` fills in `${NAME}`; `credentials_dir` is systemd's `$CREDENTIALS_DIRECTORY`, where there is one.
    """

    def __init__(self, path: Path, environ: Mapping[str, str], credentials_dir: Path | None = None) -> None:
        self.path = path
        self._environ = environ
        self._credentials = credentials_dir
        self._salt = os.urandom(16)
        self._last = self._reading()
        self._untold = False

    def read(self) -> Draft:
        """What the file says now, with every problem found, in the order of the file. Raises nothing.

        Problems between pools, and of their names and campaigns, are not among them: `decide.declare` finds those.
        Files that change while they are read are read again, so that one config is not made of two.
        """
        loaded, reading = self._load()
        for _ in range(_MORE_TRIES):
            if reading.fingerprint_now() == reading.fingerprint:
                break
            loaded, reading = self._load()
        self._last, self._untold = reading, True
        return Draft(
            path=self.path,
            revision=reading.revision,
            settings=loaded.settings,
            pools=loaded.pools,
            problems=in_order(loaded.problems),
        )

    def fingerprint(self) -> str:
        """Tells whether the file, or anything that it names, has changed since `read`: then it is another text.

        The first answer after a `read` is of what was read, so that no change between the two is missed.
        """
        untold, self._untold = self._untold, False
        return self._last.fingerprint if untold else self._last.fingerprint_now()

    def _reading(self) -> Reading:
        return Reading(self.path.parent, self._salt)

    def _load(self) -> tuple[Loaded, Reading]:
        reading = self._reading()
        with _no_collections():
            surroundings = Surroundings(self._environ, self.path.parent, reading, self._credentials)
            return load(self.path, surroundings), reading


@contextmanager
def _no_collections() -> Iterator[None]:
    """Without the garbage collector for a moment: to search a growing tree for cycles takes longer than to read it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # what was read is old at once, and not searched again as if it were new
        if was_on:
            gc.enable()
