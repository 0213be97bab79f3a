"""The API about single numbers, operations and events, and what a person may do to them."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.model.errors import StoreError
from reconciler.model.events import EventSource, EventState
from reconciler.model.ids import PhoneNumber
from reconciler.model.standing import Phase
from reconciler.ports import Clock

BODY_BYTES: Final = 64 * 1024
MOST: Final = 1_000
"""Rows of one page, and numbers in one request."""
PAGE: Final = 100
"""Rows of a page, if nothing is said."""
WORDS: Final = 500
"""Characters of a reason."""
_ID: Final = re.compile(r"[1-9][0-9]{0,17}")
_NO_NUMBER: Final = "`numbers` has something in it that is no number such as +12025550123"
_LIMIT: Final = re.compile(r"[1-9][0-9]{0,3}")


class Desk(Protocol):
    """What the API gives and does. Each answer is an output, as JSON values."""

    @property
    def store(self) -> str:
        """Which store this service works on."""

    async def explain(self, number: PhoneNumber) -> dict[str, object] | None:
        """Why a number does or does not send. None: nothing is known of it."""

    async def numbers(self, phase: str | None, pool: str | None, limit: int, after: str) -> dict[str, object]:
        """Where the wanted numbers after this one stand."""

    async def operations(self, limit: int) -> dict[str, object]:
        """The open operations, in the order of their turns."""

    async def events(
        self, state: str | None, event_type: str | None, source: str | None, limit: int, before: int | None
    ) -> dict[str, object]:
        """The newest events, or those older than one."""

    async def event(self, number: int) -> dict[str, object] | None:
        """One event, whole."""

    async def inspect(self, number: int) -> dict[str, object] | None:
        """The same; a person looks at it."""

    async def alerts(self) -> dict[str, object]:
        """What fires, pends and is inhibited."""

    async def pause(self, reason: str, until: datetime | None, by: str) -> dict[str, object]:
        """Send nothing new."""

    async def resume(self) -> dict[str, object]:
        """Send again."""

    async def retry(self, numbers: tuple[PhoneNumber, ...] | None, by: str) -> dict[str, object]:
        """Bring what these numbers (None: all) wait for forward to now."""


def failed(status: int, code: str, message: str, hint: str = "", **more: object) -> JSONResponse:
    """What went wrong, as the API tells it."""
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint, **more}}, status)


def api_routes(desk: Desk, clock: Clock) -> list[Route]:
    """The routes."""
    answers = _Answers(desk, clock)
    return [
        Route("/api/v1/numbers", _told(answers.numbers)),
        Route("/api/v1/operations", _told(answers.operations)),
        Route("/api/v1/events", _told(answers.events)),
        Route("/api/v1/events/{id}", _told(answers.event)),
        Route("/api/v1/events/{id}/inspected", _told(answers.inspected), methods=["POST"]),
        Route("/api/v1/alerts", _told(answers.alerts)),
        Route("/api/v1/queue/pause", _told(answers.paused), methods=["POST"]),
        Route("/api/v1/queue/resume", _told(answers.resumed), methods=["POST"]),
        Route("/api/v1/queue/retry", _told(answers.retried), methods=["POST"]),
    ]


class _Wrong(Exception):
    """The request cannot be answered: its message says why."""

    def __init__(self, message: str, status: int = 400, code: str = "bad_request") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def _told(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except _Wrong as wrong:
            return failed(wrong.status, wrong.code, str(wrong), "docs/reference.md names what may be asked")
        except StoreError as trouble:
            return failed(503, type(trouble).__name__, str(trouble), trouble.hint)

    return told


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the API answers, from what it was given to ask."""

    desk: Desk
    clock: Clock

    async def numbers(self, request: Request) -> Response:
        asked = _query(request, "phase", "pool", "limit", "after")
        phase, after = asked.get("phase"), asked.get("after", "")
        if phase not in (None, *Phase):
            raise _Wrong(f"no such phase; there are {', '.join(Phase)}")
        return JSONResponse(await self.desk.numbers(phase, asked.get("pool"), _limit(asked), after))

    async def operations(self, request: Request) -> Response:
        return JSONResponse(await self.desk.operations(_limit(_query(request, "limit"))))

    async def events(self, request: Request) -> Response:
        asked = _query(request, "state", "type", "source", "limit", "before")
        state, source, before = asked.get("state"), asked.get("source"), asked.get("before")
        if state not in (None, *EventState) or source not in (None, *EventSource):
            raise _Wrong(f"`state` is one of {', '.join(EventState)}, `source` one of {', '.join(EventSource)}")
        older_than = None if before is None else _id(before)
        return JSONResponse(await self.desk.events(state, asked.get("type"), source, _limit(asked), older_than))

    async def event(self, request: Request) -> Response:
        return _found(await self.desk.event(_id(request.path_params["id"])))

    async def inspected(self, request: Request) -> Response:
        await _body(request, self.desk.store)
        return _found(await self.desk.inspect(_id(request.path_params["id"])))

    async def alerts(self, request: Request) -> Response:
        _query(request)
        return JSONResponse(await self.desk.alerts())

    async def paused(self, request: Request) -> Response:
        body = await _body(request, self.desk.store, "reason", "until", "by")
        until = _until(body, self.clock.now())
        return JSONResponse(await self.desk.pause(_words(body, "reason", ""), until, _words(body, "by", "api")))

    async def resumed(self, request: Request) -> Response:
        await _body(request, self.desk.store)
        return JSONResponse(await self.desk.resume())

    async def retried(self, request: Request) -> Response:
        body = await _body(request, self.desk.store, "numbers", "all", "by")
        return JSONResponse(await self.desk.retry(_numbers(body), _words(body, "by", "api")))


