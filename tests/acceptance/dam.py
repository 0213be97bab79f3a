"""A stretch of the line that can be dammed: what is asked goes through, and the answers wait, or come by the drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

DROP_SECONDS = 0.5
"""Between two bytes of an answer that drips."""


class Dam:
    """Open, closed (nothing comes back), or dripping."""

    def __init__(self, upstream: int) -> None:
        self.port = 0
        self.dripping = False
        self.held = 0
        """Answers, or parts of them, that came while it was closed."""
        self.dripped = 0
        """Bytes that were let through one by one."""
        self._upstream = upstream
        self._open = asyncio.Event()
        self._open.set()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self.dripping = False
        self._open.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection("127.0.0.1", self._upstream)
        asking = asyncio.ensure_future(self._ask(reader, onward))
        try:
            with suppress(ConnectionError):
                await self._answer(there, writer)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            for one in (writer, onward):
                one.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            writer.write(piece)
        writer.write_eof()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            self.held += not self._open.is_set()
            await self._open.wait()
            while self.dripping and piece:
                writer.write(piece[:1])
                piece = piece[1:]
                self.dripped += 1
                await asyncio.sleep(DROP_SECONDS)
            writer.write(piece)


@asynccontextmanager
async def dammed(upstream: int) -> AsyncIterator[Dam]:
    """A dam before this port of 127.0.0.1, until the block ends."""
    dam = Dam(upstream)
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(dam.connected(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    dam.port = int(server.sockets[0].getsockname()[1])
    try:
        yield dam
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
