"""Requests and their answers, as the API sees them: bare objects, objects inside `data`, refusals."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Request:
    """One request, past the door."""

    method: str
    path: str
    """Decoded, and without `/v2`."""
    query: Mapping[str, str]
    body: bytes
    now: float

    def fields(self) -> JsonObject:
        """The body's fields; what is no JSON object is refused."""
        try:
            content = json.loads(self.body)
        except ValueError as trouble:
            raise RefusedError(bad_request("The body is not JSON.")) from trouble
        if not isinstance(content, dict):
            raise RefusedError(bad_request("The body is not a JSON object."))
        return content


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    content: JsonObject
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    @property
    def body(self) -> bytes:
        """The content as it is sent."""
        return json.dumps(self.content).encode()


Handler: TypeAlias = Callable[[World, Request, str], Reply]
"""Answers one method of one address; the text is what stands at the address's placeholder, if it has one."""
Routes: TypeAlias = Mapping[str, Mapping[str, Handler]]
"""Addresses as OAS writes them, and who answers their methods."""


class RefusedError(Exception):
    """A request that ends here, with its answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def bare(content: JsonObject) -> Reply:
    """200 with an object as it is: the way of the 10DLC API (OAS)."""
    return Reply(200, content)


def enveloped(content: JsonObject) -> Reply:
    """200 with an object inside `data`: the way of the numbers and messaging APIs (OAS)."""
    return Reply(200, {"data": content})


def error(status: int, code: str, title: str, detail: str) -> Reply:
    """An error in the documented shape; code and title are those of KB:api-error-codes where it has one."""
    return Reply(status, {"errors": [{"code": code, "title": title, "detail": detail}]})


def not_found(what: str) -> Reply:
    """404 with code 10005: no such number, campaign or address."""
    return error(404, "10005", "Resource not found", f"{what} could not be found.")


def bad_request(detail: str) -> Reply:
    """400 with code 10015."""
    return error(400, "10015", "Bad Request", detail)


def invalid(name: str, message: str) -> Reply:
    """422 for a query parameter in the 10DLC API's validation shape (OAS HTTPValidationError)."""
    return Reply(422, {"detail": [{"loc": ["query", name], "msg": message, "type": "value_error"}]})


def unprocessable(name: str, message: str) -> Reply:
    """422 for a query parameter in the shape of the numbers and messaging APIs (OAS numbers_Errors)."""
    trouble = {"code": "10015", "title": "Invalid parameter", "detail": f"{name} {message}"}
    return Reply(422, {"errors": [{**trouble, "source": {"parameter": name}}]})


def zoneless(seconds: float) -> str:
    """A time as the 10DLC API writes it: UTC, and no zone (OAS examples)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def zoned(seconds: float) -> str:
    """A time as the other APIs write it: UTC, with milliseconds and `Z` (OAS examples)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
