"""The emulator on loopback: a server around it, over a line that can be made as bad as a test needs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, assert_never
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from reconciler.sandbox.body import read_body
from reconciler.sandbox.control import control_routes
from reconciler.sandbox.courier import carry
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.line import Crossing, Line

GRACE_SECONDS: Final = 1
"""How long requests under way may take when the sandbox stops."""
KEEP_ALIVE_SECONDS: Final = 75
ARRIVING: Final = frozenset({None, Fault.LOSE_ANSWER, Fault.TRUNCATED})
"""What may happen to a request that the API does see."""


@asynccontextmanager
async def serving(emulator: Emulator, port: int = 0) -> AsyncIterator[Line]:
    """Serve the emulator on 127.0.0.1 (port 0: any free one) and carry its webhooks, until the block ends.

    What the block does to the emulator itself, by its verbs, is noticed within 50 ms. A failure of the
    server or of the courier is raised when the block ends.
    """
    listener = socket.create_server(("127.0.0.1", port))
    # An answer is two writes; asyncio sees to this for sockets of its own, and without it each takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = Line(emulator, listener.getsockname()[1])
    api = _Api(line)
    app = Starlette(routes=[*control_routes(line), Mount("/", app=api)])
    server = Unsignalled(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    api.server = server
    served = asyncio.create_task(server.serve(sockets=[listener]))
    carried = asyncio.create_task(carry(line))
    try:
        yield line
    finally:
        server.should_exit = True
        carried.cancel()
        results = await asyncio.gather(served, carried, return_exceptions=True)
        listener.close()
    for result in results:
        if isinstance(result, Exception):
            raise result


class Unsignalled(uvicorn.Server):
    """Leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Api:
    """The ASGI side of `Emulator.apply`, with the faults of the line."""

    server: uvicorn.Server

    def __init__(self, line: Line) -> None:
        self._line = line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await read_body(request)
        fault = self._line.draw(request.method)
        await asyncio.sleep(self._line.faults.latency_seconds)
        reply = self._apply(request, body) if fault in ARRIVING else None
        self._line.crossings.append(
            Crossing(
                self._line.now(),
                request.method,
                str(request.scope["path"]).removeprefix("/v2"),
                body.decode("utf-8", "replace"),
                fault,
                None if reply is None else reply.status_code,
            )
        )
        response = _told(fault, reply)
        if response is None:
            await self._hang_up(scope, receive)
        else:
            await response(scope, receive, send)

    def _apply(self, request: Request, body: bytes) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        now = self._line.now()
        reply = self._line.emulator.apply(request.method, path, query, body, now, request.headers)
        self._line.woken.set()
        return Response(reply.body, reply.status, reply.headers)

    async def _hang_up(self, scope: Scope, receive: Receive) -> None:
        """End the connection in the middle of the request, as a network does; or leave the client to wait."""
        for connection in () if self._line.faults.hangs else list(self.server.server_state.connections):
            if getattr(connection, "client", None) == scope["client"]:
                connection.transport.abort()
        message = await receive()
        while message["type"] != "http.disconnect":
            message = await receive()


def _told(fault: Fault | None, reply: Response | None) -> Response | None:
    """The API's answer as the line lets it through; None for none."""
    match fault:
        case None:
            return reply
        case Fault.LOSE_REQUEST | Fault.LOSE_ANSWER:
            return None
        case Fault.STATUS_500 | Fault.STATUS_502 | Fault.STATUS_503:
            return _unwell(int(fault))
        case Fault.HTML:
            return HTMLResponse("<!doctype html><title>Maintenance</title><p>Back soon.</p>")
        case Fault.TRUNCATED:
            whole = b"" if reply is None else bytes(reply.body)
            return Response(whole[: len(whole) // 2], media_type="application/json")
        case _:
            assert_never(fault)


def _unwell(status: int) -> Response:
    trouble = {"code": "10007", "title": "Unexpected error", "detail": "An unexpected error occurred."}
    return JSONResponse({"errors": [trouble]}, status)
