"""A file's text: UTF-8 without control characters, or one problem with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.source import SHOWN_CHARACTERS, Source, decoded, decoded_list
from reconciler.model.errors import Place, Problem

FLAWS = {
    b"a: 1\nb: \xff\n": ("tendlc.yaml:2:4", "the file is not UTF-8"),
    b"\xff\xfea\x00": ("tendlc.yaml:1:1", "the file is UTF-16, not UTF-8"),
    "a: 1\n".encode("utf-16"): ("tendlc.yaml:1:1", "the file is UTF-16, not UTF-8"),
    "ö: 1\nö\x1b[31m".encode(): ("tendlc.yaml:2:2", "a control character (U+001B) in the file"),
    "a: 1\r\n".encode("utf-16-le"): ("tendlc.yaml:1:2", "a control character (U+0000) in the file"),
    "a: \ufeffb".encode(): ("tendlc.yaml:1:4", "a control character (U+FEFF) in the file"),
}


@pytest.mark.parametrize("content", FLAWS)
def test_what_is_no_text_is_told_with_its_place(content: bytes) -> None:
    flaw = decoded("tendlc.yaml", content)

    assert isinstance(flaw, Problem)
    assert (str(flaw.place), flaw.message) == FLAWS[content]


def test_what_cannot_be_searched_for_secrets_is_not_shown() -> None:
    flaw = decoded("tendlc.yaml", "api_key: HUSH".encode("utf-16"))

    assert isinstance(flaw, Problem)
    assert flaw.place.text == ""


def test_a_place_shows_its_line() -> None:
    source = decoded("tendlc.yaml", b"\xef\xbb\xbfversion: 1\r\nlevel: info\r\n")

    assert isinstance(source, Source)
    assert source.place(2, 8) == Place("tendlc.yaml", 2, 8, "level: info")
    assert source.place(3, 1) == Place("tendlc.yaml", 3, 1, "")


def test_a_long_line_is_cut() -> None:
    source = decoded("tendlc.yaml", b"a" * 1_000_000)

    assert isinstance(source, Source)
    assert len(source.place(1, 1).text) == SHOWN_CHARACTERS + 1


def test_a_source_says_nothing_of_its_text() -> None:
    assert "HUSH" not in repr(decoded("tendlc.yaml", b"api_key: HUSH\n"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_only_line_ends_end_a_line_of_a_list(line_end: str) -> None:
    source = decoded_list("a.csv", f"\ufeffnumber,note{line_end}+12025550123,a\u2028b\x85c{line_end}".encode())

    assert isinstance(source, Source)
    assert source.lines == ("number,note", "+12025550123,a\u2028b\x85c")


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    for read in (decoded, decoded_list):
        assert isinstance(read("tendlc.yaml", content), Source | Problem)
