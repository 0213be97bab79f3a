"""What the public listener refuses by a request's head alone, before a byte of its body is read."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from reconciler.web.answers import (
    BAD_REQUEST,
    ENCODED,
    GET_ONLY,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    POST_ONLY,
    TOO_LARGE,
    Answer,
)

BODY_BYTES: Final = 256 * 1024
"""The longest body that is read."""
LIVEZ: Final = b"/livez"
_HOST: Final = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is turned away, and why."""

    reason: str
    """A word for a counter."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Head:
    """A request's headers, copied before its body is read: a chunked body's trailers cannot change them."""

    headers: tuple[tuple[bytes, bytes], ...]

    def all(self, name: bytes) -> Sequence[bytes]:
        """Every value of a header, in order. Names are compared as they are: an underscore is no dash."""
        return [value for header, value in self.headers if header == name]


def host_name(header: bytes) -> str | None:
    """The name or address in a Host header, in lower case and without the port; None if it is malformed."""
    match = _HOST.fullmatch(header)
    return match[1].decode().lower() if match else None


class Guard:
    """The rules for one webhook path: `refusal` names the first that a request breaks."""

    def __init__(self, path: str, allowed_hosts: Collection[str] = ()) -> None:
        self._path = path.encode()
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    def refusal(self, scope: Scope, head: Head) -> Refusal | None:
        """Why this request is turned away unread, or None for one that may go on."""
        return _framing(scope, head) or self._address(scope, head) or _body(head)

    def _address(self, scope: Scope, head: Head) -> Refusal | None:
        """Is it for us? The path is compared undecoded: a proxy's rules and ours cannot differ on what it means."""
        hosts = head.all(b"host")
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            return Refusal("malformed", BAD_REQUEST)
        if scope["raw_path"] == LIVEZ:
            return None if scope["method"] == "GET" else Refusal("wrong_method", GET_ONLY)
        if self._hosts and name not in self._hosts:
            return Refusal("wrong_host", BAD_REQUEST)
        if scope["raw_path"] != self._path:
            return Refusal("not_found", NOT_FOUND)
        return None if scope["method"] == "POST" else Refusal("wrong_method", POST_ONLY)


def _framing(scope: Scope, head: Head) -> Refusal | None:
    """Where does the body end? Whatever two readers could answer differently is refused (RFC 9112 6.1)."""
    version, codings, lengths = scope["http_version"], head.all(b"transfer-encoding"), head.all(b"content-length")
    if version not in {"1.0", "1.1"} or (codings and (lengths or version == "1.0")):
        return Refusal("malformed", BAD_REQUEST)
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        return Refusal("malformed", BAD_REQUEST)
    if codings and [coding.lower() for coding in codings] != [b"chunked"]:
        return Refusal("malformed", NOT_IMPLEMENTED)
    return None


def _body(head: Head) -> Refusal | None:
    """Can we take the body? Never one that must be unpacked first; an odd or missing Content-Type is no matter."""
    if head.all(b"content-encoding"):
        return Refusal("encoded", ENCODED)
    declared = head.all(b"content-length")
    return Refusal("too_large", TOO_LARGE) if declared and int(declared[0]) > BODY_BYTES else None
