"""The admin listener: the status page, health, metrics, and the API that tools and the CLI read."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.model.errors import ConfigError, StoreError
from reconciler.model.ids import PhoneNumber
from reconciler.model.settings import Listen
from reconciler.ports import Clock
from reconciler.web.api import Desk, api_routes, failed
from reconciler.web.metrics import CONTENT_TYPE
from reconciler.web.page import Pages
from reconciler.web.shield import shielded

STATIC: Final = {"tendlc.css": "text/css; charset=utf-8", "tendlc.svg": "image/svg+xml"}


def admin_app(
    *,
    status: Callable[[], Awaitable[dict[str, object]]],
    reload: Callable[[], Awaitable[None]],
    sync: Callable[[], Awaitable[None]],
    ready: Callable[[], Awaitable[dict[str, str]]],
    metrics: Callable[[], bytes],
    desk: Desk,
    clock: Clock,
    listen: Listen,
) -> ASGIApp:
    """The admin listener's app. It has no login yet, so it must listen on loopback only.

    `status` gives the output of that name; `reload` raises ConfigError if the file's new content cannot be used;
    `sync` asks for a drift check now; `ready` gives checks with their troubles; `desk` answers the rest of the API.
    """
    answers = _Answers(Pages(clock), status, desk, reload, sync, ready, metrics)
    app = Starlette(
        routes=[
            Route("/", answers.overview),
            Route("/numbers", answers.search),
            Route("/numbers/{e164}", answers.number),
            Route("/api/v1/status", answers.status_json),
            Route("/api/v1/numbers/{e164}", answers.number_json),
            *api_routes(desk, clock),
            Route("/api/v1/sync", answers.synced, methods=["POST"]),
            Route("/-/reload", answers.reloaded, methods=["POST"]),
            Route("/livez", answers.alive),
            Route("/readyz", answers.readiness),
            Route("/metrics", answers.measured),
            *(_static(name, kind) for name, kind in STATIC.items()),
        ],
        exception_handlers={404: _unserved, 405: _unserved, StoreError: answers.storeless},
    )
    app.router.redirect_slashes = False
    return shielded(app, listen)


async def _unserved(request: Request, error: Exception) -> Response:
    """No such route, or not by this method: the API says it as everything else."""
    if not isinstance(error, HTTPException):
        raise error
    if not request.url.path.startswith("/api/"):
        return PlainTextResponse(error.detail, error.status_code, error.headers)
    code = "not_found" if error.status_code == HTTPStatus.NOT_FOUND else "wrong_method"
    response = failed(error.status_code, code, error.detail, "docs/reference.md names what may be asked")
    response.headers.update(error.headers or {})
    return response


_UNKNOWN: Final = "No pool lists it, and it was never seen on a pool's campaign."
_FORM: Final = "Numbers look like +12025550123."


def _typed(text: str) -> PhoneNumber | None:
    """The number that a person meant: US numbers may come without +1, and with the usual marks between the digits."""
    digits = re.sub(r"[\s().-]", "", text).removeprefix("+")
    try:
        return PhoneNumber(f"+1{digits}" if len(digits) == len("2025550123") else f"+{digits}")
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the listener answers, from what it was given to ask."""

    pages: Pages
    status: Callable[[], Awaitable[dict[str, object]]]
    desk: Desk
    reload: Callable[[], Awaitable[None]]
    sync: Callable[[], Awaitable[None]]
    ready: Callable[[], Awaitable[dict[str, str]]]
    metrics: Callable[[], bytes]

    async def overview(self, _: Request) -> Response:
        return HTMLResponse(self.pages.status(await self.status()))

    async def search(self, request: Request) -> Response:
        number = _typed(request.query_params.get("number", ""))
        if number is None:
            return HTMLResponse(self.pages.notice("That is not a phone number", _FORM), 400)
        return RedirectResponse(f"/numbers/{number}", 303)

    async def number(self, request: Request) -> Response:
        found = await self._explained(request)
        if found is None:
            return HTMLResponse(self.pages.notice("Nothing is known of this number", _UNKNOWN), 404)
        return HTMLResponse(self.pages.number(found))

    async def number_json(self, request: Request) -> Response:
        found = await self._explained(request)
        return failed(404, "unknown_number", _UNKNOWN, _FORM) if found is None else JSONResponse(found)

    async def _explained(self, request: Request) -> dict[str, object] | None:
        text = request.path_params["e164"]
        number = _typed(text)
        return None if number is None or number != text else await self.desk.explain(number)

    async def status_json(self, _: Request) -> Response:
        return JSONResponse(await self.status())

    async def synced(self, _: Request) -> Response:
        await self.sync()
        return JSONResponse({"status": "asked"}, 202)

    async def reloaded(self, _: Request) -> Response:
        try:
            await self.reload()
        except ConfigError as error:
            problems = [{"place": str(one.place), "message": one.message, "hint": one.hint} for one in error.problems]
            return failed(422, "config_invalid", str(error), error.hint, problems=problems)
        return JSONResponse({"status": "ok"})

    async def readiness(self, _: Request) -> Response:
        troubles = {name: trouble for name, trouble in (await self.ready()).items() if trouble}
        if troubles:
            return JSONResponse({"status": "degraded", "failed": list(troubles), "reasons": troubles}, 503)
        return JSONResponse({"status": "ok"})

    async def storeless(self, request: Request, trouble: Exception) -> Response:
        """The store cannot be asked: every answer says so, and why."""
        if not isinstance(trouble, StoreError):
            raise trouble
        if request.url.path.startswith(("/api/", "/-/")):
            return failed(503, type(trouble).__name__, str(trouble), trouble.hint)
        return HTMLResponse(self.pages.notice("The store cannot be used", f"{trouble}; {trouble.hint}"), 503)

    async def measured(self, _: Request) -> Response:
        return Response(self.metrics(), headers={"content-type": CONTENT_TYPE})

    async def alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")


def _static(name: str, kind: str) -> Route:
    content = files("reconciler.web").joinpath("static", name).read_bytes()

    async def serve(_: Request) -> Response:
        return Response(content, headers={"content-type": kind})

    return Route(f"/static/{name}", serve)
