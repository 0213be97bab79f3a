"""Standard Webhooks, scheme v1a: what is signed, by which keys, and which keys are none."""

import base64
from datetime import UTC, datetime

import pytest
from nacl.signing import SigningKey

from reconciler.alerts.signing import Signer
from reconciler.model.errors import KeyRefused
from reconciler.model.settings import Secret

SEED = bytes(range(32))
PUBLIC = SigningKey(SEED).verify_key.encode()
NOW = datetime(2026, 3, 2, 12, 0, 0, 900_000, tzinfo=UTC)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize("text", [b64(SEED), f"whsk_{b64(SEED)}", f"whsk_{b64(SEED + PUBLIC)}"])
def test_a_key_may_be_a_seed_or_a_pair_with_or_without_its_prefix(text: str) -> None:
    signer = Signer("ops", Secret(text))

    assert signer.public_key == f"whpk_{b64(PUBLIC)}"
    assert signer.headers("msg_1", NOW, "{}") == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1772452800",
        "webhook-signature": f"v1a,{b64(SigningKey(SEED).sign(b'msg_1.1772452800.{}').signature)}",
    }


@pytest.mark.parametrize("text", ["", "whsk_", "whsk_AAAA", "whsec_" + b64(SEED), b64(SEED[1:]), b64(SEED + SEED), "é"])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(KeyRefused, match="alert receiver ops") as refused:
        Signer("ops", Secret(text))
    shown = set(f"{refused.value} {refused.value.hint}".split())
    assert text not in shown - {"whsk_"}
