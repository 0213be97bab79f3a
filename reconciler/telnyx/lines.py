"""Lines: what Telnyx's lists say of the account's numbers and of messaging profiles, as our nouns."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import Line, LineKind, Profile
from reconciler.telnyx import wire
from reconciler.telnyx.answers import first_text, item_of, phone_number
from reconciler.telnyx.documents import Json, Unreadable, plain
from reconciler.telnyx.pages import Page, read_page

NAME_CHARACTERS: Final = 100

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def read_profile(document: Json, read_at: datetime, *, asked: ProfileId) -> Profile:
    """A messaging profile (OAS MessagingProfile). Raises Unreadable where the answer is about another, or none.

    Its number pool is off with null (OAS) and with an empty object (the guides), and picks no long code where their
    weight is 0.
    """
    item = item_of(document)
    if first_text(item, (wire.ID,)).casefold() != asked.casefold():
        raise Unreadable("it is about another messaging profile, or none")
    settings = item.get(wire.POOL_SETTINGS)
    pooled = isinstance(settings, dict) and bool(settings) and settings.get(wire.LONG_CODE_WEIGHT) not in (0, "0")
    return Profile(asked, read_at, name=plain(first_text(item, (wire.NAME,)), NAME_CHARACTERS), pooled=pooled)


def read_line(row: Json, read_at: datetime, *, troubled: bool = False) -> Line | None:
    """A number of the account, from any of its lists (OAS PhoneNumberWithMessagingSettings, PhoneNumberDetailed).

    None: a short code, which is no number in E.164 form. Raises Unreadable for what is neither. A number that is
    listed as deleted or ported out is absent. `troubled`: Telnyx could not load the profiles.
    """
    item = item_of(row)
    kind = _kind(first_text(item, wire.LINE_KIND_NAMES))
    number = phone_number(item, wire.LINE_NUMBER)
    if number is None and kind is LineKind.SHORT_CODE and read_name(row):
        return None
    if number is None:
        raise Unreadable("no phone number in E.164 form")
    profile = _profile(item)
    country = first_text(item, wire.COUNTRY_NAMES).upper()
    return Line(
        number,
        read_at,
        profile if isinstance(profile, ProfileId) else None,
        id=_id(item.get(wire.ID)),
        kind=kind,
        country=country if _COUNTRY.fullmatch(country) else "",
        unclear=profile == wire.UNAVAILABLE or (troubled and not profile),
        absences=int(first_text(item, (wire.LINE_STATUS,)) in wire.GONE_STATUSES),
    )


def read_name(row: Json) -> str:
    """What a number or short code is listed by, as it stands; empty where it has no text there."""
    return first_text(item_of(row), (wire.LINE_NUMBER,))


def read_tags(row: Json) -> frozenset[str]:
    """The tags of a number. Raises Unreadable where it does not say: then nobody can tell whether it was asked for."""
    tags = item_of(row).get(wire.TAGS)
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Unreadable("no list of tags")
    return frozenset(tag for tag in tags if isinstance(tag, str))


def read_changed(document: Json, read_at: datetime, *, asked: PhoneNumber) -> Line:
    """The answer to our own change of a number. Raises Unreadable where it is about another, or none."""
    line = read_line(document, read_at)
    if line is None or line.number != asked:
        raise Unreadable("it is about another number")
    return line


def find_line(document: Json, asked_at: datetime, *, asked: PhoneNumber) -> Line | None:
    """One number in a list that was filtered for it, among whatever else came. None: it is not shown there."""
    return _find(read_page(document, asked_at), asked)


def find_line_or_absence(document: Json, asked_at: datetime, *, asked: PhoneNumber) -> Line:
    """One number in a list that was filtered for it, or its absence from the account.

    Raises Unreadable where it is not shown and the list is not all there is, or holds what might be the number.
    """
    page = read_page(document, asked_at)
    if (line := _find(page, asked)) is not None:
        return line
    if page.total is None or page.total > len(page.rows):
        raise Unreadable("the list does not show the number, and is not all there is")
    for row in page.rows:
        read_line(row, asked_at)
    return Line(asked, asked_at, absences=1)


def _find(page: Page, asked: PhoneNumber) -> Line | None:
    for row in page.rows:
        try:
            line = read_line(row, page.asked_at, troubled=page.troubled)
        except Unreadable:
            continue
        if line is not None and line.number == asked:
            return line
    return None


def _profile(item: dict[str, Json]) -> ProfileId | str:
    """The messaging profile; empty: on none. Whatever else is there, or nothing at all, is as if unavailable."""
    text = item.get(wire.LINE_PROFILE, wire.UNAVAILABLE)
    if text is None or text == "":
        return ""
    try:
        return ProfileId(text) if isinstance(text, str) and text.upper() != wire.UNAVAILABLE else wire.UNAVAILABLE
    except ValueError:
        return wire.UNAVAILABLE


def _kind(word: str) -> LineKind:
    return wire.LINE_KINDS.get(re.sub(r"[-_ ]", "", word.lower()), LineKind.UNKNOWN)


def _id(value: Json) -> str:
    """Telnyx's id of a number, fit for an address. The same as a number is taken too: codes come as both (OAS)."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) else ""
