"""Long lists of numbers, read by one pattern: YAML needs ten times as long for them.

A run is some lines one after the other, each an entry of a list that can mean one thing only. YAML reads the first of
them and finds the others blank, so that every place stays what it is; whoever reads the list takes the rest of the run.
It is a guess that the lines are a list's: if nobody takes a run, or anything at all is wrong with the file, then the
guess is dropped, and YAML reads the file as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from reconciler.config.numbers import FORM

_NUMBER = rf"""(?:"{FORM}"|'{FORM}'|{FORM})"""
_NOTE = r"""(?:"[^"\\$\n]*"|(?!(?:null|Null|NULL)[,}])[A-Za-z0-9](?:[A-Za-z0-9 ._/()-]*[A-Za-z0-9._/()-])?)"""
_UNTIL = r"""(?:"[0-9TZ:.+-]+"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2}))?)"""
_OPENING = "{number: "
_LINE = rf"(?:{_NUMBER}|\{_OPENING}{_NUMBER}(?:, note: {_NOTE})?(?:, until: {_UNTIL})?\}})\n"
_RUN = re.compile(rf"^(?P<indent>\ *)-\ {_LINE}(?:(?P=indent)-\ {_LINE}){{2,}}+", re.MULTILINE)
_ENTRY = re.compile(rf"""-\ (\{_OPENING})?["']?({FORM})["']?(?:,\ note:\ ({_NOTE}))?(?:,\ until:\ ({_UNTIL}))?\}}?\n""")
_OTHER_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")


class Doubt(Exception):
    """A run holds something that a person must be told of: the guess is dropped."""


Entry: TypeAlias = tuple[int, int, str, str, str]
"""One line of a run: the line and column of the number, its text, its note and its until."""


class Runs:
    """The runs of one text. `text` is what is left for YAML."""

    def __init__(self, text: str) -> None:
        self._found: dict[int, tuple[int, str]] = {}
        parts = []
        line, done = 1, 0
        for run in () if _OTHER_LINE_ENDS.search(text) else _RUN.finditer(text):
            line += text.count("\n", done, run.start())
            rest = text.index("\n", run.start()) + 1
            self._found[line] = (len(run["indent"]), text[rest : run.end()])
            count = text.count("\n", rest, run.end())
            parts += [text[done:rest], "\n" * count]
            line += 1 + count
            done = run.end()
        self.text = "".join((*parts, text[done:]))

    def __bool__(self) -> bool:
        """Whether there are any that nobody took yet."""
        return bool(self._found)

    def after(self, line: int) -> Iterator[Entry]:
        """What follows the list's entry in this line, if a run begins with it. It is given once."""
        indent, text = self._found.pop(line, (0, ""))
        for at, (opening, number, note, until) in enumerate(_ENTRY.findall(text), line + 1):
            yield at, indent + 3 + len(opening), number, note and note.strip('"'), until and until.strip('"')
