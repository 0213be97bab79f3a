"""The contracts between the floors hold, we import what we declare, and `--help` pays for none of it."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
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


def imported() -> Iterator[str]:
    """The top-level module of every import in the package."""
    for file in (PROJECT / "reconciler").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    yield from (name.name.partition(".")[0] for name in names)
                case ast.ImportFrom(module=str(module)):
                    yield module.partition(".")[0]
                case _:
                    pass


def test_we_declare_what_we_import_and_import_what_we_declare() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    owners = packages_distributions()
    used = {owners[module][0] for module in imported() if module != "reconciler" and module in owners}

    assert {re.sub("_", "-", name.lower()) for name in used} == {
        re.split("[<>=;]", line)[0] for line in project["dependencies"]
    }


def test_help_imports_nothing_heavy() -> None:
    """`--help` answers in under 150 ms only while no command's libraries are imported for it."""
    helped = run(sys.executable, "-c", HELP)

    assert helped.returncode == 0, helped.stderr
    assert "Usage: tendlc" in helped.stdout
    assert helped.stderr == "HEAVY:\n"
