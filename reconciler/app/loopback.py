"""How a command asks the running service: one HTTP request to its admin listener, on this machine."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.errors import ReconcilerError, ServiceRefused
from reconciler.model.settings import Listen

STORE_HEADER: Final = "Tendlc-Store"
"""Names the store that is meant: another service may listen where this config says."""
ALIVE_SECONDS: Final = 5.0
"""How long a service may take to say that it is there. One that hangs is not told what to do: it would do it later."""
ANSWER_SECONDS: Final = 30.0
ANSWER_BYTES: Final = 4 * 1024 * 1024
_OK: Final = range(200, 300)


class ServiceSilent(ReconcilerError):
    """No service answers where the config says."""


def post(listen: Listen, path: str, body: Mapping[str, object], store: str) -> dict[str, Any]:
    """POST it, and the answer's JSON. Raises ServiceSilent, or ServiceRefused with what the service said."""
    text = json.dumps(body).encode()
    _ask(listen, "GET", "/livez", None, {}, ALIVE_SECONDS)
    headers = {"Content-Type": "application/json", STORE_HEADER: store}
    status, content = _ask(listen, "POST", path, text, headers, ANSWER_SECONDS)
    told = _object(content)
    if status in _OK and told is not None:
        return told
    refusal = None if told is None else told.get("error")
    if not isinstance(refusal, dict):
        hint = "see what listens there; `web.listen` says where the service does"
        raise ServiceRefused("not_ours", f"what answers at {listen} is not this service (HTTP {status})", hint)
    raise ServiceRefused(*(str(refusal.get(name, "")) for name in ("code", "message", "hint")))


def _ask(
    listen: Listen, method: str, path: str, body: bytes | None, headers: Mapping[str, str], seconds: float
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(listen.host, listen.port, timeout=seconds)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES)
    except TimeoutError:
        raise ServiceSilent(f"no service answers at {listen} within {seconds:.0f} s") from None
    except (OSError, http.client.HTTPException) as error:
        words = str(error) or type(error).__name__
        raise ServiceSilent(f"no service answers at {listen}: {words}") from None
    finally:
        connection.close()


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
