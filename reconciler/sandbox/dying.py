"""The real program, made to die: at a crash point that `$TENDLC_DIE_AT` names, it kills itself as `kill -9` does.

`python -m reconciler.sandbox.dying -c FILE serve` with `TENDLC_DIE_AT=call_sent:3` dies when it comes to that point for
the third time. Only the hands differ from `tendlc serve`, each wrapped at its port; `tendlc` knows no such variable.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler.app.run import Makers, serve
from reconciler.app.wiring import config_file, make_sinks
from reconciler.model.alerts import Sent
from reconciler.model.errors import Fault, ReconcilerError
from reconciler.model.settings import Settings
from reconciler.ports import Clock, Sink
from reconciler.sandbox.crash_points import CrashPoint
from reconciler.store.lanes import Task, Thread, Work
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore
from reconciler.telnyx.client import TelnyxClient, Watcher
from reconciler.telnyx.exchange import network
from reconciler.telnyx.limiter import Limiter
from reconciler.web.receiver import receiver_app

VARIABLE: Final = "TENDLC_DIE_AT"
FLUSH_TURNS: Final = 3
"""Turns of the event loop after which what was written to a socket has left: uvloop sends at the end of a turn."""

_UNCOMMITTED: Final = {
    "receive": CrashPoint.RECEIVE_UNCOMMITTED,
    "finish_events": CrashPoint.EVENTS_UNCOMMITTED,
    "reconciled": CrashPoint.ROUND_UNCOMMITTED,
    "claim": CrashPoint.CLAIM_UNCOMMITTED,
    "record": CrashPoint.RECORD_UNCOMMITTED,
    "recover": CrashPoint.RECOVER_UNCOMMITTED,
    "post": CrashPoint.POST_UNCOMMITTED,
    "take_parcel": CrashPoint.PARCEL_UNCOMMITTED,
    "delivered": CrashPoint.DELIVERED_UNCOMMITTED,
}
_COMMITTED: Final = {
    "receive": CrashPoint.RECEIVE_COMMITTED,
    "unread_events": CrashPoint.EVENTS_READ,
    "finish_events": CrashPoint.EVENTS_FINISHED,
    "take": CrashPoint.ROUND_TAKEN,
    "reconciled": CrashPoint.ROUND_WRITTEN,
    "claim": CrashPoint.CLAIMED,
    "renew": CrashPoint.RENEWED,
    "record": CrashPoint.RECORDED,
    "recover": CrashPoint.RECOVERED,
    "post": CrashPoint.POSTED,
    "take_parcel": CrashPoint.PARCEL_TAKEN,
    "delivered": CrashPoint.DELIVERED,
}
_MAY_FIND_NOTHING: Final = frozenset({"claim", "recover", "take", "take_parcel", "unread_events"})
"""Methods that say by an empty answer that there was nothing to do: that is no step."""
_METHOD: ContextVar[str] = ContextVar("method", default="")
"""The store's method that is being called."""

T = TypeVar("T")


class Doom:
    """Where this process dies, and how often it must come there."""

    def __init__(self, text: str) -> None:
        """Raises ReconcilerError for what names no crash point, such as `call_sent:3`."""
        name, _, times = text.partition(":")
        if name not in list(CrashPoint) or (times and not re.fullmatch("[1-9][0-9]{0,5}", times)):
            raise ReconcilerError(f"{VARIABLE}={text!r} names no crash point", "as in `call_sent:3`")
        self._at, self._left = CrashPoint(name), int(times or 1)
        self._lock = threading.Lock()

    def reach(self, point: CrashPoint) -> None:
        """The process comes to a point."""
        if point is self._at:
            with self._lock:
                self._left -= 1
                if not self._left:
                    os.kill(os.getpid(), signal.SIGKILL)

    async def leave(self, point: CrashPoint) -> None:
        """It comes there once what it has written to a socket is out."""
        if point is self._at:
            for _ in range(FLUSH_TURNS):
                await asyncio.sleep(0)
            self.reach(point)


def mortal(doom: Doom) -> Makers:
    """The shipped hands, each wrapped at its port."""

    @contextmanager
    def store(url: str, *, min_free_bytes: int) -> Iterator[SqlStore]:
        def lane(name: str, work: Work) -> _Lane:
            return _Lane(doom, name, work)

        with open_store(url, writer=True, lane=lane, min_free_bytes=min_free_bytes) as inner:
            yield cast("SqlStore", _Named(inner))

    def telnyx(
        settings: Settings, limiter: Limiter, on_call: Watcher, *, read_only: bool, clock: Clock
    ) -> TelnyxClient:
        if urlsplit(settings.telnyx.base_url).hostname != "127.0.0.1":
            raise ReconcilerError("a process that is made to die calls the sandbox only", "see telnyx.base_url")
        wire = _Wire(doom, network())
        return TelnyxClient(settings.telnyx, clock, limiter, read_only=read_only, on_call=on_call, transport=wire)

    def sinks(settings: Settings) -> Mapping[str, Sink]:
        return {name: _Sink(doom, sink) for name, sink in make_sinks(settings).items()}

    return Makers(store, telnyx, sinks, lambda **parts: _door(doom, receiver_app(**parts)))


