"""The table of failures is that of the marks, and no failure is left without a word."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from tests.house import safety

ROW = re.compile(r"^\| ([A-Z]+-?\d+[a-z]?) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def found() -> safety.Marks:
    """The marks as they are."""
    return safety.marks(safety.PROJECT / "tests")


def test_the_table_is_the_one_that_would_be_made_now(found: safety.Marks) -> None:
    text = safety.PAGE.read_text()

    assert text == safety.page(text, found), "run `make safety`"


def test_every_mark_is_of_a_failure_that_has_a_name_and_is_not_said_to_be_open(found: safety.Marks) -> None:
    assert safety.flaws(found) == []


def test_every_failure_that_must_be_survived_has_a_name_and_no_other_has(shared: Path) -> None:
    rows = ROW.findall((shared / "cases" / "failure-modes.md").read_text())

    assert len(rows) == len(set(rows)) > 80
    assert sorted(safety.titles()) == sorted(rows)


def test_every_failure_is_shown_by_a_test_or_said_to_be_open(found: safety.Marks) -> None:
    assert safety.open_failures(found) == []


def test_a_mark_is_read_wherever_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_it.py").write_text(
        dedent("""
            pytestmark = [pytest.mark.anyio, pytest.mark.covers("A")]

            @pytest.mark.covers("B", "C")
            async def test_one(): ...

            @pytest.mark.parametrize("it", [1, pytest.param(2, marks=pytest.mark.covers("D"))])
            def test_two(it): ...

            @pytest.mark.covers("E")
            class TestThem:
                def test_three(self): ...

            @pytest.mark.covers("F")
            def no_test(): ...
        """)
    )
    one, two, three = (
        "tests/test_it.py::test_one",
        "tests/test_it.py::test_two",
        "tests/test_it.py::TestThem::test_three",
    )

    assert safety.marks(folder) == {"A": (three, one, two), "B": (one,), "C": (one,), "D": (two,), "E": (three,)}


def test_a_mark_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("@pytest.mark.covers(*ROWS)\ndef test_it(): ...\n")

    with pytest.raises(TypeError, match=r"test_it\.py:1: covers\(\) takes"):
        safety.marks(tmp_path)


def test_a_mark_without_a_name_and_one_that_is_said_to_be_open_are_told() -> None:
    some_open = next(iter(safety.NOT_YET))

    told = safety.flaws({"Z-99": ("tests/x.py::test_x",), some_open: ("tests/y.py::test_y",)})

    assert [line.split()[0] for line in told] == ["Z-99", some_open]
