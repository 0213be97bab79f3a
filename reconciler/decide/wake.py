"""wake: for each dormant campaign, the one action that is to wake it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.model.dormancy import Dormancy
from reconciler.model.drift import Drift, Missing, MissingPrerequisite
from reconciler.model.fleet import Campaign, CampaignPhase
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.pools import Desired, DriftClass, Mode, OnMissingProfile


def wake(desired: Desired, drifts: Iterable[Drift], memory: Memory, *, now: datetime) -> frozenset[PhoneNumber]:
    """Choose the numbers of which one is assigned to each dormant campaign, while the others wait.

    Telnyx wakes a campaign on an assignment, which it refuses (SUP:10723378). So one number is enough, whatever pools
    are on the campaign, and none is chosen while anything of the campaign is under way, before the last try had its
    time, or when none is left. Each try takes another number, for one may be refused for a cause of its own. Where
    all are on no messaging profile, the first is put on its pool's: then it can be assigned. What may be done goes
    first; a pool that only observes shows what would be done. `memory` includes what the look taught.
    """
    missing: dict[CampaignId, list[Missing | MissingPrerequisite]] = {}
    for drift in drifts:
        if isinstance(drift, (Missing, MissingPrerequisite)) and memory.held_until(drift.number, now) is None:
            missing.setdefault(drift.campaign, []).append(drift)
    busy = {operation.campaign for operation in memory.operations.values()}
    chosen = []
    for id_, found in missing.items():
        campaign, dormancy = memory.campaigns.get(id_), memory.dormancies.get(id_)
        if campaign is None or dormancy is None or id_ in busy or not _is_due(campaign, dormancy, now):
            continue
        if best := _best(found, desired):
            chosen.append(best[dormancy.tries % len(best)])
    return frozenset(chosen)


def _is_due(campaign: Campaign, dormancy: Dormancy, now: datetime) -> bool:
    """Whether it may be tried now: it was read since the last try, and is dormant still."""
    is_read = dormancy.tried_at is None or campaign.read_at > dormancy.tried_at
    return (
        campaign.phase is CampaignPhase.DORMANT and is_read and dormancy.due_at is not None and dormancy.due_at <= now
    )


def _best(found: Iterable[Missing | MissingPrerequisite], desired: Desired) -> list[PhoneNumber]:
    """The numbers for which something may be done; if none, those for which it would be. In the order of the config."""
    ranks: dict[tuple[bool, bool], list[PhoneNumber]] = {}
    for drift in found:
        policy, is_off = desired.policies[drift.pool], isinstance(drift, MissingPrerequisite)
        if not is_off or policy.on_missing_profile is OnMissingProfile.ATTACH:
            # To be put on a profile is of use only where it may be assigned afterwards.
            is_only_shown = any(policy.mode_for(kind) is not Mode.ENFORCE for kind in (drift.kind, DriftClass.MISSING))
            ranks.setdefault((is_only_shown, is_off), []).append(drift.number)
    return ranks[min(ranks)] if ranks else []
