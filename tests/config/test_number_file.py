"""Files of numbers: one a line, with comments; whatever is in one, its problems name its lines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config.mistake import Mistake
from reconciler.config.number_file import NumberFile, read_number_file
from reconciler.config.reading import FILE_BYTES, Reading
from reconciler.config.source import PROBLEMS_LIMIT
from reconciler.config.surroundings import Surroundings
from reconciler.model.errors import Place
from reconciler.model.ids import PhoneNumber
from reconciler.model.pools import ListedDraft


def read(path: Path, content: str | bytes | None = None) -> NumberFile:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_number_file(path, Surroundings({}, path.parent, Reading(path.parent, b"")))


def told(found: NumberFile) -> list[str]:
    return [f"{one.place.line}:{one.place.column}: {one.message}" for one in found.problems]


LINES = """\
# Acme's numbers

+12025550123
  +12025550124   # the second
+12025550125# the third
\t# nothing more
"""


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_one_number_a_line(tmp_path: Path, line_end: str, mark: str) -> None:
    path = tmp_path / "acme.txt"
    found = read(path, mark + LINES.replace("\n", line_end))

    assert found == NumberFile(
        (
            ListedDraft(PhoneNumber("+12025550123"), Place(str(path), 3, 1, "+12025550123")),
            ListedDraft(PhoneNumber("+12025550124"), Place(str(path), 4, 3, "  +12025550124   # the second")),
            ListedDraft(PhoneNumber("+12025550125"), Place(str(path), 5, 1, "+12025550125# the third")),
        )
    )


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    assert len(read(tmp_path / "a.txt", "+12025550123\n+12025550124").listed) == 2
    assert read(tmp_path / "a.txt", "") == NumberFile(())
    assert read(tmp_path / "a.txt", "# none yet\n") == NumberFile(())


def test_mistakes_have_their_lines_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path / "a.txt",
        '+12025550123\n 2025550124\n"+12025550125"\n+12025550126,\n+18005550127\n+12025550128 +12025550129\n'
        "+12025550130\n",
    )

    assert [one.number for one in found.listed] == ["+12025550123", "+12025550130"]
    assert told(found) == [
        "2:2: not written as +1 and ten digits",
        "3:1: not written as +1 and ten digits",
        "4:1: not a phone number",
        "5:1: a toll-free number: 10DLC campaigns take US long codes only",
        "6:1: not a phone number",
    ]
    assert found.problems[0].place.text == " 2025550124"


NO_TEXT = {
    "+12025550123\n".encode("utf-16"): "1:1: the file is UTF-16, not UTF-8",
    "+12025550123\n".encode("utf-16-le"): "1:2: a control character (U+0000) in the file",
    b"PK\x03\x04\x14\x00": "1:3: a control character (U+0003) in the file",
    b"\x1f\x8b\x08\x00": "1:2: the file is not UTF-8",
    b"+12025550123\n\x00": "2:1: a control character (U+0000) in the file",
}


@pytest.mark.parametrize("content", NO_TEXT)
@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_what_is_no_text_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    found = read(tmp_path / name, content)

    assert (told(found), found.listed) == ([NO_TEXT[content]], ())


def test_a_file_that_cannot_be_read_is_for_who_names_it(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()

    with pytest.raises(Mistake, match=r"^does not exist$"):
        read(tmp_path / "missing.txt")
    with pytest.raises(Mistake, match=r"^is a directory$"):
        read(tmp_path / "folder.txt")
    with pytest.raises(Mistake, match=r"^is larger than 16384 KiB$"):
        read(tmp_path / "big.txt", b"#" * (FILE_BYTES + 1))


def test_problems_are_bounded(tmp_path: Path) -> None:
    assert len(read(tmp_path / "a.txt", "x\n" * 5_000).problems) == PROBLEMS_LIMIT + 1
    assert len(read(tmp_path / "a.csv", "number\n" + "x\n" * 5_000).problems) == PROBLEMS_LIMIT + 1
    assert len(read(tmp_path / "a.csv", 'number\n"x"y\n' + '"x"y\n' * 5_000).problems) == PROBLEMS_LIMIT + 1


def test_a_very_long_line_is_cut(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "a.txt", f"+12025550123 # {'x ' * 1_000_000}\n+1 {'2' * 1_000_000}\n").problems

    assert problem.place.line == 2
    assert len(problem.place.text) < 300


def test_the_kind_goes_by_the_names_end(tmp_path: Path) -> None:
    found = read(tmp_path / "ACME.CSV", "number,until\n+12025550123,2026-12-05\n")

    assert [one.until for one in found.listed] == [datetime(2026, 12, 6, tzinfo=UTC)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("numbers")


cells = st.sampled_from(["number", "note", "until", "+12025550123", "2026-12-05", '"', '""', ",", ";", "#", " ", "x"])
texts = st.lists(cells | st.sampled_from(["\n", "\r\n"]), max_size=30).map("".join)


@given(st.binary() | st.text().map(str.encode) | texts.map(str.encode), st.sampled_from(["a.txt", "a.csv"]))
@example(b"number\n" + b'"' * 200_000, "a.csv")
def test_no_content_raises(folder: Path, content: bytes, name: str) -> None:
    found = read(folder / name, content)

    lines = content.decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines() or [""]
    for place in [one.place for one in found.problems] + [one.place for one in found.listed]:
        assert 1 <= place.line <= len(lines) + content.count(b"\r") + 1
        assert place.column >= 1
