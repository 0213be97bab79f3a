"""Strict YAML: from text to a tree in which every scalar is still text and everything has its place.

It walks PyYAML's events rather than its nodes: nodes come with aliases already followed and anchors forgotten, are made
by recursion, and take twice as long.
"""

from __future__ import annotations

import re
from sys import intern

import yaml

from reconciler.config.masking import key_name
from reconciler.config.source import PROBLEMS_LIMIT, UNFIT, Source
from reconciler.config.tree import Entry, Listing, Node, Scalar, Table
from reconciler.model.errors import Problem

DEPTH_LIMIT = 20  # lists and mappings inside each other
NODES_LIMIT = 1_000_000
KEYS_LIMIT = 1_000  # in one mapping

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SURROGATE_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_CONFLICT_MARKS = ("<<<<<<<", "=======", ">>>>>>>")
_PLACED_BY_CONTEXT = ("while scanning a quoted scalar", "while scanning a simple key")
_HINTS = {
    "mapping values are not allowed": "quote a value that holds ': '",
    "cannot start any token": "indent with spaces; quote a value that begins with @, ` or %",
    "could not find expected ':'": "a key needs a colon and a space after it",
    "did not find expected": "compare its indentation, brackets and quotes with the lines around it",
    "unexpected end of stream": "the file ends inside a quoted value",
}


def parse(source: Source) -> tuple[Node | None, list[Problem]]:
    """The tree, None where the text is not YAML or over a limit, and every problem found on the way."""
    tree = _Tree(source)
    loader = None
    try:
        loader = _LOADER(_readable(source.text))
        next_event = loader.get_event  # a generator around it, as yaml.parse is, would double its time
        while (event := next_event()) is not None:
            tree.take(event)
    except _Stop:
        return None, tree.problems
    except yaml.YAMLError as error:
        return None, [*tree.problems, _syntax_problem(source, error)]
    finally:
        if loader is not None:
            loader.dispose()
    if tree.root is None:
        tree.tell(1, 1, "the file is empty", "begin it with `version: 1`")
    return tree.root, tree.problems


def _readable(text: str) -> str:
    """JSON writes an emoji as two escapes; YAML takes it as one, and libyaml refuses the two."""
    return _SURROGATE_PAIR.sub(_one_escape, text) if "\\ud" in text or "\\uD" in text else text


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    mark, words = None, "unreadable text"
    if isinstance(error, yaml.MarkedYAMLError):
        words = error.problem or words
        mark = error.context_mark if error.context in _PLACED_BY_CONTEXT else error.problem_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if line > len(source.lines):
        line, column = len(source.lines), len(source.lines[-1]) + 1
    hint = next((hint for part, hint in _HINTS.items() if part in words), "")
    if "${" in source.lines[line - 1]:
        hint = "between brackets, quote a value that holds ${NAME}"
    if source.lines[line - 1].startswith(_CONFLICT_MARKS):
        hint = "a merge conflict was left in the file"
    return Problem(source.place(line, column), f"not YAML: {words}", hint)


class _Stop(Exception):
    """The file is over a limit."""


class _Open:
    """A list or mapping that has begun and not ended."""

    __slots__ = ("column", "entries", "items", "key", "line")

    def __init__(self, line: int, column: int, *, is_table: bool) -> None:
        self.line = line
        self.column = column
        self.items: list[Node] = []
        self.entries: dict[str, Entry] | None = {} if is_table else None
        self.key: Scalar | None = None
        """The key whose value comes next. Without text it is unusable, and its value is dropped."""

    def closed(self) -> Node:
        """The finished node."""
        if self.entries is not None:
            return Table(self.entries, self.line, self.column)
        return Listing(tuple(self.items), self.line, self.column)


class _Tree:
    """Builds the tree from events, with a stack of its own. Most of its time goes into `_add` and `_scalar`."""

    def __init__(self, source: Source) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._source = source
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def tell(self, line: int, column: int, message: str, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(self._source.place(line, column), message, hint))
        if len(self.problems) > PROBLEMS_LIMIT:
            raise _Stop

    def take(self, event: yaml.Event) -> None:
        """Go on by one event."""
        match event:
            case yaml.ScalarEvent():
                self._add(self._scalar(event))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._add(self._open.pop().closed())
            case yaml.AliasEvent():
                line, column = _start(event)
                self.tell(line, column, "anchors and aliases are not supported", "write the value out")
                self._add(Scalar(None, line, column, line, broken=True))
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.tell(*_start(event), "a second document in the file", "keep one, without `---` after it")
                    raise _Stop
            case yaml.StreamStartEvent() | yaml.StreamEndEvent() | yaml.DocumentEndEvent():
                return  # where they stand says nothing
            case _:
                raise AssertionError(f"YAML has no event {type(event).__name__}")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        line, column = _start(event)
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event, line, column)
        if len(self._open) >= DEPTH_LIMIT:
            self.tell(line, column, f"nested deeper than {DEPTH_LIMIT} levels")
            raise _Stop
        self._open.append(_Open(line, column, is_table=isinstance(event, yaml.MappingStartEvent)))

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        line, column = _start(event)
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event, line, column)
        text: str | None = event.value
        last_line = event.end_mark.line + 1 if event.end_mark else line
        if not event.style and text in _NULLS:
            text = None
        elif event.style == '"' and UNFIT.search(event.value):
            self.tell(line, column, "a control character in the value", "take the escape out")
            return Scalar(None, line, column, last_line, broken=True)
        return Scalar(text, line, column, last_line)

    def _refuse_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int, column: int) -> None:
        if event.anchor is not None:
            self.tell(line, column, "anchors and aliases are not supported", "write the value out where it is used")
        if event.tag is not None:
            self.tell(line, column, "tags are not supported", "take the part that begins with ! out")

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > NODES_LIMIT:
            self.tell(node.line, node.column, f"more than {NODES_LIMIT} values in the file")
            raise _Stop
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if parent.entries is None:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node, parent.entries)
        else:
            key, parent.key = parent.key, None
            if key.text is not None:
                parent.entries[intern(key.text)] = Entry(key.line, key.column, node)

    def _key(self, node: Node, entries: dict[str, Entry]) -> Scalar:
        if not isinstance(node, Scalar) or (node.text is None and not node.broken):
            self.tell(node.line, node.column, "a key must be text", "quote it")
        elif node.text == "<<":
            self.tell(node.line, node.column, "merge keys (<<) are not supported", "write the keys out")
        elif node.text in entries:
            first = entries[node.text]
            place = self._source.place(first.line, first.column)
            self.tell(node.line, node.column, f"duplicate key {key_name(node.text)}, first at {place}", "keep one")
        elif len(entries) >= KEYS_LIMIT:
            self.tell(node.line, node.column, f"more than {KEYS_LIMIT} keys in one mapping")
            raise _Stop
        else:
            return node
        return Scalar(None, node.line, node.column, node.line)


def _start(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
