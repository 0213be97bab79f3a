"""Fixed answers: to what is refused unread, nothing is said that depends on what was sent."""

from dataclasses import dataclass
from typing import Final

from starlette.types import Send


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer, made once and sent as it is."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, send: Send) -> None:
        """Send it."""
        length = (b"content-length", str(len(self.body)).encode())
        await send({"type": "http.response.start", "status": self.status, "headers": [length, *self.headers]})
        await send({"type": "http.response.body", "body": self.body})


_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_CLOSE: Final = (b"connection", b"close")
"""A refused request may still be sending: what follows on its connection is not read."""


def _closing(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, body, (_TEXT, _CLOSE, *headers))


KEPT: Final = Answer(200)
"""The event is durable. Exactly 200: Telnyx counts no other 2xx as success (KB:api-error-codes, 75299)."""
ALIVE: Final = Answer(200, b"ok\n", (_TEXT,))
UNAUTHORIZED: Final = Answer(401, b"unauthorized\n", (_TEXT,))
"""For every failure of authentication alike: the reason goes to a counter, not to the caller."""
UNAVAILABLE: Final = Answer(503, b"try again\n", (_TEXT, (b"retry-after", b"30")))

BAD_REQUEST: Final = _closing(400, b"bad request\n")
CROSS_SITE: Final = _closing(403, b"not from another site\n")
NOT_FOUND: Final = _closing(404, b"not found\n")
POST_ONLY: Final = _closing(405, b"method not allowed\n", (b"allow", b"POST"))
GET_ONLY: Final = _closing(405, b"method not allowed\n", (b"allow", b"GET"))
TOO_LARGE: Final = _closing(413, b"body too large\n")
ENCODED: Final = _closing(415, b"content-encoding is not supported\n")
NOT_IMPLEMENTED: Final = _closing(501, b"transfer-encoding is not supported\n")
