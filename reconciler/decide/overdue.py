"""overdue: which pools have not been checked for too long: whatever should have done it ended, hangs, or never came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.memory import PoolCheck
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired

AT_LEAST = timedelta(minutes=30)
"""However often checks are: a slow rate or a busy Telnyx may put off some."""


def overdue(
    desired: Desired, checks: Iterable[PoolCheck], started: datetime, *, known: bool, now: datetime, patience: Patience
) -> Judgement:
    """ChecksOverdue for each pool without a check for three times the interval. A pool never checked waits since start.

    `known`: another alert says already why nothing can be read; then what was said of this stands.
    """
    if known:
        return Judgement()
    name, most = AlertName.CHECKS_OVERDUE, max(1.5 * patience.two_checks, AT_LEAST)
    last = {one.pool: one.checked_at for one in checks}
    late = ((pool.name, max(last.get(pool.name, started), started)) for pool in desired.pools)
    holding = tuple(
        Condition(name, pool, "", "not_checked", f"not since {at:%Y-%m-%d %H:%M} UTC")
        for pool, at in late
        if now - at > most
    )
    return Judgement(tuple(Family(name, pool.name) for pool in desired.pools), holding)
