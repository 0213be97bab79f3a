"""Documents are read strictly, within bounds, and whatever the bytes are, only Unreadable is raised."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.telnyx.documents import EVENT_BOUNDS, Bounds, Json, Unreadable, canonical, plain, read_document, sample

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(codec="ascii", min_codepoint=1)), inner, max_size=5)
    ),
    max_leaves=30,
)


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def wide(keys: int) -> bytes:
    return json.dumps({str(key): key for key in range(keys)}).encode()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, 2.5, null, true, "\xc3\xa9"]}\r\n', {"a": [1, 2.5, None, True, "é"]}),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\u0000 and \\ud800"', r"\u0000 and \ud800"),
        (b'"[{[{:::"', "[{[{:::"),
        (rb'"\"[[[\\"', '"[[[\\'),
        (b"-999999999999999999", -999999999999999999),
        (b'{"__proto__": 1, "__class__": 2}', {"__proto__": 1, "__class__": 2}),
        (wide(1000), {str(key): key for key in range(1000)}),
    ],
)
def test_what_is_json_is_read(raw: bytes, value: Json) -> None:
    assert read_document(raw, EVENT_BOUNDS) == value


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"   ", id="blank"),
        pytest.param(b"{", id="cut"),
        pytest.param(b'{"a":1} x', id="more after it"),
        pytest.param(b"{}{}", id="two documents"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param("{}".encode("utf-16"), id="UTF-16"),
        pytest.param(b'"\xff"', id="not UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="surrogate in UTF-8"),
        pytest.param(rb'"\ud800"', id="lone surrogate"),
        pytest.param(rb'{"\udc00": 1}', id="lone surrogate in a key"),
        pytest.param(rb'["a", {"b": "\u0000"}]', id="NUL"),
        pytest.param(b'"\0"', id="NUL as it is"),
        pytest.param(b'{"a": 1, "a": 1}', id="a key twice"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b"[-Infinity]", id="infinity"),
        pytest.param(b"1e999", id="overflow"),
        pytest.param(b"1" * 19, id="19 digits"),
        pytest.param(b"-" + b"1" * 5000, id="5,000 digits"),
        pytest.param(b"0." + b"1" * 5000, id="5,000 digits after the point"),
        pytest.param(deep(33), id="33 deep"),
        pytest.param(deep(100_000), id="100,000 deep"),
        pytest.param(b"[" * 200_000, id="200,000 open"),
        pytest.param(b'{"a":' * 40_000, id="40,000 objects open"),
        pytest.param(wide(1001), id="1,001 keys"),
        pytest.param(b'"' + b"x" * 256 * 1024 + b'"', id="too large"),
        pytest.param(b"'a'", id="single quotes"),
        pytest.param(b"<html></html>", id="HTML"),
    ],
)
def test_what_is_not_is_not(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_document(raw, EVENT_BOUNDS)


def test_thirty_two_levels_are_read() -> None:
    assert read_document(deep(32), EVENT_BOUNDS) is not None


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b'\\"' * 131_000,
        b"[" * 262_144,
        b"[]," * 87_000,
        b'"",' * 87_000,
        b'"\\' * 131_000,
        wide(20_000),
        b'["' + b"\\u0000" * 43_000 + b'"]',
    ],
)
def test_no_body_takes_long(raw: bytes) -> None:
    """JSON-15 wants 50 ms; the bound here leaves room for a busy machine."""
    started = time.process_time()
    with pytest.raises(Unreadable):
        read_document(raw[: EVENT_BOUNDS.size], EVENT_BOUNDS)

    assert time.process_time() - started < 0.5


@given(st.binary(max_size=300) | st.text(alphabet='{}[]":,\\u0d8 1e-.truefalsn', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    try:
        read_document(raw, Bounds(size=200, depth=4, keys=5))
    except Unreadable:
        return
    json.loads(raw)


@given(JSON)
def test_what_is_written_is_read_back(value: Json) -> None:
    assert read_document(json.dumps(value).encode(), EVENT_BOUNDS) == value
    assert read_document(canonical(value), EVENT_BOUNDS) == value


def test_a_sample_is_one_short_line_without_control_characters() -> None:
    raw = b"\x1b[31m<html>\r\n\t<b>" + "\u202e".encode() + b"\xff\0" + b"x" * 3000

    assert sample(raw).startswith("\\u001b[31m<html> <b>\\u202e\N{REPLACEMENT CHARACTER}\\u0000xxx")
    assert len(sample(raw)) == 200


@given(st.text(), st.integers(0, 50))
def test_plain_text_is_printable_and_short(text: str, limit: int) -> None:
    assert plain(text, limit).isprintable()
    assert len(plain(text, limit)) <= limit