def _found(event: dict[str, object] | None) -> Response:
    return failed(404, "unknown_event", "there is no event of this id") if event is None else JSONResponse(event)


def _query(request: Request, *names: str) -> Mapping[str, str]:
    pairs = request.query_params.multi_items()
    asked = dict(pairs)
    if len(asked) != len(pairs) or not asked.keys() <= set(names):
        raise _Wrong(f"the query may have, once each: {', '.join(names) or 'nothing'}")
    return asked


def _limit(asked: Mapping[str, str]) -> int:
    text = asked.get("limit", str(PAGE))
    if not _LIMIT.fullmatch(text) or int(text) > MOST:
        raise _Wrong(f"`limit` is a number from 1 to {MOST}")
    return int(text)


def _id(text: str) -> int:
    if not _ID.fullmatch(text):
        raise _Wrong("events have numbers for ids")
    return int(text)


async def _body(request: Request, store: str, *names: str) -> Mapping[str, Any]:
    """The JSON object of a request that is about our store; no body is an empty one."""
    if request.headers.get("tendlc-store", store) != store:
        raise _Wrong("this service works on another store", 409, "other_store")
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > BODY_BYTES:
            raise _Wrong(f"the body is longer than {BODY_BYTES} bytes", 413, "too_large")
    if not content:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Wrong("a body must be application/json", 415, "not_json")  # a form of another site never is
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not told.keys() <= set(names):
        raise _Wrong(f"the body is no JSON object of: {', '.join(names) or 'nothing'}")
    return told


def _words(body: Mapping[str, Any], name: str, otherwise: str) -> str:
    text = body.get(name, otherwise)
    if not isinstance(text, str) or len(text) > WORDS or not text.isprintable():
        raise _Wrong(f"`{name}` is printable text of {WORDS} characters at the most")
    return text


def _until(body: Mapping[str, Any], now: datetime) -> datetime | None:
    text = body.get("until")
    if text is None:
        return None
    try:
        until = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise _Wrong("`until` is a time with its offset from UTC, such as 2026-12-05T17:00:00Z")
    if until <= now:
        raise _Wrong("`until` is over already")
    return until


def _numbers(body: Mapping[str, Any]) -> tuple[PhoneNumber, ...] | None:
    numbers, everything = body.get("numbers"), body.get("all", False)
    if numbers is None and everything is True:
        return None
    if not isinstance(numbers, list) or everything is not False or not 1 <= len(numbers) <= MOST:
        raise _Wrong(f"`numbers` is a list of 1 to {MOST} numbers; or `all` is true")
    if not all(isinstance(one, str) for one in numbers):
        raise _Wrong(_NO_NUMBER)
    try:
        return tuple(PhoneNumber(one) for one in numbers)
    except ValueError:
        raise _Wrong(_NO_NUMBER) from None
