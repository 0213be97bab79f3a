"""Hostile requests, by the row of the catalogue of bad inputs that each one is an example of."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.edge import KEY, OLD_KEY, STRANGER, Headers, request, sign, signed, stamp


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes to send, and what they do."""

    data: bytes
    counts: str
    """The counter's label that rises; empty: refused before the app saw it."""


def event(row: str) -> bytes:
    """An authentic body, different for each row."""
    return json.dumps({"data": {"id": row, "payload": {"description": "a|b"}}, "meta": {"attempt": 1}}).encode()


def hostile() -> dict[str, list[Sent]]:
    """Every row that is one request and one answer."""
    return {
        **{row: list(sent) for row, sent in _signatures().items()},
        **{row: list(sent) for row, sent in _timestamps().items()},
        **{row: list(sent) for row, sent in _addresses().items()},
        **{row: list(sent) for row, sent in _framings().items()},
        **{row: list(sent) for row, sent in _bodies().items()},
        **{row: [Sent(request(body, signed(body)), "quarantined") for body in bodies] for row, bodies in _flawed()},
        **{row: [Sent(request(body, signed(body)), "stored") for body in bodies] for row, bodies in _sound()},
    }


def _signatures() -> dict[str, list[Sent]]:
    body = event("SIG")
    good = sign(body)
    raw = base64.b64decode(good)
    t = (b"telnyx-timestamp", stamp())

    def with_signature(value: bytes, counts: str = "bad_base64") -> list[Sent]:
        return [Sent(request(body, [(b"telnyx-signature-ed25519", value), t]), counts)]

    pretty = json.dumps(json.loads(body), indent=1).encode()
    head, _, tail = body.partition(b"|")
    bumped = good[:-3] + bytes([good[-3] + 1]) + b"=="
    stranger = signed(body, key=STRANGER)
    return {
        "SIG-01": [Sent(request(body, [t]), "missing_signature")],
        "SIG-02": with_signature(b""),
        "SIG-03": with_signature(b" \t \t"),
        "SIG-05": with_signature(good.rstrip(b"=")),
        "SIG-06": with_signature(good + b"=="),
        "SIG-09": with_signature(bumped),
        "SIG-11": with_signature(raw.hex().encode()),
        "SIG-14": with_signature(base64.b64encode(raw + b"\0")),
        "SIG-15": with_signature(base64.b64encode(b"s" * 45_000), ""),
        "SIG-21": [Sent(request(pretty, signed(body)), "mismatch")],
        "SIG-23": [Sent(request(body + b"\n", signed(body)), "mismatch")],
        "SIG-25": with_signature(base64.b64encode(KEY.sign(body).signature), "mismatch"),
        "SIG-26": [Sent(request(body, [signed(body)[0], (b"telnyx-timestamp", stamp(1))]), "mismatch")],
        "SIG-27": [
            Sent(request(tail, [(b"telnyx-signature-ed25519", good), (t[0], t[1] + b"|" + head)]), "bad_timestamp")
        ],
        "SIG-33": [
            Sent(request(body, [(name, good), t]), "missing_signature")
            for name in (b"telnyx_signature_ed25519", b"telnyx-signature_ed25519")
        ],
        "SIG-34": [
            Sent(
                request(body, [*stranger, (b"telnyx-public-key", base64.b64encode(bytes(STRANGER.verify_key)))]),
                "mismatch",
            )
        ],
        "SIG-35": [Sent(request(body, signed(body, key=OLD_KEY)), "retired_key")],
    }


def _timestamps() -> dict[str, list[Sent]]:
    def at(row: str, counts: str, *timestamps: bytes) -> list[Sent]:
        return [Sent(request(event(row), signed(event(row), timestamp)), counts) for timestamp in timestamps]

    return {
        "TS-03": at("TS-03", "stale_but_authentic", stamp(-301)),
        "TS-04": at("TS-04", "stored", stamp(-300)),
        "TS-06": at("TS-06", "stored", stamp(299)),
        "TS-07": at("TS-07", "stale_but_authentic", stamp(-365 * 86_400)),
        "TS-08": at("TS-08", "bad_timestamp", b"-1700000000"),
        "TS-09": at("TS-09", "bad_timestamp", b"0"),
        "TS-12": at("TS-12", "bad_timestamp", b"0x6553F100", b"0o14525370400", b"01700000000"),
        "TS-13": at("TS-13", "bad_timestamp", b"+1700000000", b"1_700_000_000", b"17 00000000"),
        "TS-15": at("TS-15", "bad_timestamp", b"9" * 5_000),
        "TS-16": at("TS-16", "bad_timestamp", b"9" * 40),
        "TS-17": at("TS-17", "bad_timestamp", b"170000000\xb2", b"\xb9700000000"),
    }


