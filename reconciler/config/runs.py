"""Long lists of numbers, read by one pattern: YAML needs ten times as long for them.

A run is some entries of a list, one after the other, each written so that it can mean one thing only. YAML reads the
first of them and finds the lines of the others blank, so that every place stays what it is; whoever reads the list
takes the rest of the run. It is a guess that the lines are a list's: if nobody takes a run, or anything at all is wrong
with the file, then the guess is dropped, and YAML reads the file as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from reconciler.config.numbers import FORM

_NUMBER = rf"""(?:"{FORM}"|'{FORM}'|{FORM})"""
_NOTE = r"""(?:"[^"\\$\n]*"|(?!(?:null|Null|NULL)[,}\n])[A-Za-z0-9](?:[A-Za-z0-9 ._/()-]*[A-Za-z0-9._/()-])?)"""
_UNTIL = r"""(?:"[0-9TZ:.+-]+"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2}))?)"""
_FORMS = (
    _NUMBER,
    rf"\{{number:\ {_NUMBER}(?:,\ note:\ {_NOTE})?(?:,\ until:\ {_UNTIL})?\}}",
    rf"number:\ {_NUMBER}(?:\n(?P=indent)\ \ note:\ {_NOTE})?(?:\n(?P=indent)\ \ until:\ {_UNTIL})?",
)
_LINES = rf"(?:{'|'.join(_FORMS)})\n"
_RUN = re.compile(rf"^(?P<indent>\ *)-\ {_LINES}(?:(?P=indent)-\ {_LINES}){{2,}}+", re.MULTILINE)
_BETWEEN = r"(,|\n\ *)\ "
_MORE = rf"""(?:{_BETWEEN}note:\ ({_NOTE}))?(?:{_BETWEEN}until:\ ({_UNTIL}))?"""
_ENTRY = re.compile(rf"""\ *-\ (\{{?number:\ )?["']?({FORM})["']?{_MORE}\}}?\n""")
_GOES_ON = re.compile(r"(?:\ *(?:\#.*)?\n)*(\ *)[^\s#]")
_OTHER_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")


class Doubt(Exception):
    """A run holds something that a person must be told of: the guess is dropped."""


Entry: TypeAlias = tuple[int, int, str, str, str]
"""One entry of a run: the line and column of its number, and the texts of its number, note and until."""


class Runs:
    """The runs of one text. `text` is what is left for YAML."""

    def __init__(self, text: str) -> None:
        self._found: dict[int, tuple[int, int, str]] = {}
        parts = []
        line, done = 1, 0
        for run in () if _OTHER_LINE_ENDS.search(text) else _RUN.finditer(text):
            after, first = _GOES_ON.match(text, run.end()), _ENTRY.match(text, run.start())
            if first is None or (after and len(after[1]) > len(run["indent"])):
                continue  # deeper lines after it belong to its last entry
            line += text.count("\n", done, run.start())
            rest = first.end()
            self._found[line] = (len(run["indent"]), line + first[0].count("\n"), text[rest : run.end()])
            count = text.count("\n", rest, run.end())
            parts += [text[done:rest], "\n" * count]
            line += first[0].count("\n") + count
            done = run.end()
        self.text = "".join((*parts, text[done:]))

    def __bool__(self) -> bool:
        """Whether there are any that nobody took yet."""
        return bool(self._found)

    def after(self, line: int) -> Iterator[Entry]:
        """What follows the list's entry in this line, if a run begins with it. It is given once."""
        indent, at, text = self._found.pop(line, (0, 0, ""))
        for opening, number, before_note, note, before_until, until in _ENTRY.findall(text):
            yield at, indent + 3 + len(opening), number, note and note.strip('"'), until and until.strip('"')
            at += 1 + before_note.count("\n") + before_until.count("\n")
