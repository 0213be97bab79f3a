"""The config file's text, and the places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reconciler.config.masking import masked
from reconciler.model.errors import Place, Problem

PROBLEMS_LIMIT = 1_000  # more would not be read
SHOWN_CHARACTERS = 200  # a line of a file that a program wrote may be megabytes long

UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that no value may hold: control characters, lone surrogates, a byte order mark."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one config file. Lines and columns count from 1."""

    file: str
    """As the user named it."""
    text: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    shown: tuple[str, ...] = field(repr=False)
    """The lines without secrets, cut where they are very long."""

    def place(self, line: int, column: int) -> Place:
        """A place in the file, with its line to show."""
        return Place(self.file, line, column, self.shown[line - 1] if line <= len(self.shown) else "")


def decoded(file: str, content: bytes) -> Source | Problem:
    """The file's text, or why it is none. A byte order mark at the start is let pass."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The place shows no text: what is not UTF-8 cannot be searched for secrets.
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        return Problem(_end_of(file, before), "the file is not UTF-8", "save it in UTF-8")
    if unfit := UNFIT.search(text):
        name = f"U+{ord(unfit[0]):04X}"
        return Problem(_end_of(file, text[: unfit.start()]), f"a control character ({name}) in the file", "take it out")
    lines = tuple(text.splitlines())
    return Source(file, text, lines, tuple(_cut(line) for line in masked(lines)))


def _cut(line: str) -> str:
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"


def _end_of(file: str, text: str) -> Place:
    lines = f"{text}.".splitlines()
    return Place(file, len(lines), len(lines[-1]))
