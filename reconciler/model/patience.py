"""Patience: how long things may take, and what a listing's time is decided from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.model.errors import Fault
from reconciler.model.ids import CampaignId
from reconciler.model.operations import Operation
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import GiveUp, Retry

EVIDENCE_FOR_ASSIGN = timedelta(minutes=10)
"""How old that may be on which a number is assigned: both when that is planned, and when it is sent."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take. The defaults are those of the design; each can be traced to a line there."""

    lease: timedelta = timedelta(seconds=30)
    """How long a claimed operation is its worker's alone; longer than any call."""
    settle_window: timedelta = timedelta(seconds=60)
    refusal_waits: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
    backoff_first: timedelta = timedelta(seconds=1)
    backoff_cap: timedelta = timedelta(seconds=60)
    review_first: timedelta = timedelta(seconds=60)
    """After "not approved" for a campaign that reads as approved; doubling to `review_cap`."""
    review_cap: timedelta = timedelta(minutes=10)
    wake_look: timedelta = timedelta(seconds=90)
    """After an assignment that is to wake its campaign: "wait 1-2 minutes" (SUP:10723378)."""
    slow_recheck: timedelta = timedelta(hours=6)
    halt_probe: timedelta = timedelta(seconds=60)
    look_steps: tuple[timedelta, ...] = tuple(timedelta(seconds=s) for s in (1, 2, 5, 10, 20, 40, 80, 160, 320, 600))
    hinted_look: timedelta = timedelta(seconds=1)
    batch: int = 25
    """A listing for every so many accepted writes, while more of the campaign are still going out."""
    evidence_for_assign: timedelta = EVIDENCE_FOR_ASSIGN
    two_checks: timedelta = timedelta(minutes=15)
    """What is still different at a look after so long, when two drift checks have passed, is not put right by them."""

    def backoff(self, operation: Operation, draw: float) -> timedelta:
        """Full jitter: anywhere up to the doubled wait, so that many operations spread out."""
        return draw * min(self.backoff_cap, self.backoff_first * (1 << min(operation.trouble, 10)))

    def as_asked(self, fault: Fault) -> timedelta:
        """As long as Telnyx asked us to wait, within reason."""
        seconds = 1.0 if fault.retry_after_seconds is None else fault.retry_after_seconds
        return timedelta(seconds=min(max(seconds, 0.0), self.slow_recheck.total_seconds()))

    def is_settling(self, operation: Operation, now: datetime) -> bool:
        """Whether reads may still lag behind its request."""
        return operation.sent_at is not None and now < operation.sent_at + self.settle_window

    def next_read(self, operation: Operation, now: datetime) -> datetime:
        """After as long again as it is since the request, so ever more seldom, and once at the end of the window."""
        sent_at = operation.sent_at or now
        wait = min(max(now - sent_at, self.look_steps[0]), self.look_steps[-1])
        end = sent_at + self.settle_window
        return min(now + wait, end) if now < end else now + self.look_steps[0]

    def after_refusal(self, operation: Operation, reason: Reason, detail: str, now: datetime) -> Retry | GiveUp:
        """Telnyx took it and then failed it: some tries, ever further apart, and then a person."""
        if operation.refusals < len(self.refusal_waits):
            return Retry(now + self.refusal_waits[operation.refusals], reason, detail, refused=True)
        return GiveUp(now + self.slow_recheck, reason, detail)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A campaign's numbers that have not settled: what the time of the next listing is decided from."""

    campaign: CampaignId
    unsettled: int
    """Numbers pending, or assigned and not yet added by every carrier."""
    unseen: int
    """Of those, the ones accepted since the last listing."""
    queued: int
    """Operations of this campaign that are due now and not yet sent."""
    changed_at: datetime
    """The latest change among them."""
