"""route: which receiver is to be told of which alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.alerts import Alert, AlertName, Condition, Severity
from reconciler.model.routing import SEVERITIES, Routing


def route(alerts: Iterable[Alert], routing: Routing) -> Mapping[str, tuple[Alert, ...]]:
    """The firing alerts of each receiver, in their order. Every receiver has an entry.

    The first route that fits counts, and those after it where it goes on; what no route fits goes to all. Nobody is
    told of what is below its `min_severity`, or that it cannot be reached.
    """
    told: dict[str, list[Alert]] = {audience.name: [] for audience in routing.audiences}
    ways: dict[tuple[AlertName, str, Severity], tuple[str, ...]] = {}  # alerts come by the hundred, and go one way
    for alert in alerts:
        condition = alert.condition
        if alert.resolved_at is not None:
            continue
        kind = (condition.alert, condition.pool, condition.level)
        if kind not in ways:
            ways[kind] = _receivers(condition, routing)
        for name in ways[kind]:
            if condition.alert is not AlertName.NOTIFICATION_FAILED or condition.subject != name:
                told[name].append(alert)
    return {name: tuple(mine) for name, mine in told.items()}


def _receivers(condition: Condition, routing: Routing) -> tuple[str, ...]:
    named: set[str] | None = None
    for one in routing.routes:
        if one.match.fits(condition):
            named = (named or set()) | one.receivers
            if not one.goes_on:
                break
    level = SEVERITIES.index(condition.level)
    return tuple(
        audience.name
        for audience in routing.audiences
        if (named is None or audience.name in named) and level >= SEVERITIES.index(audience.min_severity)
    )
