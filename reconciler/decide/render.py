"""render: which messages are due about which groups of alerts, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from reconciler.model.alert_texts import TEXTS
from reconciler.model.alerts import Alert, AlertName, Group, Grouping, Message

MOST_EXAMPLES = 5
MOST_DETAIL_CHARACTERS = 200


def render(
    alerts: tuple[Alert, ...], groups: tuple[Group, ...], grouping: Grouping, *, now: datetime
) -> tuple[Message, ...]:
    """The messages due now, by Alertmanager's rules.

    `group_wait` before the first, `group_interval` after a change, `repeat_interval` while nothing changes. What
    resolves before it was told is never told.
    """
    sent = {(group.alert, group.pool): group for group in groups}
    firing: dict[tuple[AlertName, str], list[Alert]] = {key: [] for key in sent}
    for alert in alerts:
        if alert.resolved_at is None:
            firing.setdefault((alert.condition.alert, alert.condition.pool), []).append(alert)
    return tuple(
        message
        for key, members in sorted(firing.items())
        for message in _due(sent.get(key) or Group(*key), members, grouping, now)
    )


def _due(group: Group, firing: list[Alert], grouping: Grouping, now: datetime) -> Iterator[Message]:
    told_at = group.last_sent_at if group.last_sent else None
    if not firing:
        if told_at is not None and grouping.send_resolved and now >= told_at + grouping.group_interval:
            yield _message("resolved", group, [], group.started_at or now)
        return
    started = min(alert.firing_since for alert in firing)
    if told_at is not None and started > told_at and not grouping.send_resolved:
        told_at = None  # what was told has ended without a word: this is another beginning
    if told_at is None:
        if now >= started + grouping.group_wait:
            yield _message("firing", group, firing, started)
        return
    changed = {alert.condition.subject for alert in firing} != group.last_sent
    if now >= told_at + (grouping.group_interval if changed else grouping.repeat_interval):
        yield _message("firing", group, firing, group.started_at or started)


def _message(status: str, group: Group, firing: list[Alert], started: datetime) -> Message:
    members = sorted(firing, key=lambda alert: alert.condition)
    subjects = frozenset(alert.condition.subject for alert in members)
    count = len(members) or len(group.last_sent)
    reasons = Counter(alert.condition.reason for alert in members)
    examples = tuple(
        (alert.condition.subject, alert.condition.detail[:MOST_DETAIL_CHARACTERS]) for alert in members[:MOST_EXAMPLES]
    )
    return Message(
        status=status,
        alert=group.alert,
        severity=group.alert.severity,
        pool=group.pool,
        count=count,
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        examples=examples,
        started_at=started,
        dedup_key=f"tendlc/{group.alert}/{group.pool}",
        summary=_summary(status, group, count, examples),
        subjects=subjects,
    )


def _summary(status: str, group: Group, count: int, examples: tuple[tuple[str, str], ...]) -> str:
    text = TEXTS[group.alert]
    what, affected, ours, yours = (
        sentence.format(
            count="1 number" if count == 1 else f"{count} numbers",
            n=count,
            pool=group.pool,
            example=examples[0][0] if examples else "NUMBER",
        )
        for sentence in (text.what, text.affected, text.ours, text.yours)
    )
    if status == "resolved":
        return f"Resolved: {what}."
    return f"{what[0].upper()}{what[1:]}. {affected} {ours} {yours}"
