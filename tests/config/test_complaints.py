"""Problems are in the file's order, each once, and a guess at what was meant is a good one."""

from collections.abc import Callable

import pytest

from reconciler.config.complaints import in_order
from reconciler.config.pool_schema import EntrySection, PoolSection
from reconciler.config.schema import FileSection, WindowSection
from reconciler.config.section import section_at
from reconciler.model.errors import Place, Problem
from reconciler.model.settings import Draft

MINIMAL = "version: 1\ntelnyx: {api_key: k}\npools: []\n"


def test_problems_are_in_order_and_each_once() -> None:
    first, second, third = (Problem(Place("f", line), "x") for line in (2, 9, 10))

    assert in_order([third, first, second, first]) == (first, second, third)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("polcy", "pools"),
        ("pols", "pools"),
        ("schedul", "schedule"),
        ("alrts", "alerts"),
        ("Telnyx", "telnyx"),
        ("WEBHOOK", "webhook"),
        ("web_hook", "webhook"),
        ("zzz", None),
    ],
)
def test_what_was_meant(read: Callable[..., Draft], written: str, meant: str | None) -> None:
    (problem,) = read(f"{MINIMAL}{written}: secret\n").problems

    assert problem.message == f"unknown key {written!r}" + (f", did you mean {meant!r}?" if meant else "")
    assert problem.hint.startswith("known here: version, telnyx, ")
    assert str(problem.place) == "tendlc.yaml:4:1"
    assert problem.place.text == f"{written}: ***"


def test_a_key_in_json_is_shown_without_its_value(read: Callable[..., Draft]) -> None:
    problems = read('{"version": 1, "ap:i": "HUSH", "telnyx": {"timeout": 5}, "pools": []}').problems

    assert len(problems) == 3
    assert "HUSH" not in repr(problems)


def test_a_missing_space_is_called_so(read: Callable[..., Draft]) -> None:
    (problem,) = read(f"{MINIMAL}web: {{listen:127.0.0.1}}\n").problems

    assert (problem.message, problem.hint) == ("unknown key 'listen'", "put a space after the colon")


def test_where_a_section_belongs() -> None:
    assert section_at(FileSection, ()) is FileSection
    assert section_at(FileSection, ("pools", 3)) is PoolSection
    assert section_at(FileSection, ("pools", 3, "numbers", 5)) is EntrySection
    assert section_at(FileSection, ("schedule", "windows", 0)) is WindowSection
    assert section_at(FileSection, ("pools", 3, "nope")) is None
    assert section_at(FileSection, ("nope", "nope")) is None
