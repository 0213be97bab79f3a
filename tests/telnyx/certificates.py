"""Certificates for servers on loopback, made as a test needs them: Ed25519, signed by themselves, in plain DER."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from nacl.signing import SigningKey

INTEGER, BITS, OCTETS, OID, TEXT, SEQUENCE, SET, TIME = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x30, 0x31, 0x18
ED25519, COMMON_NAME, ALTERNATIVE_NAME = b"\x2b\x65\x70", b"\x55\x04\x03", b"\x55\x1d\x11"
LOOPBACK = b"\x87\x04\x7f\x00\x00\x01"
"""The address 127.0.0.1, as an alternative name (RFC 5280)."""


def certificate_of(folder: Path, name: str, alternative: bytes, begins: datetime, ends: datetime) -> Path:
    """A file with a certificate that its own key signed, and that key. `alternative` is the one name that it is for."""
    key = SigningKey.generate()
    algorithm = _der(SEQUENCE, _der(OID, ED25519))
    who = _der(SEQUENCE, _der(SET, _der(SEQUENCE, _der(OID, COMMON_NAME), _der(TEXT, name.encode()))))
    times = _der(SEQUENCE, *(_der(TIME, f"{at:%Y%m%d%H%M%SZ}".encode()) for at in (begins, ends)))
    public = _der(SEQUENCE, algorithm, _der(BITS, b"\0" + bytes(key.verify_key)))
    names = _der(SEQUENCE, _der(OID, ALTERNATIVE_NAME), _der(OCTETS, _der(SEQUENCE, alternative)))
    version, serial, more = _der(0xA0, _der(INTEGER, b"\2")), _der(INTEGER, b"\1"), _der(0xA3, _der(SEQUENCE, names))
    said = _der(SEQUENCE, version, serial, algorithm, who, times, who, public, more)
    whole = _der(SEQUENCE, said, algorithm, _der(BITS, b"\0" + key.sign(said).signature))
    secret = _der(SEQUENCE, _der(INTEGER, b"\0"), algorithm, _der(OCTETS, _der(OCTETS, bytes(key))))
    file = folder / f"{name}.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(whole) + _key_of(secret))
    return file


def _key_of(secret: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(secret).replace("CERTIFICATE", "PRIVATE KEY")


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body
