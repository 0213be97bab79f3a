"""The guard reads heads: every Host that a URL can have passes, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.web.answers import (
    BAD_REQUEST,
    ENCODED,
    GET_ONLY,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    POST_ONLY,
    TOO_LARGE,
    Answer,
)
from reconciler.web.guard import Guard, Head, Refusal, host_name

GUARD = Guard("/webhooks/telnyx")
HOST = (b"host", b"hooks.example.com")


def refusal(
    *headers: tuple[bytes, bytes], path: bytes = b"/webhooks/telnyx", method: str = "POST", version: str = "1.1"
) -> Refusal | None:
    scope = {"type": "http", "raw_path": path, "method": method, "http_version": version}
    return GUARD.refusal(scope, Head(headers))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"example.com", "example.com"),
        (b"Example.COM:8080", "example.com"),
        (b"127.0.0.1:1", "127.0.0.1"),
        (b"[::1]:8081", "[::1]"),
        (b"a_b.example", "a_b.example"),
        (b"", None),
        (b":80", None),
        (b"a:", None),
        (b"a:b", None),
        (b"a/b", None),
        (b"a b", None),
        (b"u@a", None),
        (b"::1", None),
        (b"[::1", None),
        (b"a,b", None),
        (b"a\n", None),
        (b"\xff", None),
        (b"a" * 254, None),
    ],
)
def test_the_name_in_a_host(header: bytes, name: str | None) -> None:
    assert host_name(header) == name


@given(st.binary(max_size=40))
def test_a_host_that_passes_is_short_lower_case_ascii(header: bytes) -> None:
    name = host_name(header)

    assert name is None or (name.isascii() and name == name.lower() and not set(name) & set("/?#@\\ \r\n"))


LENGTH = b"content-length"
CODING = b"transfer-encoding"


@pytest.mark.parametrize(
    "accepted",
    [
        refusal(HOST),
        refusal(HOST, version="1.0"),
        refusal(HOST, (LENGTH, b"262144")),
        refusal(HOST, (CODING, b"Chunked")),
        refusal(HOST, (b"content-type", b"text/plain")),
        refusal(HOST, path=b"/livez", method="GET"),
    ],
)
def test_what_may_go_on(accepted: Refusal | None) -> None:
    assert accepted is None


@pytest.mark.parametrize(
    ("refused", "reason", "answer"),
    [
        (refusal(HOST, path=b"/livez"), "wrong_method", GET_ONLY),
        (refusal(HOST, method="GET"), "wrong_method", POST_ONLY),
        (refusal(HOST, path=b"/metrics", method="GET"), "not_found", NOT_FOUND),
        (refusal(HOST, version="2.0"), "malformed", BAD_REQUEST),
        (refusal(HOST, version="0.9"), "malformed", BAD_REQUEST),
        (refusal(), "malformed", BAD_REQUEST),
        (refusal(HOST, HOST), "malformed", BAD_REQUEST),
        (refusal(HOST, (b"content-encoding", b"gzip")), "encoded", ENCODED),
        (refusal(HOST, (LENGTH, b"262145")), "too_large", TOO_LARGE),
        (refusal(HOST, (LENGTH, b"9" * 19)), "malformed", BAD_REQUEST),
        (refusal(HOST, (LENGTH, b"1"), (LENGTH, b"1")), "malformed", BAD_REQUEST),
        (refusal(HOST, (LENGTH, b"1"), (CODING, b"chunked")), "malformed", BAD_REQUEST),
        (refusal(HOST, (CODING, b"chunked"), version="1.0"), "malformed", BAD_REQUEST),
        (refusal(HOST, (CODING, b"gzip, chunked")), "malformed", NOT_IMPLEMENTED),
        (refusal(HOST, (CODING, b"chunked"), (CODING, b"chunked")), "malformed", NOT_IMPLEMENTED),
        (refusal(HOST, (CODING, b"")), "malformed", NOT_IMPLEMENTED),
    ],
)
def test_what_is_refused(refused: Refusal | None, reason: str, answer: Answer) -> None:
    assert refused == Refusal(reason, answer)
    assert (b"connection", b"close") in answer.headers
    assert not [name for name, _ in answer.headers if name.startswith(b"access-control")]
