"""Account: the numbers on a messaging profile, those with some tags, and single ones, each from the list that tells."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile, ByTags, Line, Profile, Roster, Selected
from reconciler.ports import Clock
from reconciler.telnyx import calls
from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.lines import find_line, find_line_or_absence, read_line, read_name, read_profile, read_tags
from reconciler.telnyx.pages import Ask, Page, gather


async def ask_profile(ask: Ask, clock: Clock, profile: ProfileId) -> Profile | Fault:
    """Read a messaging profile: 404 in an error document shows that there is none by this id."""
    answer = await ask(calls.get_profile(profile), partial(read_profile, asked=profile))
    if isinstance(answer, Fault) and answer.kind is FaultKind.NOT_FOUND:
        return Profile(profile, clock.now(), exists=False)
    return answer


async def ask_roster(ask: Ask, profile: ProfileId) -> tuple[Roster | None, Fault | None]:
    """List the numbers on a messaging profile: what was read of them, and what stood in the way."""
    rows = await gather(
        ask,
        partial(calls.list_profile_numbers, profile),
        partial(_on_profile, profile),
        "numbers of other messaging profiles",
    )
    if rows.taken_at is None:
        return None, rows.fault
    lines = {line.number: line for line in rows.found.values() if line is not None}
    return Roster(profile, lines, rows.taken_at, complete=not rows.flaw, flaw=rows.flaw), rows.fault


async def ask_tagged(ask: Ask, selection: ByTags) -> tuple[Selected | None, Fault | None]:
    """List the numbers with a selection's first tag, and choose among them: what was read, what stood in the way."""
    first = selection.tags[0]
    request = partial(calls.list_tagged_numbers, first)
    rows = await gather(ask, request, partial(_with_tags, selection), "numbers without the tag")
    if rows.taken_at is None:
        return None, rows.fault
    numbers = frozenset(number for number in rows.found.values() if number is not None)
    return Selected(selection, numbers, rows.taken_at, complete=not rows.flaw, flaw=rows.flaw), rows.fault


def select_from(roster: Roster) -> Selected:
    """The answer to a selection by a messaging profile, from the list of its numbers."""
    numbers = frozenset(line.number for line in roster.lines.values() if _is_eligible(line))
    return Selected(ByProfile(roster.profile), numbers, roster.taken_at, roster.complete, roster.flaw)


def select_none(profile: Profile) -> Selected:
    """The answer to a selection by a messaging profile that Telnyx does not know: unknown is not empty."""
    flaw = "Telnyx knows no messaging profile by this id"
    return Selected(ByProfile(profile.id), frozenset(), profile.read_at, complete=False, flaw=flaw)


async def ask_line(ask: Ask, number: PhoneNumber) -> Line | Fault:
    """Read one number as the account has it, by up to two calls: absence is believed of the list of all numbers only.

    What has messaging settings is in the first list, with its messaging profile; Telnyx tells people to look for a
    number in the second (number assignment page).
    """
    shown = await ask_messaging_line(ask, number)
    return await ask_account_line(ask, number) if shown is None else shown


async def ask_messaging_line(ask: Ask, number: PhoneNumber) -> Line | Fault | None:
    """Look for one number among those with messaging settings. None: it is not shown there."""
    return await ask(calls.find_messaging_number(number), partial(find_line, asked=number))


async def ask_account_line(ask: Ask, number: PhoneNumber) -> Line | Fault:
    """Look for one number among all of the account."""
    return await ask(calls.find_account_number(number), partial(find_line_or_absence, asked=number))


def _on_profile(profile: ProfileId, row: Json, page: Page) -> tuple[str, Line | None] | None:
    line = read_line(row, page.asked_at, troubled=page.troubled)
    if line is None:
        return read_name(row), None
    if line.unclear:
        raise Unreadable("it does not say its messaging profile")
    if line.profile is None or line.profile.casefold() != profile.casefold():
        return None
    return line.number, replace(line, profile=profile)


def _with_tags(selection: ByTags, row: Json, page: Page) -> tuple[str, PhoneNumber | None] | None:
    line, tags = read_line(row, page.asked_at), read_tags(row)
    if selection.tags[0] not in tags:
        return None
    if line is None:
        return read_name(row), None
    chosen = _is_eligible(line) and tags.issuperset(selection.tags) and tags.isdisjoint(selection.not_tags)
    return line.number, line.number if chosen else None


def _is_eligible(line: Line) -> bool:
    """Whether a selection may choose it: of all that the account has, only US long codes can be on a campaign."""
    return line.number.is_us_long_code and not line.is_wrong_kind and not line.absences
