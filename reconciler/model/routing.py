"""Routing: which receiver is told of which alerts, and which alerts keep others quiet. Alertmanager's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.model.alerts import AlertName, Condition, Severity

SEVERITIES = tuple(Severity)
"""The least grave first."""


def worst(severities: Iterable[Severity]) -> Severity:
    """The gravest of them; `info` if there is none."""
    return max(severities, key=SEVERITIES.index, default=Severity.INFO)


@dataclass(frozen=True, slots=True)
class Match:
    """Which alerts: globs as the shell has them (`acme-*`); what is left out matches all."""

    alert: str = "*"
    pool: str = "*"
    severity: Severity | None = None

    def fits(self, condition: Condition) -> bool:
        """Whether it is one of these. Alerts of the whole account have the pool ``."""
        return (
            self.severity in (None, condition.level)
            and fnmatchcase(condition.alert, self.alert)
            and fnmatchcase(condition.pool, self.pool)
        )


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told of some alerts."""

    match: Match
    receivers: frozenset[str]
    goes_on: bool = False
    """Whether the routes after it are looked at as well."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A receiver, as far as routing knows it."""

    name: str
    min_severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert of `source` fires, those of `target` are not told."""

    source: Match
    target: Match
    same_pool: bool = False
    """Only those of the source's own pool."""


DEFAULT_INHIBITIONS = (
    Inhibition(Match(AlertName.TELNYX_API_UNAVAILABLE), Match(AlertName.ASSIGNMENT_FAILED)),
    Inhibition(Match(AlertName.CAMPAIGN_NOT_APPROVED), Match(AlertName.ASSIGNMENT_FAILED), same_pool=True),
)
"""What the first tells makes the second no news."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Who is told of what."""

    audiences: tuple[Audience, ...] = ()
    routes: tuple[Route, ...] = ()
    """The first that fits counts. An alert that none fits goes to everybody."""
    inhibitions: tuple[Inhibition, ...] = DEFAULT_INHIBITIONS
    link: str = ""
    """Where people find more, as messages give it."""
