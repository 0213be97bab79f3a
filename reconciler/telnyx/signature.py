"""Tells authentic webhooks from the rest: Ed25519 over the timestamp header, a bar and the raw body."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from reconciler.model.errors import KeyRefused

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEYS: Final = 3
"""At most so many keys at once: a forged signature costs one verification a key."""
_SETTING: Final = "telnyx.public_key"
_FORMAT: Final = (
    "give the base64 of the raw 32-byte Ed25519 key (44 characters, the last one `=`), as Telnyx's portal shows it "
    "under Keys & Credentials, Public Key; not hex, PEM or DER"
)
_TIMESTAMP: Final = re.compile(rb"[1-9][0-9]{0,11}")

REASONS: Final = (
    "missing_signature",
    "missing_timestamp",
    "repeated_header",
    "bad_timestamp",
    "bad_base64",
    "mismatch",
    "stale_but_authentic",
    "retired_key",
)
"""Every reason for which `Keyring.check` rejects."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The body is Telnyx's, and fresh."""

    key_index: int
    """Which of the configured keys signed it, from 0."""

    @property
    def reason(self) -> str:
        """Empty: nothing speaks against it."""
        return ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The body cannot be trusted."""

    reason: str
    """One of `REASONS`: for a counter, never for the caller."""

    @property
    def key_index(self) -> None:
        """None: no key stands for it."""


Checked: TypeAlias = Verified | Rejected


class Keyring:
    """The public keys that may sign webhooks. Making one checks every key and raises `KeyRefused`.

    There is no endpoint to fetch the key from (OAS), so it is configured; several serve a rotation. `retired` keys
    verify nothing: they only tell "signed with the old key" from "forged" in the reason.
    """

    def __init__(self, public_keys: tuple[str, ...], retired: tuple[str, ...] = ()) -> None:
        if not any(text.strip() for text in public_keys):
            raise KeyRefused(f"{_SETTING} is not set, and no webhook is believed unverified", _FORMAT)
        if max(len(public_keys), len(retired)) > KEYS:
            raise KeyRefused(f"{_SETTING} has more than {KEYS} keys", "remove those that Telnyx no longer signs with")
        self._keys = tuple(_key(text, f"key {at}") for at, text in enumerate(public_keys, 1))
        self._retired = tuple(_key(text, f"retired key {at}") for at, text in enumerate(retired, 1))

    def check(
        self,
        signature_headers: Sequence[bytes],
        timestamp_headers: Sequence[bytes],
        body: bytes,
        now: datetime,
        tolerance: timedelta,
    ) -> Checked:
        """Judge one delivery by every value of its two headers, and its raw body. Raises nothing.

        The signed text is `{timestamp header, verbatim}|{raw body}`; the tolerance holds both ways and is inclusive
        (SDK telnyx/lib/webhook_verification.py; KB:webhook-fundamentals).
        """
        flaw = _flaw(signature_headers, timestamp_headers)
        if flaw:
            return Rejected(flaw)
        [timestamp], [header] = timestamp_headers, signature_headers
        signature = _decoded(header, SIGNATURE_BYTES)
        if signature is None:
            return Rejected("bad_base64")
        message = timestamp + b"|" + body
        index = _signer(self._keys, message, signature)
        if index is None:
            old = _signer(self._retired, message, signature) is not None
            return Rejected("retired_key" if old else "mismatch")
        if abs(now.timestamp() - int(timestamp)) > tolerance.total_seconds():
            return Rejected("stale_but_authentic")
        return Verified(index)


def _flaw(signature_headers: Sequence[bytes], timestamp_headers: Sequence[bytes]) -> str:
    if not signature_headers:
        return "missing_signature"
    if not timestamp_headers:
        return "missing_timestamp"
    if len(signature_headers) > 1 or len(timestamp_headers) > 1:
        return "repeated_header"
    # Before the signature: a timestamp that may hold a bar lets an attacker move the border between it and the body.
    return "" if _TIMESTAMP.fullmatch(timestamp_headers[0]) else "bad_timestamp"


def _signer(keys: tuple[VerifyKey, ...], message: bytes, signature: bytes) -> int | None:
    for index, key in enumerate(keys):
        try:
            key.verify(message, signature)
        except (BadSignatureError, ValueError):  # PyNaCl raises either
            continue
        return index
    return None


def _key(text: str, which: str) -> VerifyKey:
    raw = _decoded(text.encode(), KEY_BYTES)
    if raw is None:
        raise KeyRefused(f"{_SETTING}: {which} is not the base64 of {KEY_BYTES} bytes", _FORMAT)
    if not crypto_core_ed25519_is_valid_point(raw):
        raise KeyRefused(f"{_SETTING}: {which} is no usable point of the curve, so anyone could sign for it", _FORMAT)
    return VerifyKey(raw)


def _decoded(text: bytes, length: int) -> bytes | None:
    """The bytes that canonical base64 of exactly this many bytes stands for. Its length is looked at first."""
    if len(text) != -(-length // 3) * 4:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    # Unused bits of the last character can vary without changing the bytes: one signature has one text.
    return raw if len(raw) == length and base64.b64encode(raw) == text else None
