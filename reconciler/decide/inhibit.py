"""inhibit: which alerts are not told while another one fires."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.alerts import Alert, Condition
from reconciler.model.routing import Inhibition


def inhibit(alerts: Iterable[Alert], inhibitions: Iterable[Inhibition]) -> frozenset[Alert]:
    """The firing alerts that are not to be told now.

    An alert never inhibits itself, and where a rule's two sides overlap, what is on both sides is not inhibited by
    what is on both sides: as in Alertmanager, else they would silence each other.
    """
    firing = [alert for alert in alerts if alert.resolved_at is None]
    return frozenset(alert for rule in inhibitions for alert in _inhibited(firing, rule))


def _inhibited(firing: list[Alert], rule: Inhibition) -> Iterable[Alert]:
    plain: set[str] = set()
    """The pools of sources that are no targets."""
    overlapping: set[str] = set()
    """The pools of sources that are targets too."""
    for alert in firing:
        if rule.source.fits(alert.condition):
            (overlapping if rule.target.fits(alert.condition) else plain).add(_place(alert.condition, rule))
    for alert in firing:
        if rule.target.fits(alert.condition):
            place = _place(alert.condition, rule)
            if place in plain or (place in overlapping and not rule.source.fits(alert.condition)):
                yield alert


def _place(condition: Condition, rule: Inhibition) -> str:
    return condition.pool if rule.same_pool else ""
