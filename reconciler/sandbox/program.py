"""The installed program as a child process: started, watched from outside, signalled, ended."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx

START_SECONDS: Final = 15.0
STOP_SECONDS: Final = 20.0
FIRST_PORT: Final = 12_000
LAST_PORT: Final = 32_000
"""Below those that systems give to outgoing connections."""
PORT_TRIES: Final = 100
LOOK_SECONDS: Final = 0.05
"""Between two looks at a condition that is waited for."""


class ProgramFailed(RuntimeError):
    """The program ended, or did not do in time what was waited for."""


class Program:
    """One `tendlc serve`, seen from outside: its admin listener, its log, its exit code."""

    def __init__(self, config: Path, web_port: int, log: Path) -> None:
        self.page = f"http://127.0.0.1:{web_port}"
        self._config = config
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient(base_url=self.page, timeout=5.0, trust_env=False)

    @property
    def pid(self) -> int:
        """Its process id; 0 before it is started."""
        return 0 if self._process is None else self._process.pid

    async def start(self, output: int | None = None) -> None:
        """Start it and wait until it is ready. `output` is a descriptor that takes its log instead of the file."""
        await self.launch(output=output)
        await self.until(START_SECONDS, "the service to be ready", self.is_ready)

    async def start_dying(self, point: str) -> None:
        """Start the build that dies at a crash point, such as `call_sent:3`; wait until it is ready or dead."""
        await self.launch("reconciler.sandbox.dying", TENDLC_DIE_AT=point)

        async def is_over() -> bool:
            return self._has_ended or await self.is_ready()

        await self.until(START_SECONDS, "the service to be ready, or to die", is_over)

    async def launch(self, module: str = "reconciler", output: int | None = None, **variables: str) -> None:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as file:
            log = file.fileno() if output is None else output
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, "-c", str(self._config), "serve"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
            )

    @property
    def _has_ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    async def is_ready(self) -> bool:
        """Whether it answers that it is ready."""
        try:
            return (await self._http.get("/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def status(self) -> dict[str, object]:
        """`/api/v1/status`."""
        return dict((await self._http.get("/api/v1/status")).json())

    async def explain(self, number: str) -> dict[str, object]:
        """`/api/v1/numbers/{number}`."""
        return dict((await self._http.get(f"/api/v1/numbers/{number}")).json())

    async def pool(self, name: str) -> dict[str, object]:
        """One pool's row of the status."""
        pools = (await self.status())["pools"]
        assert isinstance(pools, list)  # noqa: S101 -- our own output
        return next(dict(one) for one in pools if one["name"] == name)

    async def phases(self, pool: str) -> dict[str, int]:
        """How many numbers of a pool are in each phase."""
        phases = (await self.pool(pool))["phases"]
        assert isinstance(phases, dict)  # noqa: S101 -- our own output
        return phases

    async def until(self, seconds: float, what: str, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until an async condition holds. Raises ProgramFailed, with the end of the log, if it does not."""
        try:
            async with asyncio.timeout(seconds):
                while not await holds():
                    self._still_runs(what)
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise ProgramFailed(f"waited {seconds:.0f} s for {what}\n{self.log_end()}") from None

    def _still_runs(self, what: str) -> None:
        if self._has_ended:
            raise ProgramFailed(f"the service ended while waiting for {what}\n{self.log_end()}")

    def log_end(self, lines: int = 15) -> str:
        """The last lines of its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None and not self._has_ended:
            self._process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal; the exit code."""
        self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end; the exit code. It is killed if it takes too long."""
        if self._process is None:
            return 0
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise ProgramFailed(f"it did not end within {STOP_SECONDS:.0f} s\n{self.log_end()}") from None

    async def close(self) -> None:
        """Kill what still runs."""
        if self._process is not None and not self._has_ended:
            self._process.kill()
            await self._process.wait()
        await self._http.aclose()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has now, and that no outgoing connection is given before it is used."""
    for _ in range(PORT_TRIES):
        port = random.randrange(FIRST_PORT, LAST_PORT)  # noqa: S311 -- keeps programs side by side apart
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise ProgramFailed(f"no free port in {PORT_TRIES} tries from {FIRST_PORT} to {LAST_PORT}")
