"""Lines of the config as they may be shown: without the secrets that someone wrote into them.

It works on the text alone, because a file that is not YAML has problems to show as well. The value of a key that it
does not know is hidden too, unless it is of a form that no secret has: the key may be `api_key`, misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.config.schema import FileSection
from reconciler.config.section import every_key

HIDDEN = "***"

_KEY = re.compile(r"""(?<![\w-])["']?(?P<key>[\w-]{1,64})["']?[ \t]*(?:(?P<yaml>:(?=[ \t"'\[{]|$))|[:=])""")
_KNOWN = every_key(FileSection) | {"cron"}
_POOL_KEYS = "|".join(
    rf"(?<=[^\w-]{key})" for key in ("name", "campaign", "description", "numbers", "number", "note", "until")
)
_POOL_LINE = re.compile(rf"""[^:=]*(?:(?:{_POOL_KEYS})["']?:(?!\S)[^:=]*)*""")
"""A line with no key but a pool's."""
_STARTS_LINE = re.compile(r"[ \t]*(?:-[ \t]+)*[\"']?")
_SECRET_ENDINGS = ("key", "secret", "token", "password")
_SECRET_URLS = ("url", "webhook_url")
_RECEIVERS = ("webhook", "slack")
"""Keys of mappings, after which people write the address itself."""
_NO_SECRET = re.compile(
    r"""
    (?P<quote> ["']? )
    (?: true | false | enforce | observe | [0-9]{1,5}(?:ms|s|m|h|d) | [0-9]{4}-[0-9]{2}-[0-9]{2} | \+1[0-9]{10} )
    (?P=quote) \s* (?: [,}\]\#] | $ )
    """,
    re.VERBOSE,
)
_LISTS = re.compile(
    r"""
    (?= (?: [^\s,;"']{0,23}+ (?: [\s,;"']++ | $ ) )*+ $ ) (?:  # no word as long as a key, and
      \+? [0-9]{7,15} \s* (?: [,;\#] | $ )                 # a number first,
    | \s* (?: \# | $ )                                    # nothing but a comment,
    | (?= .* (?: number | note | until ) ) [a-z\s,;"]* $   # the columns of a table,
    | (?: .* [,;] )? (?= (?: [^0-9,;\#]* [0-9] ){7} ) (?! (?: [^a-z,;\#]* [a-z] ){3} ) [^,;\#]{7,24} (?: [,;\#] | $ )
    )                                   # or a cell that is much like a number
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING = {'"': re.compile(r'(?<!\\)(?:\\\\)*"'), "'": re.compile("'")}
_TELNYX_KEY = re.compile(r"KEY[0-9A-Za-z_-]{12,}")
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/\s@]*@")


def masked(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines, each cut where a secret begins. A secret that goes on over several lines hides them all."""
    mask = _Mask()
    return tuple([line if not mask.is_on and _is_plain(line) else mask.show(line) for line in lines])


def _is_plain(line: str) -> bool:
    """Whether there is surely nothing to hide. Most lines of a long file are told so, much faster than by `show`."""
    return _POOL_LINE.fullmatch(line) is not None and "KEY" not in line and "@" not in line


def masked_list(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of a file of numbers. One that holds nothing like a number is hidden: the file may be another one."""
    return tuple([without_tokens(line) if _LISTS.match(line) else HIDDEN for line in lines])


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
        self.is_on = False
        """Whether a secret may go on in the next line."""
        self._quote = ""
        self._deeper_than: int | None = None

    def show(self, line: str) -> str:
        """The line as it may be shown."""
        self.is_on = self._goes_on(line)
        if self.is_on:
            return HIDDEN
        for match in _KEY.finditer(line):
            value = line[match.end() :].lstrip()
            is_unknown = match["yaml"] and match["key"] not in _KNOWN and not _NO_SECRET.match(value)
            if is_unknown or _is_secret(match["key"], value):
                self._begin(line, match, value)
                return f"{without_tokens(line[: match.end()])} {HIDDEN}"
        return without_tokens(line)

    def _begin(self, line: str, match: re.Match[str], value: str) -> None:
        quote = value[:1]
        if quote in _CLOSING and not _CLOSING[quote].search(value, 1):
            self._quote = quote
        elif (start := _STARTS_LINE.match(line)) and start.end() >= match.start("key"):
            self._deeper_than = match.start()
        self.is_on = bool(self._quote) or self._deeper_than is not None

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
    if name in _RECEIVERS:
        return "://" in value.partition("{")[0]
    if name.endswith("file"):
        return "://" in value  # a URL put where its file belongs
    return name.endswith(_SECRET_ENDINGS) and name != "public_key"
