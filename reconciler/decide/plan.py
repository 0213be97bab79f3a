"""plan: an action or a hold for every drift."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from reconciler.model.drift import (
    BESIDE,
    Claimed,
    Conflict,
    Drift,
    Extra,
    Ineligible,
    Missing,
    MissingPrerequisite,
    MixedCampaigns,
    OffProfile,
    OtherProfile,
    UncoveredSender,
    Unproven,
)
from reconciler.model.fleet import Observed
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import Memory
from reconciler.model.operations import Step
from reconciler.model.plan import Action, Assign, AttachProfile, Hold, Plan
from reconciler.model.pools import Desired, OnConflict, OnMissingProfile, Policy
from reconciler.model.reasons import Reason

_NONE: Mapping[PhoneNumber, datetime] = MappingProxyType({})


def plan(
    desired: Desired,
    observed: Observed,
    drifts: tuple[Drift, ...],
    memory: Memory,
    waking: Collection[PhoneNumber] = (),
    flapping: Mapping[PhoneNumber, datetime] = _NONE,
) -> Plan:
    """Answer every drift with one action or one hold with one reason; nothing is dropped (asserted).

    Modes and halts hold the doing, not the plan: a pool that only observes shows its actions here too. `waking` are
    the numbers whose assignment is to wake their campaigns. `flapping` are those for which nothing is written, as it
    does not last, and until when.
    """
    policies = {pool.name: pool.policy for pool in desired.pools}
    actions: list[Action] = []
    holds: list[Hold] = []
    for drift in drifts:
        match _stopped(_answer(drift, policies[drift.pool], observed, memory, waking), flapping):
            case Hold() as hold:
                holds.append(hold)
            case action:
                actions.append(action)
    answered = {(one.number, one.pool) for one in (*actions, *holds)}
    assert answered == {(drift.number, drift.pool) for drift in drifts}, "every drift has an answer"  # noqa: S101 -- a law, not a check of input
    looked = [pool for pool in desired.pools if pool.campaign in observed.listings]
    drifted = {drift.number for drift in drifts if not isinstance(drift, BESIDE) and desired.pool_of(drift.number)}
    whole = (
        *(one.complete for one in observed.listings.values()),
        *(one.complete for one in observed.rosters.values()),
        *(one.complete for one in observed.selected.values()),
    )
    return Plan(
        revision=desired.revision,
        observed_at=observed.taken_at,
        complete=not observed.faults and all(whole),
        actions=tuple(sorted(actions, key=lambda action: (action.number, action.verb, action.pool))),
        holds=tuple(sorted(holds, key=lambda hold: (hold.number, hold.pool, hold.reason))),
        unchanged=sum(len(pool.numbers) for pool in looked) - len(drifted),
        digest=_digest(desired.revision, actions, holds),
    )


def _answer(
    drift: Drift, policy: Policy, observed: Observed, memory: Memory, waking: Collection[PhoneNumber]
) -> Action | Hold:
    match drift:
        case Missing():
            return _due(drift, observed, memory, waking) or Assign(drift.number, drift.pool, drift.campaign)
        case MissingPrerequisite():
            return _due(drift, observed, memory, waking) or _attach(drift, policy.on_missing_profile)
        case OtherProfile():
            return _hold(drift, Reason.OTHER_PROFILE, f"on messaging profile {drift.found}, not {drift.profile}")
        case OffProfile():
            found = f"on messaging profile {drift.found}" if drift.found else "on no messaging profile"
            return _hold(drift, Reason.OFF_PROFILE, f"{found}, not {drift.profile}")
        case Conflict():
            left = "; left there by `on_conflict: skip`" if policy.on_conflict is OnConflict.SKIP else ""
            return _hold(drift, Reason.FOREIGN_ASSIGNMENT, f"on campaign {drift.found.campaign}{left}")
        case Extra():
            return _hold(drift, Reason.EXTRA_UNOWNED, "reported only")
        case UncoveredSender():
            return _hold(drift, Reason.UNCOVERED_SENDER, f"on messaging profile {drift.profile} and on no campaign")
        case MixedCampaigns():
            others = ", ".join(f"{count} on campaign {campaign}" for campaign, count in drift.others.items())
            return _hold(drift, Reason.MIXED_CAMPAIGNS, f"messaging profile {drift.profile} has {others}")
        case Ineligible():
            return _hold(drift, drift.reason, drift.detail)
        case Claimed():
            return _hold(drift, Reason.CLAIMED_ELSEWHERE, f"pool {drift.owner} has it")
        case Unproven():
            return _hold(drift, Reason.EVIDENCE_STALE, drift.why)
        case _:
            assert_never(drift)


def _stopped(answer: Action | Hold, flapping: Mapping[PhoneNumber, datetime]) -> Action | Hold:
    """No action for a number whose assignment is undone again and again; all else speaks against it first."""
    if isinstance(answer, Hold) or (until := flapping.get(answer.number)) is None:
        return answer
    return Hold(answer.number, answer.pool, Reason.FLAPPING, "taken off again and again after we assigned it", until)


def _hold(drift: Drift, reason: Reason, detail: str) -> Hold:
    return Hold(drift.number, drift.pool, reason, detail)


def _due(
    drift: Missing | MissingPrerequisite, observed: Observed, memory: Memory, waking: Collection[PhoneNumber]
) -> Hold | None:
    """What speaks against writing anything for it now: an open operation, or its campaign."""
    campaign = observed.campaigns.get(drift.campaign) or memory.campaigns.get(drift.campaign)
    operation = memory.operations.get(drift.number)
    obstacle = Reason.EVIDENCE_STALE if campaign is None else campaign.obstacle
    if obstacle is Reason.CAMPAIGN_WAKING and drift.number in waking:
        return None
    if operation is not None and (operation.step is not Step.READY or obstacle is Reason.NONE):
        until = operation.not_before if operation.step in (Step.READY, Step.BLOCKED) else None
        return Hold(drift.number, drift.pool, operation.waits_for, operation.detail, until)
    if obstacle is not Reason.NONE:
        status = "" if campaign is None else campaign.status
        return _hold(drift, obstacle, f"campaignStatus is {status}" if status else "")
    return None


def _attach(drift: MissingPrerequisite, policy: OnMissingProfile) -> Action | Hold:
    """Only once its campaign is approved, or to wake it: a number pool sends from whatever is on its profile."""
    match policy:
        case OnMissingProfile.ATTACH:
            return AttachProfile(drift.number, drift.pool, drift.campaign, drift.profile)
        case OnMissingProfile.FAIL | OnMissingProfile.SKIP:
            return _hold(drift, Reason.PROFILE_MISSING, f"left so by `on_missing_profile: {policy}`")


def _digest(revision: str, actions: list[Action], holds: list[Hold]) -> str:
    body = {
        "revision": revision,
        "actions": sorted([a.verb, *(getattr(a, field.name) for field in fields(a))] for a in actions),
        "holds": sorted([h.number, h.pool, h.reason, h.detail] for h in holds),
    }
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
