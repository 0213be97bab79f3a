"""retire: which waiting operations the config or a campaign has overtaken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId
from reconciler.model.operations import Done, End, Operation, Step
from reconciler.model.pools import Desired
from reconciler.model.reasons import Reason


def retire(
    operations: Iterable[Operation], desired: Desired, campaigns: Mapping[CampaignId, Campaign]
) -> tuple[tuple[Operation, Done], ...]:
    """Close what is no longer wanted there, and what waits to be sent to a campaign that is not approved now.

    Nothing is lost by it: what is still wanted is a drift, and is planned anew when it may be done. An operation
    whose request may have gone out unanswered is never retired; its end is read first.
    """
    retired = []
    for operation in operations:
        if operation.step not in (Step.READY, Step.BLOCKED, Step.CONFIRMING):
            continue
        pool = desired.pool_of(operation.number)
        campaign = campaigns.get(operation.campaign)
        if pool is None or pool.name != operation.pool or pool.campaign != operation.campaign:
            retired.append((operation, Done(End.STALE, "the config no longer asks for it")))
        elif operation.step is Step.CONFIRMING:
            continue  # Telnyx took it, and goes on with it whatever becomes of the campaign
        elif campaign is not None and campaign.obstacle is not Reason.NONE:
            retired.append((operation, Done(End.STALE, f"its campaign is {campaign.phase}")))
    return tuple(retired)
