"""What the text of one value means: durations, rates, addresses, choices. Each raises `Mistake` for what is none."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import timedelta
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from reconciler.config.cron import cron_line
from reconciler.config.mistake import Mistake, guess
from reconciler.model.alerts import AlertName
from reconciler.model.ids import ProfileId
from reconciler.model.settings import Cron, Every, Listen, Rhythm, Secret

LONGEST_WAIT = timedelta(days=366)
SHORTEST_EVERY = timedelta(seconds=1)
LARGEST_SIZE = 1000**5
RATE_LIMITS_PER_SECOND = (1 / 60, 10_000.0)
PUBLIC_KEY_BYTES = 32
HIGHEST_PORT = 65_535
NOTE_CHARACTERS = 500
SIGNING_KEY_BYTES = (32, 64)
"""A seed alone, or with its public key behind it."""

_DURATION = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>ms|s|m|h|d)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_RATE = re.compile(r"(?P<count>[0-9]{1,5}(?:\.[0-9]{1,3})?)/(?P<unit>s|min)")
_SIZE = re.compile(r"(?P<count>[0-9]{1,12})(?P<unit>B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)")
_BYTES: dict[str, int] = {
    "B": 1,
    **{f"{letter}B": 1000**power for power, letter in enumerate("KMGT", 1)},
    **{f"{letter}iB": 1024**power for power, letter in enumerate("KMGT", 1)},
}
_LISTEN = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?P<host>[A-Za-z0-9.-]{1,253})):(?P<port>[0-9]{1,5})")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?")
_PATH = re.compile(r"/[A-Za-z0-9._~/-]{0,254}")
_SQLITE = re.compile(r"sqlite:///(?P<file>[^?#\0]{1,1024})")
_VISIBLE = re.compile("[!-~]+")
_GLOB = re.compile(r"[A-Za-z0-9*?\[\]!._-]{1,100}")
_RECEIVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def text(value: str) -> str:
    """Any text but none."""
    if not value.strip():
        raise Mistake("is empty")
    return value


def any_text(value: str) -> str:
    """Any text."""
    return value


def boolean(value: str) -> bool:
    """`true` or `false`, and no other word for them."""
    if value not in ("true", "false"):
        raise Mistake("must be true or false")
    return value == "true"


def choice(*allowed: str, planned: tuple[str, ...] = ()) -> Callable[[str], str]:
    """Reads one of some words. Of `planned` ones it says that they are not supported yet."""

    def read(value: str) -> str:
        if value in planned:
            raise Mistake(f"{value}: not supported yet", f"choose {' or '.join(allowed)}")
        if value not in allowed:
            raise Mistake(f"must be {' or '.join(allowed)}{guess(value.lower(), (*allowed, *planned))}")
        return value

    return read


def duration(value: str) -> timedelta:
    """A time longer than none, such as `500ms`, `90s`, `10m`, `72h` or `1d`; a year at most."""
    match = _DURATION.fullmatch(value)
    if match is None:
        raise Mistake("not a duration", "a whole number and its unit: 500ms, 90s, 10m, 72h or 1d")
    count, unit = int(match["count"]), _UNITS[match["unit"]]
    if count == 0:
        raise Mistake("must be longer than zero")
    if count > LONGEST_WAIT // unit:
        raise Mistake(f"must not be longer than {LONGEST_WAIT.days}d")
    return count * unit


def spread(value: str) -> timedelta:
    """A time that may be none: `0s`, or as `duration` reads it."""
    return timedelta() if value == "0s" else duration(value)


def size(value: str) -> int:
    """Bytes: `256MB`, `1GiB`, `0B`; a petabyte at most."""
    match = _SIZE.fullmatch(value)
    if match is None:
        raise Mistake("not a size", "a whole number and its unit: 256MB, 1GB or 512MiB")
    count = int(match["count"]) * _BYTES[match["unit"]]
    if count > LARGEST_SIZE:
        raise Mistake("must not be larger than 1000TB")
    return count


def rate(value: str) -> float | None:
    """Calls a second: `20/s` or `1000/min`; None for `auto`."""
    if value == "auto":
        return None
    match = _RATE.fullmatch(value)
    if match is None:
        raise Mistake("not a rate", "auto, or calls in a time: 20/s or 1000/min")
    per_second = float(match["count"]) / (60 if match["unit"] == "min" else 1)
    low, high = RATE_LIMITS_PER_SECOND
    if not low <= per_second <= high:
        raise Mistake(f"must be between 1/min and {high:.0f}/s")
    return per_second


def rhythm(value: str) -> Rhythm:
    """`every 10m`, or `cron: LINE`."""
    if value.startswith("every "):
        interval = duration(value.removeprefix("every ").strip())
        if interval < SHORTEST_EVERY:
            raise Mistake("must not be shorter than 1s")
        return Every(interval)
    if value.startswith("cron:"):
        return Cron(cron_line(value.removeprefix("cron:")))
    raise Mistake("not a schedule", 'write `every 10m` or "cron: */10 * * * *"')


def listen(value: str) -> Listen:
    """An address and a port: `0.0.0.0:8080`, `[::1]:8081`."""
    match = _LISTEN.fullmatch(value)
    host = (match["ipv6"] or match["host"]) if match else ""
    is_number = bool(match and match["ipv6"]) or not host.strip("0123456789.")
    if match is None or int(match["port"]) > HIGHEST_PORT or (is_number and _address(host) is None):
        raise Mistake("not an address to listen on", "host:port, such as 127.0.0.1:8080 or [::1]:8080")
    return Listen(host, int(match["port"]))


def loopback(value: str) -> Listen:
    """An address and a port that only this machine can reach."""
    found = listen(value)
    address = _address(found.host)
    if found.host != "localhost" and (address is None or not address.is_loopback):
        raise Mistake(
            "must be a loopback address: the tokens that others would need are not supported yet",
            "listen on 127.0.0.1:8081",
        )
    return found


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def web_address(value: str) -> str:
    """An http or https URL with a host."""
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or not _VISIBLE.fullmatch(value):
        raise Mistake("not an http or https URL", "such as https://hooks.example.com/path")
    return value


def open_address(value: str) -> str:
    """An http or https URL without a user, a query or a fragment, so that it may be shown; no slash at its end."""
    parts = urlsplit(web_address(value))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Mistake("must have no user, no ? and no # part", "a secret does not belong here")
    return value.rstrip("/?#")


def path(value: str) -> str:
    """A path on the public listener."""
    if not _PATH.fullmatch(value):
        raise Mistake("not a path", "it begins with / and holds letters, digits, and . _ ~ - only")
    if value == "/livez":
        raise Mistake("is taken: there the listener says that it is up")
    return value


def host(value: str) -> str:
    """A host as requests name it, with a port or without."""
    if not _HOST.fullmatch(value):
        raise Mistake("not a host", "such as hooks.example.com")
    return value.lower()


def store_url(value: str) -> str:
    """A SQLite file as a URL."""
    if value.startswith(("postgresql:", "postgresql+", "postgres:")):
        raise Mistake("PostgreSQL: not supported yet", "sqlite:///tendlc.db")
    match = _SQLITE.fullmatch(value)
    if match is None or match["file"].endswith(("/", ":memory:")):
        raise Mistake("not a SQLite file's URL", "sqlite:///tendlc.db, or sqlite:////var/lib/tendlc/tendlc.db")
    return value


def receiver_name(value: str) -> str:
    """A receiver's name."""
    if not _RECEIVER_NAME.fullmatch(value):
        raise Mistake("not a name", "1-63 letters, digits, and . _ - between them")
    return value


