"""portions: how many values go into one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

MOST_IN_A_QUERY = 5000
"""Values in one statement; SQLite takes 32,766."""

T = TypeVar("T")


def portions(values: Iterable[T], most: int = MOST_IN_A_QUERY) -> Iterator[list[T]]:
    """The values in lists that fit into a statement, or of so many."""
    rest = iter(values)
    while portion := list(islice(rest, most)):
        yield portion
