"""Only what Telnyx signed, lately and with a key of ours, is verified; and only good keys make a keyring."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from reconciler.model.errors import KeyRefused
from reconciler.telnyx.signature import REASONS, Keyring, Rejected, Verified

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
KEY, NEXT_KEY, OLD_KEY, STRANGER = (SigningKey(bytes([seed]) * 32) for seed in range(1, 5))
BODY = b'{"data":{"id":"e-1","record_type":"event"}}'


def public(key: SigningKey) -> str:
    return base64.b64encode(bytes(key.verify_key)).decode()


def stamp(seconds: int = 0) -> bytes:
    return str(int(NOW.timestamp()) + seconds).encode()


def signed(body: bytes = BODY, timestamp: bytes = stamp(), key: SigningKey = KEY) -> bytes:
    return base64.b64encode(key.sign(timestamp + b"|" + body).signature)


def check(signature: bytes, timestamp: bytes = stamp(), body: bytes = BODY) -> Verified | Rejected:
    return RING.check([signature], [timestamp], body, NOW, FIVE_MINUTES)


RING = Keyring((public(KEY), public(NEXT_KEY)), retired=(public(OLD_KEY),))


@pytest.mark.covers("E06")
def test_a_signed_body_is_verified_and_names_its_key() -> None:
    assert check(signed()) == Verified(0)
    assert check(signed(key=NEXT_KEY)) == Verified(1)
    assert Verified(1).reason == ""


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_the_tolerance_is_inclusive(seconds: int) -> None:
    assert check(signed(timestamp=stamp(seconds)), stamp(seconds)) == Verified(0)


@pytest.mark.covers("E06")
@pytest.mark.parametrize("seconds", [-301, 301, -365 * 86_400, 10**11])
def test_an_authentic_body_out_of_its_time_says_so(seconds: int) -> None:
    assert check(signed(timestamp=stamp(seconds)), stamp(seconds)) == Rejected("stale_but_authentic")


def test_a_retired_key_says_so() -> None:
    assert check(signed(key=OLD_KEY)) == Rejected("retired_key")
    assert Rejected("retired_key").key_index is None


@pytest.mark.parametrize(
    ("signatures", "timestamps", "reason"),
    [
        pytest.param([], [stamp()], "missing_signature", id="no signature"),
        pytest.param([], [], "missing_signature", id="neither"),
        pytest.param([signed()], [], "missing_timestamp", id="no timestamp"),
        pytest.param([signed(), signed()], [stamp()], "repeated_header", id="two signatures, both good"),
        pytest.param([signed()], [stamp(), stamp()], "repeated_header", id="two timestamps, both good"),
        pytest.param([signed(key=STRANGER)], [stamp()], "mismatch", id="a stranger's key"),
        pytest.param([signed(b"")], [stamp()], "mismatch", id="another body's signature"),
        pytest.param([signed(timestamp=stamp(1))], [stamp()], "mismatch", id="another time's signature"),
        pytest.param([base64.b64encode(KEY.sign(BODY).signature)], [stamp()], "mismatch", id="signed without the time"),
        pytest.param([b"\0" * 88], [stamp()], "bad_base64", id="88 NULs"),
        pytest.param([base64.b64encode(b"\0" * 64)], [stamp()], "mismatch", id="64 NULs"),
        pytest.param([base64.b64encode(b"\xff" * 64)], [stamp()], "mismatch", id="scalar out of range"),
    ],
)
def test_a_delivery_that_cannot_be_trusted(signatures: list[bytes], timestamps: list[bytes], reason: str) -> None:
    assert reason in REASONS
    assert RING.check(signatures, timestamps, BODY, NOW, FIVE_MINUTES) == Rejected(reason)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        signed()[:-2],
        signed() + b"==",
        signed() + b"\n",
        b" " + signed(),
        signed()[:-3] + bytes([signed()[-3] + 1]) + b"==",
        signed().replace(b"=", b"%3D"),
        base64.b64decode(signed()).hex().encode(),
        base64.b64encode(base64.b64decode(signed()) + b"\0"),
        base64.b64encode(base64.b64decode(signed())[:-1]),
        base64.b64encode(b"\0" * 45_000),
        "é".encode() * 44,
    ],
)
def test_only_canonical_base64_of_64_bytes_is_a_signature(signature: bytes) -> None:
    assert check(signature) == Rejected("bad_base64")


@pytest.mark.parametrize(
    "timestamp",
    [
        b"",
        b"0",
        b"-1700000000",
        b"+1700000000",
        b"1_700_000_000",
        b"17 00000000",
        b" 1700000000",
        b"1700000000\n",
        b"01700000000",
        b"0x6553F100",
        b"1e9",
        b"1700000000.0",
        b"\xb2",
        b"\xd9\xa1\xd9\xa7",
        b"9" * 13,
        b"9" * 40,
        b"9" * 5_000,
    ],
)
def test_a_timestamp_is_one_to_twelve_digits_even_when_signed(timestamp: bytes) -> None:
    assert check(signed(timestamp=timestamp), timestamp) == Rejected("bad_timestamp")


def test_the_border_between_timestamp_and_body_cannot_be_moved() -> None:
    """SIG-27: the signed text is unchanged, so the signature itself would verify."""
    body = b'{"data":{"id":"a|b"}}'
    head, tail = body.split(b"|")

    assert check(signed(body), stamp() + b"|" + head, tail) == Rejected("bad_timestamp")


@given(body=st.binary(max_size=200), seconds=st.integers(-300, 300))
def test_any_signed_bytes_are_verified(body: bytes, seconds: int) -> None:
    assert check(signed(body, stamp(seconds)), stamp(seconds), body) == Verified(0)


@pytest.mark.covers("E06")
@given(body=st.binary(min_size=1, max_size=50), at=st.integers(0), bit=st.integers(0, 7), what=st.sampled_from("bst"))
def test_no_bit_may_change(body: bytes, at: int, bit: int, what: str) -> None:
    parts = {"b": body, "s": signed(body), "t": stamp()}
    changed = bytearray(parts[what])
    changed[at % len(changed)] ^= 1 << bit
    parts[what] = bytes(changed)

    assert isinstance(check(parts["s"], parts["t"], parts["b"]), Rejected)


@given(
    st.lists(st.binary(max_size=100), max_size=2), st.lists(st.binary(max_size=20), max_size=2), st.binary(max_size=20)
)
def test_nothing_raises(signatures: list[bytes], timestamps: list[bytes], body: bytes) -> None:
    assert RING.check(signatures, timestamps, body, NOW, FIVE_MINUTES).reason in REASONS


def test_the_official_sdk_agrees() -> None:
    """Its check is laxer than ours, so it accepts what we accept."""
    verification = pytest.importorskip("telnyx.lib.webhook_verification")
    now = datetime.now(UTC)
    timestamp = str(int(now.timestamp())).encode()
    signature = signed(timestamp=timestamp)
    headers = {"telnyx-signature-ed25519": signature.decode(), "telnyx-timestamp": timestamp.decode()}

    verification.verify_webhook_signature(BODY.decode(), headers, public(KEY))
    assert RING.check([signature], [timestamp], BODY, now, FIVE_MINUTES) == Verified(0)


P = 2**255 - 19
ORDER_8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
SMALL = [0, 1, P - 1, P, P + 1, ORDER_8, P - ORDER_8]
OFF_CURVE = [2, 2**255 - 1]


@pytest.mark.parametrize("y", [y | sign << 255 for y in (*SMALL, *OFF_CURVE) for sign in (0, 1)])
def test_sig_37_a_key_that_anyone_could_sign_for_is_refused(y: int) -> None:
    text = base64.b64encode(y.to_bytes(32, "little")).decode()

    with pytest.raises(KeyRefused, match=r"telnyx\.public_key: key 1 ") as refused:
        Keyring((text,))
    assert text not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("keys", [(), ("",), (" \t\n",), ("", " ")])
def test_sig_38_no_key_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(KeyRefused, match=r"telnyx\.public_key is not set") as refused:
        Keyring(keys)
    assert "32-byte" in refused.value.hint


RAW = bytes(KEY.verify_key)
DER = bytes.fromhex("302a300506032b6570032100") + RAW


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(DER).decode()}\n-----END PUBLIC KEY-----", id="PEM"
        ),
        pytest.param(RAW.hex(), id="hex"),
        pytest.param(base64.b64encode(DER).decode(), id="DER"),
        pytest.param(base64.b64encode(RAW[:31]).decode(), id="31 bytes"),
        pytest.param(base64.b64encode(RAW + b"\0").decode(), id="33 bytes"),
        pytest.param(base64.urlsafe_b64encode(b"\xff" * 32).decode(), id="the URL-safe alphabet"),
        pytest.param(public(KEY).rstrip("="), id="no padding"),
        pytest.param(public(KEY) + "\n", id="a line end"),
        pytest.param("é" * 22, id="not ASCII"),
    ],
)
def test_sig_39_a_key_in_another_format_is_refused(text: str) -> None:
    for keys, retired, which in [
        ((text,), (), "key 1"),
        ((public(KEY), text), (), "key 2"),
        ((public(KEY),), (text,), "r"),
    ]:
        with pytest.raises(KeyRefused, match=rf"telnyx\.public_key: {which}") as refused:
            Keyring(keys, retired)
        assert "base64 of the raw 32-byte" in refused.value.hint
        assert text not in f"{refused.value} {refused.value.hint}"


def test_an_empty_key_among_others_is_refused() -> None:
    with pytest.raises(KeyRefused, match="key 2"):
        Keyring((public(KEY), ""))


def test_more_than_three_keys_are_refused() -> None:
    with pytest.raises(KeyRefused, match="more than 3"):
        Keyring((public(KEY),) * 4)
