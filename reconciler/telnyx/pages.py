"""Pages: the rows of one paged list, page by page, and whether they are all there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from reconciler.model.errors import Fault
from reconciler.telnyx import wire
from reconciler.telnyx.calls import Request
from reconciler.telnyx.documents import Json, Unreadable

MAX_PAGES: Final = 400
"""Of one list: 100,000 rows at 250 a page."""
MAX_FLAWS: Final = 3
"""Told of one list."""

T = TypeVar("T")


class Ask(Protocol):
    """Makes one call. `read` gets its answer and the time when it was asked for, and may raise Unreadable."""

    async def __call__(self, request: Request, read: Callable[[Json, datetime], T], /) -> T | Fault:
        """What `read` made of the answer, or why there is none."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: tuple[Json, ...]
    total: int | None
    """How many there are on all pages; None where it does not say."""
    asked_at: datetime
    troubled: bool = False
    """Errors came with the rows: what a row lacks, it may have all the same (OAS handle_messaging_profile_error)."""


Take: TypeAlias = Callable[[Json, Page], tuple[str, T] | None]
"""Reads a row: what it is known by, and what to keep of it. None: it is not of those asked for. Raises Unreadable."""


@dataclass(slots=True)
class Rows(Generic[T]):
    """The rows of one list.

    Pages shift, repeat and lie while they are read, and a filter may be ignored (FIELD:59663385893): only what adds
    up is all there is.
    """

    take: Take[T]
    others: str
    """What the rows that nobody asked for are, in words."""
    found: dict[str, T] = field(default_factory=dict, init=False)
    taken_at: datetime | None = field(default=None, init=False)
    """When the first page was asked for; None while none has been read."""
    fault: Fault | None = field(default=None, init=False)
    """Why a page could not be read."""
    _total: int | None = field(default=None, init=False)
    _rows: int = field(default=0, init=False)
    _flaws: dict[str, None] = field(default_factory=dict, init=False)

    def add(self, page: Page) -> bool:
        """Take in a page. False: there is no use in asking for the next."""
        if self.taken_at is None:
            self.taken_at, self._total = page.asked_at, page.total
        elif page.total != self._total:
            self.blame(f"the number of records changed from {self._total} to {page.total} while they were read")
            self._total = page.total
        before = len(self.found)
        asked_for = [self._take(row, page) for row in page.rows]
        if not all(asked_for):
            self.blame(f"{self.others} among them: the filter was ignored")
        self._rows += len(page.rows)
        more = self._total is None or self._rows < self._total
        return all(asked_for) and len(self.found) > before and more

    def blame(self, flaw: str) -> None:
        """Note why they are not all there is."""
        self._flaws[flaw] = None

    @property
    def flaw(self) -> str:
        """Why they are not all there is; empty: they are."""
        flaws = [*self._flaws]
        if self._total is None:
            flaws.append("it does not say how many records there are")
        elif len(self.found) != self._total:
            flaws.append(f"{len(self.found)} listed, of {self._total}")
        return "; ".join(flaws[:MAX_FLAWS])

    def _take(self, row: Json, page: Page) -> bool:
        """Take in a row. False: it is not of those asked for."""
        try:
            taken = self.take(row, page)
        except Unreadable as flaw:
            self.blame(f"a record that cannot be read: {flaw}")
            return True
        if taken is not None:
            self.found[taken[0]] = taken[1]
        return taken is not None


async def gather(
    ask: Ask, request: Callable[[int], Request], take: Take[T], others: str = "others", max_pages: int = MAX_PAGES
) -> Rows[T]:
    """Read a list from its first page to its last. `request` asks for one page, counted from 1."""
    rows = Rows(take, others)
    for number in range(1, max_pages + 1):
        page = await ask(request(number), read_page)
        if isinstance(page, Fault):
            rows.fault = page
            rows.blame(f"page {number} could not be read: {page.detail}")
            return rows
        if not rows.add(page):
            return rows
    rows.blame(f"more than {max_pages} pages")
    return rows


def read_page(document: Json, asked_at: datetime) -> Page:
    """One page of a list, under `records` (OAS) or under `data` (OAS, number assignment page).

    Raises Unreadable where there is neither: that is not an empty list. Neither is one that comes with errors.
    """
    if not isinstance(document, dict):
        raise Unreadable("not an object")
    troubled = bool(document.get(wire.ERRORS))
    for name in (wire.RECORDS, wire.DATA):
        if isinstance(rows := document.get(name), list):
            if troubled and not rows:
                raise Unreadable("an error, though answered as a success")
            return Page(tuple(rows), _total(document), asked_at, troubled)
    raise Unreadable("no list of records")


def _total(document: dict[str, Json]) -> int | None:
    meta = document.get(wire.META)
    total = document.get(wire.TOTAL_RECORDS, meta.get(wire.TOTAL_RESULTS) if isinstance(meta, dict) else None)
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        return None
    return total
