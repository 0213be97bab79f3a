"""render: which messages are due to whom about which groups of alerts, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.model.alert_texts import TEXTS
from reconciler.model.alerts import Alert, AlertName, Group, Grouping, Message, Said, Severity
from reconciler.model.routing import SEVERITIES, worst

MOST_EXAMPLES = 5
MOST_REASONS = 10
MOST_DETAIL_CHARACTERS = 200


@dataclass(slots=True)
class _News:
    """What is so now of one group, as one receiver is to hear of it."""

    loud: list[Alert] = field(default_factory=list)
    """What it is to be told of."""
    quiet: list[Alert] = field(default_factory=list)
    """What it knows of, and is inhibited: neither over nor news."""
    beside: list[Alert] = field(default_factory=list)
    """What it knows of, and still fires, whoever is to be told of it now."""
    over: list[Alert] = field(default_factory=list)
    """What it knows of, and is resolved."""

    @property
    def members(self) -> list[Alert]:
        """What a message names."""
        return self.loud + self.quiet


def render(
    alerts: Collection[Alert],
    groups: Collection[Group],
    routed: Mapping[str, Collection[Alert]],
    inhibited: Collection[Alert],
    grouping: Grouping,
    link: str,
    *,
    now: datetime,
) -> tuple[Message, ...]:
    """The messages due now, by Alertmanager's rules, for each receiver that `routed` names.

    `group_wait` before the first, `group_interval` after a change, `repeat_interval` while nothing changes. What
    resolves before it was told is never told. What a receiver was told of is resolved to it when it ends, and when
    it is no longer grave enough for it; not when it is inhibited, or when the config sends it elsewhere.
    """
    return tuple(
        message
        for receiver, mine in routed.items()
        for group, news in _news(alerts, groups, receiver, mine, inhibited)
        for message in _due(group, news, grouping, link, now)
    )


def _news(
    alerts: Collection[Alert],
    groups: Collection[Group],
    receiver: str,
    mine: Collection[Alert],
    inhibited: Collection[Alert],
) -> Iterator[tuple[Group, _News]]:
    told = {(group.alert, group.pool): group for group in groups if group.receiver == receiver and group.last_sent}
    news = {key: _News() for key in told}
    for alert in mine:
        group = told.get(_key(alert))
        if not inhibited or alert not in inhibited:
            news.setdefault(_key(alert), _News()).loud.append(alert)
        elif group is not None and alert.condition.subject in group.last_sent:
            news[_key(alert)].quiet.append(alert)
    for alert in alerts if told else ():
        group = told.get(_key(alert))
        if group is not None and alert.condition.subject in group.last_sent:
            (news[_key(alert)].beside if alert.resolved_at is None else news[_key(alert)].over).append(alert)
    for key, one in sorted(news.items(), key=lambda item: item[0]):
        yield told.get(key) or Group(receiver, *key), one


def _key(alert: Alert) -> tuple[AlertName, str]:
    return alert.condition.alert, alert.condition.pool


def _due(group: Group, news: _News, grouping: Grouping, link: str, now: datetime) -> Iterator[Message]:
    told_at = group.last_sent_at
    if told_at is None or not group.last_sent:
        started = min(alert.firing_since for alert in news.loud)
        if now >= started + grouping.group_wait:
            yield _firing(group, news.loud, started, link)
    elif not news.members:
        sank = bool(news.beside) and _rank(news.beside) < SEVERITIES.index(group.severity or Severity.INFO)
        if news.beside and not sank:
            return  # it goes on, and the config sends it elsewhere now: that is no end
        if not grouping.send_resolved:
            yield _resolved(group, news, link, now, sank=sank, unsaid=True)
        elif now >= told_at + grouping.group_interval:
            yield _resolved(group, news, link, now, sank=sank)
    elif news.loud:
        subjects = {alert.condition.subject for alert in news.members}
        changed = subjects != group.last_sent or _severity(news.members) is not group.severity
        if now >= told_at + (grouping.group_interval if changed else grouping.repeat_interval):
            yield _firing(group, news.members, group.started_at or now, link)


def _severity(alerts: Collection[Alert]) -> Severity:
    return worst(alert.condition.level for alert in alerts)


def _rank(alerts: Collection[Alert]) -> int:
    return SEVERITIES.index(_severity(alerts))


def _firing(group: Group, firing: Collection[Alert], started: datetime, link: str) -> Message:
    members = sorted(firing, key=lambda alert: alert.condition)
    examples = _examples(members)
    said = _sentences(group, len(members), examples)
    return Message(
        receiver=group.receiver,
        status="firing",
        alert=group.alert,
        severity=_severity(members),
        pool=group.pool,
        count=len(members),
        reasons=_reasons(members),
        examples=examples,
        started_at=started,
        dedup_key=_dedup_key(group),
        said=replace(said, what=f"{said.what[0].upper()}{said.what[1:]}", command=_command(examples), link=link),
        subjects=frozenset(alert.condition.subject for alert in members),
    )


def _resolved(group: Group, news: _News, link: str, now: datetime, *, sank: bool, unsaid: bool = False) -> Message:
    ended = sorted(news.beside if sank else news.over, key=lambda alert: alert.condition)
    severity = group.severity or group.alert.severity
    examples = _examples(ended) or tuple((subject, "") for subject in sorted(group.last_sent)[:MOST_EXAMPLES])
    what = _sentences(group, len(group.last_sent), examples).what
    end = f"No longer {severity}" if sank else "Resolved"
    return Message(
        receiver=group.receiver,
        status="resolved",
        alert=group.alert,
        severity=severity,
        pool=group.pool,
        count=len(group.last_sent),
        reasons=_reasons(ended),
        examples=examples,
        started_at=group.started_at or now,
        dedup_key=_dedup_key(group),
        said=Said(f"{end}: {what}", command=_command(examples), link=link),
        unsaid=unsaid,
    )


def _dedup_key(group: Group) -> str:
    return f"tendlc/{group.alert}/{group.pool}"


def _examples(members: list[Alert]) -> tuple[tuple[str, str], ...]:
    some = (alert.condition for alert in members[:MOST_EXAMPLES])
    return tuple((one.subject, one.detail[:MOST_DETAIL_CHARACTERS]) for one in some)


def _reasons(members: list[Alert]) -> tuple[tuple[str, int], ...]:
    counted = Counter(alert.condition.reason for alert in members)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS])


def _sentences(group: Group, count: int, examples: tuple[tuple[str, str], ...]) -> Said:
    text, example = TEXTS[group.alert], examples[0][0] if examples else "NUMBER"
    numbers = "1 number" if count == 1 else f"{count} numbers"
    return Said(
        *(
            sentence.format(count=numbers, n=count, pool=group.pool, example=example)
            for sentence in (text.what, text.affected, text.ours, text.yours)
        )
    )


def _command(examples: tuple[tuple[str, str], ...]) -> str:
    numbers = [subject for subject, _ in examples if subject.startswith("+")]
    return f"tendlc explain {numbers[0]}" if numbers else "tendlc alerts list"
