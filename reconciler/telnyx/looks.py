"""Looks: from where to look to what Telnyx has there, call by call, and whether a list of numbers is all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, Campaign, CampaignPhase, Listing, Look, Observed, Single
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.ports import Clock
from reconciler.telnyx import wire
from reconciler.telnyx.answers import Page, read_assignment, read_campaign, read_page
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.turns import Ask

MAX_PAGES: Final = 200
"""Of one listing: 100,000 numbers at 500 a page."""


class Survey:
    """One observation in the making: a campaign takes one call, and one for each 500 numbers on it."""

    def __init__(
        self, ask: Ask, look_at: Callable[[PhoneNumber], Awaitable[Single | Fault]], clock: Clock, assignment_path: str
    ) -> None:
        self._ask = ask
        self._look_at = look_at
        self._clock = clock
        self._path = assignment_path
        self._taken_at = clock.now()
        self._campaigns: dict[CampaignId, Campaign] = {}
        self._listings: dict[CampaignId, Listing] = {}
        self._singles: dict[PhoneNumber, Single] = {}
        self._faults: list[tuple[str, Fault]] = []

    async def run(self, looks: Collection[Look], numbers: Collection[PhoneNumber]) -> Observed:
        """Look everywhere, one call after the other, so that nobody more urgent waits behind a whole sweep."""
        for look in looks:
            await self._survey(look)
            if self._halted:
                break
        for number in () if self._halted else dict.fromkeys(numbers):
            single = await self._look_at(number)
            if isinstance(single, Fault):
                self._faults.append((number, single))
            else:
                self._singles[number] = single
            if self._halted:
                break
        return Observed(self._taken_at, self._campaigns, self._listings, self._singles, tuple(self._faults))

    @property
    def _halted(self) -> bool:
        """Telnyx refused the key or the account: the next call would be refused as well."""
        return any(fault.kind is FaultKind.HALTED for _, fault in self._faults)

    async def _survey(self, look: Look) -> None:
        campaign = look.known
        if look.read_campaign:
            answer = await self._campaign(look)
            if isinstance(answer, Fault):
                self._faults.append((look.campaign, answer))
            else:
                campaign = self._campaigns[look.campaign] = answer
        if not self._halted:
            await self._list(look.campaign, campaign)

    async def _campaign(self, look: Look) -> Campaign | Fault:
        """Read a campaign: one of our own, or by its TCR id one that a partner shared with us."""
        own = look.known.telnyx_id if look.known else None
        tcr = look.known.tcr_id if look.known else None
        asks = [(own or look.campaign, wire.get_campaign)]
        if (shared := tcr or look.campaign).is_tcr:
            asks.append((shared, wire.get_partner_campaign))
        if tcr and not own:
            asks.reverse()
        fault = None
        for asked, request in asks:
            answer = await self._ask(request(asked), partial(read_campaign, asked=asked, config_id=look.campaign))
            if not isinstance(answer, Fault) or answer.kind not in (FaultKind.NOT_FOUND, FaultKind.REFUSED):
                return answer
            fault = answer
        if fault is not None and fault.kind is FaultKind.REFUSED:
            return fault
        failure = "Telnyx knows no campaign by this id"
        return Campaign(look.campaign, CampaignPhase.UNKNOWN, self._clock.now(), "", own, tcr, failure=failure)

    async def _list(self, named: CampaignId, campaign: Campaign | None) -> None:
        """List the numbers on a campaign, from the first page to the last."""
        known = (campaign.telnyx_id, campaign.tcr_id) if campaign else ()
        ids = frozenset(filter(None, (named, *known)))
        asked = next(filter(None, known), named)
        rows = _Rows(named, ids, self._taken_at)
        for page_number in range(1, MAX_PAGES + 1):
            page = await self._ask(wire.list_numbers(self._path, asked, page_number), read_page)
            if isinstance(page, Fault):
                self._faults.append((named, page))
                rows.flaws.append(f"page {page_number} could not be read: {page.detail}")
                break
            if not rows.add(page):
                break
        else:
            rows.flaws.append(f"more than {MAX_PAGES} pages")
        if rows.pages:
            self._listings[named] = rows.listing()


@dataclass(slots=True)
class _Rows:
    """The rows of one listing, page by page.

    Pages shift, repeat and lie while they are read, and a filter may be ignored (FIELD:59663385893): only what adds
    up is complete.
    """

    campaign: CampaignId
    ids: frozenset[CampaignId]
    taken_at: datetime
    found: dict[PhoneNumber, Assignment] = field(default_factory=dict)
    total: int | None = None
    pages: int = 0
    rows: int = 0
    flaws: list[str] = field(default_factory=list)

    def add(self, page: Page) -> bool:
        """Take in a page. False: there is no use in asking for the next."""
        if not self.pages:
            self.taken_at, self.total = page.asked_at, page.total
        elif page.total != self.total:
            self.flaws.append(f"the number of records changed from {self.total} to {page.total} while they were read")
            self.total = page.total
        before = len(self.found)
        foreign = sum(not self._take(row) for row in page.rows)
        if foreign:
            self.flaws.append("numbers of other campaigns among them: the filter was ignored")
        self.pages += 1
        self.rows += len(page.rows)
        return not foreign and len(self.found) > before and (self.total is None or self.rows < self.total)

    def _take(self, row: Json) -> bool:
        """Take in a row. False: it is of another campaign."""
        try:
            assignment = read_assignment(row)
        except Unreadable as flaw:
            self.flaws.append(f"a record that cannot be read: {flaw}")
            return True
        if self.ids.isdisjoint((assignment.campaign, *assignment.aliases)):
            return False
        self.found[assignment.number] = assignment
        return True

    def listing(self) -> Listing:
        """The listing, complete only if nothing speaks against it."""
        if self.total is None:
            self.flaws.append("it does not say how many records there are")
        elif len(self.found) != self.total:
            self.flaws.append(f"{len(self.found)} numbers listed, of {self.total}")
        flaws = tuple(dict.fromkeys(self.flaws))
        return Listing(self.campaign, self.found, self.taken_at, complete=not flaws, flaw="; ".join(flaws[:3]))
