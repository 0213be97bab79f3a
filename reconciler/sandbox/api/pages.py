"""Lists page in two ways: `records` with `page` (10DLC), `data` with `page[number]` (numbers, messaging, webhooks)."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from reconciler.sandbox.api.replies import RefusedError, Reply, bare, invalid, unprocessable
from reconciler.sandbox.events import JsonObject

Item = TypeVar("Item")

MOST_RECORDS: Final = 500
"""A bigger `recordsPerPage` gets this many (OAS documents it for brands and campaigns; for numbers, nothing)."""
DATA_PER_PAGE: Final = 20
MOST_DATA: Final = 250
"""A bigger `page[size]` is refused (OAS: the maximum)."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """How one list of the 10DLC API pages and sorts: its page size by default, and what each sort sorts by."""

    records_per_page: int
    sorts: Mapping[str, Callable[[Item], str | float]]

    def page(self, items: Iterable[Item], query: Mapping[str, str], record: Callable[[Item], JsonObject]) -> Reply:
        """One page, newest first unless asked otherwise; a sort that is not documented is 422."""
        sort = query.get("sort", "-createdAt")
        by = self.sorts.get(sort.removeprefix("-"))
        if by is None:
            raise RefusedError(invalid("sort", f"{sort!r} is not a sort order"))
        page = _positive(query, "page", 1, invalid)
        size = min(_positive(query, "recordsPerPage", self.records_per_page, invalid), MOST_RECORDS)
        ordered = sorted(items, key=by, reverse=sort.startswith("-"))
        wanted = ordered[(page - 1) * size : page * size]
        return bare({"records": [record(item) for item in wanted], "page": page, "totalRecords": len(ordered)})


def data_page(ordered: list[Item], query: Mapping[str, str], record: Callable[[Item], JsonObject]) -> Reply:
    """One page of what is already in order."""
    page = _positive(query, "page[number]", 1, unprocessable)
    size = _positive(query, "page[size]", DATA_PER_PAGE, unprocessable)
    if size > MOST_DATA:
        raise RefusedError(unprocessable("page[size]", f"must be at most {MOST_DATA}"))
    meta = {
        "page_number": page,
        "page_size": size,
        "total_pages": math.ceil(len(ordered) / size),
        "total_results": len(ordered),
    }
    wanted = ordered[(page - 1) * size : page * size]
    return bare({"data": [record(item) for item in wanted], "meta": meta})


def _positive(query: Mapping[str, str], name: str, default: int, refusal: Callable[[str, str], Reply]) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise RefusedError(refusal(name, "must be a number from 1 on"))
    return int(text)
