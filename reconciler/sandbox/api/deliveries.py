"""/webhook_deliveries: the events that were sent, and how that went."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.sandbox.api.pages import data_page
from reconciler.sandbox.api.replies import (
    RefusedError,
    Reply,
    Request,
    Routes,
    enveloped,
    not_found,
    unprocessable,
    zoned,
)
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.history import Attempt, Sent
from reconciler.sandbox.world import World

USER_ID: Final = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"

FILTERS: Final[Mapping[str, Callable[[Sent, str], bool]]] = {
    "filter[status][eq]": lambda sent, text: _status(sent) == text,
    "filter[event_type]": lambda sent, text: sent.event["event_type"] in text.split(","),
    "filter[webhook][contains]": lambda sent, text: text in json.dumps(sent.event),
    "filter[attempts][contains]": lambda sent, text: text in json.dumps(delivery_record(sent)["attempts"]),
    "filter[started_at][gte]": lambda sent, text: sent.attempts[0].started_at >= _time(text),
    "filter[started_at][lte]": lambda sent, text: sent.attempts[0].started_at <= _time(text),
    "filter[finished_at][gte]": lambda sent, text: sent.attempts[-1].finished_at >= _time(text),
    "filter[finished_at][lte]": lambda sent, text: sent.attempts[-1].finished_at <= _time(text),
}
"""What each filter lets pass (OAS). Any other is ignored, such as the `filter[status]` of a guide of Telnyx's own."""


def list_deliveries(world: World, request: Request, _: str) -> Reply:
    """A page of those that pass the filters, the latest first. One between two attempts counts as failed."""
    asked = [(passes, request.query[name]) for name, passes in FILTERS.items() if name in request.query]
    try:
        found = [one for one in world.outbox.history.sent() if all(passes(one, text) for passes, text in asked)]
    except ValueError as trouble:
        raise RefusedError(unprocessable("filter", "has a time that is not ISO 8601")) from trouble
    return data_page(found, request.query, delivery_record)


def get_delivery(world: World, _: Request, delivery_id: str) -> Reply:
    """One, by the id of the delivery; that of the event is another."""
    found = world.outbox.history.find(delivery_id)
    if found is None:
        raise RefusedError(not_found(f"Webhook delivery {delivery_id}"))
    return enveloped(delivery_record(found))


ROUTES: Final[Routes] = {
    "/webhook_deliveries": {"GET": list_deliveries},
    "/webhook_deliveries/{id}": {"GET": get_delivery},
}


def delivery_record(sent: Sent) -> JsonObject:
    """A webhook_delivery. `webhook` is the event without signature and meta."""
    return {
        "record_type": "webhook_delivery",
        "id": sent.delivery_id,
        "user_id": USER_ID,
        "status": _status(sent),
        "started_at": zoned(sent.attempts[0].started_at),
        "finished_at": zoned(sent.attempts[-1].finished_at),
        "webhook": sent.event,
        "attempts": [_attempt(one) for one in reversed(sent.attempts)],
    }


def _attempt(attempt: Attempt) -> JsonObject:
    """What the receiver wrote in its answer is not kept."""
    http: JsonObject = {"request": {"url": attempt.url, "headers": [["Content-Type", "application/json"]]}}
    if attempt.status is not None:
        http["response"] = {"status": attempt.status, "headers": [], "body": ""}
    record: JsonObject = {
        "status": "delivered" if attempt.error is None else "failed",
        "started_at": zoned(attempt.started_at),
        "finished_at": zoned(attempt.finished_at),
        "http": http,
    }
    return record if attempt.error is None else record | {"errors": [attempt.error]}


def _status(sent: Sent) -> str:
    return "delivered" if sent.delivered else "failed"


def _time(text: str) -> float:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=time.tzinfo or UTC).timestamp()
