"""Deliveries: the webhooks that Telnyx says it tried to deliver, as events that the inbox can take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from reconciler.model.errors import Fault
from reconciler.model.events import Delivery, Unusable
from reconciler.telnyx import calls, wire
from reconciler.telnyx.answers import first_text
from reconciler.telnyx.documents import Json, Unreadable, canonical, plain
from reconciler.telnyx.events import MAX_ID_CHARACTERS, identify, parse_event
from reconciler.telnyx.pages import Ask, read_page

MAX_DELIVERY_PAGES: Final = 20
"""2,000 deliveries: where the filter is ignored, those of every message are among them."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What was told."""

    found: tuple[Delivery, ...]
    """The oldest first."""
    unusable: int
    """Records from which no event can be made."""


async def ask_deliveries(ask: Ask, since: datetime) -> Deliveries | Fault:
    """Read the 10DLC webhooks that Telnyx began to deliver since then.

    Both filters are applied here again: they may be ignored, or be spelled otherwise (OAS and the skills guide differ).
    """
    found: dict[str, tuple[datetime, Delivery]] = {}
    unusable = rows = 0
    for number in range(1, MAX_DELIVERY_PAGES + 1):
        page = await ask(calls.list_deliveries(since, number), read_page)
        if isinstance(page, Fault):
            return page
        for row in page.rows:
            try:
                read = read_delivery(row)
            except Unreadable:
                unusable += 1
                continue
            if read is not None and read[0] >= since:
                found[read[1].id] = read
        rows += len(page.rows)
        if not page.rows or (page.total is not None and rows >= page.total):
            break
    in_order = sorted(found.values(), key=lambda read: read[0])
    return Deliveries(tuple(delivery for _, delivery in in_order), unusable)


def read_delivery(row: Json) -> tuple[datetime, Delivery] | None:
    """A delivery (OAS webhook_delivery) and when it was begun. None: of an event that is not 10DLC's.

    Raises Unreadable where no event can be made of it. Its body is known by the same id and digest as the webhook
    itself, for these leave out all that differs between attempts.
    """
    webhook = row.get(wire.WEBHOOK) if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(webhook, dict):
        raise Unreadable("no webhook")
    if first_text(webhook, (wire.EVENT_TYPE,)) not in wire.EVENT_TYPES:
        return None
    body = canonical({wire.DATA: webhook})
    event_id, digest, flaw = identify(body)
    if flaw or isinstance(parse_event(body), Unusable):
        raise Unreadable("no event that we can read")
    delivery_id = plain(first_text(row, (wire.ID,)), MAX_ID_CHARACTERS)
    if not delivery_id:
        raise Unreadable("no id")
    begun_at = _time(first_text(row, (wire.STARTED_AT,)) or first_text(webhook, (wire.OCCURRED_AT,)))
    return begun_at, Delivery(delivery_id, _is_delivered(row), body, event_id, digest)


def _time(text: str) -> datetime:
    """A time in ISO 8601; in UTC where it names no zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("no time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _is_delivered(item: dict[str, Json]) -> bool:
    """Whether it, or some attempt, says so: a record need not (the example of OAS lacks its status)."""
    attempts = item.get(wire.ATTEMPTS)
    told = [item, *(attempts if isinstance(attempts, list) else ())]
    return any(isinstance(one, dict) and one.get(wire.DELIVERY_STATUS) == wire.DELIVERED for one in told)
