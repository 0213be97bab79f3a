"""exchange: the one door to the network: a request out, its answer in. What httpx raises ends here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Generator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, TypeAlias, cast

import httpx

from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.settings import Secret, TelnyxSettings
from reconciler.telnyx.body import Answer, read_body
from reconciler.telnyx.calls import HEADERS, Request
from reconciler.telnyx.documents import Unreadable, plain
from reconciler.telnyx.limiter import MAX_IN_FLIGHT

MAX_CONNECT_SECONDS: Final = 5.0
ERROR_CHARACTERS: Final = 200

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Transport: TypeAlias = httpx.AsyncBaseTransport
"""What carries requests: the network, or what stands in its place."""


class WriteRefused(ReconcilerError):
    """A client that may only read was told to write."""


class Exchange:
    """Requests out, answers in, each within the deadline of the settings."""

    def __init__(self, settings: TelnyxSettings, transport: Transport | None, *, read_only: bool) -> None:
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

    def __init__(self, inner: Transport) -> None:
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


def network() -> Transport:
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
