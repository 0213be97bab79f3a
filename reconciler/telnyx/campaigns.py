"""Campaigns: finding one by its own id, among those shared with us, or by its TCR id in the lists of our brands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Campaign, CampaignPhase, Look
from reconciler.model.ids import CampaignId
from reconciler.ports import Clock
from reconciler.telnyx import calls, wire
from reconciler.telnyx.answers import BRAND_CHARACTERS, campaign_id, first_text, item_of, read_campaign
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.pages import Ask, Page, gather

MAX_AGE: Final = timedelta(hours=1)
"""How long an id that no brand has is not looked for again."""
BRANDS_A_LOOK: Final = 20
"""Read for one campaign in one look; the next look goes on from there."""
BRAND_PAGES: Final = 4
"""2,000 brands."""
CAMPAIGN_PAGES: Final = 10
"""1,000 campaigns of one brand."""
MAX_IDS: Final = 100_000


async def ask_campaign(ask: Ask, clock: Clock, look: Look, directory: Directory) -> Campaign | Fault:
    """Read a campaign, by every id that it may go by: one that Telnyx does not know is UNKNOWN, and not approved.

    One of our own goes by Telnyx's id, one that a partner shared with us by TCR's (OAS). One of our own that the
    config names by its TCR id is found in the lists of our brands.
    """
    own = look.known.telnyx_id if look.known else None
    tcr = look.known.tcr_id if look.known else None

    async def read(request: Callable[[CampaignId], calls.Request], asked: CampaignId) -> Campaign | Fault:
        return await ask(request(asked), partial(read_campaign, asked=asked, config_id=look.campaign))

    places = [(calls.get_campaign, own or look.campaign)]
    if (shared := tcr or look.campaign).is_tcr:
        places.append((calls.get_partner_campaign, shared))
    if tcr and not own:
        places.reverse()
    answer = await read(*places[0])
    if _is_no(answer) and len(places) > 1:
        answer = await read(*places[1])
    if _is_no(answer) and own is None and look.campaign.is_tcr:
        found = await directory.find(ask, look.campaign)
        if found is not None:
            answer = found if isinstance(found, Fault) else await read(calls.get_campaign, found)
    if not isinstance(answer, Fault) or answer.kind is not FaultKind.NOT_FOUND:
        return answer
    return Campaign(
        look.campaign,
        CampaignPhase.UNKNOWN,
        clock.now(),
        telnyx_id=own,
        tcr_id=tcr,
        failure="Telnyx knows no campaign by this id",
        brand_id=look.known.brand_id if look.known else "",
        tcr_brand_id=look.known.tcr_brand_id if look.known else "",
    )


class Directory:
    """The account's own campaigns by their TCR ids, from the lists of its brands, read no further than needed.

    One look costs a few calls, however many brands there are, and the next goes on from there. What was found is
    kept, for a campaign's ids do not change.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids: dict[str, CampaignId] = {}
        self._begun_at: datetime | None = None
        self._unread: deque[str] = deque()
        """Brands whose campaigns are still to be listed."""
        self._flaw = ""

    async def find(self, ask: Ask, tcr: CampaignId) -> CampaignId | Fault | None:
        """Telnyx's id of a campaign of our own. None: the lists are complete, and it is in none of them."""
        name = tcr.casefold()
        if name not in self._ids and (fault := await self._begin(ask)):
            return fault
        for _ in range(BRANDS_A_LOOK):
            if name in self._ids or not self._unread:
                break
            if fault := await self._read_next(ask):
                return fault
        if name in self._ids:
            return self._ids[name]
        if self._unread:
            return Fault(FaultKind.LOST, f"looking for it among our brands: {len(self._unread):,} are still to be read")
        return Fault(FaultKind.LOST, f"not found among our brands, but {self._flaw}") if self._flaw else None

    async def _begin(self, ask: Ask) -> Fault | None:
        """List the brands, unless they are still being read, or were lately."""
        now = self._clock.now()
        if self._begun_at is not None and (self._unread or now - self._begun_at < MAX_AGE):
            return None
        brands = await gather(ask, calls.list_brands, _brand, max_pages=BRAND_PAGES)
        if brands.fault is None:
            self._begun_at, self._unread, self._flaw = now, deque(brands.found), brands.flaw
        return brands.fault

    async def _read_next(self, ask: Ask) -> Fault | None:
        """List the campaigns of one brand. One that cannot be read comes again, after the others."""
        brand = self._unread.popleft()
        rows = await gather(ask, partial(calls.list_campaigns, brand), _own_and_tcr, max_pages=CAMPAIGN_PAGES)
        self._ids.update((tcr.casefold(), own) for own, tcr in rows.found.values() if tcr)
        while len(self._ids) > MAX_IDS:
            self._ids.pop(next(iter(self._ids)))
        if rows.fault is not None:
            self._unread.append(brand)
        else:
            self._flaw = self._flaw or rows.flaw
        return rows.fault


def _is_no(answer: Campaign | Fault) -> bool:
    """Whether it says that there is no such campaign here: an id in the other form may be refused, not unknown."""
    return isinstance(answer, Fault) and answer.kind in (FaultKind.NOT_FOUND, FaultKind.REFUSED)


def _brand(row: Json, _: Page) -> tuple[str, None]:
    brand = first_text(item_of(row), (wire.BRAND_ID,))
    if not 0 < len(brand) <= BRAND_CHARACTERS:
        raise Unreadable("no brand id")
    return brand, None


def _own_and_tcr(row: Json, _: Page) -> tuple[str, tuple[CampaignId, CampaignId | None]]:
    item = item_of(row)
    own = campaign_id(item, wire.CAMPAIGN_ID)
    if own is None:
        raise Unreadable("no campaign id")
    return own, (own, campaign_id(item, wire.TCR_CAMPAIGN_ID))
