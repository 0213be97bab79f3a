"""inhibit: which alerts are not told while another one fires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from reconciler.model.alerts import Alert, AlertName, Condition, Severity
from reconciler.model.routing import Inhibition

_Kind: TypeAlias = tuple[AlertName, str, Severity]
"""What rules can tell apart."""


def inhibit(alerts: Iterable[Alert], inhibitions: Iterable[Inhibition]) -> frozenset[Alert]:
    """The firing alerts that are not to be told now.

    An alert never inhibits itself, and where a rule's two sides overlap, what is on both sides is not inhibited by
    what is on both sides: as in Alertmanager, else they would silence each other.
    """
    firing: dict[_Kind, list[Alert]] = {}
    for alert in alerts:
        if alert.resolved_at is None:
            condition = alert.condition
            firing.setdefault((condition.alert, condition.pool, condition.level), []).append(alert)
    kinds = {kind: members[0].condition for kind, members in firing.items()}
    silent = {kind for rule in inhibitions for kind in _inhibited(kinds, rule)}
    return frozenset(alert for kind in silent for alert in firing[kind])


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
