"""The contracts between the floors hold, and `--help` pays for no database."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

HEAVY = {"alembic", "apscheduler", "httpx", "pydantic", "sqlalchemy", "starlette", "uvicorn"}

HELP = f"""
import sys
from reconciler.cli import main
sys.argv = ["tendlc", "--help"]
try:
    main()
finally:
    print("HEAVY:", *sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


def test_the_floors_hold() -> None:
    """import-linter reads its contracts from pyproject.toml."""
    linted = run(str(Path(sys.executable).with_name("lint-imports")), "--no-logo")

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_help_imports_nothing_heavy() -> None:
    """`--help` answers in under 150 ms only while no command's libraries are imported for it."""
    helped = run(sys.executable, "-c", HELP)

    assert helped.returncode == 0, helped.stderr
    assert "Usage: tendlc" in helped.stdout
    assert helped.stderr == "HEAVY:\n"
