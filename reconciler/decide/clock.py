"""clock: which alert holds of this machine's clock: that it was set, or that webhooks say that it is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.health import Unsigned

MOST_OFF = timedelta(seconds=2)
"""How far the wall clock may go from ours before it counts as set: a leap second or a slewed clock is no matter."""
QUIET = timedelta(minutes=30)
"""Without its being set again, before it counts as right."""
WITHIN = timedelta(minutes=10)
"""Telnyx sends an event that is refused again after 30 s."""
_SET = Family(AlertName.CLOCK_WRONG, "", "set")


def of_setting(by: timedelta, now: datetime) -> Judgement:
    """It was set by so much, to now."""
    seconds = round(abs(by).total_seconds())
    detail = f"set {'forward' if by > timedelta() else 'back'} by {seconds} s, to {now:%Y-%m-%d %H:%M:%S} UTC"
    return Judgement((_SET,), (Condition(_SET.alert, "", "set", "clock_set", detail),))


def of_quiet() -> Judgement:
    """It has not been set for `QUIET`."""
    return Judgement((_SET,))


def of_webhooks(unsigned: Unsigned, now: datetime) -> Judgement:
    """Telnyx signed two, and by our clock long ago or not yet: one of the clocks is wrong, or they are sent again."""
    family = Family(AlertName.CLOCK_WRONG, "", "webhooks")
    match unsigned.untimely:
        case (first, last) if last - first <= WITHIN and now - last < QUIET:
            detail = f"the last at {last:%Y-%m-%d %H:%M} UTC by our clock"
            return Judgement((family,), (Condition(family.alert, "", "webhooks", "webhooks_untimely", detail),))
        case _:  # just after the start, what was said before stands
            return Judgement((family,) if now - unsigned.since >= QUIET else ())


def was_set_back(showed: datetime | None, now: datetime) -> timedelta:
    """By how much, at least, while nobody looked; nothing if it was not."""
    return min(now - showed, timedelta()) if showed is not None and showed - now > MOST_OFF else timedelta()
