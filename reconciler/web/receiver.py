"""The webhook receiver: verifies raw bytes, makes them durable, answers 200; it reads no meaning into them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final, Protocol, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.model.errors import StoreError
from reconciler.model.settings import WebhookSettings
from reconciler.ports import Clock, Inbox, Wake
from reconciler.web.answers import ALIVE, KEPT, TOO_LARGE, UNAUTHORIZED, UNAVAILABLE, Answer
from reconciler.web.guard import BODY_BYTES, LIVEZ, Guard, Head
from reconciler.web.metrics import Meter

STORE_SECONDS: Final = 1.5
"""How long the store may take to make an event durable, before Telnyx is asked to come again."""


class Checked(Protocol):
    """The verdict on a signature."""

    @property
    def reason(self) -> str:
        """Why it is rejected, as a word for a counter; empty: it is authentic."""

    @property
    def key_index(self) -> int | None:
        """Which configured key signed it, from 0."""


Check: TypeAlias = Callable[[Sequence[bytes], Sequence[bytes], bytes, datetime, timedelta], Checked]
"""Judges all signature headers, all timestamp headers, the raw body; at a time, with a tolerance. Never raises."""
Identify: TypeAlias = Callable[[bytes], tuple[str, bytes, str]]
"""A verified body's event id (or ""), digest, and flaw (or ""). Bounded; never raises."""


def receiver_app(
    *,
    settings: WebhookSettings,
    check: Check,
    identify: Identify,
    inbox: Inbox,
    clock: Clock,
    wake: Wake,
    meter: Meter,
) -> ASGIApp:
    """The public listener's app: the webhook path and `/livez`, and nothing else.

    200 means that the event is durable. 401 is one and the same for every failure of authentication; after
    verification there is no 4xx: a body that we cannot use is kept and quarantined. 503 is trouble of our own.
    """
    guard = Guard(settings.path, settings.allowed_hosts)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        head = Head(tuple(scope["headers"]))
        refusal = guard.refusal(scope, head)
        if refusal is None and scope["raw_path"] == LIVEZ:
            await ALIVE.send(send)
            return
        result, answer = (refusal.reason, refusal.answer) if refusal else await take(head, receive)
        meter.webhook(result, perf_counter() - started)
        if answer is not None:
            await answer.send(send)

    async def take(head: Head, receive: Receive) -> tuple[str, Answer | None]:
        body = await _body(receive)
        if body is None:
            return "incomplete", None
        if len(body) > BODY_BYTES:
            return "too_large", TOO_LARGE
        now = clock.now()
        signatures, timestamps = head.all(b"telnyx-signature-ed25519"), head.all(b"telnyx-timestamp")
        checked = check(signatures, timestamps, body, now, settings.tolerance)
        if checked.key_index is None:
            meter.refusals.note(checked.reason, now)
            return checked.reason, UNAUTHORIZED
        meter.verified(checked.key_index, now)
        return await _keep(body, now, identify, inbox, wake)

    return app


async def _keep(body: bytes, now: datetime, identify: Identify, inbox: Inbox, wake: Wake) -> tuple[str, Answer]:
    event_id, digest, flaw = identify(body)
    try:
        async with asyncio.timeout(STORE_SECONDS):
            new = await inbox.receive(event_id, digest, body, now, flaw)
    except (StoreError, TimeoutError):
        return "unavailable", UNAVAILABLE
    wake()  # for a duplicate too: what it tells of may still be undone
    if not new:
        return "duplicate", KEPT
    return ("quarantined" if flaw else "stored"), KEPT


async def _body(receive: Receive) -> bytes | None:
    """The body, read no further than just past the limit; None if the client left or was too slow."""
    body = bytearray()
    while len(body) <= BODY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)
