"""One batch of events: the looks that it causes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconciler.decide.pace import pace
from reconciler.model.events import Cause, EventState, Finished, Trigger
from reconciler.model.ids import PhoneNumber
from reconciler.model.patience import Awaited, Patience
from reconciler.model.pools import Desired

QUARANTINE_WAIT = timedelta(seconds=60)
"""Events that we cannot read cause at most one look everywhere in this time."""


def caused(
    desired: Desired, finished: Iterable[Finished], awaited: Iterable[Awaited], *, now: datetime, patience: Patience
) -> tuple[Trigger, ...]:
    """An event about a number whose assignment is awaited brings the next listing forward; others look at once."""
    waits = {one.campaign: one for one in awaited}
    subjects = {subject: one.reading.state for one in finished for subject in one.reading.looks}
    triggers = []
    for subject, state in subjects.items():
        home = desired.campaign_of(subject) if isinstance(subject, PhoneNumber) else None
        waiting = None if home is None else waits.get(home)
        if state is EventState.QUARANTINED:
            triggers.append(Trigger(subject, Cause.SWEEP, now + QUARANTINE_WAIT))
        elif waiting is not None:
            at = pace(waiting, hinted=True, now=now, patience=patience)
            triggers.append(Trigger(waiting.campaign, Cause.CONFIRM, at))
        else:
            triggers.append(Trigger(subject, Cause.EVENT, now))
    return tuple(triggers)
