"""A receiver on loopback that reads requests and answers in its own way, however badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from reconciler.model.settings import Secret

TOKEN = "T0KEN-in-the-path"

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(reply: Reply) -> AsyncIterator[tuple[Secret, list[bytes]]]:
    """A receiver: the URL of it, and the requests that it read. It ends when the last of them is answered."""
    requests: list[bytes] = []
    answering: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        answering.add(task)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        requests.append(head + await reader.readexactly(length))
        with suppress(ConnectionError):
            await reply(writer)
        writer.close()
        answering.discard(task)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield Secret(f"http://user:pass@127.0.0.1:{port}/{TOKEN}?key={TOKEN}"), requests
        await asyncio.gather(*answering)


def says(*lines: str, body: bytes = b"") -> Reply:
    """Answers with these lines, and a body."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return reply


def refuses(status: str, text: str, *lines: str) -> Reply:
    """Says no, in plain text."""
    return says(f"HTTP/1.1 {status}", f"Content-Length: {len(text.encode())}", *lines, body=text.encode())


def headers_of(request: bytes) -> dict[str, str]:
    """The headers of a request, in small letters."""
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
