"""Secrets in files of their own: read once, and told of by name alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.credentials import SECRET_BYTES
from reconciler.model.settings import Draft, Secret, SlackReceiver, WebhookReceiver

Read = Callable[..., Draft]
KEYS = ["A" * 43 + "=", "B" * 42 + "A="]
BARE = "version: 1\npools: []\n"


def messages(draft: Draft) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in draft.problems]


def test_secrets_come_from_files(read: Read, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("KEY0123\r\n")
    (tmp_path / "public").write_text("\n".join(KEYS))
    (tmp_path / "hook").write_text("https://hooks.example.com/T0\n")
    (tmp_path / "sign").write_text(f"whsk_{KEYS[0]}\n")
    draft = read(
        f"{BARE}telnyx: {{api_key_file: key, public_key_file: {tmp_path}/public}}\n"
        "alerts: {receivers: [{name: a, webhook: {url_file: ./hook, signing_key_file: sign}},\n"
        "  {name: b, slack: {webhook_url_file: hook}}]}\n"
    )

    assert draft.problems == ()
    assert draft.settings is not None
    assert draft.settings.telnyx.api_key.reveal() == "KEY0123"
    assert draft.settings.telnyx.public_keys == tuple(KEYS)
    assert draft.settings.alerts.receivers == (
        WebhookReceiver("a", Secret("https://hooks.example.com/T0"), Secret(f"whsk_{KEYS[0]}")),
        SlackReceiver("b", Secret("https://hooks.example.com/T0")),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"a\nb", "holds a space or a character that is not ASCII"),
        (b"\xff", "is not UTF-8"),
        (b"x" * (SECRET_BYTES + 1), "is larger than 64 KiB"),
    ],
)
def test_a_secret_file_that_is_of_no_use(read: Read, tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    assert messages(read(f"{BARE}telnyx: {{api_key_file: key}}\n")) == [
        f"tendlc.yaml:3:24: telnyx.api_key_file: the file key {words}"
    ]


def test_too_many_public_keys(read: Read, tmp_path: Path) -> None:
    (tmp_path / "public").write_text("\n".join(KEYS * 2))
    listed = ", ".join(KEYS * 2)

    assert messages(read(f"{BARE}telnyx: {{api_key: k, public_key_file: public}}\n")) == [
        "tendlc.yaml:3:39: telnyx.public_key_file: the file public holds more than 3 public keys"
    ]
    assert messages(read(f"{BARE}telnyx: {{api_key: k, public_key: [{listed}]}}\n")) == [
        "tendlc.yaml:3:34: telnyx.public_key: has too many entries"
    ]


def test_systemd_gives_what_the_file_leaves_out(read: Read, tmp_path: Path) -> None:
    (tmp_path / "telnyx-api-key").write_text("KEY-of-systemd\n")
    (tmp_path / "telnyx-public-key").write_text(KEYS[0])

    for text in (BARE, f"{BARE}telnyx:\n", f"{BARE}telnyx: {{timeout: 5s, api_key: }}\n"):
        settings = read(text, {}, tmp_path).settings
        assert settings is not None
        assert settings.telnyx.api_key.reveal() == "KEY-of-systemd"
        assert settings.telnyx.public_keys == (KEYS[0],)


def test_the_file_goes_before_systemd(read: Read, tmp_path: Path) -> None:
    (tmp_path / "telnyx-api-key").write_bytes(b"\xff")
    (tmp_path / "telnyx-public-key").write_text(KEYS[0])
    settings = read(f"{BARE}telnyx: {{api_key: k, public_key: {KEYS[1]}}}\n", {}, tmp_path).settings

    assert settings is not None
    assert settings.telnyx.api_key.reveal() == "k"
    assert settings.telnyx.public_keys == (KEYS[1],)


def test_credentials_that_are_of_no_use(read: Read, tmp_path: Path) -> None:
    (tmp_path / "telnyx-api-key").touch()
    (tmp_path / "telnyx-public-key").write_text("HUSH")
    public = tmp_path / "telnyx-public-key"
    draft = read(f"{BARE}telnyx: {{timeout: 5s}}\n", {}, tmp_path)

    assert messages(draft) == [
        f"tendlc.yaml:3:9: telnyx: credential: the file {tmp_path}/telnyx-api-key is empty",
        f"tendlc.yaml:3:9: telnyx: credential: the file {public} not a public key: base64 of 32 bytes is wanted",
    ]


def test_without_credentials_the_key_is_missing(read: Read, tmp_path: Path) -> None:
    assert messages(read(BARE, {}, tmp_path)) == ["tendlc.yaml:1:1: missing key 'telnyx.api_key' (or 'api_key_file')"]
