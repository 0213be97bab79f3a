"""retire: which waiting operations the config, a campaign or a messaging profile has overtaken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from reconciler.model.fleet import Campaign
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.lines import Line, Membership
from reconciler.model.operations import Done, End, Operation, Step
from reconciler.model.plan import Verb
from reconciler.model.pools import Desired, Pool
from reconciler.model.reasons import Reason


def retire(
    operations: Iterable[Operation],
    desired: Desired,
    campaigns: Mapping[CampaignId, Campaign],
    lines: Mapping[PhoneNumber, Line],
) -> tuple[tuple[Operation, Done], ...]:
    """Close what is no longer wanted there, and what waits to be sent and may not be, or need not be, as things are.

    Nothing is lost by it: what is still wanted is a drift, and is planned anew when it may be done. An operation
    whose request may have gone out unanswered is never retired; its end is read first.
    """
    retired = []
    for operation in operations:
        if operation.step not in (Step.READY, Step.BLOCKED, Step.CONFIRMING):
            continue
        pool = desired.pool_of(operation.number)
        campaign = campaigns.get(operation.campaign)
        if pool is None or not _is_wanted(operation, pool):
            retired.append((operation, Done(End.STALE, "the config no longer asks for it")))
        elif operation.step is Step.CONFIRMING:
            continue  # Telnyx took it, and goes on with it whatever becomes of the campaign
        elif campaign is not None and campaign.obstacle is not Reason.NONE:
            retired.append((operation, Done(End.STALE, f"its campaign is {campaign.phase}")))
        elif (done := _by_profile(operation, pool, lines.get(operation.number))) is not None:
            retired.append((operation, done))
    return tuple(retired)


def _is_wanted(operation: Operation, pool: Pool) -> bool:
    if pool.name != operation.pool or pool.campaign != operation.campaign:
        return False
    return operation.verb is Verb.ASSIGN or pool.messaging_profile == operation.profile


def _by_profile(operation: Operation, pool: Pool, line: Line | None) -> Done | None:
    """What its messaging profile makes of what waits: another verb comes first, or it is done already."""
    if pool.messaging_profile is None or line is None:
        return None
    where = line.membership(pool.messaging_profile)
    match operation.verb:
        case Verb.ASSIGN if where in (Membership.NONE, Membership.OTHER):
            return Done(End.STALE, f"it is on messaging profile {line.profile or 'none'}")
        case Verb.ATTACH_PROFILE if where is Membership.EXPECTED:
            return Done(End.DONE, f"it is on messaging profile {line.profile}")
        case Verb.ATTACH_PROFILE if where is Membership.OTHER:
            return Done(End.TAKEN, f"it is on messaging profile {line.profile}")
        case Verb.ASSIGN | Verb.ATTACH_PROFILE:
            return None
        case _:
            assert_never(operation.verb)
