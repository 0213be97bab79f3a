"""Files of numbers: plain text with one a line, or CSV with a header. Every mistake in one has its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.config.mistake import Mistake
from reconciler.config.number_table import read_table
from reconciler.config.numbers import number
from reconciler.config.source import PROBLEMS_LIMIT, Source, decoded_list
from reconciler.config.surroundings import Surroundings
from reconciler.model.errors import Problem
from reconciler.model.pools import ListedDraft


@dataclass(frozen=True, slots=True)
class NumberFile:
    """What one file says, and every problem in it, a limited number of them."""

    listed: tuple[ListedDraft, ...]
    problems: tuple[Problem, ...] = ()


def read_number_file(path: Path, surroundings: Surroundings) -> NumberFile:
    """The numbers of a file, in its order. Raises `Mistake` if there is no such file, or it may not be read."""
    source = decoded_list(str(path), surroundings.reading.text(path))
    if isinstance(source, Problem):
        return NumberFile((), (source,))
    is_table = path.suffix.lower() == ".csv"
    found = tuple(read_table(source, surroundings.zone) if is_table else _read_lines(source))
    listed = tuple([one for one in found if isinstance(one, ListedDraft)])
    return NumberFile(listed, tuple([one for one in found if isinstance(one, Problem)]))


def _read_lines(source: Source) -> Iterator[ListedDraft | Problem]:
    """One number a line. What follows a # is for people."""
    left = PROBLEMS_LIMIT
    for line, written in enumerate(source.lines, 1):
        text = written.partition("#")[0].strip()
        if not text:
            continue
        place = source.place(line, written.index(text) + 1)
        try:
            yield ListedDraft(number(text), place)
        except Mistake as mistake:
            yield Problem(place, mistake.words, mistake.hint)
            left -= 1
            if left < 0:
                return