def public_key(value: str) -> str:
    """A public key in base64. Whether it is a point on the curve is checked at start."""
    if _length(value) != PUBLIC_KEY_BYTES:
        raise Mistake(
            f"not a public key: base64 of {PUBLIC_KEY_BYTES} bytes is wanted",
            "44 characters, the last of them =, from the account's API keys page",
        )
    return value


def profile_id(value: str) -> ProfileId:
    """A messaging profile's id."""
    try:
        return ProfileId(value)
    except ValueError:
        raise Mistake("not a messaging profile id", "a UUID, such as 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11") from None


def number_file(value: str) -> str:
    """The name of a file of numbers."""
    if "://" in value or not value.lower().endswith((".txt", ".csv")):
        raise Mistake("must be a file's name that ends in .txt or .csv", "such as numbers/acme.txt")
    return value


def note(value: str) -> str:
    """What people say of a number, as one line."""
    line = " ".join(value.split())
    if len(line) > NOTE_CHARACTERS:
        raise Mistake(f"must not be longer than {NOTE_CHARACTERS} characters")
    return line


def secret(value: str) -> Secret:
    """A secret that goes into a header."""
    if not value:
        raise Mistake("is empty")
    if not _VISIBLE.fullmatch(value):
        raise Mistake("holds a space or a character that is not ASCII", "look at how it was copied")
    return Secret(value)


def secret_address(value: str) -> Secret:
    """A URL that is a secret as a whole."""
    return Secret(web_address(value))


def signing_key(value: str) -> Secret:
    """An Ed25519 key as Standard Webhooks writes it, or its bare base64. Whether its halves fit is checked at start."""
    if _length(value.removeprefix("whsk_")) not in SIGNING_KEY_BYTES:
        raise Mistake("not a signing key", "whsk_ and the base64 of an Ed25519 seed: 32 bytes")
    return Secret(value)


def _length(value: str) -> int:
    """How many bytes this is the base64 of; 0 where it is none."""
    try:
        return len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return 0


def glob(value: str) -> str:
    """A name, or a pattern with * ? and [] as the shell has them."""
    if not _GLOB.fullmatch(value):
        raise Mistake("not a name or a pattern", "such as acme-marketing or acme-*")
    return value


def alert_glob(value: str) -> str:
    """The name of an alert, or a pattern that fits one."""
    if not any(fnmatchcase(name, glob(value)) for name in AlertName):
        raise Mistake(f"no alert is named so{guess(value, [name.value for name in AlertName])}")
    return value
