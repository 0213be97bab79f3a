"""Files and functions fit a screen or few, say what they are for, and are named for what they do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

FILE_LINES = 300
FUNCTION_LINES = 60
BANNED_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def python_files(*folders: str) -> Iterator[tuple[str, str]]:
    """Every Python file of ours under these folders: its name in the project, and its text."""
    for folder in folders:
        for file in sorted((PROJECT / folder).rglob("*.py")):
            yield str(file.relative_to(PROJECT)), file.read_text()


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function: its name, and how many lines it has from `def` to its end."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_a_file_fits() -> None:
    lengths = {name: len(source.splitlines()) for name, source in python_files("reconciler")}

    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_a_function_fits_a_screen() -> None:
    files = python_files("reconciler")
    lengths = [(file, name, lines) for file, source in files for name, lines in functions(source)]

    assert [found for found in lengths if found[-1] > FUNCTION_LINES] == []


def test_the_first_line_says_what_the_file_is_for() -> None:
    files = python_files("reconciler", "tests", "benchmarks")

    assert [name for name, source in files if not re.match(r'r?"""\S', source)] == []


def test_no_file_is_named_for_nothing() -> None:
    files = python_files("reconciler", "tests", "benchmarks")
    words = {name: set(re.split(r"[/_.]", name.lower())) for name, _ in files}

    assert [name for name in words if words[name] & BANNED_NAMES] == []
