"""kinds: how our nouns lie in columns. Times are integers, so that they compare alike in every database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from reconciler.model.ids import CampaignId
from reconciler.model.operations import Urgency

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
"""What JSON text can say."""

T = TypeVar("T")

FEW = 4_096
"""Values that are kept as they were last made: most rows share theirs with thousands of others."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Kind(TypeDecorator[T]):
    """A noun in a plain column: how it gets there, and how it comes back. None stays None."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True

    def __init__(self, impl: TypeEngine[Any], into: Callable[[T], object], back: Callable[[Any], T]) -> None:
        super().__init__()
        self.impl = impl
        self.into = into
        self.back = back

    def process_bind_param(self, value: T | None, _dialect: Dialect) -> object:
        """To the column."""
        return None if value is None else self.into(value)

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[Any], T | None]:
        """From the column, by nothing but `back`: what is remembered of all numbers is a million values."""
        back = self.back

        def read(value: object) -> T | None:
            return None if value is None else back(value)

        return read


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


@lru_cache(FEW)
def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _sayable(text: str) -> str:
    return text.replace("\0", "?").encode(errors="replace").decode()


@lru_cache(FEW)
def _ids(text: str) -> tuple[CampaignId, ...]:
    return tuple(CampaignId(one) for one in text.split())


def _instants(text: str) -> tuple[datetime, ...]:
    return tuple(_instant(int(one)) for one in text.split())


def word(noun: Callable[[str], T]) -> Kind[T]:
    """Text of one noun: an id that checks itself, or a word of an enum."""
    return Kind(Text(), str, noun)


def common(noun: Callable[[str], T]) -> Kind[T]:
    """The same, where many rows have one text: it is made into the noun once."""
    return Kind(Text(), str, lru_cache(FEW)(noun))


ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows by itself only in a column that is called INTEGER."""
INSTANT = Kind(BigInteger(), _microseconds, _instant)
"""A time, as microseconds since 1970 in UTC. A time without a zone is refused with `TypeError`."""
SAID = Kind(Text(), _sayable, str)
"""Text that others wrote. What no database can hold (NUL, lone surrogates) becomes `?`."""
LEVEL = Kind(Integer(), int, Urgency)
"""An urgency, as its number."""
IDS = Kind(Text(), " ".join, _ids)
"""Some campaign ids, with blanks between them: plain text, so that rows can be grouped by it."""
INSTANTS = Kind(Text(), lambda times: " ".join(str(_microseconds(at)) for at in times), _instants)
"""Some times, with blanks between them."""
