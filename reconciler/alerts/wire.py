"""The way out for alerts: one POST to one URL. The URL is a credential as a whole: only its host is ever shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import httpx

from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.settings import Secret

SEND_SECONDS: Final = 10.0
"""From connecting to the end of the answer's head, in all."""
SAMPLE_SECONDS: Final = 1.0
"""For the part of an answer's body that tells why it is a no."""
SAMPLE_BYTES: Final = 2_048
SAMPLE_CHARACTERS: Final = 120
WAIT_SECONDS: Final = 3600.0
"""The longest wait that a receiver can ask of us."""
_TOKEN: Final = re.compile(r"(?=[a-z_-]*[A-Z0-9+/=])[A-Za-z0-9+/_=-]{17,}")
"""What may be a secret, in words that others wrote: long, and not of small letters alone."""
_AS_TOLD: Final[Mapping[str, str]] = MappingProxyType({})


class Wire:
    """Posts to one URL, which the config may give as https or, where it says so itself, as http.

    It uses httpx's transport without its client: that one logs URLs, follows redirects and reads proxies from the
    environment. TLS is verified.
    """

    def __init__(self, name: str, url: Secret) -> None:
        """`name` is the receiver's. Raises ReconcilerError for text that is no URL."""
        self._url = _url(name, url)
        self._tls = httpx.create_ssl_context(trust_env=False)

    @property
    def host(self) -> str:
        """The host, which may be shown."""
        return self._url.host

    async def post(self, body: bytes, headers: Mapping[str, str], words: Mapping[str, str] = _AS_TOLD) -> Sent | Fault:
        """Post it once. Ends within its deadline. 2xx: it arrived; `words` say more of a no than the answer's own."""
        request = httpx.Request(
            "POST",
            self._url,
            content=body,
            headers={"user-agent": "tendlc-reconciler", "accept-encoding": "identity", **headers},
            extensions={"timeout": httpx.Timeout(SEND_SECONDS).as_dict()},
        )
        if self._url.userinfo:
            request = next(httpx.BasicAuth(self._url.username, self._url.password).sync_auth_flow(request))
        try:
            async with asyncio.timeout(SEND_SECONDS) as deadline:
                async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as network:
                    response = await network.handle_async_request(request)
                    deadline.reschedule(asyncio.get_running_loop().time() + 2 * SAMPLE_SECONDS)
                    sample = "" if response.is_success else await self._sample(response)
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return self._fault(FaultKind.UNREACHABLE, error)
        except (httpx.TransportError, TimeoutError) as error:
            return self._fault(FaultKind.LOST, error)
        if response.is_success:
            return Sent(f"{self.host}: HTTP {response.status_code}")
        return self._refusal(response, words.get(sample, sample))

    def _refusal(self, response: httpx.Response, words: str) -> Fault:
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            kind = FaultKind.THROTTLED
        else:
            kind = FaultKind.LOST if response.is_server_error else FaultKind.REFUSED
        detail = ": ".join(filter(None, (self.host, f"HTTP {response.status_code}", words)))
        wait = _seconds(response.headers.get("retry-after", ""))
        return Fault(kind, detail, status=response.status_code, retry_after_seconds=wait)

    def _fault(self, kind: FaultKind, error: Exception) -> Fault:
        return Fault(kind, f"{self.host}: {type(error).__name__}")

    async def _sample(self, response: httpx.Response) -> str:
        """The beginning of the body; empty if it does not come at once."""
        read = bytearray()
        try:
            async with asyncio.timeout(SAMPLE_SECONDS):
                async for chunk in response.aiter_raw():
                    read += chunk
                    if len(read) >= SAMPLE_BYTES:
                        break
        except (httpx.TransportError, httpx.StreamError, TimeoutError):
            return ""
        text = read[:SAMPLE_BYTES].decode(errors="replace")
        for part in (self._url.path, self._url.query.decode(), self._url.username, self._url.password):
            if part.strip("/"):
                text = text.replace(part, "…")
        text = " ".join("".join(one if one.isprintable() else " " for one in _TOKEN.sub("…", text)).split())
        return text if len(text) <= SAMPLE_CHARACTERS else f"{text[:SAMPLE_CHARACTERS]}…"


def _url(name: str, secret: Secret) -> httpx.URL:
    try:
        url = httpx.URL(secret.reveal())
        url.host.encode("idna")  # as the resolver will: a label too long fails there, with an error of its own
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    if url.scheme not in {"https", "http"} or not url.host:
        raise ReconcilerError(f"the URL of the alert receiver {name} is not one", "it starts https:// and names a host")
    return url


def _seconds(text: str) -> float | None:
    """The wait that a Retry-After header asks for in seconds; its other form, a date, is rare and left out."""
    return min(float(text), WAIT_SECONDS) if text.isascii() and text.isdecimal() else None
