"""Problems as people read them: from what pydantic found to where it is in the file, what is wrong, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.config.masking import key_name, without_tokens
from reconciler.config.mistake import guess
from reconciler.config.section import Section, section_at
from reconciler.config.source import PROBLEMS_LIMIT, Source
from reconciler.config.tree import Location, Node, Scalar, entry_at, follow, is_nothing
from reconciler.model.errors import Place, Problem

_WORDS = {
    "model_type": "must be a mapping",
    "list_type": "must be a list",
    "too_short": "must have an entry",
    "too_long": "has too many entries",
}
_HINTS = {
    "model_type": "write keys and values under it",
    "list_type": "put a dash before each entry, or brackets around them all",
}


class Complaints:
    """Collects what is wrong with one file, beginning with what was found before there was a tree."""

    def __init__(self, root: Node, source: Source, problems: Iterable[Problem] = ()) -> None:
        self.problems = list(problems)
        self._root = root
        self._source = source

    def tell(self, location: Location, words: str, hint: str = "") -> None:
        """Note a problem with a value. A value that is broken has been told of before."""
        node, taken = follow(self._root, location)
        if taken < len(location) and isinstance(location[-1], int):
            location = location[:-1]  # a single value was taken as a list of one
        if not (isinstance(node, Scalar) and node.broken):
            message = f"{_dotted(location)}: {words}" if location else words
            self.problems.append(Problem(self.place(location), without_tokens(message), hint))

    def missing(self, location: Location, other: str = "") -> None:
        """Note that a key is missing, or that it is there and empty. Another key might have served in its place."""
        if entry_at(self._root, location) is not None:
            self.tell(location, "is empty")
        else:
            names = f"{_dotted(location)!r}" + (f" (or {other!r})" if other else "")
            self.problems.append(Problem(self.place(location[:-1]), f"missing key {names}"))

    @property
    def is_full(self) -> bool:
        """Whether there are more problems already than anyone will be told."""
        return len(self.problems) > PROBLEMS_LIMIT

    def place(self, location: Location) -> Place:
        """Where a value is, or the innermost value around it."""
        node, taken = follow(self._root, location)
        entry = entry_at(self._root, location[:taken]) if taken else None
        at = entry if entry is not None and is_nothing(node) else node  # nothing has no place of its own
        return self._source.place(at.line, at.column)

    def explain(self, error: ValidationError, section: type[Section], base: Location = ()) -> None:
        """Note what pydantic found in the value at `base`, which was to be this section."""
        for found in error.errors(include_url=False, include_input=False):
            self._explain(found, section, (*base, *found["loc"]))

    def _explain(self, error: ErrorDetails, section: type[Section], location: Location) -> None:
        match error["type"]:
            case "missing":
                self.missing(location)
            case "extra_forbidden":
                self._unknown(location, section_at(section, error["loc"][:-1]))
            case "mistake":
                self.tell(location, error["ctx"]["words"], error["ctx"]["hint"])
            case kind:
                self.tell(location, _WORDS.get(kind, error["msg"]), _HINTS.get(kind, ""))

    def _unknown(self, location: Location, section: type[Section] | None) -> None:
        entry, key = entry_at(self._root, location), str(location[-1])
        if entry is None or section is None:
            return
        known = list(section.known())
        if key in section.planned:
            message, hint = f"{key}: not supported yet", "take it out"
        elif ":" in key:
            message, hint = f"unknown key {key_name(key)}", "put a space after the colon"
        else:
            message = f"unknown key {key_name(key)}{guess(key.lower(), known)}"
            hint = f"known here: {', '.join(known)}" if known else "nothing goes here"
        self.problems.append(Problem(self._source.place(entry.line, entry.column), message, hint))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the file, and a limited number of them."""
    ordered = sorted(set(problems))
    if len(ordered) <= PROBLEMS_LIMIT:
        return tuple(ordered)
    told = ordered[: PROBLEMS_LIMIT - 1]
    return (*told, Problem(told[-1].place, "and more problems", "mend these first"))


def _dotted(location: Location) -> str:
    return "".join(_steps(location)).removeprefix(".")


def _steps(location: Location) -> Iterator[str]:
    for step in location:
        yield f"[{step}]" if isinstance(step, int) else f".{step}"
