"""The outlet of the log: nobody waits for it, and it says what it lost once it can."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from reconciler.app.outlet import MOST_WAITING, Outlet

SECONDS = 10.0


class Pipe:
    """A pipe whose reader reads when it is told to."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        self.stream = os.fdopen(writing, "w")

    def read_until(self, word: str) -> str:
        """Everything that comes, until a word did."""
        found, ends_at = "", time.monotonic() + SECONDS
        while word not in found and time.monotonic() < ends_at:
            found += os.read(self.reading, 65_536).decode()
        return found


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    with suppress(OSError):
        os.close(made.reading)
    with suppress(OSError):
        made.stream.close()


def _lost(lines: int) -> str:
    return f"lost {lines}\n"


@pytest.mark.covers("F-74")
def test_a_reader_that_reads_nothing_holds_nobody_up(pipe: Pipe) -> None:
    outlet = Outlet(pipe.stream, _lost)
    line, began = "x" * 100 + "\n", time.monotonic()
    for _ in range(2 * MOST_WAITING):
        outlet.write(line)
    took = time.monotonic() - began

    assert took < SECONDS / 2
    read, ends_at = "", time.monotonic() + SECONDS
    while "again\n" not in read and time.monotonic() < ends_at:
        outlet.write("again\n")  # lost too, while there is no room
        read += os.read(pipe.reading, 65_536).decode()
    assert read.index("\nlost ") < read.index("again")
    assert read.count(line) < 2 * MOST_WAITING


def test_a_reader_that_is_gone_is_no_trouble(pipe: Pipe) -> None:
    outlet = Outlet(pipe.stream, _lost)
    os.close(pipe.reading)
    for _ in range(10):
        outlet.write("nobody reads this\n")
    outlet.drain(SECONDS)


class Disk(io.StringIO):
    """A file on a disk that is full at first."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.mark.covers("F-15")
def test_a_full_disk_is_no_trouble_and_what_it_lost_is_said() -> None:
    disk = Disk()
    outlet = Outlet(disk, _lost)
    outlet.write("one\n")
    outlet.write("two\n")
    outlet.drain(SECONDS)
    disk.full = False
    outlet.write("three\n")
    outlet.drain(SECONDS)

    assert disk.getvalue() == "lost 2\nthree\n"


def test_without_a_stream_all_of_it_goes_nowhere() -> None:
    outlet = Outlet(None, _lost)
    outlet.write("one\n")
    outlet.drain(SECONDS)
