"""Documents: JSON from outside, read strictly and within bounds, and text from it made fit to show."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_INTEGER_DIGITS: Final = 18
MAX_NUMBER_CHARACTERS: Final = 40
SAMPLE_CHARACTERS: Final = 200


class Unreadable(Exception):
    """A document that is not what it should be. Its text says why, and quotes nothing of the document."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a document may be."""

    size: int
    """Bytes."""
    depth: int
    """Objects and lists inside each other."""
    keys: int
    """Of all objects together."""


EVENT_BOUNDS: Final = Bounds(size=256 * 1024, depth=32, keys=1_000)
"""The size is the receiver's own limit."""
ANSWER_BOUNDS: Final = Bounds(size=2 * 1024 * 1024, depth=32, keys=50_000)
"""500 rows have some 10,000 keys."""

# From a quote to the quote that ends it; to the end where none does.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+.?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def read_document(raw: bytes, bounds: Bounds) -> Json:
    """The value of one JSON document in UTF-8. Raises Unreadable, and nothing else, whatever the bytes are.

    Refused are: more than `bounds`, a key twice in one object, NaN and infinities, integers of more than 18 digits,
    and text that no database or log can hold: NUL and lone surrogates.
    """
    _check_bounds(raw, bounds)
    try:
        document: Json = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except ValueError as error:  # of JSON or of UTF-8
        raise Unreadable(f"not JSON in UTF-8: {error}") from None
    # Such characters can only come from an escape: JSON and UTF-8 forbid them as they are.
    if b"\\u" in raw and any(_UNSTORABLE.search(text) for text in _texts(document)):
        raise Unreadable("text with a NUL or a lone surrogate")
    return document


def canonical(document: Json) -> bytes:
    """The same bytes for the same value, however it was spaced and its keys were ordered."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def plain(text: str, limit: int) -> str:
    """Text for a log or a terminal: one line of at most `limit` characters.

    Nothing in it moves a cursor or turns the writing around.
    """
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line[:limit])[:limit]


def sample(raw: bytes) -> str:
    """The beginning of a body that could not be read, to show to a person."""
    return plain(raw[: 4 * SAMPLE_CHARACTERS].decode(errors="replace"), SAMPLE_CHARACTERS)


def _check_bounds(raw: bytes, bounds: Bounds) -> None:
    """Look before the parser does: it recurses into whatever it is given, and builds an object before it shows it."""
    if len(raw) > bounds.size:
        raise Unreadable(f"larger than {bounds.size:,} bytes")
    outside_strings = _STRING.sub(b"", raw)
    if outside_strings.count(b":") > bounds.keys:
        raise Unreadable(f"more than {bounds.keys:,} keys")
    depth = 0
    for bracket in outside_strings.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > bounds.depth:
            raise Unreadable(f"nested deeper than {bounds.depth}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a key stands twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text.removeprefix("-")) > MAX_INTEGER_DIGITS:
        raise Unreadable(f"an integer of more than {MAX_INTEGER_DIGITS} digits")
    return int(text)


def _fraction(text: str) -> float:
    if len(text) > MAX_NUMBER_CHARACTERS or not math.isfinite(number := float(text)):
        raise Unreadable("a number that is too large or too long")
    return number


def _constant(_: str) -> NoReturn:
    raise Unreadable("NaN or an infinity")


def _texts(document: Json) -> Iterator[str]:
    match document:
        case str():
            yield document
        case list():
            for item in document:
                yield from _texts(item)
        case dict():
            for key, item in document.items():
                yield key
                yield from _texts(item)
        case _:
            return
