"""Durable events a second: the receiver with its store, against the same receiver that stores nothing."""

import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import uvloop

from reconciler import __version__
from reconciler.app.protocol import Server, receiver_config
from reconciler.app.world import SystemClock
from reconciler.model.settings import Listen, WebhookSettings
from reconciler.ports import Inbox
from reconciler.sandbox.announce import sign
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.program import free_port
from reconciler.sandbox.scene import SIGNING_KEY
from reconciler.store.opening import open_store
from reconciler.telnyx.events import identify
from reconciler.telnyx.signature import Keyring
from reconciler.web.metrics import Meter
from reconciler.web.receiver import receiver_app

EVENTS = 4_000
SENDERS = 64
BODY_BYTES = 1_000


class _Nowhere:
    """An inbox that keeps nothing: what verification alone allows."""

    async def receive(self, event_id: str, digest: bytes, body: bytes, at: datetime, flaw: str) -> bool:
        del event_id, digest, body, at, flaw
        return True


async def measure() -> list[str]:
    """The figures, as lines."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/bench.db"
        ceiling, _ = await _flood(lambda: nullcontext(_Nowhere()))
        durable, slowest = await _flood(lambda: open_store(url, writer=True))
    told = f"{durable:.0f} durable events/s, {durable / ceiling:.2f} of verify-only ({ceiling:.0f}/s)"
    return [f"receive           {told}, p99 {1000 * slowest:.0f} ms ({EVENTS} events, {SENDERS} senders beside it)"]


async def _flood(opened: Callable[[], AbstractContextManager[object]]) -> tuple[float, float]:
    """Events a second and the 99th percentile in seconds, for one inbox."""
    port = free_port()
    settings = WebhookSettings(listen=Listen("127.0.0.1", port), tolerance=timedelta(hours=1))
    keyring = Keyring((Emulator(Behaviour(), SIGNING_KEY).public_key,))
    with opened() as inbox:
        assert hasattr(inbox, "receive")
        app = receiver_app(
            settings=settings,
            check=keyring.check,
            identify=identify,
            inbox=_as_inbox(inbox),
            clock=SystemClock(),
            wake=lambda: None,
            meter=Meter(__version__),
        )
        server = Server(receiver_config(app, settings.listen))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        context = multiprocessing.get_context("spawn")
        answers: multiprocessing.Queue[tuple[float, float]] = context.Queue()
        sender = context.Process(target=_send, args=(f"http://127.0.0.1:{port}{settings.path}", answers))
        sender.start()
        result = await asyncio.to_thread(answers.get, timeout=120)
        sender.join()
        server.should_exit = True
        await serving
        return result


def _as_inbox(inbox: object) -> Inbox:
    return inbox  # type: ignore[return-value]  # only `receive` is called


def _send(url: str, answers: "multiprocessing.Queue[tuple[float, float]]") -> None:
    answers.put(uvloop.run(_sent(url)))


async def _sent(url: str) -> tuple[float, float]:
    """Send all over plain sockets: a client that costs more than the server would measure itself."""
    host, port, path = _parts(url)
    now = int(time.time())
    ready = []
    for number in range(EVENTS):
        told = {"event_type": "10dlc.campaign.update", "id": f"event-{number}", "payload": {"campaignId": "C1"}}
        body = json.dumps({"data": told, "pad": "x" * BODY_BYTES}).encode()
        lines = [f"POST {path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in sign(SIGNING_KEY, body, now).items()]
        ready.append("\r\n".join([*lines, "", ""]).encode() + body)
    waits: list[float] = []

    async def one_sender(share: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for request in share:
            began = time.perf_counter()
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            waits.append(time.perf_counter() - began)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            assert b"content-length: 0" in answer.lower(), answer
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one_sender(ready[index::SENDERS]) for index in range(SENDERS)))
    return EVENTS / (time.perf_counter() - started), quantiles(waits, n=100)[98]


def _parts(url: str) -> tuple[str, int, str]:
    found = urlsplit(url)
    assert found.hostname
    assert found.port
    return found.hostname, found.port, found.path


if __name__ == "__main__":
    print("\n".join(asyncio.run(measure())))
