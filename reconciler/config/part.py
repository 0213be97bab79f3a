"""One file of the config that may hold pools, with all that reading it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config.complaints import Complaints
from reconciler.config.mistake import Mistake
from reconciler.config.number_file import NumberFile, read_number_file
from reconciler.config.runs import Runs
from reconciler.config.source import Source
from reconciler.config.surroundings import Surroundings
from reconciler.model.errors import Place

NUMBERS_LIMIT = 1_000_000
"""Numbers of all pools together, as often as they are listed."""
_FOLDER = "names start from the folder of the file that they stand in"


@dataclass(slots=True)
class Shelf:
    """What all pools share: the files of numbers, each read once, and how many numbers there have been."""

    owners: dict[Path, tuple[Place, Place]] = field(default_factory=dict)
    """Where the pool is that names a file first, and where it does."""
    numbers: int = 0
    unnamed: int = 0
    _files: dict[Path, NumberFile | Mistake] = field(default_factory=dict)

    def file(self, path: Path, surroundings: Surroundings) -> NumberFile:
        """What a file of numbers says. Raises `Mistake` if it cannot be read."""
        if path not in self._files:
            try:
                self._files[path] = read_number_file(path, surroundings)
            except Mistake as mistake:
                self._files[path] = Mistake(f"the file {path} {mistake.words}", mistake.hint or _FOLDER)
        found = self._files[path]
        if isinstance(found, Mistake):
            raise found
        return found

    def stand_in(self) -> str:
        """A name for what has none that can be used, and no two the same."""
        self.unnamed += 1
        return f"unnamed-{self.unnamed}"

    def add(self, more: int) -> None:
        """Count some more numbers. Raises `Mistake` if they are too many."""
        self.numbers += more
        if more and self.numbers > NUMBERS_LIMIT:
            raise Mistake(f"more than {NUMBERS_LIMIT} numbers in all")


@dataclass(frozen=True, slots=True)
class Part:
    """A file in hand."""

    source: Source
    complaints: Complaints
    surroundings: Surroundings
    runs: Runs
    shelf: Shelf