class _Named:
    """A store whose lanes are told which method calls."""

    def __init__(self, inner: SqlStore) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        method = getattr(self._inner, name)
        if name not in _UNCOMMITTED | _COMMITTED:
            return method

        async def named(*args: object, **kwargs: object) -> object:
            token = _METHOD.set(name)
            try:
                return await method(*args, **kwargs)
            finally:
                _METHOD.reset(token)

        return named


class _Lane(Thread):
    """A lane whose jobs may end the process: as the last thing in their transaction, or first thing after it."""

    def __init__(self, doom: Doom, name: str, work: Work) -> None:
        self._doom = doom
        super().__init__(name, work)

    def put(self, task: Task[Any]) -> None:
        """Put a job in line."""
        method, job = _METHOD.get(), task.job
        if (inside := _UNCOMMITTED.get(method)) is not None:
            task.job = lambda connection: self._come(inside, method, job(connection))
        if (after := _COMMITTED.get(method)) is not None:

            def done(future: Future[Any]) -> None:
                if not future.cancelled() and future.exception() is None:
                    self._come(after, method, future.result())

            task.future.add_done_callback(done)
        super().put(task)

    def _come(self, point: CrashPoint, method: str, result: T) -> T:
        if result or method not in _MAY_FIND_NOTHING:
            self._doom.reach(point)
        return result


class _Wire(httpx.AsyncBaseTransport):
    """The network, up to a request's last byte, its answer's head, or its answer's last byte."""

    def __init__(self, doom: Doom, inner: httpx.AsyncBaseTransport) -> None:
        self._doom = doom
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        if request.method == "GET":
            return await self._read(request, CrashPoint.ROUND_LOOKED)

        async def trace(event: str, _: Mapping[str, object]) -> None:
            if event == "http11.send_request_body.complete":
                await self._doom.leave(CrashPoint.CALL_SENT)

        request.extensions = {**request.extensions, "trace": trace}
        return await self._read(request, CrashPoint.CALL_ANSWERED, CrashPoint.CALL_ACCEPTED)

    async def _read(self, request: httpx.Request, read: CrashPoint, head: CrashPoint | None = None) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if head is not None:
            self._doom.reach(head)
        response.stream = _Body(response, lambda: self._doom.reach(read))
        return response

    async def aclose(self) -> None:
        """Close what is below."""
        await self._inner.aclose()


class _Body(httpx.AsyncByteStream):
    """An answer's body, with something to do when it is read whole."""

    def __init__(self, response: httpx.Response, done: Callable[[], None]) -> None:
        self._inner = cast("httpx.AsyncByteStream", response.stream)
        self._done = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk
        self._done()

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Sink:
    """A receiver of alerts, up to its answer."""

    def __init__(self, doom: Doom, inner: Sink) -> None:
        self._doom = doom
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def notes(self) -> str:
        return self._inner.notes

    async def send(self, body: str) -> Sent | Fault:
        outcome = await self._inner.send(body)
        if self.name != "log":  # of the log nobody outside can say what it has
            self._doom.reach(CrashPoint.LETTER_SENT)
        return outcome


def _door(doom: Doom, app: ASGIApp) -> ASGIApp:
    """The public door, from a request's head to its answer's last byte."""

    async def doomed(scope: Scope, receive: Receive, send: Send) -> None:
        async def heard() -> Message:
            message = await receive()
            if not message.get("more_body", False):
                doom.reach(CrashPoint.BODY_READ)
            return message

        async def said(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await doom.leave(CrashPoint.ANSWERED)

        doom.reach(CrashPoint.ACCEPTED)
        await app(scope, heard, said)

    return doomed


def main() -> int:
    """Run it; the exit code, if it comes to that."""
    parser = argparse.ArgumentParser(prog="dying", description=__doc__)
    parser.add_argument("-c", "--config")
    parser.add_argument("command", choices=["serve"])
    try:
        doom = Doom(os.environ.get(VARIABLE, ""))
        return serve(config_file(parser.parse_args().config), mortal(doom))
    except ReconcilerError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
