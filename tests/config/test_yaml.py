"""Every scalar stays text, what YAML can do beyond data is refused, and nothing is unbounded."""

import json
from collections.abc import Callable

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import yaml
from reconciler.config.source import Source, decoded
from reconciler.config.tree import Node, plain
from reconciler.config.yaml import DEPTH_LIMIT, KEYS_LIMIT, parse


def source(text: str) -> Source:
    found = decoded("tendlc.yaml", text.encode())
    assert isinstance(found, Source)
    return found


def tree(text: str) -> Node:
    node, problems = parse(source(text))
    assert problems == []
    assert node is not None
    return node


def problems(text: str) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in parse(source(text))[1]]


@pytest.mark.covers("C15", "F-67")
@pytest.mark.parametrize(
    "text",
    [
        "+15551234567",
        "0123",
        "0x1F",
        "no",
        "off",
        "yes",
        "12:30",
        "1e3",
        "1_000",
        "2026-12-05",
        ".inf",
        "=",
        "true",
        "1.0",
    ],
)
def test_a_scalar_stays_as_it_was_written(text: str) -> None:
    assert plain(tree(f"value: {text}\n")) == {"value": text}


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_none(text: str) -> None:
    assert plain(tree(f"value: {text}\n")) == {"value": None}


@pytest.mark.parametrize("text", ["'null'", '"~"', "''"])
def test_quoted_nothing_is_text(text: str) -> None:
    assert plain(tree(f"value: {text}\n")) == {"value": text[1:-1]}


def test_every_value_has_its_place() -> None:
    root = tree("a:\n  - b\n  - {c: d}\n")

    assert plain(root) == {"a": ["b", {"c": "d"}]}
    assert "line=2, column=5" in repr(root)
    assert "line=3, column=9" in repr(root)


@pytest.mark.covers("C15")
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_change_nothing(mark: str, line_end: str) -> None:
    root = tree(f"{mark}a: b{line_end}c:{line_end}  - d{line_end}")

    assert plain(root) == {"a": "b", "c": ["d"]}
    assert "line=3, column=5" in repr(root)


