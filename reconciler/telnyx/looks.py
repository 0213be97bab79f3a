"""Looks: from where to look to what Telnyx has there, call by call."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TypeVar, assert_never

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.fleet import Assignment, Campaign, Listing, Look, Observed, Single
from reconciler.model.ids import CampaignId, PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile, ByTags, Line, Profile, Roster, Selected, Selection
from reconciler.ports import Clock
from reconciler.telnyx import calls
from reconciler.telnyx.account import ask_line, ask_profile, ask_roster, ask_tagged, select_from, select_none
from reconciler.telnyx.answers import read_assignment
from reconciler.telnyx.campaigns import ask_campaign
from reconciler.telnyx.documents import Json
from reconciler.telnyx.known import Known
from reconciler.telnyx.pages import Ask, Page, Rows, gather
from reconciler.telnyx.turns import ask_single

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Halted(Exception):
    """Telnyx refused the key or the account: the next call would be refused as well."""


class Survey:
    """One observation in the making. Every page, and every item, is one call.

    A campaign takes one call and one for each 500 numbers on it; a messaging profile one, and one for each 250
    numbers on it, however many looks name it; a selection by tags one for each 250 numbers with the first tag.
    """

    def __init__(self, ask: Ask, clock: Clock, known: Known) -> None:
        self._ask = ask
        self._clock = clock
        self._known = known
        self._taken_at = clock.now()
        self._campaigns: dict[CampaignId, Campaign] = {}
        self._listings: dict[CampaignId, Listing] = {}
        self._singles: dict[PhoneNumber, Single] = {}
        self._profiles: dict[ProfileId, Profile] = {}
        self._rosters: dict[ProfileId, Roster] = {}
        self._lines: dict[PhoneNumber, Line] = {}
        self._selected: dict[Selection, Selected] = {}
        self._asked: set[ProfileId | Selection] = set()
        self._faults: list[tuple[str, Fault]] = []

    async def run(
        self, looks: Collection[Look], numbers: Collection[PhoneNumber], lines: Collection[PhoneNumber]
    ) -> Observed:
        """Look everywhere, one call after the other, so that nobody more urgent waits behind a whole sweep."""
        with suppress(_Halted):
            for look in looks:
                await self._survey(look)
            for number in dict.fromkeys(numbers):
                single = await ask_single(self._ask, self._clock, self._known, number)
                self._keep(self._singles, number, single)
            for number in dict.fromkeys(lines):
                self._keep(self._lines, number, await ask_line(self._ask, number))
        return Observed(
            self._taken_at,
            campaigns=self._campaigns,
            listings=self._listings,
            singles=self._singles,
            profiles=self._profiles,
            rosters=self._rosters,
            lines=self._lines,
            selected=self._selected,
            faults=tuple(self._faults),
        )

    def _keep(self, kept: dict[K, V], key: K, answer: V | Fault | None, fault: Fault | None = None) -> None:
        """Keep what was read, if anything was, and note what stood in the way."""
        if answer is not None and not isinstance(answer, Fault):
            kept[key] = answer
        for trouble in (answer, fault):
            if isinstance(trouble, Fault):
                self._faults.append((str(key), trouble))
                if trouble.kind is FaultKind.HALTED:
                    raise _Halted

    async def _survey(self, look: Look) -> None:
        if look.read_campaign:
            answer = await ask_campaign(self._ask, self._clock, look, self._known.directory)
            self._keep(self._campaigns, look.campaign, answer)
        campaign = self._campaigns.get(look.campaign, look.known)
        self._keep(self._listings, look.campaign, *await self._list(look.campaign, campaign))
        for profile in look.profiles:
            await self._read_profile(profile)
        for selection in look.selections:
            await self._select(selection)

    async def _list(self, named: CampaignId, campaign: Campaign | None) -> tuple[Listing | None, Fault | None]:
        """List the numbers on a campaign: what was read of them, and what stood in the way.

        Where Telnyx knows no such list, it is asked for once by its other spelling, which stays in use if it works. An
        item that is not found says nothing of the spelling.
        """
        known = campaign.aliases if campaign else ()
        take = partial(_on_campaign, frozenset({named, *known}))

        async def read(spelling: str) -> Rows[Assignment]:
            request = partial(calls.list_numbers, spelling, next(iter(known), named))
            return await gather(self._ask, request, take, "numbers of other campaigns")

        rows = await read(self._known.assignment_path)
        if _is_no_such_list(rows) and (spelling := self._known.other_spelling):
            others = await read(spelling)
            if others.taken_at is not None:
                self._known.respell(spelling)
                rows = others
        if rows.taken_at is None:
            return None, rows.fault
        found = {one.number: one for one in rows.found.values()}
        return Listing(named, found, rows.taken_at, complete=not rows.flaw, flaw=rows.flaw), rows.fault

    async def _read_profile(self, profile: ProfileId) -> None:
        """Read a messaging profile with its numbers, unless that was done for another look."""
        if profile in self._asked:
            return
        self._asked.add(profile)
        self._keep(self._profiles, profile, await ask_profile(self._ask, self._clock, profile))
        if (read := self._profiles.get(profile)) is not None and read.exists:
            self._keep(self._rosters, profile, *await ask_roster(self._ask, profile))

    async def _select(self, selection: Selection) -> None:
        """Answer a selection, unless that was done for another look."""
        if selection in self._asked:
            return
        self._asked.add(selection)
        match selection:
            case ByTags():
                self._keep(self._selected, selection, *await ask_tagged(self._ask, selection))
            case ByProfile():
                await self._read_profile(selection.profile)
                profile, roster = self._profiles.get(selection.profile), self._rosters.get(selection.profile)
                if profile is not None and not profile.exists:
                    self._selected[selection] = select_none(profile)
                elif roster is not None:
                    self._selected[selection] = select_from(roster)
            case _:
                assert_never(selection)


def _on_campaign(ids: frozenset[CampaignId], row: Json, _: Page) -> tuple[str, Assignment] | None:
    assignment = read_assignment(row)
    if ids.isdisjoint((assignment.campaign, *assignment.aliases)):
        return None
    return assignment.number, assignment


def _is_no_such_list(rows: Rows[Assignment]) -> bool:
    status = None if rows.fault is None or rows.taken_at is not None else rows.fault.status
    return status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