def _addresses() -> dict[str, list[Sent]]:
    def to(counts: str, *lines: bytes, more: Headers | None = None) -> list[Sent]:
        body = event("address")
        return [Sent(request(body, [*signed(body), *(more or [])], line=line), counts) for line in lines]

    def hosts(*values: bytes) -> Iterator[Sent]:
        for value in values:
            yield Sent(request(event("host"), signed(event("host")), host=[(b"Host", value)]), "malformed")

    preflight = [(b"Origin", b"https://evil.example"), (b"Access-Control-Request-Method", b"POST")]
    paths = [b"/Webhooks/Telnyx", b"/webhooks/telnyx;a=b", b"/webhooks/telnyx%00", b"/webhooks/telnyx%ff"]
    encoded = [b"/webhooks%2ftelnyx", b"/webhooks/%74elnyx"]
    neighbours = [b"/webhooks/telnyx/", b"//webhooks/telnyx", b"/./webhooks/telnyx", b"/x/../webhooks/telnyx"]
    forwarded = [
        (b"X-Forwarded-For", b"192.0.2.1"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"evil.example"),
        (b"Forwarded", b"for=192.0.2.1;host=evil.example"),
    ]
    two_hosts = [(b"Host", b"hooks.example.com"), (b"Host", b"hooks.example.com")]
    return {
        "HTTP-03": to("wrong_method", b"OPTIONS /webhooks/telnyx HTTP/1.1", more=preflight),
        "HTTP-04": [
            Sent(request(b"", [], line=b"CONNECT x:80 HTTP/1.1", framing=[]), ""),
            Sent(request(b"", [], line=b"OPTIONS * HTTP/1.1", framing=[]), "not_found"),
        ],
        "HTTP-06": to("wrong_method", b"GET /webhooks/telnyx HTTP/1.1", more=[(b"X-HTTP-Method-Override", b"POST")]),
        "HTTP-09": to("not_found", *(b"POST %s HTTP/1.1" % path for path in encoded)),
        "HTTP-10": to("not_found", *(b"POST %s HTTP/1.1" % path for path in (*paths, *neighbours))),
        "HTTP-12": to("", b"POST http://evil/webhooks/telnyx HTTP/1.1", b"POST https://evil/webhooks/telnyx HTTP/1.1"),
        "HTTP-13": to("", b"POST /webhooks/telnyx#f HTTP/1.1"),
        "HTTP-16": [
            *hosts(b"evil/admin?", b"a/../b", b"", b"a b", b"a@b", b"[::1", b"a:b", b"a:123456", b"\xffhost"),
            Sent(request(event("host"), signed(event("host")), host=[]), "malformed"),
            Sent(request(event("host"), signed(event("host")), host=two_hosts), "malformed"),
        ],
        "HTTP-17": [
            *(Sent(request(body, [*signed(body), *forwarded]), "stored") for body in [event("HTTP-17")]),
            Sent(request(event("HTTP-17"), forwarded), "missing_signature"),
        ],
    }


