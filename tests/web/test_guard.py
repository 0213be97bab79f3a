"""The guard reads heads: every Host that a URL can have passes, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.web.answers import BAD_REQUEST, ENCODED, GET_ONLY, NOT_FOUND, NOT_IMPLEMENTED, POST_ONLY, TOO_LARGE
from reconciler.web.guard import BODY_BYTES, Guard, Head, Refusal, host_name

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


@pytest.mark.parametrize(
    ("lines", "more", "refused"),
    [
        ([HOST], {}, None),
        ([HOST, (b"content-length", b"262144")], {}, None),
        ([HOST, (b"transfer-encoding", b"Chunked")], {}, None),
        ([HOST], {"version": "1.0"}, None),
        ([HOST], {"path": b"/livez", "method": "GET"}, None),
        ([HOST], {"path": b"/livez"}, Refusal("wrong_method", GET_ONLY)),
        ([HOST], {"method": "GET"}, Refusal("wrong_method", POST_ONLY)),
        ([HOST], {"path": b"/metrics", "method": "GET"}, Refusal("not_found", NOT_FOUND)),
        ([HOST], {"version": "2.0"}, Refusal("malformed", BAD_REQUEST)),
        ([HOST], {"version": "0.9"}, Refusal("malformed", BAD_REQUEST)),
        ([], {}, Refusal("malformed", BAD_REQUEST)),
        ([HOST, HOST], {}, Refusal("malformed", BAD_REQUEST)),
        ([HOST, (b"content-encoding", b"gzip")], {}, Refusal("encoded", ENCODED)),
        ([HOST, (b"content-length", b"262145")], {}, Refusal("too_large", TOO_LARGE)),
        ([HOST, (b"content-length", b"9" * 19)], {}, Refusal("malformed", BAD_REQUEST)),
        ([HOST, (b"content-length", b"1"), (b"content-length", b"1")], {}, Refusal("malformed", BAD_REQUEST)),
        (
            [HOST, (b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
            {},
            Refusal("malformed", BAD_REQUEST),
        ),
        ([HOST, (b"transfer-encoding", b"chunked")], {"version": "1.0"}, Refusal("malformed", BAD_REQUEST)),
        ([HOST, (b"transfer-encoding", b"gzip, chunked")], {}, Refusal("malformed", NOT_IMPLEMENTED)),
        ([HOST, *[(b"transfer-encoding", b"chunked")] * 2], {}, Refusal("malformed", NOT_IMPLEMENTED)),
        ([HOST, (b"transfer-encoding", b"")], {}, Refusal("malformed", NOT_IMPLEMENTED)),
    ],
)
def test_what_is_refused(lines: list[tuple[bytes, bytes]], more: dict[str, str], refused: Refusal | None) -> None:
    assert BODY_BYTES == 262_144
    assert refusal(*lines, **more) == refused  # type: ignore[arg-type]  # each example names its own arguments


def test_a_refusal_closes_and_an_acceptance_does_not() -> None:
    close = (b"connection", b"close")

    assert close in NOT_FOUND.headers
    assert close in TOO_LARGE.headers
    assert all(b"access-control" not in name for answer in (POST_ONLY, GET_ONLY) for name, _ in answer.headers)
