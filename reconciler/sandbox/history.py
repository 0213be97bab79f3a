"""What has become of webhooks: the latest events that were sent, with every attempt to deliver them."""

import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from reconciler.sandbox.events import JsonObject

KEPT_EVENTS: Final = 10_000
"""The oldest is forgotten for the next. How long Telnyx keeps them is not documented."""
LOST: Final = 75000
"""The error of a delivery that failed for no reason in particular (KB:api-error-codes)."""

_DELIVERY_IDS: Final = uuid.UUID("8d0e9c52-4a1e-4f0b-8a56-b9a7e1d6c3f0")
_ERRORS: Final = {None: 75002, 400: 75400, 404: 75404, 500: 75500}
_ERRORS_OF_CLASS: Final = {2: 75299, 3: 75300, 4: 75499, 5: 75599}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver an event, over."""

    url: str
    started_at: float
    finished_at: float
    status: int | None
    """The receiver's; None is no answer."""
    error: int | None
    """The code of what went wrong (KB:api-error-codes); None is success."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that was sent, and how that went."""

    delivery_id: str
    event: JsonObject
    """As `Event.told` has it."""
    attempts: tuple[Attempt, ...]
    """The oldest first; what is listed has one at least."""

    @property
    def delivered(self) -> bool:
        """The last attempt was a success; until then it counts as failed."""
        return self.attempts[-1].error is None


class History:
    """The events that were sent, each with its attempts."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}

    def record(self, event_id: str, event: JsonObject, attempt: Attempt) -> None:
        """One more attempt to deliver an event is over."""
        delivery_id = str(uuid.uuid5(_DELIVERY_IDS, event_id))
        before = self._sent.get(delivery_id, Sent(delivery_id, event, ()))
        self._sent[delivery_id] = replace(before, attempts=(*before.attempts, attempt))
        if len(self._sent) > KEPT_EVENTS:
            del self._sent[next(iter(self._sent))]

    def sent(self) -> list[Sent]:
        """Every event that is kept, the latest first."""
        return list(reversed(self._sent.values()))

    def find(self, delivery_id: str) -> Sent | None:
        """One of them; None if it never was, or is forgotten."""
        return self._sent.get(delivery_id)


def trouble(status: int | None) -> int | None:
    """The error code for a receiver's answer: only exactly 200 is none (OAS; KB:api-error-codes)."""
    if status is None or status in _ERRORS:
        return _ERRORS[status]
    return None if status == HTTPStatus.OK else _ERRORS_OF_CLASS.get(status // 100, LOST)
