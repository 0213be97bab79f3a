"""How long `tendlc validate` takes for 100,000 numbers in 2,500 pools, as a whole process, and what it weighs."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.start import help_seconds

RUNS = 5
POOLS = 2_500
NUMBERS = 100_000
BARE = "import sys, yaml\nfor event in yaml.parse(open(sys.argv[1]), Loader=yaml.CSafeLoader): pass"

Entry = Callable[[str, int], str]


def plain(folder: Path) -> Path:
    """Every number as an entry of its own."""
    return _written(folder, lambda number, _: f'"{number}"')


def noted(folder: Path) -> Path:
    """Every number with a note."""
    return _written(folder, lambda number, which: f'{{number: "{number}", note: shop {which}}}')


def filed(folder: Path) -> Path:
    """The numbers of each pool in a file of their own, with notes and dates."""
    each = NUMBERS // POOLS
    for pool in range(POOLS):
        rows = [f"{_number(which)},shop {which},2099-12-31" for which in range(pool * each, (pool + 1) * each)]
        (folder / f"{pool}.csv").write_text("\n".join(["number,note,until", *rows, ""]))
    return _config(folder, [[f"{{file: {pool}.csv}}"] for pool in range(POOLS)])


def _written(folder: Path, entry: Entry) -> Path:
    each = NUMBERS // POOLS
    numbers = [entry(_number(which), which) for which in range(NUMBERS)]
    return _config(folder, [numbers[first : first + each] for first in range(0, NUMBERS, each)])


def _config(folder: Path, pools: list[list[str]]) -> Path:
    lines = ["version: 1", "telnyx: {api_key: KEY0123}", "pools:"]
    for which, entries in enumerate(pools):
        lines += [f"  - name: pool-{which}", f"    campaign: C{which:06d}", "    numbers:"]
        lines += [f"      - {entry}" for entry in entries]
    (folder / "tendlc.yaml").write_text("\n".join([*lines, ""]))
    return folder / "tendlc.yaml"


def _number(which: int) -> str:
    return f"+1202{2_000_000 + which}"


def measured(command: list[str], says: str = "") -> tuple[float, float]:
    """Seconds from start to end of a process (the median of some runs), and MiB at its heaviest."""
    seconds, weights = [], []
    for _ in range(RUNS):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        said = process.stdout.read().decode() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        weights.append(usage.ru_maxrss / 1024)
        assert process.returncode == 0
        assert says in said
    return median(seconds), max(weights)


def main() -> None:
    """Print the figures."""
    bare_help = help_seconds()
    for name, write in (("entries", plain), ("with notes", noted), ("in 2,500 .csv", filed)):
        with tempfile.TemporaryDirectory() as folder:
            file = write(Path(folder))
            validate = [sys.executable, "-m", "reconciler", "-c", str(file), "validate"]
            taken, weight = measured(validate, f"{POOLS} pools with {NUMBERS} numbers")
            parsed, _ = measured([sys.executable, "-c", BARE, str(file)])
        print(
            f"validate          {taken:.2f} s, {weight:.0f} MiB for 100,000 numbers {name} "
            f"({taken / parsed:.1f} x a bare parse of the YAML, {taken / bare_help:.0f} x --help)"
        )


if __name__ == "__main__":
    main()
