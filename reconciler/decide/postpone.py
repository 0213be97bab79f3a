"""postpone: when to look again at what could not be seen clearly."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.drift import Drift, Unproven
from reconciler.model.events import EVERYTHING, Cause, Everything, Trigger
from reconciler.model.fleet import Observed
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Asked
from reconciler.model.operations import Patience
from reconciler.model.pools import Desired
from reconciler.model.standing import Halt

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(seconds=60)


def postpone(
    asked: tuple[Asked, ...],
    desired: Desired,
    observed: Observed,
    drifts: tuple[Drift, ...],
    halt: Halt | None,
    *,
    now: datetime,
    patience: Patience,
    draw: float,
) -> tuple[tuple[tuple[Asked, datetime], ...], tuple[Trigger, ...]]:
    """Put off what was asked and could not be read, and ask for what is still unclear.

    A question waits about as long again as it has waited, 1 s to 60 s, with full jitter; a sweep is asked again only
    for the campaigns that failed. Where a number was not seen and its absence is not shown, its campaign is looked at
    again: soon while reads of single numbers go on, else after the settle window. While halted one probe looks
    everywhere.
    """
    if halt is not None:
        next_probe = halt.probe_at if halt.probe_at > now else now + patience.halt_probe
        return (), (Trigger(EVERYTHING, Cause.PROBE, next_probe),)
    unread = {subject for subject, _ in observed.faults}
    failed = {pool.campaign for pool in desired.pools if not pool.sources.isdisjoint(unread)}
    late: list[tuple[Asked, datetime]] = []
    again: dict[CampaignId, Trigger] = {}
    for one in asked:
        wait = min(max(now - one.since, FIRST_WAIT), LONGEST_WAIT)
        due = now + FIRST_WAIT / 2 + draw * wait
        if isinstance(one.subject, Everything):
            for campaign in desired.campaigns:
                if campaign in failed:
                    again[campaign] = Trigger(campaign, Cause.SWEEP, due)
        elif desired.campaign_of(one.subject) in failed:
            late.append((one, due))
    told = observed.told()
    next_look = now + (FIRST_WAIT if observed.singles or observed.lines else patience.settle_window)
    for drift in drifts:
        if isinstance(drift, Unproven) and drift.number not in told and drift.campaign not in failed:
            again.setdefault(drift.campaign, Trigger(drift.campaign, Cause.CONFIRM, next_look))
    return tuple(late), tuple(again.values())
