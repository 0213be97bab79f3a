"""postpone: when to look again at what could not be seen clearly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from reconciler.model.drift import Drift, Unproven
from reconciler.model.events import EVERYTHING, Cause, Everything, Subject, Trigger
from reconciler.model.fleet import AssignmentState, Observed
from reconciler.model.memory import Asked
from reconciler.model.patience import Patience
from reconciler.model.pools import Desired
from reconciler.model.standing import Halt

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(seconds=60)
MANY_READS = 50
"""Of single numbers in one look: as many as one round makes, so that others may still wait for their turn."""


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
    again: soon while more numbers wait to be read by themselves than one round reads, and reads tell something; else
    after the settle window; after some minutes where the number was read and Telnyx did not tell. What a number pool
    may send from and no pool wants is read on less urgently, by looks that list its profile again. While halted one
    probe looks everywhere.
    """
    if halt is not None:
        next_probe = halt.probe_at if halt.probe_at > now else now + patience.halt_probe
        return (), (Trigger(EVERYTHING, Cause.PROBE, next_probe),)
    broken = observed.broken
    failed = {pool.campaign for pool in desired.pools if not pool.sources.isdisjoint(broken)}
    late: list[tuple[Asked, datetime]] = []
    again: dict[Subject, Trigger] = {}
    for one in asked:
        wait = min(max(now - one.since, FIRST_WAIT), LONGEST_WAIT)
        due = now + FIRST_WAIT / 2 + draw * wait
        if isinstance(one.subject, Everything):
            for campaign in desired.campaigns:
                if campaign in failed:
                    again[campaign] = Trigger(campaign, Cause.SWEEP, due)
        elif desired.campaign_of(one.subject) in failed:
            late.append((one, due))
    unproven = [one for one in drifts if isinstance(one, Unproven) and one.campaign not in failed]
    for trigger in (
        *_wanted(unproven, desired, observed, now, patience),
        *_senders(unproven, desired, observed, now, patience),
    ):
        again.setdefault(trigger.subject, trigger)
    return tuple(late), tuple(again.values())


def _wanted(
    unproven: Iterable[Unproven], desired: Desired, observed: Observed, now: datetime, patience: Patience
) -> Iterator[Trigger]:
    """Looks at what the pools want; not for what was seen in between two states, which has a pace of its own."""
    told = observed.told()
    reads = len(observed.singles) + len(observed.lines) + len(observed.faults)
    is_told = bool(observed.singles) or any(not line.unclear for line in observed.lines.values())
    wait = FIRST_WAIT if reads >= MANY_READS and is_told else patience.settle_window
    for drift in sorted(unproven, key=lambda one: one.slow):
        one = told.get(drift.number)
        is_seen = one is not None and one.assignment is not None and one.assignment.state is not AssignmentState.FAILED
        if not is_seen and desired.pool_of(drift.number) is not None:
            yield Trigger(drift.campaign, Cause.CONFIRM, now + (patience.evidence_for_assign if drift.slow else wait))


def _senders(
    unproven: Iterable[Unproven], desired: Desired, observed: Observed, now: datetime, patience: Patience
) -> Iterator[Trigger]:
    """Looks at what no pool wants, while reads of such numbers succeed."""
    if all(desired.pool_of(number) is not None for number in observed.singles):
        return
    for drift in unproven:
        if desired.pool_of(drift.number) is None:
            yield Trigger(drift.campaign, Cause.SWEEP, now + patience.settle_window)
