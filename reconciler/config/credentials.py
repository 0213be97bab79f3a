"""Secrets that live in files of their own: `*_file` settings and systemd's credentials."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reconciler.config import scalars
from reconciler.config.disk import is_there
from reconciler.config.mistake import Mistake
from reconciler.config.reading import Reading
from reconciler.model.settings import Secret

SECRET_BYTES = 64 * 1024
PUBLIC_KEYS_LIMIT = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What systemd hands over (`LoadCredential=`), and what is wrong with it."""

    api_key: Secret | None = None
    public_keys: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def read_credentials(folder: Path | None, wanted: Collection[str], reading: Reading) -> Credentials:
    """The wanted ones of `api_key` and `public_key`, as far as the folder holds them."""
    mistakes: list[Mistake] = []

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        path = _path(folder, name) if name in wanted else None
        try:
            return read_secret(path, parse, reading) if path else None
        except Mistake as mistake:
            mistakes.append(mistake)
            return None

    key, public_keys = read("api_key", scalars.secret), read("public_key", public_keys_of)
    return Credentials(key, public_keys or (), tuple(mistakes))


def _path(folder: Path | None, name: str) -> Path | None:
    path = folder / f"telnyx-{name.replace('_', '-')}" if folder else None
    return path if path and is_there(path) else None


def read_secret(path: Path, parse: Callable[[str], T], reading: Reading) -> T:
    """What `parse` makes of a file's text without its last line end. Raises `Mistake`, which names the file alone."""
    try:
        text = reading.secret(path, SECRET_BYTES).decode().rstrip("\r\n")
        return parse(scalars.text(text))
    except UnicodeDecodeError:
        raise Mistake(f"the file {path} is not UTF-8") from None
    except Mistake as mistake:
        raise Mistake(f"the file {path} {mistake.words}", mistake.hint) from None


def public_keys_of(text: str) -> tuple[str, ...]:
    """The public keys of a file's text, one a line."""
    lines = text.split()
    if len(lines) > PUBLIC_KEYS_LIMIT:
        raise Mistake(f"holds more than {PUBLIC_KEYS_LIMIT} public keys")
    return tuple(scalars.public_key(line) for line in lines)
