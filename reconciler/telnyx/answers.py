"""Answers: from what Telnyx says to our nouns, tolerant exactly where it is known to differ from its own reference."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import Final

from reconciler.model.fleet import Assignment, AssignmentState, Campaign, CampaignPhase, CarrierState
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.telnyx import wire
from reconciler.telnyx.documents import Json, Unreadable, plain

REASON_CHARACTERS: Final = 500
STATUS_CHARACTERS: Final = 64
BRAND_CHARACTERS: Final = 64
URL_CHARACTERS: Final = 2048


def read_assignment(document: Json) -> Assignment:
    """A number on a campaign, bare (OAS) or wrapped in `data` (number assignment page).

    Raises Unreadable where it does not say which number or which campaign. What else is missing or new is unknown:
    an unknown status is neither success nor absence.
    """
    item = item_of(document)
    number = phone_number(item)
    if number is None:
        raise Unreadable("no phone number in E.164 form")
    ids = campaign_ids(item)
    if not ids:
        raise Unreadable("no campaign id")
    word = first_text(item, wire.ASSIGNMENT_STATUS_NAMES)
    return Assignment(
        number,
        ids[0],
        wire.ASSIGNMENT_STATES.get(word, AssignmentState.UNKNOWN),
        carriers=MappingProxyType(_carriers(item)),
        failure=next(filter(None, (reasons(item.get(name)) for name in wire.FAILURE_NAMES)), ""),
        aliases=ids[1:],
    )


def read_campaign(document: Json, read_at: datetime, *, asked: CampaignId, config_id: CampaignId) -> Campaign:
    """A campaign of our own (OAS TelnyxCampaign_CSP) or one shared with us (TelnyxDownstreamCampaign), bare or wrapped.

    `asked` is the id in the request. Raises Unreadable where the answer is about another campaign, or does not say.
    """
    item = item_of(document)
    own, tcr = campaign_id(item, wire.CAMPAIGN_ID), campaign_id(item, wire.TCR_CAMPAIGN_ID)
    if asked.casefold() not in {text.casefold() for text in (own, tcr) if text}:
        raise Unreadable("it is about another campaign" if own or tcr else "no campaign id")
    word = first_text(item, (wire.CAMPAIGN_STATUS,))
    phase, failure = wire.CAMPAIGN_PHASES.get(word, CampaignPhase.UNKNOWN), reasons(item.get(wire.FAILURE_NAMES[0]))
    if phase is CampaignPhase.APPROVED and _is_true(item.get(wire.SUSPENDED_AT_TMOBILE)):
        # A carrier may suspend it alone, and `campaignStatus` goes on as before; what `failureReasons` says is history.
        phase, failure = CampaignPhase.SUSPENDED, "T-Mobile suspended it"
    return Campaign(
        config_id,
        phase,
        read_at,
        status=plain(word, STATUS_CHARACTERS),
        telnyx_id=own if own and not own.is_tcr else None,
        tcr_id=tcr or (own if own and own.is_tcr else None),
        webhook_url=plain(first_text(item, (wire.WEBHOOK_URL,)), URL_CHARACTERS),
        failure=failure,
        brand_id=plain(first_text(item, (wire.BRAND_ID,)), BRAND_CHARACTERS),
        tcr_brand_id=plain(first_text(item, (wire.TCR_BRAND_ID,)), BRAND_CHARACTERS),
        pooled=any(_is_true(item.get(name)) for name in wire.POOLING_NAMES),
        sole_proprietor=first_text(item, (wire.USECASE,)).upper() == wire.SOLE_PROPRIETOR,
    )


def item_of(document: Json) -> dict[str, Json]:
    """The one item of an answer, bare or wrapped in `data`. Raises Unreadable where it is an error, or no object."""
    if not isinstance(document, dict):
        raise Unreadable("not an object")
    inner = document.get(wire.DATA, document)
    item = inner if isinstance(inner, dict) else document
    # An assignment has `errors` too, as text, and then names its campaign.
    if isinstance(errors := item.get(wire.ERRORS), list) and errors and not campaign_ids(item):
        raise Unreadable("an error, though answered as a success")
    return item


def phone_number(item: dict[str, Json], name: str = wire.PHONE_NUMBER) -> PhoneNumber | None:
    """The number that an item names; None where it is not in E.164 form."""
    try:
        return PhoneNumber(first_text(item, (name,)))
    except ValueError:
        return None


def campaign_id(item: dict[str, Json], name: str) -> CampaignId | None:
    """The campaign id under this name; None where there is none in either of its forms."""
    try:
        return CampaignId(first_text(item, (name,)))
    except ValueError:
        return None


def campaign_ids(item: dict[str, Json]) -> tuple[CampaignId, ...]:
    """Every campaign id that an item names, each once, the one that Telnyx goes by first.

    Any of them may be missing, empty, or in the other's place (CAMPAIGN_NUDGE, shared campaigns: OAS).
    """
    names = (wire.CAMPAIGN_ID, wire.TELNYX_CAMPAIGN_ID, wire.TCR_CAMPAIGN_ID)
    return tuple(dict.fromkeys(filter(None, (campaign_id(item, name) for name in names))))


def first_text(item: dict[str, Json], names: Iterable[str]) -> str:
    """The first of these that is there as text and not empty; else the empty text."""
    values = (item.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def reasons(value: Json) -> str:
    """The provider's reasons as one line.

    They come as null, as text, as a list of texts, or as a list of `{fields, description}` (FIELD:60791296693).
    """
    return plain("; ".join(dict.fromkeys(filter(None, _reasons(value)))), REASON_CHARACTERS)


def _reasons(value: Json) -> Iterable[str]:
    match value:
        case str():
            return (value.strip(),)
        case list():
            return tuple(text for item in value for text in _reasons(item))
        case dict():
            lists = (value.get(name) for name in wire.REASON_FIELD_NAMES)
            about = next((names for names in lists if isinstance(names, list)), [])
            fields = ", ".join(name for name in about if isinstance(name, str))
            text = first_text(value, wire.REASON_TEXT_NAMES)
            return (f"{fields}: {text}" if fields and text else text or fields,)
        case _:
            return ()


def _is_true(value: Json) -> bool:
    """True, or the text of it; whatever else it may be, it is not said."""
    return value is True or (isinstance(value, str) and value.casefold() == "true")


def _carriers(item: dict[str, Json]) -> dict[str, CarrierState]:
    words = {group: item.get(name) for name, group in wire.CARRIER_FIELDS.items()}
    return {
        group: wire.CARRIER_STATES.get(word, CarrierState.UNKNOWN) if isinstance(word, str) else CarrierState.UNKNOWN
        for group, word in words.items()
        if word is not None and word != ""
    }
