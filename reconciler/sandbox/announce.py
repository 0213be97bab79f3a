"""The outbox: events on their way to a receiver, signed, sent five times at most and then lost."""

import base64
import heapq
import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from nacl.signing import SigningKey

from reconciler.sandbox.events import Event, JsonObject
from reconciler.sandbox.history import LOST, Attempt, History, trouble

OPEN_EVENTS: Final = 100_000
"""How many events may be under way; more are lost at once."""

_EVENT_IDS: Final = uuid.UUID("5f0c3d0e-10d1-4c5a-9b1e-7e1a2b3c4d5e")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to tell one receiver of one event: POST `body` with `headers` to `url`."""

    id: str
    """The event's id (`data.id`): the same at every attempt, so that a receiver can see a repeat."""
    url: str
    headers: dict[str, str]
    body: bytes
    attempt: int
    """From 1 (`meta.attempt`)."""


def sign(signing_key: bytes, body: bytes, timestamp: float) -> dict[str, str]:
    """The headers that Telnyx signs a webhook with: Ed25519 over `timestamp|body` (KB:webhook-fundamentals).

    `signing_key` is the 32-byte Ed25519 seed, `timestamp` is in Unix seconds and is sent without a fraction.
    """
    stamp = str(int(timestamp))
    signature = SigningKey(signing_key).sign(f"{stamp}|".encode() + body).signature
    return {
        "telnyx-timestamp": stamp,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode("ascii"),
    }


class Outbox:
    """Events under way: each waits until it is due, then is out until its receiver's answer is reported."""

    def __init__(self, signing_key: bytes, *, attempts: int, retry_seconds: float) -> None:
        self.public_key = base64.b64encode(bytes(SigningKey(signing_key).verify_key)).decode("ascii")
        self.announced = 0
        self.delivered = 0
        self.lost = 0
        self.history = History()
        self._signing_key = signing_key
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._open: dict[str, _Letter] = {}
        self._waiting: list[tuple[float, int, str]] = []
        self._queued = 0

    def queue(self, event: Event, url: str, now: float) -> None:
        """An event that happened at `now`, due at once."""
        self.announced += 1
        if len(self._open) >= OPEN_EVENTS:
            self.lost += 1
            return
        # The time is part of the name: a sandbox started anew must not repeat ids that a receiver remembers.
        event_id = str(uuid.uuid5(_EVENT_IDS, f"{now!r} {self.announced}"))
        self._open[event_id] = _Letter(event_id, event, url, now)
        self._wait(event_id, now)

    def due(self, now: float, flat_events: Collection[str] = ()) -> list[Delivery]:
        """The attempts to make at `now`, oldest first, each signed with that time.

        Events of the types `flat_events` are their payload alone, without `data` and `meta` (SUP:10723378).
        """
        deliveries = []
        while self._waiting and self._waiting[0][0] <= now:
            letter = self._open.get(heapq.heappop(self._waiting)[2])
            if letter is not None:
                letter.attempt += 1
                letter.sent_at = now
                deliveries.append(self._seal(letter, now, flat=letter.event.event_type in flat_events))
        return deliveries

    def answered(self, event_id: str, status: int | None, now: float) -> None:
        """What the receiver answered; None for nothing. Only exactly 200 is success (OAS, error 75299)."""
        letter = self._open.get(event_id)
        if letter is None:
            return
        self._record(letter, Attempt(letter.url, letter.sent_at, now, status, trouble(status)))
        if status == HTTPStatus.OK:
            self.delivered += 1
            del self._open[event_id]
        elif letter.attempt >= self._attempts:
            self.lost += 1
            del self._open[event_id]
        else:
            self._wait(event_id, now + self._retry_seconds)

    def lose(self, event_id: str) -> None:
        """Give an event up that is out: it failed, and no attempt follows."""
        letter = self._open.pop(event_id, None)
        if letter is not None:
            self.lost += 1
            self._record(letter, Attempt(letter.url, letter.sent_at, letter.sent_at, None, LOST))

    def next_due(self) -> float | None:
        """When the next attempt is due; None when none waits."""
        while self._waiting and self._waiting[0][2] not in self._open:
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def _wait(self, event_id: str, until: float) -> None:
        self._queued += 1
        heapq.heappush(self._waiting, (until, self._queued, event_id))

    def _record(self, letter: "_Letter", attempt: Attempt) -> None:
        self.history.record(letter.id, letter.event.told(letter.id, letter.occurred_at), attempt)

    def _seal(self, letter: "_Letter", now: float, *, flat: bool) -> Delivery:
        content = letter.event.payload if flat else letter.envelope()
        body = json.dumps(content, separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "telnyx-webhooks",
            **sign(self._signing_key, body, now),
        }
        return Delivery(letter.id, letter.url, headers, body, letter.attempt)


@dataclass(slots=True)
class _Letter:
    """An event under way to its receiver."""

    id: str
    event: Event
    url: str
    occurred_at: float
    attempt: int = 0
    sent_at: float = 0.0

    def envelope(self) -> JsonObject:
        told = self.event.told(self.id, self.occurred_at)
        return {"data": told, "meta": {"attempt": self.attempt, "delivered_to": self.url}}
