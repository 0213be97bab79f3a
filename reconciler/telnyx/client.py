"""The Telnyx client: the only door to httpx. One call a turn, each with one deadline, each answer a value."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, Self, TypeVar

from reconciler.model.errors import Fault, FaultKind
from reconciler.model.events import Delivery
from reconciler.model.fleet import Campaign, Look, Observed
from reconciler.model.health import Health
from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Urgency
from reconciler.model.settings import TelnyxSettings
from reconciler.ports import Clock
from reconciler.telnyx.allowance import NOTHING, read_told, server_time
from reconciler.telnyx.body import Answer
from reconciler.telnyx.breaker import sign_of
from reconciler.telnyx.calls import Request
from reconciler.telnyx.deliveries import ask_deliveries
from reconciler.telnyx.documents import Json, Unreadable, sample
from reconciler.telnyx.exchange import Exchange, Transport
from reconciler.telnyx.faults import read_refusal
from reconciler.telnyx.known import Known
from reconciler.telnyx.limiter import Leave, Limiter, pause_of
from reconciler.telnyx.looks import Survey
from reconciler.telnyx.pages import Ask
from reconciler.telnyx.turns import OneCall

T = TypeVar("T")


class Watcher(Protocol):
    """Is told of every call that ended."""

    def __call__(self, operation: str, code: str, seconds: float) -> None:
        """`code` is the HTTP status; `unreadable`, if 2xx and not as documented; the fault's kind, if no answer."""


def _nobody(operation: str, code: str, seconds: float) -> None:
    """Watch nothing."""


class TelnyxClient:
    """Telnyx, over one HTTP client: implements `ports.Telnyx`. An async context manager that closes it.

    With `read_only`, every request but a GET raises WriteRefused before anything is sent. `transport` replaces the
    network. Raises ReconcilerError for settings with which no call could be made.
    """

    def __init__(
        self,
        settings: TelnyxSettings,
        clock: Clock,
        limiter: Limiter,
        *,
        read_only: bool = False,
        on_call: Watcher = _nobody,
        transport: Transport | None = None,
    ) -> None:
        self._clock = clock
        self._limiter = limiter
        self.moved = limiter.moved  # as `ports.Telnyx` says
        self._on_call = on_call
        self._exchange = Exchange(settings, transport, read_only=read_only)
        self._known = Known(clock, settings.assignment_path)
        self.unusable_deliveries = 0
        """Records of deliveries, counted since the start, from which no event could be made."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. A call under way is lost, and one that comes later is UNREACHABLE."""
        await self._exchange.close()

    def learn(self, *campaigns: Campaign) -> None:
        """Remember the ids that these campaigns have at Telnyx. `observe` learns by itself from what it is given."""
        self._known.learn(*campaigns)

    @property
    def assignment_path(self) -> str:
        """The spelling in use for assignments: the configured one, or the other where Telnyx knew only that."""
        return self._known.assignment_path

    @property
    def health(self) -> Health:
        """How calls have fared, whichever client of the same limiter made them."""
        return self._limiter.health

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[OneCall]:
        """Wait for the rate limit's leave to make one call. An unused turn is given back. Raises limiter.Crowded."""
        leave = await self._limiter.acquire(urgency)
        try:
            yield OneCall(self._calling(leave), self._clock, self._known)
        finally:
            self._limiter.release(leave)

    async def observe(
        self,
        looks: Collection[Look],
        numbers: Collection[PhoneNumber],
        urgency: Urgency = Urgency.EVENT,
        *,
        lines: Collection[PhoneNumber] = (),
    ) -> Observed:
        """Read campaigns with their numbers, profiles, selections and single numbers: as `ports.Telnyx` says."""
        self.learn(*(look.known for look in looks if look.known))
        observed = await Survey(self._asking(urgency), self._clock, self._known).run(looks, numbers, lines)
        self.learn(*observed.campaigns.values())
        return observed

    async def deliveries(self, since: datetime, urgency: Urgency = Urgency.SWEEP) -> tuple[Delivery, ...] | Fault:
        """The 10DLC webhooks that Telnyx tried to deliver since then: as `ports.Telnyx` says."""
        told = await ask_deliveries(self._asking(urgency), since)
        if isinstance(told, Fault):
            return told
        self.unusable_deliveries += told.unusable
        return told.found

    def _asking(self, urgency: Urgency) -> Ask:
        """Makes calls, each in a turn of its own."""

        async def ask(request: Request, read: Callable[[Json, datetime], T]) -> T | Fault:
            async with self.turn(urgency) as turn:
                return await turn.ask(request, read)

        return ask

    def _calling(self, leave: Leave) -> Ask:
        """Makes one call, with this leave."""

        async def call(request: Request, read: Callable[[Json, datetime], T]) -> T | Fault:
            if self._exchange.is_closed:  # not sent, so it counts for nothing: the turn is given back
                return Fault(FaultKind.UNREACHABLE, "no connection: after reloads another client has taken over")
            asked_at, started = self._clock.now(), time.monotonic()
            self._limiter.send(leave)
            answer = await self._exchange.send(request)
            now, seconds = self._clock.now(), time.monotonic() - started
            result = answer if isinstance(answer, Fault) else _understood(request, answer, read, asked_at, now)
            fault = result if isinstance(result, Fault) else None
            if isinstance(answer, Fault):
                code, told = answer.kind.value, NOTHING
            else:
                unreadable = fault is not None and answer.status < HTTPStatus.MULTIPLE_CHOICES
                code, told = "unreadable" if unreadable else str(answer.status), read_told(answer.headers, now)
            self._on_call(request.operation, code, seconds)
            self._limiter.heard(leave, sign_of(fault), told, now, pause_of(fault), fault.detail if fault else "")
            return result

        return call


def _understood(
    request: Request, answer: Answer, read: Callable[[Json, datetime], T], asked_at: datetime, now: datetime
) -> T | Fault:
    """What an answer means. `read` gets its document and the time when it was asked for, and may raise Unreadable."""
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        now = server_time(answer.headers, now)
        return read_refusal(answer.status, answer.headers, answer.body, now, private=request.private)
    try:
        return read(answer.document(), asked_at)
    except Unreadable as flaw:
        shown = "" if request.private else f": {sample(answer.body)!r}"
        return Fault(FaultKind.LOST, f"unreadable answer: {flaw}{shown}", answer.status)
