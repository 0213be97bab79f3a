"""Alerts as JSON by POST. The URL is a credential as a whole: of it, only the host is ever shown."""

import asyncio
from typing import Final

import httpx

from reconciler.model.errors import Fault, FaultKind, ReconcilerError
from reconciler.model.settings import Secret

SEND_SECONDS: Final = 10.0
"""From connecting to the answer's head, in all."""
WAIT_SECONDS: Final = 3600.0
"""The longest wait that a receiver can ask of us."""


class WebhookSink:
    """Posts each message to one URL, which the config may give as https or, where it says so itself, as http.

    It uses httpx's transport without its client: that one logs URLs, follows redirects and reads proxies from the
    environment.
    """

    def __init__(self, name: str, url: Secret) -> None:
        """Raises ReconcilerError for text that is no URL."""
        self._name = name
        self._url = _url(name, url)
        self._tls = httpx.create_ssl_context(trust_env=False)

    @property
    def name(self) -> str:
        """Its name in the config."""
        return self._name

    async def send(self, body: str) -> Fault | None:
        """Post it. 2xx: it arrived. The answer's body is not read."""
        request = httpx.Request(
            "POST",
            self._url,
            content=body.encode(),
            headers={"content-type": "application/json", "user-agent": "tendlc-reconciler"},
            extensions={"timeout": httpx.Timeout(SEND_SECONDS).as_dict()},
        )
        if self._url.userinfo:
            request = next(httpx.BasicAuth(self._url.username, self._url.password).sync_auth_flow(request))
        try:
            async with (
                asyncio.timeout(SEND_SECONDS),
                httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as wire,
            ):
                response = await wire.handle_async_request(request)
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Fault(FaultKind.UNREACHABLE, f"{self._url.host}: {type(error).__name__}")
        except (httpx.TransportError, TimeoutError) as error:
            return Fault(FaultKind.LOST, f"{self._url.host}: {type(error).__name__}")
        return self._judged(response)

    def _judged(self, response: httpx.Response) -> Fault | None:
        status = response.status_code
        if response.is_success:
            return None
        if status == httpx.codes.TOO_MANY_REQUESTS:
            kind = FaultKind.THROTTLED
        else:
            kind = FaultKind.LOST if response.is_server_error else FaultKind.REFUSED
        wait = _seconds(response.headers.get("retry-after", ""))
        return Fault(kind, f"{self._url.host}: HTTP {status}", status=status, retry_after_seconds=wait)


def _url(name: str, secret: Secret) -> httpx.URL:
    try:
        url = httpx.URL(secret.reveal())
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"https", "http"} or not url.host:
        raise ReconcilerError(f"the URL of the alert receiver {name} is not one", "it starts https:// and names a host")
    return url


def _seconds(text: str) -> float | None:
    """The wait that a Retry-After header asks for in seconds; its other form, a date, is rare and left out."""
    return min(float(text), WAIT_SECONDS) if text.isascii() and text.isdecimal() else None
