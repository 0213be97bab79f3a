"""Variables are filled into values only, and a missing one is told at its line."""

import pytest

from reconciler.config.source import Source, decoded
from reconciler.config.tree import plain
from reconciler.config.variables import fill
from reconciler.config.yaml import parse

ENVIRON = {"NAME": "value", "EMPTY": "", "NASTY": "${NAME}", "BROKEN": "a\udc80b"}


def filled(text: str) -> tuple[object, list[str]]:
    source = decoded("tendlc.yaml", text.encode())
    assert isinstance(source, Source)
    node, malformed = parse(source)
    assert node is not None
    assert malformed == []
    root, problems = fill(node, ENVIRON, source)
    return plain(root), [f"{problem.place}: {problem.message}" for problem in problems]


VALUES = {
    "${NAME}": "value",
    "a ${NAME} b ${NAME}": "a value b value",
    "${NOPE:-default}": "default",
    "${EMPTY:-default}": "default",
    "${NAME:-default}": "value",
    "${NOPE:-}": "",
    "${EMPTY}": "",
    "$$": "$",
    "$${NAME}": "${NAME}",
    "$$$${NAME}": "$${NAME}",
    "$$${NAME}": "$value",
    "$NAME costs $5": "$NAME costs $5",
    "${NASTY}": "${NAME}",
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value_is_filled_in_once(text: str) -> None:
    assert filled(f"a: [{{b: '{text}'}}]") == ({"a": [{"b": VALUES[text]}]}, [])


def test_a_variable_never_makes_structure() -> None:
    assert filled("a: ${NOPE:-null}") == ({"a": "null"}, [])
    assert filled("a: '${NOPE:-[b, c]}'") == ({"a": "[b, c]"}, [])


def test_keys_are_left_as_they_are() -> None:
    assert filled("'${NAME}': 1") == ({"${NAME}": "1"}, [])


def test_x_keys_are_left_out_at_every_level() -> None:
    assert filled("x-a: ${NOPE}\nb:\n  - x-c: {d: '${NOPE}'}\n    e: 1\n") == ({"b": [{"e": "1"}]}, [])


MISSING = {
    "a: ${NOPE}\n": ["tendlc.yaml:1:4: the environment variable NOPE is not set"],
    "a: b ${NOPE} ${NOPE} ${NOT}\n": [
        "tendlc.yaml:1:6: the environment variable NOPE is not set",
        "tendlc.yaml:1:22: the environment variable NOT is not set",
    ],
    "a: |\n  one\n  two ${NOPE}\n": ["tendlc.yaml:3:7: the environment variable NOPE is not set"],
    "a: ['${NAME', \"${1}\"]\n": [
        "tendlc.yaml:1:6: not a variable: write ${NAME} or ${NAME:-default}",
        "tendlc.yaml:1:16: not a variable: write ${NAME} or ${NAME:-default}",
    ],
    "a: ${BROKEN}\n": ["tendlc.yaml:1:4: an environment variable holds a control character"],
}


@pytest.mark.parametrize("text", MISSING)
def test_what_cannot_be_filled_in_is_told_where_it_is_written(text: str) -> None:
    assert filled(text)[1] == MISSING[text]
