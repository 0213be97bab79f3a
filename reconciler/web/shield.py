"""What stands before every admin page: who may ask, from where, and what a browser may do with the answer."""

import ipaddress
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler.model.settings import Listen
from reconciler.web.answers import BAD_REQUEST, CROSS_SITE, Answer
from reconciler.web.guard import Head, host_name

_POLICY: Final = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; script-src 'self'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""On every answer, errors included."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_SITE: Final = frozenset({b"same-origin", b"none"})
"""`none`: typed by the user. A page on another port of this host is `same-site`, and may not write either."""


def shielded(app: ASGIApp, listen: Listen) -> ASGIApp:
    """The app behind checks that every request passes first.

    The Host must be an address, `localhost` or the listener's own name: a page elsewhere whose name was bent to
    our address (DNS rebinding) still sends its own. A write that a browser sends for another site is refused.
    """
    names = frozenset({"localhost", listen.host.lower()})

    async def shield(scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        refusal = _refusal(scope["method"], Head(tuple(scope["headers"])), names)
        if refusal is not None:
            await refusal.send(dressed)
        else:
            await app(scope, receive, dressed)

    return shield


def _refusal(method: str, head: Head, names: frozenset[str]) -> Answer | None:
    hosts = head.all(b"host")
    name = host_name(hosts[0]) if len(hosts) == 1 else None
    if name is None or not (name in names or _is_address(name)):
        return BAD_REQUEST
    if method in _READING:
        return None
    origins = {b"http://" + hosts[0], b"https://" + hosts[0]}
    if _SAME_SITE.issuperset(head.all(b"sec-fetch-site")) and origins.issuperset(head.all(b"origin")):
        return None
    return CROSS_SITE


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
