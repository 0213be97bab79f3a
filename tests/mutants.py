"""Documents that were right, and are so no more: parts dropped, doubled, swapped or of another type, anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from random import Random
from typing import TypeAlias

from hypothesis import strategies as st

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Way: TypeAlias = tuple[str | int, ...]

STRANGE: list[Json] = [
    None, True, False, 0, -1, 10**17, 0.5, 1e300, "", " ", "\0", "\ud800", "é" * 400, "null", "+1", "+12025550123",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "MNO_PROVISIONED", "ASSIGNED", [], [[]], [None], {},
    {"": {}},
]  # fmt: skip
"""What stands where something else should."""
CHANGES = ("drop", "replace", "wrap", "twice", "swap")


def ways(document: Json, so_far: Way = ()) -> list[Way]:
    """The way to each part of a document; the document itself is none."""
    match document:
        case dict():
            parts: list[tuple[str | int, Json]] = [*document.items()]
        case list():
            parts = [*enumerate(document)]
        case _:
            return []
    return [way for key, part in parts for way in ((*so_far, key), *ways(part, (*so_far, key)))]


def part_of(document: Json, way: Iterable[str | int]) -> Json:
    """What a way leads to."""
    for key in way:
        match document, key:
            case dict(), str():
                document = document[key]
            case list(), int():
                document = document[key]
            case _:
                break
    return document


@st.composite
def mutants(draw: st.DrawFn, documents: Sequence[Json]) -> Json:
    """One of the documents, changed."""
    return changed(draw(st.sampled_from(documents)), draw(st.randoms(use_true_random=False)))


def changed(document: Json, chance: Random, most: int = 4) -> Json:
    """The document, changed in up to so many places; rarely what is no document of its kind at all."""
    document = deepcopy(document)
    for _ in range(chance.randint(0, most)):
        if not (found := ways(document)):
            break
        *way, last = chance.choice(found)
        _change(chance, document, part_of(document, way), last)
    wrapped: list[Json] = [document] * 9 + [[document], {"data": document}]
    return chance.choice(wrapped)


def _change(chance: Random, document: Json, around: Json, key: str | int) -> None:
    """Change one part, in place."""
    change = chance.choice(CHANGES)
    if isinstance(around, list) and isinstance(key, int):
        part = around[key]
        match change:
            case "drop":
                del around[key]
            case "twice":
                around.insert(key, deepcopy(part))
            case _:
                around[key] = _another(chance, change, document, part)
    elif isinstance(around, dict) and isinstance(key, str):
        part = around[key]
        match change:
            case "drop":
                del around[key]
            case "twice":
                around[chance.choice([key.swapcase(), f"{key} ", *around])] = deepcopy(part)
            case _:
                around[key] = _another(chance, change, document, part)


def _another(chance: Random, change: str, document: Json, part: Json) -> Json:
    if change == "wrap":
        wrapped: list[Json] = [[part], {"data": part}, str(part)[:400], [part, deepcopy(part)]]
        return chance.choice(wrapped)
    if change == "swap" and (found := ways(document)):
        return deepcopy(part_of(document, chance.choice(found)))
    return deepcopy(chance.choice(STRANGE))


@st.composite
def torn(draw: st.DrawFn, bodies: Sequence[bytes], most: int = 4) -> bytes:
    """One of the bodies, with bits flipped, and stretches cut out, doubled or put in."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        end = at + draw(st.integers(0, 40))
        match draw(st.sampled_from(["flip", "cut", "twice", "end", "put"])):
            case "flip" if body:
                body[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del body[at:end]
            case "twice":
                body[at:at] = body[at:end]
            case "end":
                del body[at:]
            case _:
                body[at:at] = draw(
                    st.binary(max_size=8) | st.sampled_from([b"\xef\xbb\xbf", b"[" * 99, b"\r\n", b"\t"])
                )
    return bytes(body)