def _framings() -> dict[str, list[Sent]]:
    body = event("framing")
    length = (b"Content-Length", str(len(body)).encode())
    chunked = (b"Transfer-Encoding", b"chunked")
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    def framed(*framing: tuple[bytes, bytes], data: bytes = body, counts: str = "") -> Sent:
        return Sent(request(b"", signed(body), framing=[*framing]) + data, counts)

    def bent(old: bytes, new: bytes) -> Sent:
        return Sent(request(body, signed(body)).replace(old, new, 1), "")

    once = event("HTTP-26")
    single = b"".join(b"1\r\n%c\r\n" % byte for byte in once) + b"0\r\n\r\n"
    return {
        "HTTP-18": [framed(length, chunked), framed(chunked, length, data=whole)],
        "HTTP-19": [framed((b"Content-Length", b"7"), (b"Content-Length", b"3")), framed(length, length)],
        "HTTP-21": [
            framed((b"Content-Length", value))
            for value in (b"-1", b"+7", b"0x7", b"1_0", b"1" + b"0" * 30, b"7, 7", b"7 7", b"")
        ],
        "HTTP-26": [Sent(request(b"", signed(once), framing=[chunked]) + single, "stored")],
        "HTTP-28": [
            framed((b"Transfer-Encoding", b"gzip, chunked"), data=whole, counts="malformed"),
            framed((b"Transfer-Encoding", b"identity"), chunked, data=whole, counts="malformed"),
            framed((b"Transfer-Encoding", b"xchunked"), data=whole, counts="malformed"),
            framed((b"Transfer-Encoding", b"chunked, identity"), data=whole),
            framed(chunked, chunked, data=whole),
        ],
        "HTTP-30": [
            Sent(request(body, [(b"X-Folded", b"a\r\n b"), *signed(body)]), ""),
            Sent(request(body, signed(body), end=b"\n"), ""),
            bent(b"\r\nContent-Length", b"\nContent-Length"),
            bent(b"Content-Length:", b"Content-Length :"),
            bent(b"hooks.example.com", b"hooks\0.example.com"),
            bent(b"hooks.example.com", b"hooks\r.example.com"),
        ],
        "HTTP-35": [Sent(request(body, [*signed(body), *((b"X-%d" % n, b"a") for n in range(2_000))]), "")],
        "HTTP-36": [Sent(request(body, [*signed(body), (b"X-Big", b"b" * 5_000_000)]), "")],
    }


def _bodies() -> dict[str, list[Sent]]:
    body = event("encoded")
    packed = b"\x1f\x8b\x08\0" + b"\0" * 42_000

    def encoded(*codings: bytes, data: bytes) -> list[Sent]:
        return [Sent(request(data, [*signed(data), (b"Content-Encoding", coding)]), "encoded") for coding in codings]

    return {
        "BODY-01": [Sent(request(b"", [], framing=[(b"Content-Length", b"262145")]), "too_large")],
        "BODY-04": [Sent(request(b"", signed(b"")), "quarantined")],
        "BODY-05": [*encoded(b"gzip", data=body), Sent(request(body, [(b"Content-Encoding", b"gzip")]), "encoded")],
        "BODY-06": encoded(b"gzip", b"br", b"deflate", b"zstd", b"identity", b"", data=packed),
    }


def _flawed() -> Iterator[tuple[str, list[bytes]]]:
    """Authentic bodies that cannot be used: they are kept raw."""

    def data(text: str) -> bytes:
        return f'{{"data":{{"id":"x",{text}}}}}'.encode()

    yield "JSON-03", [b'{"data":{"id":"x"}} x', b'{"data":{"id":"x"}}{"data":{"id":"y"}}']
    yield "JSON-05", [data('"deep":' + "[" * depth + "]" * depth) for depth in (33, 900)]
    yield "JSON-07", [data(f'"n":{number}') for number in ("NaN", "Infinity", "-Infinity", "1e999")]
    yield "JSON-08", [data('"n":' + "9" * 5_000)]
    yield "JSON-13", [data(r'"description":"\ud800"'), rb'{"data":{"id":"\udfff"}}']
    yield "JSON-14", [data(r'"description":"a\u0000b"'), rb'{"data":{"id":"a\u0000b"}}']
    yield "JSON-15", [data(",".join(f'"{n:x}":0' for n in range(28_000)))]
    ids = ('""', "0", "[]", "{}", "null", "true", f'"{"x" * 100_000}"', f'"{"x" * 256}"')
    yield "EVT-04", [f'{{"data":{{"id":{text}}}}}'.encode() for text in ids]


def _sound() -> Iterator[tuple[str, list[bytes]]]:
    """Odd bodies that can be used."""
    yield "EVT-05", [b'{"data":{"id":"example-event-id","payload":{}}}']
    yield "EVT-06", [b'{"campaignId":"C6X6M95","status":"ACCEPTED","type":"REGISTRATION"}']
