"""How both listeners speak HTTP: uvicorn's server with the limits it lacks, and everything we do not need off."""

from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import ClassVar, Final, TypeAlias, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from reconciler.model.settings import Listen

HEAD_BYTES: Final = 16 * 1024
"""Of a request line and its headers together."""
HEADERS: Final = 64
TARGET_BYTES: Final = 4 * 1024
REQUEST_BYTES: Final = 2 * 1024 * 1024
"""Of everything that one request sends: its body in chunks of one byte fits, and trailers have an end."""
RECEIVE_SECONDS: Final = 5.0
"""From the first byte of a request to its last, absolute; and from connecting to the first byte."""
KEEP_ALIVE_SECONDS: Final = 5
STOP_SECONDS: Final = 8
"""How long requests under way may take when the service stops."""
BACKLOG: Final = 2048
"""Connections that wait to be accepted."""

App: TypeAlias = Callable[..., Awaitable[None]]
"""An ASGI app."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection: httptools is strict about framing; this bounds time and size, and one request at a time.

    What it refuses never reaches the app, and nothing that follows on the connection is read as a request.
    """

    receive_seconds: ClassVar[float] = RECEIVE_SECONDS

    _deadline: TimerHandle | None = None
    _receiving = False
    """Between the first byte of a request and its last."""
    _in_head = True
    _bytes = 0
    """Of the request so far."""
    _deaf = False
    """What comes is dropped."""
    _status = 400
    """What to answer if the parser stops."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Start the clock: whoever connects has something to say."""
        self._wire = cast("Transport", transport)
        super().connection_made(_Lingering(self._wire, self._close))
        self._restart_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, in pieces small enough that a head cannot grow past its limit unseen."""
        self._unset_keepalive_if_required()
        for start in range(0, len(data), HEAD_BYTES):
            self._feed(data[start : start + HEAD_BYTES])

    def _feed(self, piece: bytes) -> None:
        self._bytes += len(piece)
        if self._is_answering():
            self._stop_hearing()
        if self._deaf:
            if self._bytes > REQUEST_BYTES:
                self._wire.abort()
            return
        if not self._receiving:
            self._receiving = True
            self._restart_deadline()
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserError:
            if self._is_answering():
                self._stop_hearing()
            else:
                self._refuse(self._status)
        else:
            if self._in_head and self._bytes > HEAD_BYTES:
                self._refuse(431)
            elif self._bytes > REQUEST_BYTES:
                self._refuse(413)

    def on_message_begin(self) -> None:
        """A request begins. Not while another is being answered: that is answered, and this one dropped."""
        if self._is_answering():
            raise _Stop
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """The request's target, or a part of it: a path, never another form (RFC 9112 3.2), without a fragment."""
        super().on_url(url)
        if len(self.url) > TARGET_BYTES:
            self._stop(414)
        if b"#" in url or not self.url.startswith((b"/", b"*")):
            self._stop(400)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer, which is dropped."""
        if not self._in_head:
            return
        super().on_header(name, value)
        if len(self.headers) > HEADERS:
            self._stop(431)

    def on_headers_complete(self) -> None:
        """The head is whole: the app may start. Not on an upgrade: the parser would not read its body."""
        if self.parser.should_upgrade():
            self._stop(400)
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_BYTES:
            self._stop(431)
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        """The request is whole: the clock stops, and the next one counts from nothing."""
        super().on_message_complete()
        self._stop_deadline()
        self._receiving, self._in_head, self._bytes = False, True, 0

    def shutdown(self) -> None:
        """The service stops: answer what was asked whole, or is being asked; close everything else now."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self._wire.close()
        else:
            cycle.keep_alive = False

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete and not self._receiving

    def _stop(self, status: int) -> None:
        self._status = status
        raise _Stop

    def _stop_hearing(self) -> None:
        """Answer what was asked, then close."""
        self._deaf = True
        self.cycle.keep_alive = False

    def _refuse(self, status: int) -> None:
        """Answer in the app's place, if it has not begun to, and close."""
        self._deaf = True
        cycle = None if self._in_head else self.cycle
        if cycle is None or not cycle.response_started:
            headers = [*self.server_state.default_headers, (b"content-length", b"0"), (b"connection", b"close")]
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
            self.transport.write(STATUS_LINE[status] + lines + b"\r\n")
        if cycle is not None:
            cycle.disconnected = True
        self.transport.close()

    def _restart_deadline(self) -> None:
        self._stop_deadline()
        self._deadline = self.loop.call_later(self.receive_seconds, self._late)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if not self._receiving or self.transport.is_closing():
            self._wire.abort()
        else:
            self._refuse(408)
            self._wire.close()

    def _close(self) -> bool:
        """Whether to linger: a peer that is still sending is heard out, until the deadline, before it is cut.

        Cut at once, TCP would reset it, and it might never read the answer (RFC 9112 9.6).
        """
        if not (self._receiving or self._deaf):
            return False
        self._deaf = True
        self.flow.resume_reading()
        if self._deadline is None:
            self._restart_deadline()
        return True


class _Lingering(Transport):
    """A connection that, before it closes, asks whether to end only its own side and go on hearing the other's."""

    def __init__(self, wire: Transport, linger: Callable[[], bool]) -> None:
        super().__init__()
        self._wire = wire
        self._linger = linger
        self._ended = False

    def close(self) -> None:
        if self.is_closing() or not self._linger():
            self._wire.close()
        else:
            self._ended = True
            self._wire.write_eof()

    def is_closing(self) -> bool:
        return self._ended or self._wire.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._wire.write(data)

    def pause_reading(self) -> None:
        self._wire.pause_reading()

    def resume_reading(self) -> None:
        self._wire.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._wire.get_extra_info(name, default)


class _Stop(Exception):
    """Ends the parsing of a request, from inside the parser's callback."""


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to the process, which runs two of them."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


def receiver_config(app: App, listen: Listen) -> uvicorn.Config:
    """The public listener's server. Ready-made sockets go to `Server.serve(sockets=…)` and outweigh `listen`."""
    return _config(app, listen)


def admin_config(app: App, listen: Listen) -> uvicorn.Config:
    """The admin listener's server: the same limits."""
    return _config(app, listen)


def _config(app: App, listen: Listen) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=listen.host,
        port=listen.port,
        loop="auto",  # uvloop where it is installed
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
