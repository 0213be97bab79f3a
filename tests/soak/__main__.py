"""`make soak`: kill -9 again and again for some minutes on a bad line. It says its seed, and ends by itself."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.soak.schedule import Storm
from tests.soak.storm import weather


def main() -> int:
    """Run one; 0 if every law held."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run, to have the same storm again")
    asked = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if asked.seed is None else asked.seed
    storm = Storm(60 * asked.minutes, asked.kills, seed)
    _say(f"{storm.kills} kills in {asked.minutes:g} min, --seed {seed}")
    with tempfile.TemporaryDirectory(prefix="tendlc-soak-") as folder:
        told = asyncio.run(weather(storm, Path(folder), _say))
    _say("\n".join(told.lines()))
    return 1 if told.broken else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
