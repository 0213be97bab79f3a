"""Numbers as CSV: strict columns, strict counts, and every mistake at its line and column."""

from datetime import UTC, datetime

import pytest

from reconciler.config.number_table import read_table
from reconciler.config.source import Source, decoded_list
from reconciler.model.errors import Problem
from reconciler.model.pools import ListedDraft


def read(text: str) -> list[ListedDraft | Problem]:
    source = decoded_list("acme.csv", text.encode())
    assert isinstance(source, Source)
    return list(read_table(source, UTC))


def told(text: str) -> list[str]:
    found = [one for one in read(text) if isinstance(one, Problem)]
    return [f"{one.place}: {one.message}" for one in found]


def said(text: str) -> list[tuple[str, str, datetime | None, str]]:
    """Number, note, until and place of every row. There is no problem."""
    found = read(text)
    drafts = [one for one in found if isinstance(one, ListedDraft)]
    assert len(drafts) == len(found)
    return [(one.number, one.note, one.until, f"{one.place.line}:{one.place.column}") for one in drafts]


DAY = datetime(2026, 12, 6, tzinfo=UTC)
TABLES = {
    "number\n+12025550123\n\n+12025550124\n": [
        ("+12025550123", "", None, "2:1"),
        ("+12025550124", "", None, "4:1"),
    ],
    "number,note,until\n+12025550123,Black Friday,2026-12-05\n+12025550124,,\n": [
        ("+12025550123", "Black Friday", DAY, "2:1"),
        ("+12025550124", "", None, "3:1"),
    ],
    "until,number\n2026-12-05,+12025550123\n": [("+12025550123", "", DAY, "2:12")],
    'note,number\n"a, b ""c""",+12025550123\n': [("+12025550123", 'a, b "c"', None, "2:14")],
    '"number" , "note"\n "+12025550123" , "a"\n'.replace('" ,', '",'): [("+12025550123", "a", None, "2:2")],
    'number,note\n+12025550123,"one\ntwo"\n+12025550124,x\n': [
        ("+12025550123", "one two", None, "2:1"),
        ("+12025550124", "x", None, "4:1"),
    ],
    "number,note\n,\n+12025550123,x\n": [("+12025550123", "x", None, "3:1")],
    "number\n": [],
}


@pytest.mark.parametrize("text", TABLES)
def test_a_table_says_what_it_says(text: str) -> None:
    assert said(text) == TABLES[text]


WRONG = {
    "": ["1:1: has no header"],
    "\n\n": ["1:1: has no header"],
    "+12025550123\n": ["1:1: unknown column"],
    "note,until\na,2026-12-05\n": ["1:1: has no column 'number'"],
    "numbr,note\n+12025550123,x\n": ["1:1: unknown column, did you mean 'number'?"],
    "Number,note\n": ["1:1: unknown column, did you mean 'number'?"],
    "number,notes, untl\n": [
        "1:8: unknown column, did you mean 'note'?",
        "1:15: unknown column, did you mean 'until'?",
    ],
    "number;note\n+12025550123;x\n": ["1:1: unknown column, did you mean 'number'?"],
    "number,note,number\n+12025550123,x,+12025550124\n": ["1:13: a second column 'number'"],
    "number,,note\n": ["1:8: unknown column"],
    "number,note\n+12025550123\n": ["2:13: 1 values in a table of 2 columns"],
    "number,note\n+12025550123,a,b\n": ["2:16: 3 values in a table of 2 columns"],
    "number\n+12025550123,\n": ["2:14: 2 values in a table of 1 columns"],
    "number,note,until\n2025550123,x,2026-02-30\n": [
        "2:1: not written as +1 and ten digits",
        "2:14: a date or time that there is not",
    ],
    "number,note\n,x\n": ["2:1: is empty"],
    'number,note\n"+18005550123",x\n': ["2:1: a toll-free number: 10DLC campaigns take US long codes only"],
    "number,until\n1.20256E+10,\n": ["2:1: a number as spreadsheets round it, its end lost"],
    f"number,note\n+12025550123,{'x' * 501}\n": ["2:14: must not be longer than 500 characters"],
    'number,note\n+12025550123,"a"b\n+1,x\n': [
        "2:1: not CSV: ',' expected after '\"'",
        "3:1: not ten digits after +1",
    ],
    'number,note\n+12025550123,x\n+12025550124,"y\n+12025550125,z\n': ["3:1: not CSV: unexpected end of data"],
    'number,note\n+12025550123,"one\ntwo",2026-12-05\n': ["2:18: 3 values in a table of 2 columns"],
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_in_a_table_has_its_place(text: str) -> None:
    assert told(text) == [f"acme.csv:{problem}" for problem in WRONG[text]]


def test_right_rows_are_read_beside_wrong_ones() -> None:
    found = read("number,note\n+12025550123,a\nx,b\n+12025550124,c\n")

    assert [one.number for one in found if isinstance(one, ListedDraft)] == ["+12025550123", "+12025550124"]
