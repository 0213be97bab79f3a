"""inhibit: which alerts are not told while another one fires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from reconciler.model.alerts import Alert, AlertName, Condition, Group, Severity
from reconciler.model.routing import Inhibition

_Kind: TypeAlias = tuple[AlertName, str, Severity]
"""What rules can tell apart."""


def inhibit(
    alerts: Iterable[Alert], inhibitions: Iterable[Inhibition], over: Iterable[Condition] = ()
) -> frozenset[Alert]:
    """The firing alerts that are not to be told now. What is only just `over` inhibits as if it fired.

    An alert never inhibits itself, and where a rule's two sides overlap, what is on both sides is not inhibited by
    what is on both sides: as in Alertmanager, else they would silence each other.
    """
    firing: dict[_Kind, list[Alert]] = {}
    for alert in alerts:
        if alert.resolved_at is None:
            condition = alert.condition
            firing.setdefault((condition.alert, condition.pool, condition.level), []).append(alert)
    kinds = {(one.alert, one.pool, one.level): one for one in over}
    kinds |= {kind: members[0].condition for kind, members in firing.items()}
    silent = {kind for rule in inhibitions for kind in _inhibited(kinds, rule)}
    return frozenset(alert for kind in silent for alert in firing.get(kind, ()))


def just_over(alerts: Iterable[Alert], groups: Iterable[Group], wait: timedelta, *, now: datetime) -> list[Condition]:
    """What ended, or was told as ended, less than `wait` ago: what it caused has as long to end too, untold."""
    ended = [one.condition for one in alerts if one.resolved_at is not None and _is_within(wait, one.resolved_at, now)]
    told = (
        Condition(one.alert, one.pool, "", severity=one.severity)
        for one in groups
        if not one.last_sent and one.last_sent_at is not None and _is_within(wait, one.last_sent_at, now)
    )
    return [*ended, *told]


def _is_within(wait: timedelta, at: datetime, now: datetime) -> bool:
    return at <= now < at + wait


def _inhibited(kinds: Mapping[_Kind, Condition], rule: Inhibition) -> Iterator[_Kind]:
    plain: set[str] = set()
    """The pools of sources that are no targets."""
    overlapping: set[str] = set()
    """The pools of sources that are targets too."""
    for condition in kinds.values():
        if rule.source.fits(condition):
            (overlapping if rule.target.fits(condition) else plain).add(_place(condition, rule))
    for kind, condition in kinds.items():
        if rule.target.fits(condition):
            place = _place(condition, rule)
            if place in plain or (place in overlapping and not rule.source.fits(condition)):
                yield kind


def _place(condition: Condition, rule: Inhibition) -> str:
    return condition.pool if rule.same_pool else ""
