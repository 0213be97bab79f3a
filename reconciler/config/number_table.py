"""Numbers as CSV: a header of number, note and until, and one number a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import tzinfo
from functools import cache, partial
from io import StringIO

from reconciler.config import scalars, times
from reconciler.config.mistake import Mistake, guess
from reconciler.config.numbers import number
from reconciler.config.source import PROBLEMS_LIMIT, Source
from reconciler.model.errors import Problem
from reconciler.model.pools import ListedDraft

COLUMNS = ("number", "note", "until")
_WANTED = f"its first line is {','.join(COLUMNS)}, or some of these"
_CELL = re.compile(r'(?:"(?:[^"]|"")*"?|[^,"])*,?')


def read_table(source: Source, zone: tzinfo) -> Iterator[ListedDraft | Problem]:
    """The numbers of a table, in its order, and its problems. Where the header has one, nothing else is judged."""
    table = _Table(source, zone)
    rows = table.rows()
    line, header = next(rows, (1, []))
    if not header and not table.problems:
        table.tell(1, 1, "has no header", _WANTED)
    elif table.take_header(header, line):
        for line, cells in rows:
            try:
                yield table.draft(cells, line)
            except Mistake:
                table.tell_of(cells, line)
    yield from table.problems


class _Table:
    """Reads rows, and collects what is wrong with them."""

    def __init__(self, source: Source, zone: tzinfo) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._until = cache(partial(times.until, zone=zone))
        self._columns: list[str] = []
        self._at = dict.fromkeys(COLUMNS, -1)

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

    def take_header(self, cells: list[str], line: int) -> bool:
        """Take the columns; False if there is a problem with them."""
        self._columns = [cell.strip() for cell in cells]
        for index, name in enumerate(self._columns):
            if name not in COLUMNS:
                hint = "put commas between columns" if ";" in name or "\t" in name else f"known: {', '.join(COLUMNS)}"
                self.tell(line, self._column(line, index), f"unknown column{guess(name.lower(), COLUMNS)}", hint)
            elif name in self._columns[:index]:
                self.tell(line, self._column(line, index), f"a second column {name!r}", "keep one")
            else:
                self._at[name] = index
        if not self.problems and "number" not in self._columns:
            self.tell(line, 1, "has no column 'number'", _WANTED)
        return not self.problems

    def draft(self, cells: list[str], line: int) -> ListedDraft:
        """A row's number. Raises `Mistake` if anything is wrong with the row: `tell_of` says what."""
        if len(cells) != len(self._columns):
            raise Mistake("it is too short or too long")
        row = [*cells, ""]  # at -1 there is what a column holds that there is not
        at = self._at["number"]
        until = row[self._at["until"]].strip()
        return ListedDraft(
            number(row[at].strip()),
            self._source.place(line, self._column(line, at)),
            scalars.note(row[self._at["note"]]),
            self._until(until) if until else None,
        )

    def tell_of(self, cells: list[str], line: int) -> None:
        """Tell of everything that is wrong with a row."""
        wanted = len(self._columns)
        if len(cells) != wanted:
            is_long = len(cells) > wanted
            column = self._column(line, wanted) if is_long else len(self._source.lines[line - 1]) + 1
            hint = (
                "a value that holds a comma needs quotes around it" if is_long else "put a comma for each empty value"
            )
            self.tell(line, column, f"{len(cells)} values in a table of {wanted} columns", hint)
            return
        readers: dict[str, Callable[[str], object]] = {"number": number, "note": scalars.note, "until": self._until}
        for index, (name, cell) in enumerate(zip(self._columns, cells, strict=True)):
            try:
                if cell.strip() or name == "number":
                    readers[name](cell.strip())
            except Mistake as mistake:
                self.tell(line, self._column(line, index), mistake.words, mistake.hint)

    def _column(self, line: int, index: int) -> int:
        """Where a row's value begins, as far as its first line tells."""
        text, start = self._source.lines[line - 1], 0
        for _ in range(index):
            found = _CELL.match(text, start)
            start = found.end() if found else start
        while text[start : start + 1] == " ":
            start += 1
        return start + 1
