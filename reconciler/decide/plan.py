"""plan: an action or a hold for every drift."""

from __future__ import annotations

import hashlib
import json
from typing import assert_never

from reconciler.model.drift import Conflict, Drift, Extra, Missing, Unproven
from reconciler.model.fleet import Campaign, Observed
from reconciler.model.memory import Memory
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Action, Assign, Hold, Plan
from reconciler.model.pools import Desired, OnConflict
from reconciler.model.reasons import Reason


def plan(desired: Desired, observed: Observed, drifts: tuple[Drift, ...], memory: Memory) -> Plan:
    """Answer every drift with one action or one hold with one reason; nothing is dropped (asserted).

    Modes and halts hold the doing, not the plan: a pool that only observes shows its actions here too.
    """
    actions: list[Action] = []
    holds: list[Hold] = []
    for drift in drifts:
        match _answer(drift, desired, observed, memory):
            case Hold() as hold:
                holds.append(hold)
            case Assign() as action:
                actions.append(action)
    answered = {action.number for action in actions} | {hold.number for hold in holds}
    assert answered == {drift.number for drift in drifts}, "every drift has an answer"  # noqa: S101 -- a law, not a check of input
    looked = [pool for pool in desired.pools if pool.campaign in observed.listings]
    drifted = {drift.number for drift in drifts if not isinstance(drift, Extra)}
    return Plan(
        revision=desired.revision,
        observed_at=observed.taken_at,
        complete=not observed.faults and all(one.complete for one in observed.listings.values()),
        actions=tuple(sorted(actions)),
        holds=tuple(sorted(holds, key=lambda hold: (hold.number, hold.pool, hold.reason))),
        unchanged=sum(len(pool.numbers) for pool in looked) - len(drifted),
        digest=_digest(desired.revision, actions, holds),
    )


def _answer(drift: Drift, desired: Desired, observed: Observed, memory: Memory) -> Action | Hold:
    match drift:
        case Unproven():
            return Hold(drift.number, drift.pool, Reason.EVIDENCE_STALE, drift.why)
        case Extra():
            return Hold(drift.number, drift.pool, Reason.EXTRA_UNOWNED, "reported only")
        case Conflict():
            pool = desired.pool_of(drift.number)
            skipped = pool is not None and pool.policy.on_conflict is OnConflict.SKIP
            detail = f"on campaign {drift.found.campaign}" + ("; left there by `on_conflict: skip`" if skipped else "")
            return Hold(drift.number, drift.pool, Reason.FOREIGN_ASSIGNMENT, detail)
        case Missing():
            campaign = observed.campaigns.get(drift.campaign) or memory.campaigns.get(drift.campaign)
            return _assign(drift, campaign, memory.operations.get(drift.number))
        case _:
            assert_never(drift)


def _assign(drift: Missing, campaign: Campaign | None, operation: Operation | None) -> Action | Hold:
    obstacle = Reason.EVIDENCE_STALE if campaign is None else campaign.obstacle
    if operation is not None and (operation.step is not Step.READY or obstacle is Reason.NONE):
        until = operation.not_before if operation.step in (Step.READY, Step.BLOCKED) else None
        return Hold(drift.number, drift.pool, operation.waits_for, operation.detail, until)
    if obstacle is not Reason.NONE:
        status = "" if campaign is None else campaign.status
        return Hold(drift.number, drift.pool, obstacle, f"campaignStatus is {status}" if status else "")
    return Assign(drift.number, drift.pool, drift.campaign)


def _digest(revision: str, actions: list[Action], holds: list[Hold]) -> str:
    body = {
        "revision": revision,
        "actions": sorted([a.verb, a.number, a.pool, a.campaign] for a in actions),
        "holds": sorted([h.number, h.pool, h.reason, h.detail] for h in holds),
    }
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
