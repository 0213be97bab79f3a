"""Nouns and verbs ask no clock, draw no chance: import-linter sees their imports, this test their words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

PATHS = {"PurePath", "PurePosixPath"}  # a path as a value; a Path reaches for the disk
MODULES = {"os", "pathlib", "random", "secrets", "time", "uuid"}
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
CHANCE = {"random", "randint", "randrange", "shuffle", "uuid1", "uuid4", "token_bytes", "token_hex"}
WORLD = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}
PER_PROCESS = {"hash", "id"}  # they differ from run to run
CALLS = CLOCKS | CHANCE | WORLD | PER_PROCESS


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node of a syntax tree but the bodies of `__hash__`, where `hash` belongs."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.FunctionDef) and child.name == "__hash__"):
            yield from nodes(child)


def impurities(source: str) -> Iterator[tuple[int, str]]:
    """Each place that asks a clock, draws chance or touches the world: its line and what it says."""
    for node in nodes(ast.parse(source)):
        match node:
            case ast.ImportFrom(module="pathlib", names=names) if {name.name for name in names} - PATHS:
                yield node.lineno, ast.unparse(node)
            case ast.Attribute(value=ast.Name(id=module)) if module in MODULES:
                yield node.lineno, ast.unparse(node)
            case ast.Attribute(attr=name) if name in CLOCKS | CHANCE:
                yield node.lineno, ast.unparse(node)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield node.lineno, ast.unparse(node)


def test_nouns_and_verbs_are_pure() -> None:
    package = PROJECT / "reconciler"
    files = [file for room in ("compose", "model", "decide") for file in package.glob(f"{room}/*.py")]
    found = [(file.name, line, what) for file in files for line, what in impurities(file.read_text())]

    assert files
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "taken_at = datetime.now(UTC)",
        "taken_at: datetime = field(default_factory=datetime.now)",
        "today = datetime.date.today()",
        "started = time.monotonic()",
        "draw = random.random()",
        "identity = uuid4()",
        "identity = uuid.uuid5(space, name)",
        "order = hash(number)",
        "print(plan)",
        "text = open(path).read()",
        "from pathlib import Path, PurePath",
    ],
)
def test_the_walk_sees(source: str) -> None:
    assert list(impurities(source))


@pytest.mark.parametrize(
    "source",
    [
        "late = now > due",
        "at = opening.time()",
        "id: str",
        "self.id = id",
        "from pathlib import PurePath",
        "def __hash__(self) -> int:\n    return hash(self.text)",
    ],
)
def test_the_walk_lets_pass(source: str) -> None:
    assert not list(impurities(source))
