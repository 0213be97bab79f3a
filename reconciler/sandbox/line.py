"""A running sandbox: the emulator, its clock, and the state of the line between it and everybody else."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from reconciler.sandbox.emulator import Emulator
from reconciler.sandbox.faults import Fault, Faults, FaultSource

CROSSINGS: Final = 100_000
"""How many requests the line remembers; older ones fall out."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One request on the line: what went wrong with it, and what the API did.

    The emulator's journal knows only those that reached it.
    """

    at: float
    method: str
    path: str
    body: str
    fault: Fault | None
    status: int | None
    """How the API answered; None: it has not seen the request. Whether the answer came through, `fault` says."""


class Line:
    """What a person may switch while the sandbox runs."""

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self.base_url = f"http://127.0.0.1:{port}/v2"
        """Where the API is, as a client's base URL."""
        self.control_url = f"http://127.0.0.1:{port}/_sandbox"
        """Where `control` listens."""
        self.drop_webhooks = False
        """While set, webhooks that come due are lost for good."""
        self.woken = asyncio.Event()
        """Set when something may be due sooner than it was."""
        self.crossings: deque[Crossing] = deque(maxlen=CROSSINGS)
        """Every request, the oldest first."""
        self._source = FaultSource(Faults())

    @property
    def faults(self) -> Faults:
        """What goes wrong between client and API; setting it starts its draws anew."""
        return self._source.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._source = FaultSource(faults)

    def draw(self, method: str) -> Fault | None:
        """What happens to the next request with this method."""
        return self._source.draw(method)

    def now(self) -> float:
        """The real time, in Unix seconds: the one clock of the sandbox."""
        return time.time()
