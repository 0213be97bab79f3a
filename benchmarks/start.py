"""How long until `--help` answers and `serve` is ready, and what `serve` weighs when it has nothing to do."""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import staged
from reconciler.sandbox.scene import Scene

RUNS = 7
IDLE_SECONDS = 10.0
QUICK = Behaviour(assignment_seconds=0.1, carrier_seconds=0.1)


def help_seconds() -> float:
    """From start to end of `tendlc --help`: the median of some runs."""
    return median(_timed([sys.executable, "-m", "reconciler", "--help"]) for _ in range(RUNS))


def bare_seconds() -> float:
    """The same for an interpreter that does nothing: the floor."""
    return median(_timed([sys.executable, "-c", "pass"]) for _ in range(RUNS))


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return time.perf_counter() - started


async def ready_and_idle() -> tuple[float, float]:
    """Seconds from the start of `serve` to a 200 of /readyz (median), and MiB resident after some idle seconds."""
    seconds = []
    weight = 0.0
    for run in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            async with staged(Scene(behaviour=QUICK, rate_limit="100/s"), Path(folder)) as stage:
                started = time.perf_counter()
                await stage.program.start()
                seconds.append(time.perf_counter() - started)
                if run == RUNS - 1:
                    await asyncio.sleep(IDLE_SECONDS)
                    weight = _resident_mib(stage.program.pid)
    return median(seconds), weight


def _resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return 0.0 if found is None else int(found[1]) / 1024


def main() -> None:
    """Print the figures."""
    bare, asked = bare_seconds(), help_seconds()
    ready, weight = asyncio.run(ready_and_idle())
    print(f"--help            {asked:.3f} s ({asked / bare:.1f} x an empty interpreter)")
    print(f"serve ready       {ready:.3f} s (median of {RUNS})")
    print(f"idle              {weight:.0f} MiB resident after {IDLE_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
