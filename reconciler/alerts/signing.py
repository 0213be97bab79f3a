"""Signs what goes to webhook receivers, by Standard Webhooks 1.0.0: Ed25519, scheme `v1a`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from nacl.signing import SigningKey

from reconciler.model.errors import KeyRefused
from reconciler.model.settings import Secret

SEED_BYTES: Final = 32
PAIR_BYTES: Final = 64
"""A seed with its public key behind it, as libsodium keeps a secret key."""
PRIVATE: Final = "whsk_"
PUBLIC: Final = "whpk_"


class Signer:
    """Holds the key of one receiver."""

    def __init__(self, name: str, key: Secret) -> None:
        """`name` is the receiver's. Raises KeyRefused for what is no key, without showing it."""
        raw = _decoded(key.reveal())
        if len(raw) not in (SEED_BYTES, PAIR_BYTES):
            hint = f"give {PRIVATE} and the base64 of a {SEED_BYTES}-byte Ed25519 seed"
            raise KeyRefused(f"the signing key of the alert receiver {name} is not one", hint)
        self._key = SigningKey(raw[:SEED_BYTES])
        if len(raw) == PAIR_BYTES and raw[SEED_BYTES:] != self._key.verify_key.encode():
            raise KeyRefused(
                f"the signing key of the alert receiver {name} has two halves that do not belong together",
                "make it anew, or give its seed alone",
            )

    @property
    def public_key(self) -> str:
        """What the receiver verifies by, as the standard writes it."""
        return f"{PUBLIC}{base64.b64encode(self._key.verify_key.encode()).decode()}"

    def headers(self, message_id: str, at: datetime, body: str) -> Mapping[str, str]:
        """The three headers. The id is the same at every attempt to send a message, the time is the attempt's."""
        seconds = int(at.timestamp())
        signature = self._key.sign(f"{message_id}.{seconds}.{body}".encode()).signature
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
        }


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(PRIVATE), validate=True)
    except (binascii.Error, ValueError):
        return b""
