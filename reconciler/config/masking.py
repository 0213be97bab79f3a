"""Lines of the config as they may be shown: without the secrets that someone wrote into them.

It works on the text alone, because a file that is not YAML has problems to show as well. The value of a key that it
does not know is hidden too: the key may be `api_key`, misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.config.schema import FileSection
from reconciler.config.section import every_key

HIDDEN = "***"

_KEY = re.compile(r"""(?<![\w-])["']?(?P<key>[\w-]{1,64})["']?[ \t]*(?:(?P<yaml>:(?=[ \t"'\[{]|$))|[:=])""")
_KNOWN = every_key(FileSection) | {"cron"}
_STARTS_LINE = re.compile(r"[ \t]*(?:-[ \t]+)*[\"']?")
_SECRET_ENDINGS = ("key", "secret", "token", "password")
_SECRET_URLS = ("url", "webhook_url")
_CLOSING = {'"': re.compile(r'(?<!\\)(?:\\\\)*"'), "'": re.compile("'")}
_TELNYX_KEY = re.compile(r"KEY[0-9A-Za-z_-]{12,}")
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/\s@]*@")


def masked(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines, each cut where a secret begins. A secret that goes on over several lines hides them all."""
    mask = _Mask()
    return tuple(mask.show(line) for line in lines)


def without_tokens(text: str) -> str:
    """The text without what looks like a Telnyx API key or a URL's password, wherever it stands."""
    if "KEY" in text:
        text = _TELNYX_KEY.sub(HIDDEN, text)
    if "@" in text:
        text = _USER_AND_PASSWORD.sub(f"{HIDDEN}@", text)
    return text


def key_name(key: str) -> str:
    """A key as a message may name it: what follows a colon that lacks its space may be a secret."""
    return repr(without_tokens(re.split("[:=]", key)[0])[:64])


class _Mask:
    """Goes through a file line by line and remembers whether a secret is still going on."""

    def __init__(self) -> None:
        self._quote = ""
        self._deeper_than: int | None = None

    def show(self, line: str) -> str:
        """The line as it may be shown."""
        if self._goes_on(line):
            return HIDDEN
        if ":" not in line and "=" not in line:
            return without_tokens(line)
        for match in _KEY.finditer(line):
            value = line[match.end() :].lstrip()
            if _is_secret(match["key"], value) or (match["yaml"] and match["key"] not in _KNOWN):
                self._begin(line, match, value)
                return f"{without_tokens(line[: match.end()])} {HIDDEN}"
        return without_tokens(line)

    def _begin(self, line: str, match: re.Match[str], value: str) -> None:
        quote = value[:1]
        if quote in _CLOSING and not _CLOSING[quote].search(value, 1):
            self._quote = quote
        elif (start := _STARTS_LINE.match(line)) and start.end() >= match.start("key"):
            self._deeper_than = match.start()

    def _goes_on(self, line: str) -> bool:
        if self._quote:
            if _CLOSING[self._quote].search(line):
                self._quote = ""
            return True
        if self._deeper_than is not None:
            if not line.strip() or len(line) - len(line.lstrip()) > self._deeper_than:
                return True
            self._deeper_than = None
        return False


def _is_secret(key: str, value: str) -> bool:
    name = key.lower().replace("-", "_")
    if name in _SECRET_URLS:
        return not value.lstrip("\"'").startswith("sqlite:")
    if name.endswith("_file"):
        return "://" in value  # a URL put where its file belongs
    return name.endswith(_SECRET_ENDINGS) and name != "public_key"
