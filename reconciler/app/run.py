"""run: a service from its config file to its last breath: start, listen, reload, drain, stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
import uvloop

from reconciler import __version__, flow
from reconciler.app.desk import ServiceDesk
from reconciler.app.live import status_of
from reconciler.app.logs import set_up_logs
from reconciler.app.protocol import App, Server, admin_config, receiver_config
from reconciler.app.reloads import Reloads
from reconciler.app.service import Service
from reconciler.app.wiring import make_limiter, make_patience, make_sinks, make_telnyx
from reconciler.app.world import SteadyClock, SystemChance
from reconciler.model.errors import ConfigError, Place, Problem, ReconcilerError, StoreError
from reconciler.model.pools import Declaration
from reconciler.model.settings import Listen, Secret, Settings
from reconciler.ports import Clock, Hands, PoolsFile, Sink
from reconciler.store.file import path_of
from reconciler.store.filesystem import weakness
from reconciler.store.opening import open_store
from reconciler.store.store import SqlStore
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import identify, parse_event
from reconciler.telnyx.signature import Keyring
from reconciler.web.admin import admin_app
from reconciler.web.metrics import Meter
from reconciler.web.receiver import Checked, receiver_app

DRAIN_SECONDS = 10.0
"""How long a stop waits for calls that are under way; what is cut off is read at the next start."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes a service's hands and its public door. A test build gives others; `tendlc serve` has these."""

    store: Callable[..., AbstractContextManager[SqlStore]] = partial(open_store, writer=True)
    telnyx: Callable[..., TelnyxClient] = make_telnyx
    sinks: Callable[[Settings], Mapping[str, Sink]] = make_sinks
    receiver: Callable[..., App] = receiver_app


SHIPPED = Makers()


def serve(file: PoolsFile, makers: Makers = SHIPPED) -> int:
    """Run until SIGTERM or SIGINT; the exit code. Raises ReconcilerError for what keeps it from starting."""
    settings, declaration = flow.load(file)
    set_up_logs(settings.log)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload, a reload must not end us
    keyring = Keyring(settings.telnyx.public_keys)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(file, settings, declaration, keyring, makers))
    return 0


async def _serve(
    file: PoolsFile, settings: Settings, declaration: Declaration, keyring: Keyring, makers: Makers
) -> None:
    async with AsyncExitStack() as stack:
        public, admin = _bind(stack, settings.webhook.listen), _bind(stack, settings.web)
        floor = settings.webhook.min_free_bytes
        store = stack.enter_context(makers.store(settings.store_url, min_free_bytes=floor))
        _tell_of_ground(path_of(settings.store_url))
        meter = Meter(__version__, tuple(one.name for one in settings.alerts.receivers))
        clock = SteadyClock()
        parts = _Parts(keyring, meter, settings, clock, makers)
        stack.push_async_callback(parts.close)
        telnyx = parts.client(settings)
        telnyx.learn(*(await store.recall(())).campaigns.values())
        hands = Hands(telnyx, store, clock, SystemChance(), parse_event, make_patience(settings))
        service = Service(
            file=file,
            settings=settings,
            declaration=declaration,
            hands=hands,
            store=store,
            sinks=makers.sinks(settings),
            meter=meter,
            refit=parts.refit,
        )
        servers = (
            Server(receiver_config(_receiver(service, parts), settings.webhook.listen)),
            Server(admin_config(_admin(service), settings.web)),
        )
        log.info("listening", webhook=_address(public), web=_address(admin), version=__version__)
        await _run(service, list(zip(servers, (public, admin), strict=True)))
    log.info("stopped")


def _tell_of_ground(path: Path) -> None:
    if words := weakness(path):
        log.warning("store_on_weak_ground", detail=f"{path} is on {words}")


