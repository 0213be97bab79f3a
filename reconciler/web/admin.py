"""The admin listener: the status page, health, metrics, and the API that tools and the CLI read."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reconciler.model.errors import ConfigError
from reconciler.model.ids import PhoneNumber
from reconciler.model.settings import Listen
from reconciler.ports import Clock
from reconciler.web.metrics import CONTENT_TYPE
from reconciler.web.page import Pages
from reconciler.web.shield import shielded

Output: TypeAlias = Callable[[], Awaitable[dict[str, object]]]
"""Gives an output of the CLI, as JSON."""
STATIC: Final = {"tendlc.css": "text/css; charset=utf-8", "tendlc.svg": "image/svg+xml"}


def admin_app(
    *,
    outputs: Mapping[str, Output],
    explain: Callable[[str], Awaitable[dict[str, object] | None]],
    reload: Callable[[], Awaitable[None]],
    sync: Callable[[], Awaitable[None]],
    ready: Callable[[], Awaitable[dict[str, bool]]],
    metrics: Callable[[], bytes],
    clock: Clock,
    listen: Listen,
) -> ASGIApp:
    """The admin listener's app. It has no login yet, so it must listen on loopback only.

    `outputs` are served as JSON under their names, `status` among them, which the page shows too; `explain` gives
    the output of that name (None: a number that nothing is known of);
    `reload` raises ConfigError if the file's new content cannot be used; `sync` asks for a drift
    check now; `ready` gives named checks.
    """
    answers = _Answers(Pages(clock), outputs["status"], explain, reload, sync, ready, metrics)
    app = Starlette(
        routes=[
            Route("/", answers.overview),
            Route("/numbers", answers.search),
            Route("/numbers/{e164}", answers.number),
            Route("/api/v1/numbers/{e164}", answers.number_json),
            *(_output(name, give) for name, give in outputs.items()),
            Route("/api/v1/sync", answers.synced, methods=["POST"]),
            Route("/-/reload", answers.reloaded, methods=["POST"]),
            Route("/livez", answers.alive),
            Route("/readyz", answers.readiness),
            Route("/metrics", answers.measured),
            *(_static(name, kind) for name, kind in STATIC.items()),
        ]
    )
    app.router.redirect_slashes = False
    return shielded(app, listen)


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
    status: Output
    explain: Callable[[str], Awaitable[dict[str, object] | None]]
    reload: Callable[[], Awaitable[None]]
    sync: Callable[[], Awaitable[None]]
    ready: Callable[[], Awaitable[dict[str, bool]]]
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
        return _error(404, "unknown_number", _UNKNOWN, _FORM) if found is None else JSONResponse(found)

    async def _explained(self, request: Request) -> dict[str, object] | None:
        text = request.path_params["e164"]
        return await self.explain(text) if _typed(text) == text else None

    async def synced(self, _: Request) -> Response:
        await self.sync()
        return JSONResponse({"status": "asked"}, 202)

    async def reloaded(self, _: Request) -> Response:
        try:
            await self.reload()
        except ConfigError as error:
            problems = [{"place": str(one.place), "message": one.message, "hint": one.hint} for one in error.problems]
            return _error(422, "config_invalid", str(error), error.hint, problems=problems)
        return JSONResponse({"status": "ok"})

    async def readiness(self, _: Request) -> Response:
        failed = [name for name, passed in (await self.ready()).items() if not passed]
        if failed:
            return JSONResponse({"status": "degraded", "failed": failed}, 503)
        return JSONResponse({"status": "ok"})

    async def measured(self, _: Request) -> Response:
        return Response(self.metrics(), headers={"content-type": CONTENT_TYPE})

    async def alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")


def _output(name: str, give: Output) -> Route:
    async def serve(_: Request) -> Response:
        return JSONResponse(await give())

    return Route(f"/api/v1/{name}", serve)


def _static(name: str, kind: str) -> Route:
    content = files("reconciler.web").joinpath("static", name).read_bytes()

    async def serve(_: Request) -> Response:
        return Response(content, headers={"content-type": kind})

    return Route(f"/static/{name}", serve)


def _error(status: int, code: str, message: str, hint: str, **more: object) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint, **more}}, status)
