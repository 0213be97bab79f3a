"""The Telnyx client: the only door to httpx. One call a turn, each with one deadline, each answer a value."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Generator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Protocol, Self, TypeVar, cast

import httpx

from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.events import Delivery
from reconciler.model.fleet import Campaign, Look, Observed
from reconciler.model.health import Health
from reconciler.model.ids import PhoneNumber
from reconciler.model.operations import Urgency
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.ports import Clock
from reconciler.telnyx.allowance import NOTHING, read_told, server_time
from reconciler.telnyx.body import Answer, read_body
from reconciler.telnyx.breaker import sign_of
from reconciler.telnyx.calls import HEADERS, Request
from reconciler.telnyx.deliveries import ask_deliveries
from reconciler.telnyx.documents import Json, Unreadable, plain, sample
from reconciler.telnyx.faults import read_refusal
from reconciler.telnyx.known import Known
from reconciler.telnyx.limiter import MAX_IN_FLIGHT, Leave, Limiter, pause_of
from reconciler.telnyx.looks import Survey
from reconciler.telnyx.pages import Ask
from reconciler.telnyx.turns import OneCall

MAX_CONNECT_SECONDS: Final = 5.0
ERROR_CHARACTERS: Final = 200

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

T = TypeVar("T")


class Watcher(Protocol):
    """Is told of every call that ended."""

    def __call__(self, operation: str, code: str, seconds: float) -> None:
        """`code` is the HTTP status; `unreadable`, if 2xx and not as documented; the fault's kind, if no answer."""


def _nobody(operation: str, code: str, seconds: float) -> None:
    """Watch nothing."""


class WriteRefused(ReconcilerError):
    """A client that may only read was told to write."""


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
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._limiter = limiter
        self.moved = limiter.moved  # as `ports.Telnyx` says
        self._on_call = on_call
        self._exchange = _Exchange(settings, transport, read_only=read_only)
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


class _Exchange:
    """Requests out, answers in: what httpx raises ends here."""

    def __init__(
        self, settings: TelnyxSettings, transport: httpx.AsyncBaseTransport | None, *, read_only: bool
    ) -> None:
        self._base_url = _checked(settings.base_url)
        self._seconds = settings.timeout.total_seconds()
        self._bearer = _Bearer(settings.api_key)
        transport = transport or network()
        self._http = httpx.AsyncClient(
            transport=ReadOnlyTransport(transport) if read_only else transport,
            auth=self._bearer,
            headers=HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=httpx.Timeout(self._seconds, connect=min(self._seconds / 3, MAX_CONNECT_SECONDS)),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._http.is_closed

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def send(self, request: Request) -> Answer | Fault:
        """Send one request and read its answer, all within the deadline."""
        url = self._base_url + request.target
        headers = {"content-type": "application/json"} if request.body else {}
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(request.method, url, content=request.body or None, headers=headers) as response,
            ):
                return await self._read(response)
        except _NOTHING_SENT as error:
            return Fault(FaultKind.UNREACHABLE, f"no connection: {_words(error)}")
        except TimeoutError:
            return Fault(FaultKind.LOST, f"no answer within {self._seconds:g} s")
        except (httpx.RequestError, OSError) as error:
            return Fault(FaultKind.LOST, f"the connection broke: {_words(error)}")

    async def _read(self, response: httpx.Response) -> Answer | Fault:
        # Not `aiter_raw`: that refuses the answers that a transport without a network makes, which are whole already.
        chunks = cast("httpx.AsyncByteStream", response.stream)
        try:
            body = await read_body(aiter(chunks), response.headers.get("content-encoding", ""))
        except Unreadable as flaw:
            return Fault(FaultKind.LOST, f"unreadable answer: {flaw}", response.status_code)
        return Answer(response.status_code, response.headers, self._bearer.hide(body))


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    """Lets GET pass and nothing else: below everything that decides, so that no decision can be wrong about it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a GET on. Raises WriteRefused for anything else, before anything is sent."""
        if request.method != "GET":
            raise WriteRefused(f"a {request.method} was about to be sent, and this client may only read")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is below."""
        await self._inner.aclose()


class _Bearer(httpx.Auth):
    """The API key: into the header of each request, and out of whatever an answer echoes."""

    def __init__(self, key: Secret) -> None:
        self._key = key
        if not re.fullmatch(r"[!-~]+", key.reveal()):
            raise ReconcilerError(
                "the API key holds characters that no header can carry", "copy it from the portal again"
            )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request."""
        request.headers["authorization"] = f"Bearer {self._key.reveal()}"
        yield request

    def hide(self, body: bytes) -> bytes:
        """The body without the key."""
        return body.replace(self._key.reveal().encode(), b"[API key]")


def network() -> httpx.AsyncBaseTransport:
    """The network itself: verified TLS for https, no second try, nothing from the environment."""
    limits = httpx.Limits(max_connections=MAX_IN_FLIGHT)
    return httpx.AsyncHTTPTransport(verify=True, trust_env=False, http2=False, retries=0, limits=limits)


def _checked(base_url: str) -> str:
    """The base URL without a slash at its end. Only what the config itself writes as `http://` goes unencrypted."""
    try:
        url = httpx.URL(base_url)
        url.host.encode("idna")  # as the resolver will: a label too long fails there, with an error of its own
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.userinfo:
        raise ReconcilerError("telnyx.base_url is no http(s) address", "leave it out to reach Telnyx itself")
    return base_url.rstrip("/")


def _words(error: Exception) -> str:
    return plain(f"{type(error).__name__} {error}".strip(), ERROR_CHARACTERS)
