"""Numbers as CSV: a header of number, note and until, and one number a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from difflib import get_close_matches
from io import StringIO
from typing import TypeVar

from reconciler.config import scalars, times
from reconciler.config.mistake import Mistake
from reconciler.config.numbers import number
from reconciler.config.source import PROBLEMS_LIMIT, Source
from reconciler.model.errors import Problem
from reconciler.model.pools import ListedDraft

COLUMNS = ("number", "note", "until")
_WANTED = f"its first line is {','.join(COLUMNS)}, or some of these"
_CELL = re.compile(r'(?:"(?:[^"]|"")*"?|[^,"])*,?')

T = TypeVar("T")


def read_table(source: Source, zone: tzinfo) -> Iterator[ListedDraft | Problem]:
    """The numbers of a table, in its order, and its problems. Where the header has one, nothing else is judged."""
    table = _Table(source, zone)
    columns: list[str] = []
    for line, cells in table.rows():
        if columns:
            draft = table.draft(columns, cells, line)
            if draft is not None:
                yield draft
        else:
            columns = table.header(cells, line)
        if not columns:
            break
    if not columns and not table.problems:
        table.tell(1, 1, "has no header", _WANTED)
    yield from table.problems


class _Table:
    """Reads rows, and collects what is wrong with them."""

    def __init__(self, source: Source, zone: tzinfo) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._zone = zone
        self._moments: dict[str, datetime] = {}

    def tell(self, line: int, column: int, message: str, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(self._source.place(line, column), message, hint))

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank, with the line that it begins in."""
        rows = csv.reader(StringIO(self._source.text, newline=""), strict=True, skipinitialspace=True)
        while len(self.problems) <= PROBLEMS_LIMIT:
            line = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                self.tell(line, 1, f"not CSV: {error}", "a value that holds a comma or a quote needs quotes around it")
                continue
            if any(cells):
                yield line, cells

    def header(self, cells: list[str], line: int) -> list[str]:
        """The columns; none if there is a problem with them."""
        names = [cell.strip() for cell in cells]
        for index, name in enumerate(names):
            if name not in COLUMNS:
                close = get_close_matches(name.lower(), COLUMNS, n=1)
                guess = f", did you mean {close[0]!r}?" if close else ""
                hint = "put commas between columns" if ";" in name or "\t" in name else f"known: {', '.join(COLUMNS)}"
                self.tell(line, self._column(line, index), f"unknown column{guess}", hint)
            elif name in names[:index]:
                self.tell(line, self._column(line, index), f"a second column {name!r}", "keep one")
        if not self.problems and "number" not in names:
            self.tell(line, 1, "has no column 'number'", _WANTED)
        return [] if self.problems else names

    def draft(self, columns: list[str], cells: list[str], line: int) -> ListedDraft | None:
        """A row's number; None if there is a problem with the row."""
        told = len(self.problems)
        if len(cells) != len(columns):
            self._miscounted(len(columns), len(cells), line)
            return None
        found = note = until = None
        for index, (name, text) in enumerate(zip(columns, cells, strict=True)):
            if name == "number":
                found = self._value(number, text, line, index)
            elif text and name == "note":
                note = self._value(scalars.note, text, line, index)
            elif text:
                until = self._value(self._until, text, line, index)
        if found is None or told != len(self.problems):
            return None
        return ListedDraft(
            found, self._source.place(line, self._column(line, columns.index("number"))), note or "", until
        )

    def _value(self, parse: Callable[[str], T], text: str, line: int, index: int) -> T | None:
        try:
            return parse(text.strip())
        except Mistake as mistake:
            self.tell(line, self._column(line, index), mistake.words, mistake.hint)
            return None

    def _until(self, text: str) -> datetime:
        if text not in self._moments:
            self._moments[text] = times.until(text, self._zone)
        return self._moments[text]

    def _miscounted(self, wanted: int, found: int, line: int) -> None:
        words = f"{found} values in a table of {wanted} columns"
        if found > wanted:
            column, hint = self._column(line, wanted), "a value that holds a comma needs quotes around it"
        else:
            column, hint = len(self._source.lines[line - 1]) + 1, "put a comma for each empty value"
        self.tell(line, column, words, hint)

    def _column(self, line: int, index: int) -> int:
        """Where a row's value begins, as far as its first line tells."""
        text, start = self._source.lines[line - 1], 0
        for _ in range(index):
            found = _CELL.match(text, start)
            start = found.end() if found else start
        return start + 1 + len(text[start:]) - len(text[start:].lstrip(" "))
