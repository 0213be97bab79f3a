"""Every escape from a rule says why, and there are few."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

CAP = 40  # escapes in the whole project: lower it when one goes; raising it is a decision

ESCAPE = re.compile(r"#\s*(type:\s*ignore|noqa|mypy:|ruff:|pragma:)")
REASONED = re.compile(
    r"""
    \#\ (?: noqa:\ [A-Z]+\d+ (?:,\ ?[A-Z]+\d+)*        # the codes it silences
          | type:\ ignore\[[a-z-]+(?:,\ ?[a-z-]+)*\]
        )
    \W+ \w+ \W+ \w+                                    # and two words of reason at least
    """,
    re.VERBOSE,
)


def escapes(file: Path) -> Iterator[tuple[str, str]]:
    """Each comment that silences a tool: where it stands and what it says."""
    with tokenize.open(file) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT and ESCAPE.search(token.string):
                yield f"{file.relative_to(PROJECT)}:{token.start[0]}", token.string


FOUND = [
    found
    for folder in ("reconciler", "tests", "benchmarks")
    for file in sorted((PROJECT / folder).rglob("*.py"))
    for found in escapes(file)
]


def test_an_escape_says_why() -> None:
    assert [(place, words) for place, words in FOUND if not REASONED.search(words)] == []


def test_escapes_are_few() -> None:
    assert len(FOUND) <= CAP, FOUND


@pytest.mark.parametrize(
    ("comment", "reasoned"),
    [
        ("# noqa: BLE001 -- the loop's one broad catch", True),
        ("# type: ignore[arg-type]  # the library's stub is wrong", True),
        ("# noqa", False),
        ("# noqa: BLE001", False),
        ("# noqa: BLE001, S110", False),
        ("# type: ignore", False),
        ("# type: ignore[arg-type]", False),
        ("# pragma: no cover", False),
    ],
)
def test_what_counts_as_a_reason(comment: str, reasoned: bool) -> None:
    assert ESCAPE.search(comment)
    assert bool(REASONED.search(comment)) is reasoned
