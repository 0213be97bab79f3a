"""pick: which of the looks that are due to take now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from reconciler.model.events import AT_EASE, RANK, Cause, Everything
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from reconciler.model.pools import Desired

MOST_URGENT = 8
"""Campaigns in one round when a person or Telnyx waits for it."""
MOST_AT_EASE = 2
"""Campaigns in one round of a sweep: what comes up meanwhile waits for no more than this."""
PASSED_OVER = timedelta(seconds=60)
"""After so long a look that more urgent ones go before has a place in every round: one campaign of it."""

_TOLD, _AWAITED, _AT_EASE = range(3)
_KIND: Mapping[Cause, int] = MappingProxyType(
    {
        Cause.EVENT: _TOLD,
        Cause.CONFIRM: _AWAITED,
        Cause.REQUEST: _AWAITED,
        Cause.PROBE: _AWAITED,
        **dict.fromkeys(AT_EASE, _AT_EASE),
    }
)
"""A round is written when all its campaigns were read, so an approval shares one with nothing less urgent."""


def pick(asked: tuple[Asked, ...], desired: Desired, *, now: datetime) -> tuple[Asked, ...]:
    """The first few campaigns of what was asked, the most urgent first, with all that was asked about them.

    Only those of the most urgent kind, and one that was passed over for long. What is about no managed campaign is
    picked too: there is nothing to look at, and it is answered by that.
    """
    ranked = sorted(asked, key=lambda one: (_KIND[one.cause], RANK[one.cause]))
    kind = _KIND[ranked[0].cause] if ranked else _AT_EASE
    most = MOST_AT_EASE if kind == _AT_EASE else MOST_URGENT
    chosen: dict[CampaignId, None] = {}
    picked = []
    late = [one for one in ranked if _KIND[one.cause] > kind and now - one.since >= PASSED_OVER]
    passed_over = min(late, key=lambda one: one.since, default=None)
    for one in ranked:
        campaign = None if isinstance(one.subject, Everything) else desired.campaign_of(one.subject)
        if campaign is not None and campaign not in chosen:
            has_place = len(chosen) < most and _KIND[one.cause] == kind
            if not has_place and one is not passed_over:
                continue
            chosen[campaign] = None
        picked.append(one)
    return tuple(picked)
