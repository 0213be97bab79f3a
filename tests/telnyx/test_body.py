"""Bodies are read to the end and never beyond the limit, however they are packed."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.telnyx.body import read_body
from reconciler.telnyx.documents import ANSWER_BOUNDS, Unreadable

pytestmark = pytest.mark.anyio

LIMIT = ANSWER_BOUNDS.size


async def chunks(raw: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize(
    ("encoding", "raw"),
    [("", b"text"), ("identity", b"text"), (" GZIP ", gzip.compress(b"text", mtime=0)), ("gzip", b"")],
)
async def test_a_body_whole(encoding: str, raw: bytes, size: int) -> None:
    assert await read_body(chunks(raw, size), encoding) == (b"text" if raw else b"")


async def test_the_limit_itself_is_read() -> None:
    assert len(await read_body(chunks(b"x" * LIMIT, 65536), "")) == LIMIT
    assert len(await read_body(chunks(gzip.compress(b"x" * LIMIT), 65536), "gzip")) == LIMIT


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("", b"x" * (LIMIT + 1)),
        ("gzip", gzip.compress(b"x" * (LIMIT + 1))),
        ("gzip", gzip.compress(b"text", mtime=0)[:-1]),
        ("gzip", gzip.compress(b"text", mtime=0) + b"more"),
        ("gzip", gzip.compress(b"text", mtime=0) * 2),
        ("gzip", gzip.compress(b"text", mtime=0) + gzip.compress(b"", mtime=0)),
        ("gzip", b"text"),
        ("gzip", zlib.compress(b"text")),
        ("br", b"text"),
        ("gzip, gzip", b"text"),
    ],
)
async def test_what_is_too_large_or_badly_packed(encoding: str, raw: bytes) -> None:
    with pytest.raises(Unreadable):
        await read_body(chunks(raw, 65536), encoding)


@pytest.mark.covers("F-42")
async def test_a_gzip_bomb_takes_no_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()

    with pytest.raises(Unreadable, match="larger"):
        await read_body(chunks(bomb, len(bomb)), "gzip")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * LIMIT


EMPTY_BLOCKS = gzip.compress(b"", mtime=0)[:10] + b"\0\0\0\xff\xff" * 100_000
"""A head, and blocks that hold nothing."""


@pytest.mark.covers("F-42")
@pytest.mark.parametrize(
    ("first", "more"),
    [
        pytest.param(gzip.compress(b"{}"), b"x" * 65_536, id="behind the stream"),
        pytest.param(gzip.compress(b"{}"), gzip.compress(b"") * 3_000, id="streams without end"),
        pytest.param(EMPTY_BLOCKS, b"\0\0\0\xff\xff" * 10_000, id="blocks that hold nothing"),
        pytest.param(b"\x1f\x8b\x08\x08" + bytes(6), b"n" * 65_536, id="a name without end"),
    ],
)
async def test_what_comes_without_end_and_unpacks_to_nothing_is_given_up(first: bytes, more: bytes) -> None:
    """Nothing but the deadline would end it, and until then the unpacker would keep what lies behind its stream."""
    taken = 0

    async def more_and_more() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 5 * LIMIT:
            chunk = more if taken else first
            taken += len(chunk)
            yield chunk

    with pytest.raises(Unreadable):
        await read_body(more_and_more(), "gzip")

    assert taken < 2 * LIMIT


@given(st.binary(max_size=200), st.sampled_from(["", "gzip"]), st.integers(1, 50))
async def test_any_bytes_are_a_body_or_unreadable(raw: bytes, encoding: str, size: int) -> None:
    try:
        assert isinstance(await read_body(chunks(raw, size), encoding), bytes)
    except Unreadable:
        assert encoding
