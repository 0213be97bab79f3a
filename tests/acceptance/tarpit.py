"""A stretch of the line on which what is about one number gets stuck: it is heard, and nothing comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def tarpit(upstream: int, stuck: bytes) -> AsyncIterator[int]:
    """A port of 127.0.0.1 that leads to another one, until the block ends; a request with these bytes never arrives."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        there, onward = await asyncio.open_connection("127.0.0.1", upstream)
        back = asyncio.create_task(_pass(there, writer))
        try:
            with suppress(ConnectionError):
                await _pass(reader, onward, stuck)
        finally:
            back.cancel()
            connections.discard(task)
            for one in (writer, onward):
                one.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stuck: bytes | None = None) -> None:
    while piece := await reader.read(65_536):
        if stuck is not None and stuck in piece:
            while await reader.read(65_536):  # until whoever waits for an answer gives up
                pass
            return
        writer.write(piece)
        await writer.drain()
