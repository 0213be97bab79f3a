"""forgive: what a refusal means where the assignment was only to wake its campaign."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.operations import Operation, Step
from reconciler.model.patience import Patience
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait

_NEVER_CAME = (Reason.RATE_LIMITED, Reason.TELNYX_UNAVAILABLE)


def forgive(
    operation: Operation, verdict: Verdict, campaign: Campaign | None, *, now: datetime, patience: Patience
) -> Verdict:
    """Weigh a verdict once more: a number of a dormant campaign is refused, at once or later, whatever the words are.

    That is expected (SUP:10723378), and is a try. So is a request whose answer was lost and of which nothing came:
    Telnyx may have had it. What never came to Telnyx goes out again, and what is in doubt is read first, as ever.
    """
    if campaign is None or campaign.phase is not CampaignPhase.DORMANT or operation.verb is not Verb.ASSIGN:
        return verdict
    match verdict:
        case Retry(reason=reason) if operation.step is Step.SENT and reason in _NEVER_CAME:
            return verdict
        case Retry(detail=detail) | GiveUp(detail=detail):
            return Tried(max(now, (operation.sent_at or now) + patience.wake_look), detail)
        case Done() | Tried() | Wait() | Recheck() | Keep() | StopAll():
            return verdict
        case _:
            assert_never(verdict)