async def _run(service: Service, servers: list[tuple[Server, socket.socket]]) -> None:
    """Until a signal: the servers first, so that events are kept before anything else is ready."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reloads = Reloads(partial(_reload, service))
    loop.add_signal_handler(signal.SIGHUP, reloads.ask)
    serving = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in servers]
    working = asyncio.create_task(service.run())
    stopping = asyncio.create_task(stop.wait())
    ending = asyncio.create_task(service.caretaker.over.wait())
    try:
        await asyncio.wait([*serving, working, stopping, ending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        log.info("stopping")
        for server, _ in servers:
            server.should_exit = True
        service.stop()
        stopping.cancel()
        ending.cancel()
        _, late = await asyncio.wait([*serving, working, *reloads.stop()], timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    for task in (*serving, working):
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    if service.caretaker.over.is_set() and service.caretaker.trouble is not None:
        raise service.caretaker.trouble


async def _reload(service: Service) -> None:
    with suppress(ConfigError):  # told in the log, in the status and by an alert; the last good one stays in force
        try:
            await service.reload()
        except StoreError as trouble:
            log.error("config_reload_failed", problems=[str(trouble)], count=1)  # noqa: TRY400 -- a trouble told in words


def _read_at_start(settings: Settings) -> Mapping[str, object]:
    """What stays in force until the process ends, whatever is loaded meanwhile. The API key is not among it."""
    return {
        "webhook": settings.webhook,
        "web.listen": settings.web,
        "store.url": settings.store_url,
        "observability.log": settings.log,
    }


class _Parts:
    """What a reload makes anew: the keys and the client."""

    def __init__(
        self, keyring: Keyring, meter: Meter, settings: Settings, clock: Clock, makers: Makers = SHIPPED
    ) -> None:
        self.keyring = keyring
        self._clock = clock
        self.makers = makers
        self._meter = meter
        self._running = _read_at_start(settings)
        self._clients: list[TelnyxClient] = []
        self._limiter = make_limiter(settings, meter)
        """One for all clients: a reload grants no fresh burst, and frees whoever waits for another address."""
        self._called = _called(settings)

    def client(self, settings: Settings) -> TelnyxClient:
        """A client by these settings."""
        made = self.makers.telnyx(settings, self._limiter, self._meter.call, read_only=False, clock=self._clock)
        self._clients.append(made)
        self._limiter.change_ceiling(settings.telnyx.ceiling_per_second)
        if self._called != _called(settings):
            self._called = _called(settings)
            self._limiter.forget()
        return made

    def check(
        self, signatures: Sequence[bytes], timestamps: Sequence[bytes], body: bytes, now: datetime, tolerance: timedelta
    ) -> Checked:
        """Judge a webhook by the keys in force."""
        return self.keyring.check(signatures, timestamps, body, now, tolerance)

    async def refit(self, service: Service, settings: Settings) -> None:
        """Fit a running service to new settings, wholly or not at all. Raises ConfigError for what cannot be used."""
        before, hands, keyring = service.settings, service.hands, self.keyring
        campaigns = (await service.store.recall(())).campaigns.values()
        try:
            sinks, hands = self.makers.sinks(settings), replace(hands, patience=make_patience(settings))
            if settings.telnyx != before.telnyx:
                keys = settings.telnyx.public_keys
                keyring = Keyring(keys, tuple(key for key in before.telnyx.public_keys if key not in keys))
                client = self.client(settings)
                client.learn(*campaigns)
                hands = replace(hands, telnyx=client)
        except ReconcilerError as error:
            place = Place(str(service.file.read().path))
            raise ConfigError((Problem(place, str(error), error.hint),)) from None
        for name, value in _read_at_start(settings).items():
            if self._running[name] != value:
                log.warning("restart_needed", setting=name)
        self.keyring, service.hands, service.sinks = keyring, hands, sinks
        await self._retire(self._clients[:-2])  # the one before may still have calls under way

    async def close(self) -> None:
        """Close every client."""
        await self._retire(self._clients)

    async def _retire(self, clients: list[TelnyxClient]) -> None:
        for client in tuple(clients):
            self._clients.remove(client)
            await client.close()


def _called(settings: Settings) -> tuple[str, Secret]:
    """Whom a client calls: the address, and the account by its key."""
    return settings.telnyx.base_url, settings.telnyx.api_key


def _receiver(service: Service, parts: _Parts) -> App:
    return parts.makers.receiver(
        settings=service.settings.webhook,
        check=parts.check,
        identify=identify,
        inbox=service.store,
        clock=service.hands.clock,
        wake=service.reading.ring,
        meter=service.meter,
    )


def _admin(service: Service) -> App:
    async def status() -> dict[str, object]:
        shape = await status_of(
            service.store, service.desired, service.settings, service.hands.clock.now(), service.schedule.next_at
        )
        return {**shape.model_dump(mode="json"), "store_trouble": (await ready())["store"] or None}

    async def ready() -> dict[str, str]:
        troubles = {
            "store": "",
            "loops": ", ".join(service.pulse.hanging()),
            "schedule": "" if service.schedule.goes_on else "it has stopped",
        }
        try:
            await service.store.check()
        except StoreError as trouble:
            troubles["store"] = f"{trouble}; {trouble.hint}"
        return troubles

    return admin_app(
        status=status,
        reload=service.reload,
        sync=service.sync,
        ready=ready,
        metrics=service.meter.render,
        desk=ServiceDesk(service),
        clock=service.hands.clock,
        listen=service.settings.web,
    )


def _bind(stack: AsyncExitStack, listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        bound = socket.create_server((listen.host, listen.port), family=family, backlog=2048)
    except OSError as error:
        raise ReconcilerError(f"cannot listen on {listen}: {error.strerror}", "is another service there?") from None
    stack.callback(bound.close)
    # asyncio sees to this for sockets of its own; without it an answer of two writes takes 40 ms longer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"{host}:{port}"
