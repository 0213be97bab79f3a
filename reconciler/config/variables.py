"""`${NAME}`, `${NAME:-default}` and `$$` inside values. Keys are left as they are, and `x-` keys are left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import is_

from reconciler.config.source import PROBLEMS_LIMIT, UNFIT, Source
from reconciler.config.tree import Listing, Node, Scalar, Table
from reconciler.model.errors import Problem

_REFERENCE = re.compile(
    r"\$\$ | \$\{ (?P<name>[A-Za-z_][A-Za-z0-9_]*) (?: :- (?P<default>[^}]*) )? \} | (?P<odd>\$\{)", re.VERBOSE
)


def fill(node: Node, environ: Mapping[str, str], source: Source) -> tuple[Node, list[Problem]]:
    """The tree with every variable filled in. A value whose variable is missing is broken."""
    filler = _Filler(environ, source)
    return filler.fill(node), filler.problems


class _Filler:
    def __init__(self, environ: Mapping[str, str], source: Source) -> None:
        self.problems: list[Problem] = []
        self._environ = environ
        self._source = source

    def fill(self, node: Node) -> Node:
        """The node and all inside it; itself where nothing changes. The tree's depth is bounded."""
        match node:
            case Scalar():
                return node if node.text is None or "$" not in node.text else self._scalar(node, node.text)
            case Listing():
                items = tuple([self.fill(item) for item in node.items])
                return node if all(map(is_, items, node.items)) else node._replace(items=items)
            case Table():
                return self._table(node)

    def _table(self, node: Table) -> Table:
        entries = {}
        same = True
        for key, entry in node.entries.items():
            filled = None if key.startswith("x-") else self.fill(entry.node)
            if filled is not entry.node:
                same = False
            if filled is not None:
                entries[key] = entry if filled is entry.node else entry._replace(node=filled)
        return node if same else node._replace(entries=entries)

    def _scalar(self, node: Scalar, text: str) -> Scalar:
        told: set[str] = set()

        def value(reference: re.Match[str]) -> str:
            name, default = reference["name"], reference["default"]
            if reference[0] == "$$":
                return "$"
            if reference["odd"]:
                self._tell(node, "${", "not a variable: write ${NAME} or ${NAME:-default}", "$$ stands for a $")
                told.add("${")
            elif default is not None:
                return self._environ.get(name) or default
            elif name in self._environ:
                return self._environ[name]
            elif name not in told:
                self._tell(
                    node,
                    f"${{{name}}}",
                    f"the environment variable {name} is not set",
                    "set it, or give a default: ${NAME:-default}",
                )
                told.add(name)
            return ""

        filled = _REFERENCE.sub(value, text)
        if UNFIT.search(filled):
            self._tell(node, "${", "an environment variable holds a control character", "look at how it was set")
            told.add("${")
        return node._replace(text=None if told else filled, broken=bool(told))

    def _tell(self, node: Scalar, written: str, message: str, hint: str) -> None:
        """Note a problem where the reference is written: a value may go over several lines."""
        if len(self.problems) > PROBLEMS_LIMIT:
            return
        line, column = node.line, node.column
        for number in range(node.line, node.last_line + 1):
            text = self._source.lines[number - 1] if number <= len(self._source.lines) else ""
            found = text.find(written, node.column - 1 if number == node.line else 0)
            if found >= 0:
                line, column = number, found + 1
                break
        self.problems.append(Problem(self._source.place(line, column), message, hint))
