"""The config as a tree: every value is text with its place, and nothing has been believed yet.

Its nodes are named tuples: there may be a million, and these are made three times as fast as frozen dataclasses.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Location: TypeAlias = tuple[int | str, ...]
"""The way from the root to a value: keys, and positions in lists counted from 0."""


class Scalar(NamedTuple):
    """A single value: text as written, or None for nothing at all."""

    text: str | None
    line: int
    column: int
    last_line: int
    broken: bool = False
    """Something is wrong with it and has been told: nobody needs to judge it again."""


class Listing(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


class Entry(NamedTuple):
    """A value in a table, with the place of its key."""

    line: int
    column: int
    node: Node


class Table(NamedTuple):
    """A mapping from keys to values."""

    entries: dict[str, Entry]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """The value of a key, None if the key is absent or holds nothing."""
        entry = self.entries.get(key)
        return None if entry is None or is_nothing(entry.node) else entry.node


Node: TypeAlias = Scalar | Listing | Table


def is_nothing(node: Node) -> bool:
    """Whether a value was left empty, or written as null."""
    return isinstance(node, Scalar) and node.text is None and not node.broken


def items_of(node: Node | None) -> tuple[Node, ...]:
    """What a list holds; nothing where there is none."""
    return node.items if isinstance(node, Listing) else ()


def holds_broken(node: Node) -> bool:
    """Whether something in it is broken."""
    match node:
        case Scalar():
            return node.broken
        case Listing():
            return any(map(holds_broken, node.items))
        case Table():
            return any(holds_broken(entry.node) for entry in node.entries.values())


def plain(node: Node) -> object:
    """The tree without its places, for pydantic. A broken value is None."""
    match node:
        case Scalar():
            return None if node.broken else node.text
        case Listing():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def follow(root: Node, location: Location) -> tuple[Node, int]:
    """The value at a location, or the innermost one around it; and how many steps led there."""
    node = root
    for taken, step in enumerate(location):
        match node, step:
            case Table(), str() if step in node.entries:
                node = node.entries[step].node
            case Listing(), int() if step < len(node.items):
                node = node.items[step]
            case _:
                return node, taken
    return node, len(location)


def entry_at(root: Node, location: Location) -> Entry | None:
    """The entry of a mapping at a location, if the file has one there."""
    table, taken = follow(root, location[:-1])
    if taken == len(location) - 1 and isinstance(table, Table) and isinstance(key := location[-1], str):
        return table.entries.get(key)
    return None
