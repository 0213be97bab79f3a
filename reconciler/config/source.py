"""The text of a file of the config, and the places in it."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field

from reconciler.config.masking import masked, masked_list
from reconciler.model.errors import Place, Problem

PROBLEMS_LIMIT = 1_000  # more would not be read
SHOWN_CHARACTERS = 200  # a line of a file that a program wrote may be megabytes long

_UTF_16 = (BOM_UTF16_LE, BOM_UTF16_BE)
UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that no value may hold: control characters, lone surrogates, a byte order mark."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file. Lines and columns count from 1."""

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
    text = _text(file, content)
    if isinstance(text, Problem):
        return text
    lines = tuple(text.splitlines())
    return Source(file, text, lines, tuple([_cut(line) for line in masked(lines)]))


def decoded_list(file: str, content: bytes) -> Source | Problem:
    """The text of a file of numbers, or why it is none. Only the usual line ends end a line of it."""
    text = _text(file, content)
    if isinstance(text, Problem):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = tuple(text.removesuffix("\n").split("\n"))
    return Source(file, text, lines, tuple([_cut(line) for line in masked_list(lines)]))


def _text(file: str, content: bytes) -> str | Problem:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The place shows no text: what is not UTF-8 cannot be searched for secrets.
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        name = "UTF-16, not UTF-8" if content.startswith(_UTF_16) else "not UTF-8"
        return Problem(_end_of(file, before), f"the file is {name}", "save it in UTF-8")
    if unfit := UNFIT.search(text):
        name = f"U+{ord(unfit[0]):04X}"
        hint = "save it as text in UTF-8" if unfit[0] == "\0" else "take it out"
        return Problem(_end_of(file, text[: unfit.start()]), f"a control character ({name}) in the file", hint)
    return text


def _cut(line: str) -> str:
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"


def _end_of(file: str, text: str) -> Place:
    lines = f"{text}.".splitlines()
    return Place(file, len(lines), len(lines[-1]))
