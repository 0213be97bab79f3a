"""Cron lines: five fields, or six with seconds first. What is let pass here, the scheduler runs as cron would."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.config.mistake import Mistake

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of each month
_ITEM = re.compile(
    r"(?:\*|(?P<first>[0-9]{1,2}|[a-z]{3})(?:-(?P<last>[0-9]{1,2}|[a-z]{3}))?)(?:/(?P<step>[0-9]{1,2}))?"
)
_HINT = "minute hour day month weekday, such as `cron: */10 * * * *`; with six fields, seconds come first"


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def values(self, part: str) -> frozenset[int]:
        """Every value that a part of the line stands for."""
        return frozenset().union(*(self._range(item) for item in part.split(",")))

    def _range(self, item: str) -> range:
        match = _ITEM.fullmatch(item)
        if match is None:
            raise self._mistake()
        first, last = self.low, self.high
        if match["first"]:
            first = self._number(match["first"])
            if match["last"]:
                last = self._number(match["last"])
            elif not match["step"]:
                last = first
        step = int(match["step"] or 1)
        # A step beyond its range fires once in it: the scheduler refuses what is most likely a slip.
        if not self.low <= first <= last <= self.high or step < 1 or (match["step"] and step > last - first):
            raise self._mistake()
        return range(first, last + 1, step)

    def _number(self, text: str) -> int:
        if text.isdecimal():
            return int(text)
        if text in self.words:
            return self.low + self.words.index(text)
        raise self._mistake()

    def _mistake(self) -> Mistake:
        return Mistake(f"not a cron line: its {self.name} cannot be read", _HINT)


_MONTH = _Field("month", 1, 12, _MONTHS)
_WEEKDAY = _Field("weekday", 0, 7, _DAYS)
_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _MONTH,
    _WEEKDAY,
)


def cron_line(text: str) -> str:
    """The line with its weekdays by name, since cron counts them from Sunday (0 or 7) and schedulers do not.

    Raises `Mistake` for what is no cron line, what never comes, and for a day together with a weekday, which cron
    takes for either and schedulers for both.
    """
    parts = text.lower().split()
    if len(parts) not in (len(_FIELDS) - 1, len(_FIELDS)):
        raise Mistake("not a cron line: it needs five fields, or six", _HINT)
    *_, days, months, weekdays = [field.values(part) for field, part in zip(_FIELDS[-len(parts) :], parts, strict=True)]
    if min(days) > max(_LONGEST[month - 1] for month in months):
        raise Mistake("a date that never comes")
    if "*" not in (parts[-3], parts[-1]):
        raise Mistake("a day and a weekday together", "name one of the two, and put * for the other")
    if parts[-2] != "*":
        parts[-2] = ",".join(str(month) for month in sorted(months))
    if parts[-1] != "*":
        parts[-1] = ",".join(_DAYS[day] for day in sorted({day % 7 for day in weekdays}))
    return " ".join(parts)
