"""Events: from a webhook's body to where it tells us to look, and to what tells it from every other event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from reconciler.model.events import Event, Unusable
from reconciler.telnyx import wire
from reconciler.telnyx.answers import BRAND_CHARACTERS, campaign_ids, first_text, phone_number
from reconciler.telnyx.documents import EVENT_BOUNDS, Json, Unreadable, canonical, plain, read_document

MAX_ID_CHARACTERS: Final = 255
TYPE_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class _Opened:
    """A body without its wrapping: `meta` tells of the delivery, not of the event, and differs on each attempt."""

    event: dict[str, Json]
    flat: bool


def parse_event(raw: bytes) -> Event | Unusable:
    """Read a stored body, enveloped (KB:10dlc-event-notifications) or flat (OAS, SUP:10723378). Never raises.

    An id that is not in the form of ours is no subject: nothing that a body says can lead anywhere else.
    """
    try:
        opened = _open(raw)
    except Unreadable as flaw:
        return Unusable(str(flaw))
    payload = opened.event if opened.flat else opened.event.get(wire.PAYLOAD)
    if not isinstance(payload, dict):
        return Unusable("no payload")
    event_type = _word(opened.event.get(wire.EVENT_TYPE))
    kind, status = (_word(payload.get(name)) for name in (wire.PAYLOAD_TYPE, wire.PAYLOAD_STATUS))
    of_campaign = event_type == wire.CAMPAIGN_UPDATE or (opened.flat and not event_type)
    return Event(
        event_type=event_type,
        type=kind or _word(payload.get(wire.PAYLOAD_EVENT_TYPE)),
        campaigns=campaign_ids(payload),
        phone_number=phone_number(payload),
        flat=opened.flat,
        brands=_brands(payload),
        occurred_at=_time(opened.event.get(wire.OCCURRED_AT)),
        known=_is_known(event_type, kind, flat=opened.flat),
        dormant=of_campaign and (kind, status) == wire.DORMANT,
    )


def identify(raw: bytes) -> tuple[str, bytes, str]:
    """What an event is known by: its id, a SHA-256 digest, and why it cannot be used. Never raises.

    The id is empty where the body has none; that is no flaw. The digest is over the event's content in canonical
    form, so that every delivery of one event has the same, or over the raw bytes of what cannot be read. The flaw
    is empty for a body that can be used.
    """
    try:
        opened = _open(raw)
    except Unreadable as flaw:
        return "", hashlib.sha256(raw).digest(), str(flaw)
    digest = hashlib.sha256(canonical(opened.event)).digest()
    if wire.EVENT_ID not in opened.event:
        return "", digest, ""
    event_id = opened.event[wire.EVENT_ID]
    if not isinstance(event_id, str) or not 0 < len(event_id) <= MAX_ID_CHARACTERS:
        return "", digest, f"the event id is not text of 1 to {MAX_ID_CHARACTERS} characters"
    return event_id, digest, ""


def _open(raw: bytes) -> _Opened:
    document = read_document(raw, EVENT_BOUNDS)
    if not isinstance(document, dict):
        raise Unreadable("not an object")
    if wire.DATA not in document:
        return _Opened({name: value for name, value in document.items() if name != wire.META}, flat=True)
    data = document[wire.DATA]
    if not isinstance(data, dict):
        raise Unreadable("data is not an object")
    return _Opened(data, flat=False)


def _brands(payload: dict[str, Json]) -> tuple[str, ...]:
    """The ids of the brand that an event names; one that is longer than an id can be names none."""
    texts = (first_text(payload, (name,)) for name in (wire.BRAND_ID, wire.TCR_BRAND_ID))
    return tuple(dict.fromkeys(plain(text, BRAND_CHARACTERS) for text in texts if 0 < len(text) <= BRAND_CHARACTERS))


def _time(value: Json) -> datetime | None:
    """When it happened; None where that is not said legibly, with its zone. It is a claim as all else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if at is None or at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_known(event_type: str, kind: str, *, flat: bool) -> bool:
    """Whether the types are documented; a flat body does not say what kind of event it is, and campaigns' come so."""
    if flat and not event_type:
        event_type = wire.CAMPAIGN_UPDATE
    return kind in wire.PAYLOAD_TYPES.get(event_type, ())


def _word(value: Json) -> str:
    return plain(value, TYPE_CHARACTERS) if isinstance(value, str) else ""
