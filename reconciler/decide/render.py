"""render: which messages are due to whom about which groups of alerts, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reconciler.model.alert_texts import TEXTS
from reconciler.model.alerts import Alert, AlertName, Group, Grouping, Message, Said, Severity, Unrest
from reconciler.model.routing import SEVERITIES, worst

MOST_EXAMPLES = 5
MOST_REASONS = 10
MOST_DETAIL_CHARACTERS = 200
MOST_DOUBLINGS = 12
"""Of a wait: from 5 minutes it takes six of them to 4 hours."""


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

    A group that never rests is told of ever more seldom, and never hidden: each change waits twice as long as the one
    before, and the end of what came back must last twice as long, up to `repeat_interval`. A beginning never waits for
    that, nor does a rise in severity. A repeat of what fired without a break starts over; so does a beginning after a
    `repeat_interval` of peace.
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
    known = {(group.alert, group.pool): group for group in groups if group.receiver == receiver}
    told = {key: group for key, group in known.items() if group.last_sent}
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
        yield known.get(key) or Group(receiver, *key), one


def _key(alert: Alert) -> tuple[AlertName, str]:
    return alert.condition.alert, alert.condition.pool


def _due(group: Group, news: _News, grouping: Grouping, link: str, now: datetime) -> Iterator[Message]:
    told_at = group.last_sent_at
    if told_at is None or not group.last_sent:
        started = min(alert.firing_since for alert in news.loud)
        if _has_passed(grouping.group_wait, started, now):
            is_back = told_at is not None and not _has_passed(grouping.repeat_interval, told_at, now)
            unrest = replace(group.unrest, returns=_more(group.unrest.returns)) if is_back else Unrest()
            yield _firing(group, news.loud, started, unrest, grouping, link)
    elif not news.members:
        sank = bool(news.beside) and _rank(news.beside) < SEVERITIES.index(group.severity or Severity.INFO)
        if news.beside and not sank:
            return  # it goes on, and the config sends it elsewhere now: that is no end
        over_since = max((one.resolved_at for one in news.over if one.resolved_at and not sank), default=told_at)
        away = _longer(grouping, group.unrest.returns) if group.unrest.returns else timedelta()
        if _has_passed(grouping.group_interval, told_at, now) and _has_passed(away, over_since, now):
            yield _resolved(group, news, link, now, sank=sank, unsaid=not grouping.send_resolved)
    elif news.loud:
        yield from _update(group, news, told_at, grouping, link, now)


def _update(
    group: Group, news: _News, told_at: datetime, grouping: Grouping, link: str, now: datetime
) -> Iterator[Message]:
    """A group that its receiver knows goes on: what has changed, or the same again."""
    unrest, started = group.unrest, group.started_at or now
    graver = _rank(news.members) - SEVERITIES.index(group.severity or Severity.INFO)
    if graver or {alert.condition.subject for alert in news.members} != group.last_sent:
        wait = grouping.group_interval if graver > 0 else _longer(grouping, unrest.changes)
        if _has_passed(wait, told_at, now):
            changed = replace(unrest, changes=_more(unrest.changes))
            yield _firing(group, news.members, started, changed, grouping, link)
    elif _has_passed(grouping.repeat_interval, told_at, now):
        is_steady = all(alert.firing_since <= told_at for alert in news.members)
        yield _firing(group, news.members, started, Unrest() if is_steady else unrest, grouping, link)


def _has_passed(wait: timedelta, since: datetime, now: datetime) -> bool:
    """Where the clock was put back, a time to come tells nothing, and holds nothing."""
    return not since <= now < since + wait


def _longer(grouping: Grouping, doublings: int) -> timedelta:
    """`group_interval`, doubled so often, up to `repeat_interval`."""
    longest = max(grouping.group_interval, grouping.repeat_interval)
    return min(grouping.group_interval * (1 << doublings), longest)


def _more(doublings: int) -> int:
    return min(doublings + 1, MOST_DOUBLINGS)


def _severity(alerts: Collection[Alert]) -> Severity:
    return worst(alert.condition.level for alert in alerts)


def _rank(alerts: Collection[Alert]) -> int:
    return SEVERITIES.index(_severity(alerts))


def _firing(
    group: Group, firing: Collection[Alert], started: datetime, unrest: Unrest, grouping: Grouping, link: str
) -> Message:
    members = sorted(firing, key=lambda alert: alert.condition)
    examples = _examples(members)
    said = _sentences(group, len(members), examples)
    if unrest.returns:
        said = replace(said, ours=f"{said.ours} {_keeps_coming(_longer(grouping, unrest.returns))}")
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
        unrest=unrest,
    )


def _keeps_coming(away: timedelta) -> str:
    minutes, seconds = divmod(round(away.total_seconds()), 60)
    span = f"{minutes} min" if minutes and not seconds else f"{60 * minutes + seconds} s"
    return f"It keeps coming back: its end is told once it has been away for {span}."


def _resolved(group: Group, news: _News, link: str, now: datetime, *, sank: bool, unsaid: bool) -> Message:
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
        unrest=group.unrest,
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
