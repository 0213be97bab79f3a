"""vitals: which alerts hold of the service as a whole: Telnyx's API, webhooks, the queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconciler.model.alerts import AlertName, Condition, Family, Judgement, Severity
from reconciler.model.epochs import Origin
from reconciler.model.health import MANY_UNSIGNED, Holds, Ledger, Vitals

UNAVAILABLE_AFTER = timedelta(minutes=5)
UNSIGNED_WITHIN = timedelta(minutes=10)
QUIET = timedelta(minutes=30)
"""Without such a webhook, before it counts as over."""
SILENT_AFTER = timedelta(hours=24)
STALLED_AFTER = timedelta(minutes=15)


def of_service(vitals: Vitals) -> Judgement:
    """The alerts of no pool that are judged by time, and not by an event of their own."""
    return (
        _of_api(vitals)
        + _of_signatures(vitals)
        + _of_silence(vitals)
        + _of_unusable(vitals)
        + _of_queue(vitals)
        + _of_store(vitals)
    )


def holds(before: Holds, ledger: Ledger, opens_at: datetime | None, *, now: datetime) -> Holds:
    """What keeps due operations from being sent. `opens_at` is when the schedule next allows changes; None: now."""
    is_frozen = any(one.holds(now) for one in ledger.freezes)
    found = {"halt": ledger.halt is not None, "freeze": is_frozen, "window": opens_at is not None}
    held = frozenset(name for name, is_so in found.items() if is_so)
    return before if held == before.held else Holds(held, now)


def _of_api(vitals: Vitals) -> Judgement:
    """After a restart, what was said before stands until a call is answered."""
    name, health = AlertName.TELNYX_API_UNAVAILABLE, vitals.health
    if health.failing_since is None:
        return Judgement() if health.succeeded_at is None else Judgement((Family(name, ""),))
    if vitals.at - health.failing_since < UNAVAILABLE_AFTER:
        return Judgement()
    detail = f"since {health.failing_since:%Y-%m-%d %H:%M} UTC: {health.detail}"
    return Judgement((Family(name, ""),), (Condition(name, "", "", "telnyx_unavailable", detail),))


def _of_signatures(vitals: Vitals) -> Judgement:
    name, unsigned, now = AlertName.WEBHOOK_SIGNATURE_FAILURES, vitals.unsigned, vitals.at
    last = max((unsigned.since, *unsigned.latest))
    if now - last >= QUIET:
        return Judgement((Family(name, ""),))
    latest = unsigned.latest[-MANY_UNSIGNED:]
    if len(latest) < MANY_UNSIGNED or latest[-1] - latest[0] > UNSIGNED_WITHIN:
        return Judgement()  # neither many now nor quiet for long enough: what was said stands
    detail = f"the last at {latest[-1]:%Y-%m-%d %H:%M} UTC"
    return Judgement((Family(name, ""),), (Condition(name, "", "", unsigned.reason, detail),))


def _of_silence(vitals: Vitals) -> Judgement:
    """A store that never had a webhook has waited for one since its first round."""
    name, ledger = AlertName.WEBHOOKS_SILENT, vitals.ledger
    family = Family(name, "")
    last = ledger.webhook_at or ledger.first_run_at
    if last is None or ledger.changed_at is None or ledger.changed_at <= last or vitals.at - last < SILENT_AFTER:
        return Judgement((family,))
    said = "none ever came" if ledger.webhook_at is None else f"the last came at {last:%Y-%m-%d %H:%M} UTC"
    return Judgement((family,), (Condition(name, "", "", "no_webhook", said),))


def _of_unusable(vitals: Vitals) -> Judgement:
    name = AlertName.WEBHOOK_QUARANTINED
    holding = (Condition(name, "", str(one.id), "event_unusable", one.reason) for one in vitals.ledger.unusable)
    return Judgement((Family(name, ""),), tuple(holding))


def _of_queue(vitals: Vitals) -> Judgement:
    """What a window, a halt or a pause held is due since that ended. While other work goes on, it is only late."""
    name, ledger, now = AlertName.QUEUE_STALLED, vitals.ledger, vitals.at
    times = [] if ledger.doubted_at is None or ledger.halt is not None else [ledger.doubted_at]
    if ledger.due_at is not None and not vitals.holds.held:
        times.append(max(ledger.due_at, vitals.holds.since))
    if not times or now - min(times) < STALLED_AFTER:
        return Judgement((Family(name, ""),))
    moves = ledger.worked_at is not None and now - ledger.worked_at < STALLED_AFTER
    detail = f"due since {min(times):%Y-%m-%d %H:%M} UTC"
    severity = Severity.WARNING if moves else None
    condition = Condition(name, "", "", "late" if moves else "stalled", detail, severity=severity)
    return Judgement((Family(name, ""),), (condition,))


def _of_store(vitals: Vitals) -> Judgement:
    epoch, alerts = vitals.ledger.epoch, (AlertName.STORE_RESTORED, AlertName.STORE_LOST)
    holding = []
    if epoch.is_told(vitals.at):
        name = AlertName.STORE_LOST if epoch.cause is Origin.LOST else AlertName.STORE_RESTORED
        holding.append(
            Condition(name, "", "", epoch.cause, f"seen at the start of {epoch.began_at:%Y-%m-%d %H:%M} UTC")
        )
    return Judgement(tuple(Family(name, "") for name in alerts), tuple(holding))
