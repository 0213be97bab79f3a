"""A disk that fails on demand: a library under the program that makes the system's calls on the store's files fail."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shim.c")


class Shim:
    """What fails is named in a file that the library reads at each call: `write ENOSPC`, `sync EIO`, `read EIO`."""

    def __init__(self, library: Path, orders: Path) -> None:
        self.environment = {"LD_PRELOAD": str(library), "TENDLC_SHIM": str(orders)}
        """To be given to the program."""
        self._orders = orders
        self.fail()

    def fail(self, call: str = "", error: int = 0) -> None:
        """From now on such calls fail with this error number; without one, nothing does."""
        fresh = self._orders.with_suffix(".new")
        fresh.write_text(f"{call} {error}\n" if call else "")
        fresh.rename(self._orders)

    @property
    def failed(self) -> int:
        """How many calls it made fail."""
        counted = self._orders.with_name(f"{self._orders.name}.count")
        return counted.stat().st_size if counted.exists() else 0


def build(folder: Path) -> Shim:
    """Compile it; a test skips where there is no compiler."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc here to build the failing disk with")
    library = folder / "shim.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert not done.returncode, done.stderr
    return Shim(library, folder / "orders")
