"""pace: when to list a campaign again whose numbers have not settled."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.operations import Awaited, Patience


def pace(awaited: Awaited, *, hinted: bool, now: datetime, patience: Patience) -> datetime:
    """The time of the next listing: one call tells of many numbers, so it waits for them.

    While writes of the campaign are still going out, a listing follows every `patience.batch` of them. After that
    it comes after 1, 2, 5, 10, 20, 40 s and then doubling to 10 min from the last change, and an event (`hinted`)
    brings it forward.
    """
    looked_at = awaited.looked_at or awaited.changed_at
    if awaited.queued and awaited.unseen < patience.batch:
        return now + patience.look_steps[-1]
    if hinted or awaited.unseen >= patience.batch:
        return max(now, looked_at + patience.hinted_look)
    step = patience.look_steps[min(awaited.looks, len(patience.look_steps) - 1)]
    return max(now, max(awaited.changed_at, looked_at) + step)
