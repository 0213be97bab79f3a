"""Reports: the state of the pools and of one number, from what is remembered. Pure but for the reads they are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from reconciler import __version__
from reconciler.app.shapes import (
    ActionShape,
    AlertShape,
    AlertsShape,
    CheckShape,
    ConfigShape,
    ExplainShape,
    HaltShape,
    HoldShape,
    MomentShape,
    NotOursShape,
    PauseShape,
    PlanShape,
    PoolShape,
    QueueShape,
    StatusShape,
    StoreShape,
    WebhooksShape,
)
from reconciler.app.stands import Stands, stale_after
from reconciler.compose.rounds import heals
from reconciler.decide.explain import explain
from reconciler.decide.facts import facts
from reconciler.decide.opens import opens
from reconciler.decide.phase import phase
from reconciler.decide.trace import trace
from reconciler.model.alerts import Alert
from reconciler.model.epochs import Epoch
from reconciler.model.fleet import Campaign, CampaignPhase, Observed
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Memory, PoolCheck
from reconciler.model.plan import Plan
from reconciler.model.pools import Desired, DriftClass, Pool
from reconciler.model.routing import worst
from reconciler.model.settings import Settings
from reconciler.model.standing import EVERYWHERE, Freeze, Moment, Phase
from reconciler.web.metrics import PoolCount

_WORST_FIRST = (
    Phase.BLOCKED,
    Phase.GONE,
    Phase.DRIFTED,
    Phase.RETRYING,
    Phase.FROZEN,
    Phase.WAITING,
    Phase.QUEUED,
    Phase.ASSIGNING,
    Phase.PROPAGATING,
    Phase.READY,
)


def plan_shape(plan: Plan, desired: Desired, observed: Observed) -> PlanShape:
    """A plan for output."""
    return PlanShape(
        digest=plan.digest,
        complete=plan.complete,
        actions=tuple(
            ActionShape(
                verb=one.verb.value,
                number=one.number,
                pool=one.pool,
                campaign=one.campaign,
                messaging_profile=getattr(one, "profile", None),
                mode=desired.policies[one.pool].mode_for(heals(one)).value,
            )
            for one in plan.actions
        ),
        holds=tuple(
            HoldShape(number=one.number, pool=one.pool, reason=one.reason, detail=one.detail, until=one.until)
            for one in plan.holds
        ),
        unchanged=plan.unchanged,
        unread=tuple(dict.fromkeys(f"{subject}: {fault.detail}" for subject, fault in observed.faults)),
    )


def status_shape(  # noqa: PLR0913 -- everything that the status tells
    desired: Desired,
    settings: Settings,
    memory: Memory,
    stands: Mapping[PoolName, Stands],
    *,
    now: datetime,
    checks: Iterable[PoolCheck],
    alerts: Iterable[Alert],
    queue: QueueShape,
    last_received_at: datetime | None,
    quarantined: int,
    config: ConfigShape,
    next_check_at: datetime | None,
    epoch: Epoch | None = None,
) -> StatusShape:
    """The whole status. `memory` need not be of any number."""
    checked = {check.pool: check for check in checks}
    listed = _alerts(alerts)
    return StatusShape(
        version=__version__,
        pools=tuple(_pool(pool, stands[pool.name], memory, checked.get(pool.name)) for pool in desired.pools),
        queue=queue,
        webhooks=WebhooksShape(
            last_received_at=last_received_at,
            quarantined=quarantined,
            not_ours=not_ours(desired, memory.campaigns, settings.webhook.public_url),
        ),
        alerts=AlertsShape(firing=sum(one.count for one in listed), list=listed),
        config=config,
        halt=None if memory.halt is None else HaltShape(since=memory.halt.since, detail=memory.halt.detail),
        paused=pause_shape(next((one for one in memory.freezes if one.scope == EVERYWHERE and one.holds(now)), None)),
        store_trouble=None,  # only the running service knows
        store=None if epoch is None or not epoch.is_told(now) else _store(epoch),
        next_check_at=next_check_at,
    )


def _store(epoch: Epoch) -> StoreShape:
    return StoreShape.model_validate({"cause": epoch.cause.value, "epoch": epoch.number, "since": epoch.began_at})


def pause_shape(freeze: Freeze | None) -> PauseShape | None:
    """A pause for output."""
    if freeze is None:
        return None
    return PauseShape(since=freeze.since, reason=freeze.reason, author=freeze.author, until=freeze.until)


def not_ours(desired: Desired, campaigns: Mapping[CampaignId, Campaign], public_url: str) -> tuple[NotOursShape, ...]:
    """Which of these campaigns, as they were read, send their events elsewhere than to `webhook.public_url`.

    Without a public_url there is nothing to compare, and none is named. Phone-number events use the campaign's URL
    too, and there is no account-wide setting (KB:10dlc-event-notifications).
    """
    if not public_url:
        return ()
    return tuple(
        NotOursShape(
            campaign=campaign,
            pools=tuple(pool.name for pool in desired.pools_on(campaign)),
            webhook_url=read.webhook_url,
        )
        for campaign in desired.campaigns
        if (read := campaigns.get(campaign)) is not None and read.webhook_url != public_url
    )


def pool_counts(
    desired: Desired, stands: Mapping[PoolName, Stands], memory: Memory, checks: Iterable[PoolCheck]
) -> Iterator[PoolCount]:
    """The pools in numbers, for the metrics. `memory` need not be of any number."""
    drift = {check.pool: check.drift for check in checks}
    for pool in desired.pools:
        campaign = memory.campaigns.get(pool.campaign)
        yield PoolCount(
            name=pool.name,
            desired=len(pool.numbers),
            phases=stands[pool.name].phases,
            drift=drift.get(pool.name, {}),
            blocked=stands[pool.name].blocked,
            campaign=pool.campaign,
            mode=_mode(pool),
            approved=campaign is not None and campaign.phase is CampaignPhase.APPROVED,
        )


def explain_shape(
    number: PhoneNumber, desired: Desired, settings: Settings, memory: Memory, timeline: Iterable[Moment], now: datetime
) -> ExplainShape:
    """Why one number does or does not send."""
    known = facts(number, desired, memory, opens(settings.windows, now=now))
    standing = phase(known, now=now, stale_after=stale_after(settings))
    said = explain(known, standing, trace(known, now=now))
    return ExplainShape(
        number=number,
        pool=None if known.pool is None else known.pool.name,
        campaign=None if known.pool is None else known.pool.campaign,
        phase=standing.phase,
        fresh=standing.fresh,
        reason=standing.reason,
        message=said.message,
        next_step=said.next_step,
        who=standing.who.value,
        next_at=standing.next_at,
        checks=tuple(
            CheckShape(name=one.name, result=one.result.value, evidence=one.evidence, age_seconds=one.age_seconds)
            for one in said.checks
        ),
        timeline=tuple(MomentShape(at=one.at, what=one.what, detail=one.detail, ref=one.ref) for one in timeline),
    )


def _pool(pool: Pool, stands: Stands, memory: Memory, check: PoolCheck | None) -> PoolShape:
    phases = stands.phases
    campaign = memory.campaigns.get(pool.campaign)
    return PoolShape(
        name=pool.name,
        campaign=pool.campaign,
        campaign_phase="unread" if campaign is None else campaign.phase,
        mode=_mode(pool),
        headline=_headline(stands),
        desired=len(pool.numbers),
        in_sync=phases[Phase.READY] + phases[Phase.PROPAGATING],
        phases={one.value: phases[one] for one in _WORST_FIRST if phases[one]},
        drift={} if check is None else {name: count for name, count in check.drift.items() if count},
        checked_at=None if check is None else check.checked_at,
        changed_at=None if check is None else check.changed_at,
    )


def _mode(pool: Pool) -> str:
    """`enforce` or `observe`; `mixed` where that depends on the class of drift."""
    modes = {pool.policy.mode_for(kind) for kind in DriftClass}
    return modes.pop() if len(modes) == 1 else "mixed"


def _headline(stands: Stands) -> str:
    """The worst of the phases and of freshness, in one word."""
    worst = next((one for one in _WORST_FIRST if stands.phases[one]), None)
    if worst is None:
        return "Empty"
    return "Stale" if worst in (Phase.READY, Phase.PROPAGATING) and not stands.fresh else worst.value


def _alerts(alerts: Iterable[Alert]) -> tuple[AlertShape, ...]:
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        if alert.resolved_at is None:
            groups.setdefault((alert.condition.alert, alert.condition.pool), []).append(alert)
    return tuple(
        AlertShape(
            alert=name,
            pool=pool,
            severity=worst(member.condition.level for member in members),
            count=len(members),
            since=min(member.firing_since for member in members),
            detail=": ".join(filter(None, (members[0].condition.subject, members[0].condition.detail))),
        )
        for (name, pool), members in sorted(groups.items())
    )
