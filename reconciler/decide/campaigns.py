"""campaigns: which alerts hold of one campaign: not approved, idle, or with more numbers than it may have."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Condition, Family, Judgement
from reconciler.model.fleet import AssignmentState, Campaign, CampaignPhase, Listing
from reconciler.model.ids import CampaignId
from reconciler.model.memory import Findings
from reconciler.model.pools import DriftClass, Mode, Pool
from reconciler.model.reasons import Reason

IDLE_AFTER = timedelta(days=10)
DORMANT_AFTER = timedelta(days=15)
"""Without numbers and traffic Telnyx suspends a campaign as dormant (SUP:10723378)."""
MOST_NUMBERS = 49
"""On a campaign without a number pool at T-Mobile (SUP:6325734)."""
MOST_OF_A_SOLE_PROPRIETOR = 1

_ENDED = (CampaignPhase.REJECTED, CampaignPhase.SUSPENDED, CampaignPhase.EXPIRED, CampaignPhase.UNKNOWN)


def of_campaign(campaign: CampaignId, findings: Findings) -> Judgement:
    """CampaignNotApproved for each pool on it, CampaignIdle and CampaignOverCapacity for the first, for all of them.

    What was never read is not judged; nor is how many numbers are on it, unless they were listed completely.
    """
    pools, read = findings.desired.pools_on(campaign), findings.memory.campaigns.get(campaign)
    listing = findings.observed.listings.get(campaign)
    if read is None or not pools:
        return Judgement()
    names = [AlertName.CAMPAIGN_NOT_APPROVED, AlertName.CAMPAIGN_IDLE]
    holding = [_ended(pool, read) for pool in pools if _is_ended(pool, read) and pool.numbers]
    since = findings.memory.empty_since.get(campaign)
    if read.phase is CampaignPhase.APPROVED and since is not None and findings.at - since >= IDLE_AFTER:
        holding.append(_idle(pools[0], read, since))
    if listing is not None and listing.complete:
        names.append(AlertName.CAMPAIGN_OVER_CAPACITY)
        holding.extend(_crowded(pools, read, listing))
    return Judgement(tuple(Family(name, pool.name) for pool in pools for name in names), tuple(holding))


def _is_ended(pool: Pool, read: Campaign) -> bool:
    """Whether a person should look: also where it is dormant, and nothing may be done for this pool to wake it."""
    is_watched = pool.policy.mode_for(DriftClass.MISSING) is not Mode.ENFORCE
    return read.phase in _ENDED or (read.phase is CampaignPhase.DORMANT and is_watched)


def _ended(pool: Pool, read: Campaign) -> Condition:
    detail = f"{read.phase} ({read.status or 'not found'})" + (f": {read.failure}" if read.failure else "")
    return Condition(AlertName.CAMPAIGN_NOT_APPROVED, pool.name, read.id, read.obstacle, detail)


def _idle(pool: Pool, read: Campaign, since: datetime) -> Condition:
    detail = f"no numbers since {since:%Y-%m-%d}; dormant from {since + DORMANT_AFTER:%Y-%m-%d} on"
    return Condition(AlertName.CAMPAIGN_IDLE, pool.name, read.id, "no_numbers", detail)


def _crowded(pools: tuple[Pool, ...], read: Campaign, listing: Listing) -> tuple[Condition, ...]:
    """Whether what is wanted, and what else is on it already, is more than it may have."""
    if read.pooled and not read.sole_proprietor:
        return ()
    most = MOST_OF_A_SOLE_PROPRIETOR if read.sole_proprietor else MOST_NUMBERS
    wanted = {number for pool in pools for number in pool.numbers}
    extra = [
        number
        for number, found in listing.assignments.items()
        if number not in wanted and found.state is not AssignmentState.FAILED
    ]
    if len(wanted) + len(extra) <= most:
        return ()
    more = f" and {len(extra)} more on it" if extra else ""
    detail = f"{len(wanted)} wanted{more}, {most} allowed"
    return (Condition(AlertName.CAMPAIGN_OVER_CAPACITY, pools[0].name, read.id, Reason.CAPACITY, detail),)
