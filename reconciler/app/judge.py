"""The judge: asks again and again which alerts hold of the service as a whole, and remembers what that takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from reconciler import flow
from reconciler.model.health import Holds
from reconciler.model.pools import Desired
from reconciler.ports import Hands
from reconciler.web.refusals import Refusals

JUDGE_SECONDS = 15.0


class Judge:
    """`refusals` are the webhooks that were turned away since the start, which is now."""

    def __init__(self, refusals: Refusals, now: datetime) -> None:
        self._refusals = refusals
        self._started = now
        self._holds = Holds(frozenset(), now)

    async def step(self, hands: Hands, desired: Desired, opens_at: datetime | None) -> float:
        """Judge; how many seconds to rest."""
        unsigned = self._refusals.told(self._started)
        self._holds = await flow.judge(hands, desired, unsigned, self._holds, opens_at)
        return JUDGE_SECONDS

    def moved(self, by: timedelta) -> None:
        """The clock was set."""
        self._started += by
        self._holds = replace(self._holds, since=self._holds.since + by)
        self._refusals.moved(by)
