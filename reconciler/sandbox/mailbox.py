"""A mailbox for alerts: a small receiver on loopback that keeps what is sent to it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reconciler.sandbox.body import read_body
from reconciler.sandbox.wire import Unsignalled

MOST_LETTERS: Final = 1_000


class Mailbox:
    """What has come, the oldest first."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/alerts"
        self.letters: deque[dict[str, object]] = deque(maxlen=MOST_LETTERS)
        self._came = asyncio.Event()

    async def take(self, request: Request) -> Response:
        """Keep one message."""
        self.letters.append(json.loads(await read_body(request)))
        self._came.set()
        return Response(status_code=204)

    async def wait(self, seconds: float, **wanted: object) -> dict[str, object]:
        """The first message with these fields. Raises TimeoutError if none comes in time."""
        async with asyncio.timeout(seconds):
            while True:
                for letter in self.letters:
                    if all(letter.get(key) == value for key, value in wanted.items()):
                        return letter
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mailbox on a free port of 127.0.0.1, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    box = Mailbox(listener.getsockname()[1])
    app = Starlette(routes=[Route("/alerts", box.take, methods=["POST"])])
    server = Unsignalled(uvicorn.Config(app, ws="none", lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield box
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listener.close()
