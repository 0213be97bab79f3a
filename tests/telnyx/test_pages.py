"""A page is read from either paging style, and the rows of all pages add up or say why they do not."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.telnyx.documents import Json, Unreadable
from reconciler.telnyx.pages import Page, Rows, read_page
from tests.telnyx.test_documents import JSON

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def take(row: Json, _: Page) -> tuple[str, Json] | None:
    """Rows are texts; those of others begin with an x, and numbers cannot be read."""
    if not isinstance(row, str):
        raise Unreadable("no text")
    return None if row.startswith("x") else (row, row)


def read(*pages: tuple[list[Json], int | None]) -> tuple[Rows[Json], list[bool]]:
    """All rows of some pages of (rows, total), and after which of them the next one was worth asking for."""
    rows = Rows(take, "other rows")
    return rows, [rows.add(Page(tuple(its), total, NOW)) for its, total in pages]


@pytest.mark.parametrize(
    ("document", "rows", "total"),
    [
        ({"records": [1, 2], "page": 1, "totalRecords": 7}, (1, 2), 7),
        ({"data": [1], "meta": {"total_results": 3}}, (1,), 3),
        ({"data": [1], "totalRecords": 3}, (1,), 3),
        ({"records": [], "totalRecords": 0}, (), 0),
        ({"records": []}, (), None),
        ({"records": [], "totalRecords": "7"}, (), None),
        ({"records": [], "totalRecords": True}, (), None),
        ({"records": [], "totalRecords": -1}, (), None),
        ({"records": None, "data": [1], "meta": 7}, (1,), None),
    ],
)
def test_a_page_under_records_or_data(document: Json, rows: tuple[Json, ...], total: int | None) -> None:
    assert read_page(document, NOW) == Page(rows, total, NOW)


@pytest.mark.parametrize(
    "document", [None, [], [{}], {}, {"records": {}}, {"data": {}}, {"totalRecords": 0}, {"errors": []}]
)
def test_no_list_is_not_an_empty_list(document: Json) -> None:
    with pytest.raises(Unreadable):
        read_page(document, NOW)


def test_errors_beside_rows_are_noted_and_instead_of_rows_are_no_list() -> None:
    errors: Json = [{"code": "10007", "title": "Messaging profiles could not be loaded"}]

    assert read_page({"data": [1], "meta": {"total_results": 1}, "errors": errors}, NOW).troubled
    assert not read_page({"data": [1], "meta": {"total_results": 1}, "errors": []}, NOW).troubled
    with pytest.raises(Unreadable):
        read_page({"data": [], "meta": {"total_results": 0}, "errors": errors}, NOW)


@given(JSON, st.dictionaries(st.sampled_from(["records", "data", "meta", "totalRecords", "errors"]), JSON))
def test_any_document_is_a_page_or_unreadable(anything: Json, fields: dict[str, Json]) -> None:
    documents: tuple[Json, ...] = (anything, fields, {"data": [], "meta": fields})
    for document in documents:
        with suppress(Unreadable):
            read_page(document, NOW)


@pytest.mark.parametrize(
    ("pages", "worth", "flaw"),
    [
        ([(["a", "b"], 2)], [False], ""),
        ([([], 0)], [False], ""),
        ([(["a", "b"], 3), (["c"], 3)], [True, False], ""),
        ([(["a"], 3), (["b"], 3), (["c"], 3)], [True, True, False], ""),
        ([(["a", "b"], 3), ([], 3)], [True, False], "2 listed, of 3"),
        ([(["a", "b"], 4), (["b", "c"], 4)], [True, False], "3 listed, of 4"),
        ([(["a", "b"], 9), (["a", "b"], 9)], [True, False], "2 listed, of 9"),
        ([(["a", "b", "c"], 2)], [False], "3 listed, of 2"),
        ([(["a"], None), ([], None)], [True, False], "it does not say how many records there are"),
        (
            [(["a"], 2), (["b"], 3)],
            [True, True],
            "the number of records changed from 2 to 3 while they were read; 2 listed, of 3",
        ),
        ([(["a", "x", "x"], 9)], [False], "other rows among them: the filter was ignored; 1 listed, of 9"),
        ([(["a", 7], 2)], [False], "a record that cannot be read: no text; 1 listed, of 2"),
    ],
)
def test_rows_add_up_or_say_why_not(pages: list[tuple[list[Json], int | None]], worth: list[bool], flaw: str) -> None:
    rows, asked_for_more = read(*pages)

    assert (asked_for_more, rows.flaw) == (worth, flaw)


@given(st.lists(st.tuples(st.lists(st.sampled_from("abcdex")), st.none() | st.integers(0, 6)), max_size=6))
def test_what_is_complete_is_as_many_as_every_page_said_and_of_nobody_else(
    pages: list[tuple[list[Json], int | None]],
) -> None:
    rows, _ = read(*pages)

    if not rows.flaw:
        assert {total for _, total in pages} == {len(rows.found)}
        assert rows.found.keys() == {row for its, _ in pages for row in its}