DATA = {"version": 1, "deep": {"on": True, "off": None, "list": ["+1", "no", 1.5]}, "text": 'quote " slash / \\ 🎉 ö'}


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_yaml(indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(DATA, indent=indent, ensure_ascii=ascii_only)

    assert plain(tree(text)) == {
        "version": "1",
        "deep": {"on": "true", "off": None, "list": ["+1", "no", "1.5"]},
        "text": DATA["text"],
    }


TRAPS = {
    "a: 1\nb: 2\na: 3\n": ["tendlc.yaml:3:1: duplicate key 'a', first at tendlc.yaml:1:1"],
    'a: 1\n"a": 3\n': ["tendlc.yaml:2:1: duplicate key 'a', first at tendlc.yaml:1:1"],
    "a: &x 1\n": ["tendlc.yaml:1:4: anchors and aliases are not supported"],
    "a: *x\n": ["tendlc.yaml:1:4: anchors and aliases are not supported"],
    "a: {<<: {b: 1}, c: 2}\n": ["tendlc.yaml:1:5: merge keys (<<) are not supported"],
    "a: !!int 1\n": ["tendlc.yaml:1:4: tags are not supported"],
    "a: !!python/object/apply:os.system [ls]\n": ["tendlc.yaml:1:4: tags are not supported"],
    "- ! a\n": ["tendlc.yaml:1:3: tags are not supported"],
    "a: 1\n---\na: 2\n": ["tendlc.yaml:2:1: a second document in the file"],
    "? [a]\n: b\n": ["tendlc.yaml:1:3: a key must be text"],
    "a: 1\n~: b\n": ["tendlc.yaml:2:1: a key must be text"],
    'a: "\\0"\n': ["tendlc.yaml:1:4: a control character in the value"],
    "a: 'b\n": ["tendlc.yaml:1:4: not YAML: found unexpected end of stream"],
    "a: b: c\n": ["tendlc.yaml:1:5: not YAML: mapping values are not allowed in this context"],
    "a:\n\tb: 1\n": ["tendlc.yaml:2:1: not YAML: found character that cannot start any token"],
    "a: 1\nb\n": ["tendlc.yaml:2:1: not YAML: could not find expected ':'"],
    "a: [1\n": ["tendlc.yaml:1:6: not YAML: did not find expected ',' or ']'"],
    "": ["tendlc.yaml:1:1: the file is empty"],
    "# a comment\n": ["tendlc.yaml:1:1: the file is empty"],
}


@pytest.mark.covers("C15", "F-67")
@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_is_refused_at_its_place(text: str) -> None:
    assert problems(text) == TRAPS[text]


def test_all_traps_of_a_file_are_told() -> None:
    assert problems("a: &x 1\nb: *x\na: !!str 2\nc: {<<: *x}\n") == [
        "tendlc.yaml:1:4: anchors and aliases are not supported",
        "tendlc.yaml:2:4: anchors and aliases are not supported",
        "tendlc.yaml:3:1: duplicate key 'a', first at tendlc.yaml:1:1",
        "tendlc.yaml:3:4: tags are not supported",
        "tendlc.yaml:4:5: merge keys (<<) are not supported",
        "tendlc.yaml:4:9: anchors and aliases are not supported",
    ]


def test_a_merge_conflict_is_called_one() -> None:
    _, (problem,) = parse(source("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n"))

    assert str(problem.place) == "tendlc.yaml:2:1"
    assert problem.hint == "a merge conflict was left in the file"


def test_a_variable_between_brackets_needs_quotes() -> None:
    _, (problem,) = parse(source("telnyx: {timeout: ${TIMEOUT}}\n"))

    assert str(problem.place) == "tendlc.yaml:1:20"
    assert problem.hint == "between brackets, quote a value that holds ${NAME}"


@pytest.mark.covers("C15")
@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_bounded(opening: str) -> None:
    (problem,) = problems(opening * 100_000)

    assert problem == f"tendlc.yaml:1:{DEPTH_LIMIT * len(opening) + 1}: nested deeper than {DEPTH_LIMIT} levels"


def test_the_deepest_level_is_let_pass() -> None:
    assert problems("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT) == []


def test_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "NODES_LIMIT", 3)

    assert problems("[a, b, c, d]") == ["tendlc.yaml:1:11: more than 3 values in the file"]


def test_keys_are_bounded() -> None:
    text = "".join(f"k{number}: 1\n" for number in range(KEYS_LIMIT + 1))

    assert problems(text) == [f"tendlc.yaml:{KEYS_LIMIT + 1}:1: more than {KEYS_LIMIT} keys in one mapping"]


def test_problems_are_bounded() -> None:
    assert len(problems(f"[{'*a, ' * 100_000}]")) < 2_000


def test_without_the_c_loader_it_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [b, {c: d}]\ne: &x 1\n"
    fast = parse(source(text))
    monkeypatch.setattr(yaml, "_LOADER", pyyaml.SafeLoader)

    assert parse(source(text)) == fast


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=10,
)


def as_text(data: object) -> object:
    match data:
        case bool() | int():
            return json.dumps(data)
        case list():
            return [as_text(item) for item in data]
        case dict():
            return {key: as_text(value) for key, value in data.items()}
        case _:
            return data


@given(st.dictionaries(st.text("abc", min_size=1), plain_data, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_any_json_reads_as_its_texts(data: dict[str, object], ascii_only: bool, indent: int | None) -> None:
    assert plain(tree(json.dumps(data, ensure_ascii=ascii_only, indent=indent))) == as_text(data)


@given(st.text(), st.sampled_from([lambda text: text, lambda text: f"a: {text}", lambda text: f"a:\n  - {text}\n"]))
def test_no_text_raises(text: str, around: Callable[[str], str]) -> None:
    found = decoded("tendlc.yaml", around(text).encode(errors="replace"))
    if isinstance(found, Source):
        node, told = parse(found)
        assert node is not None or told
