"""Telnyx's 10DLC API as a state machine: requests, time and hands in, answers and signed webhooks out.

No I/O, no clock, no chance: the same calls in the same order give the same bytes.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from reconciler.sandbox.announce import Delivery, Outbox
from reconciler.sandbox.api.replies import Reply, Request, error
from reconciler.sandbox.api.routes import answer
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.distort import closed, distorted
from reconciler.sandbox.oddities import LimitHeaders, Oddities
from reconciler.sandbox.rate import Allowance, RateWindow
from reconciler.sandbox.world import World

JOURNAL_CALLS: Final = 100_000
"""How many calls the journal keeps; older ones fall out."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it reached the API, and how it was answered. Headers are not kept: one is the key."""

    at: float
    method: str
    path: str
    """Decoded, and without `/v2`."""
    body: str
    status: int


class Emulator(World):
    """The account behind its API. Times are Unix seconds and are the caller's to choose.

    `oddities` may be set at any time: they are those of the answers from then on.
    """

    def __init__(self, behaviour: Behaviour, signing_key: bytes, oddities: Oddities | None = None) -> None:
        """`signing_key` is the 32-byte Ed25519 seed that webhooks are signed with."""
        outbox = Outbox(signing_key, attempts=behaviour.delivery_attempts, retry_seconds=behaviour.retry_seconds)
        super().__init__(behaviour, outbox)
        self.oddities = oddities or Oddities()
        self._rate = RateWindow(behaviour.rate_per_second)
        self._calls: deque[Call] = deque(maxlen=JOURNAL_CALLS)

    @property
    def public_key(self) -> str:
        """The key that checks the webhooks, in base64 as the portal shows it."""
        return self.outbox.public_key

    def apply(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: bytes,
        now: float,
        headers: Mapping[str, str],
    ) -> Reply:
        """Answer one request at `now`. The path may begin with `/v2` or not (FIELD:61954600670)."""
        self.advance(now)
        request = Request(method, unquote(path).removeprefix("/v2"), dict(query), body, now)
        allowance = self._rate.take(now, with_policy=self.oddities.limit_headers is LimitHeaders.POLICY)

        def plainly(asked: Request) -> Reply:
            reply = self._refusal(headers, allowance) or closed(self.oddities, asked) or answer(self, asked)
            return replace(reply, headers=reply.headers | allowance.headers)

        reply = distorted(self.oddities, request, plainly)
        self._calls.append(Call(now, method, request.path, body.decode("utf-8", "replace"), reply.status))
        return reply

    def tick(self, now: float) -> list[Delivery]:
        """Let time come to `now`; the webhooks to send then, each to end in `delivered` or `discard`."""
        self.advance(now)
        return self.outbox.due(now, self.oddities.flat_events)

    def next_due(self, now: float) -> float | None:
        """When `tick` has something to do again, `now` at the earliest; None until somebody acts."""
        dues = [due for due in (self.next_step(), self.outbox.next_due()) if due is not None]
        return max(now, min(dues)) if dues else None

    def delivered(self, delivery_id: str, status: int | None, now: float) -> None:
        """A receiver's answer, None for none: anything but 200 is tried again, up to the last attempt."""
        self.outbox.answered(delivery_id, status, now)

    def discard(self, delivery_id: str) -> None:
        """A webhook is lost for good, whatever its receiver would have said."""
        self.outbox.lose(delivery_id)

    def journal(self) -> tuple[Call, ...]:
        """Every request that reached the API, oldest first."""
        return tuple(self._calls)

    def posts(self, number: str) -> int:
        """How many POSTs have asked for this number to be assigned, whatever the answer was."""
        asked = json.dumps(number)
        return sum(call.method == "POST" and asked in call.body for call in self._calls)

    def _refusal(self, headers: Mapping[str, str], allowance: Allowance) -> Reply | None:
        """What is said at the door; None lets the request in."""
        authorization = {name.lower(): value for name, value in headers.items()}.get("authorization")
        if not allowance.granted:
            return error(429, "10011", "Too many requests", "You have exceeded the maximum number of allowed requests.")
        if authorization != f"Bearer {self.behaviour.api_key}":
            detail = "The required authentication headers were either invalid or not included in the request."
            return error(401, "10009", "Authentication failed", detail)
        return None
