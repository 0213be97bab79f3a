"""pace: when to list a campaign again whose numbers have not settled."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.patience import Awaited, Patience


def pace(awaited: Awaited, *, hinted: bool, now: datetime, patience: Patience) -> datetime:
    """The time of the next listing: one call tells of many numbers, so it waits for them.

    While writes of the campaign are still going out, a listing follows every `patience.batch` of them. After that
    it comes 1, 2, 5, 10, 20, 40 s and so on after the last change, then every 10 min, and an event (`hinted`) brings
    it forward. It rests on the change alone: what a listing does not show, or does not show completely, is never
    asked for more often because of that. No listing is due at once: what else happens within a second is seen by it
    too, however many events come.
    """
    soonest = now + patience.hinted_look
    if awaited.queued:
        return soonest if awaited.unseen >= patience.batch else now + patience.look_steps[-1]
    if hinted:
        return soonest
    later = (awaited.changed_at + step for step in patience.look_steps)
    return max(soonest, next((at for at in later if at > now), now + patience.look_steps[-1]))
