"""pick: which of the looks that are due to take now."""

from __future__ import annotations

from reconciler.model.events import BY_SCHEDULE, Cause, Everything
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from reconciler.model.pools import Desired

MOST_URGENT = 8
"""Campaigns in one round when a person or Telnyx waits for it."""
MOST_AT_EASE = 2
"""Campaigns in one round of a sweep: what comes up meanwhile waits for no more than this."""


def pick(asked: tuple[Asked, ...], desired: Desired) -> tuple[Asked, ...]:
    """The first few campaigns of what was asked, the most urgent first, with all that was asked about them.

    What is about no managed campaign is picked too: there is nothing to look at, and it is answered by that.
    """
    ranked = sorted(asked, key=lambda one: list(Cause).index(one.cause))
    at_ease = not ranked or ranked[0].cause in {Cause.START, Cause.RELOAD, *BY_SCHEDULE}
    most = MOST_AT_EASE if at_ease else MOST_URGENT
    chosen: dict[CampaignId, None] = {}
    picked = []
    for one in ranked:
        campaign = None if isinstance(one.subject, Everything) else desired.campaign_of(one.subject)
        if campaign is not None and campaign not in chosen:
            if len(chosen) == most:
                continue
            chosen[campaign] = None
        picked.append(one)
    return tuple(picked)
