"""halt: whether writes are halted after a look."""

from __future__ import annotations

from datetime import datetime

from reconciler.model.errors import FaultKind
from reconciler.model.fleet import Observed
from reconciler.model.patience import Patience
from reconciler.model.standing import Halt


def halt(observed: Observed, before: Halt | None, *, now: datetime, patience: Patience) -> Halt | None:
    """Say whether a halt holds from now on.

    A refusal of the key or the account halts. A look that worked, made when a probe was due, lifts the halt; one that
    reached nobody puts the next probe off.
    """
    refusals = [fault for _, fault in observed.faults if fault.kind is FaultKind.HALTED]
    if refusals:
        return Halt(now if before is None else before.since, now + patience.halt_probe, refusals[0].detail)
    if before is None or now < before.probe_at:
        return before
    if observed.campaigns or observed.listings or observed.singles:
        return None
    return Halt(before.since, now + patience.halt_probe, before.detail) if observed.faults else before
