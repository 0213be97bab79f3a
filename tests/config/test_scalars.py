"""What each kind of value accepts, and that no text makes a reader raise anything but `Mistake`."""

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import scalars
from reconciler.config.mistake import Mistake
from reconciler.model.settings import Cron, Every, Listen, Secret

KEY = base64.b64encode(bytes(32)).decode()

GOOD: list[tuple[Callable[[str], object], str, object]] = [
    (scalars.duration, "500ms", timedelta(milliseconds=500)),
    (scalars.duration, "90s", timedelta(seconds=90)),
    (scalars.duration, "10m", timedelta(minutes=10)),
    (scalars.duration, "72h", timedelta(hours=72)),
    (scalars.duration, "1d", timedelta(days=1)),
    (scalars.duration, "366d", timedelta(days=366)),
    (scalars.spread, "0s", timedelta()),
    (scalars.spread, "30s", timedelta(seconds=30)),
    (scalars.size, "256MB", 256_000_000),
    (scalars.size, "1KB", 1000),
    (scalars.size, "512MiB", 512 * 1024**2),
    (scalars.size, "1000TB", 10**15),
    (scalars.size, "0B", 0),
    (scalars.rate, "auto", None),
    (scalars.rate, "20/s", 20.0),
    (scalars.rate, "0.5/s", 0.5),
    (scalars.rate, "1200/min", 20.0),
    (scalars.rate, "1/min", 1 / 60),
    (scalars.rhythm, "every 10m", Every(timedelta(minutes=10))),
    (scalars.rhythm, "every 1s", Every(timedelta(seconds=1))),
    (scalars.rhythm, "cron: */10 * * * *", Cron("*/10 * * * *")),
    (scalars.boolean, "true", True),
    (scalars.boolean, "false", False),
    (scalars.listen, "192.0.2.1:8080", Listen("192.0.2.1", 8080)),
    (scalars.listen, "[::1]:0", Listen("::1", 0)),
    (scalars.listen, "localhost:65535", Listen("localhost", 65535)),
    (scalars.loopback, "127.0.0.1:8081", Listen("127.0.0.1", 8081)),
    (scalars.loopback, "127.9.9.9:1", Listen("127.9.9.9", 1)),
    (scalars.loopback, "[::1]:8081", Listen("::1", 8081)),
    (scalars.loopback, "localhost:8081", Listen("localhost", 8081)),
    (scalars.open_address, "https://api.telnyx.com/v2/", "https://api.telnyx.com/v2"),
    (scalars.open_address, "http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    (scalars.open_address, "https://[::1]:9000/v2", "https://[::1]:9000/v2"),
    (scalars.secret_address, "https://me:x@h.example/?a=b", Secret("https://me:x@h.example/?a=b")),
    (scalars.path, "/webhooks/telnyx", "/webhooks/telnyx"),
    (scalars.host, "Hooks.example.com:443", "hooks.example.com:443"),
    (scalars.store_url, "sqlite:///tendlc.db", "sqlite:///tendlc.db"),
    (scalars.store_url, "sqlite:////var/lib/tendlc/a b.db", "sqlite:////var/lib/tendlc/a b.db"),
    (scalars.receiver_name, "ops.slack_1-b", "ops.slack_1-b"),
    (scalars.public_key, KEY, KEY),
    (scalars.signing_key, KEY, Secret(KEY)),
    (scalars.signing_key, f"whsk_{KEY}", Secret(f"whsk_{KEY}")),
    (scalars.glob, "acme-*", "acme-*"),
    (scalars.glob, "acme-[ab]?", "acme-[ab]?"),
    (scalars.alert_glob, "AssignmentFailed", "AssignmentFailed"),
    (scalars.alert_glob, "*", "*"),
    (scalars.secret, "KEY0123_x", Secret("KEY0123_x")),
    (scalars.text, "C6X6M95", "C6X6M95"),
]
BAD: list[tuple[Callable[[str], object], list[str]]] = [
    (
        scalars.duration,
        ["", "10", "0s", "-1s", "1.5h", "10 m", "10M", "1w", "367d", "999999999d", "1h30m", "\u0661s", "10s\n"],
    ),
    (scalars.spread, ["", "0", "0m", "-1s", "367d"]),
    (scalars.size, ["", "256", "256M", "256mb", "-1MB", "1.5GB", "256 MB", "1001TB", "999999999999TB", "1PB"]),
    (scalars.rate, ["", "20", "0/s", "20/h", "-1/s", "1e3/s", "inf/s", "0.001/min", "10001/s", "20/S"]),
    (scalars.rhythm, ["", "10m", "every 0s", "every 999ms", "every", "Every 1m", "*/10 * * * *", "cron: *"]),
    (scalars.boolean, ["", "yes", "no", "on", "True", "1"]),
    (
        scalars.listen,
        ["", "8080", ":8080", "192.0.2.1", "0.0.0.0:65536", "::1:80", "[::1]", "[1.2.3.4]x:1", "1.2.3:1", "a b:1"],
    ),
    (scalars.loopback, ["0.0.0.0:8081", "[::]:8081", "10.0.0.1:8081", "example.com:8081"]),
    (
        scalars.open_address,
        ["", "api.telnyx.com", "ftp://x", "https://", "https://a b", "https://u@h", "https://h?a", "https://h#a"],
    ),
    (
        scalars.open_address,
        ["https://h:99999", "https://[::1", "https://ö.example", "javascript:alert(1)", "https://h\n"],
    ),
    (scalars.path, ["", "webhooks", "/a b", "/a?b", "/livez", "/ö", "/%2e"]),
    (scalars.host, ["", "https://a", "a/b", "a b", "*"]),
    (
        scalars.store_url,
        ["", "tendlc.db", "sqlite://tendlc.db", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?mode=ro", "mysql://x"],
    ),
    (scalars.store_url, ["postgresql://u:p@h/d", "postgresql+psycopg://h/d", "postgres://h/d"]),
    (scalars.receiver_name, ["", "-a", "a b", "a" * 64]),
    (scalars.public_key, ["", "x", KEY[:-1], KEY + "A", base64.b64encode(bytes(31)).decode(), "ö" * 44, KEY + "\n"]),
    (scalars.signing_key, ["", "whsk_", f"whsec_{KEY}", KEY[:-1], base64.b64encode(bytes(33)).decode(), "ö" * 44]),
    (scalars.glob, ["", "a b", "a/b", "*" * 101, "ö"]),
    (scalars.alert_glob, ["", "AssignmentFaild", "assignment*", "Nope*"]),
    (scalars.secret, ["", "a b", "a\n", "ö"]),
    (scalars.text, ["", " ", "\n"]),
]


@pytest.mark.parametrize(("parse", "text", "value"), GOOD)
def test_it_reads(parse: Callable[[str], object], text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(("parse", "text"), [(parse, text) for parse, texts in BAD for text in texts])
def test_it_refuses(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse(text)

    assert len(text) < 4 or text not in refused.value.words


def test_what_is_planned_is_not_unknown() -> None:
    read = scalars.choice("fail", "skip", planned=("move",))

    assert read("skip") == "skip"
    with pytest.raises(Mistake, match=r"^move: not supported yet$"):
        read("move")
    with pytest.raises(Mistake, match=r"^must be fail or skip, did you mean 'skip'\?$"):
        read("Skip")
    with pytest.raises(Mistake, match=r"^must be fail or skip$"):
        read("enforce")
    with pytest.raises(Mistake, match=r"^PostgreSQL: not supported yet$"):
        scalars.store_url("postgresql://h/d")
    with pytest.raises(Mistake, match=r"tokens .* not supported yet"):
        scalars.loopback("0.0.0.0:8081")


@given(
    st.text(),
    st.sampled_from([parse for parse, _, _ in GOOD]),
    st.sampled_from(["", "https://", "every ", "cron:", "["]),
)
def test_no_text_raises_more_than_a_mistake(text: str, parse: Callable[[str], object], start: str) -> None:
    try:
        parse(start + text)
    except Mistake as mistake:
        assert mistake.words  # noqa: PT017 -- whether it raises is for Hypothesis to find
