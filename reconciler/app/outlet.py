"""The outlet of the log: whoever logs waits for nobody, and no trouble of the log is a trouble of the service."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

MOST_WAITING: Final = 10_000
"""Lines that wait to be written. More drop the newest, which are counted."""
DRAIN_SECONDS: Final = 2.0
"""How long the end of the process waits for them."""


class Outlet:
    """Takes lines at once, and writes them by a thread of its own: to a pipe that nobody reads, or to a full disk.

    What could not be written is lost and counted; `lost` makes the line that says so, once writing works again.
    """

    def __init__(self, stream: TextIO | None, lost: Callable[[int], str]) -> None:
        """`stream` is None where the process was started without one: then all of it goes nowhere."""
        self._stream = stream
        self._fd = _descriptor(stream)
        self._lost_line = lost
        self._lost = 0
        self._waiting: deque[str] = deque()
        self._busy = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Take whole lines. Never waits, never raises."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._lost += 1
            else:
                self._waiting.append(text)
                self._changed.notify()
        return len(text)

    def flush(self) -> None:
        """Nothing: a line is on its way as soon as it is taken."""

    def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait until all is written, for so long at the most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                text, lost, self._busy = self._waiting.popleft(), self._lost, True
            written = (not lost or self._put(self._lost_line(lost))) and self._put(text)
            with self._changed:
                self._lost = self._lost - lost if written else self._lost + 1

    def _put(self, text: str) -> bool:
        try:
            if self._fd is None:
                if self._stream is not None:
                    self._stream.write(text)
                    self._stream.flush()
                return True
            left = text.encode(errors="backslashreplace")
            while left:
                left = left[os.write(self._fd, left) :]
        except (OSError, ValueError):  # full, closed, gone: there is nobody to tell
            return False
        return True


def _descriptor(stream: TextIO | None) -> int | None:
    """Where a stream ends; None for one in memory."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None
