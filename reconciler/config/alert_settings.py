"""From the checked section of alerts to the settings that the rest of the service knows."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.config.alert_schema import AlertsSection, InhibitSection, MatchSection, ReceiverSection
from reconciler.model.alerts import Grouping, Severity
from reconciler.model.routing import DEFAULT_INHIBITIONS, Audience, Inhibition, Match, Route, Routing
from reconciler.model.settings import AlertSettings, LogReceiver, Receiver, SlackReceiver, WebhookReceiver


def alerts_from(alerts: AlertsSection) -> AlertSettings:
    """The settings. The rules between keys hold already: one kind for each receiver, one source for each secret."""
    receivers = tuple(map(_receiver, alerts.receivers))
    routes = (Route(_match(one.match), frozenset(one.receivers), one.goes_on) for one in alerts.routes)
    return AlertSettings(
        grouping=Grouping(alerts.group_wait, alerts.group_interval, alerts.repeat_interval, alerts.send_resolved),
        receivers=receivers,
        routing=Routing(
            audiences=tuple(Audience(one.name, one.min_severity) for one in receivers),
            routes=tuple(routes),
            inhibitions=DEFAULT_INHIBITIONS if alerts.inhibit is None else tuple(_inhibitions(alerts.inhibit)),
            link=alerts.link or "",
        ),
    )


def _receiver(receiver: ReceiverSection) -> Receiver:
    name, least = receiver.name, Severity(receiver.min_severity)
    webhook, slack = receiver.webhook, receiver.slack
    url = (webhook.url or webhook.url_file) if webhook else None
    channel = (slack.webhook_url or slack.webhook_url_file) if slack else None
    if webhook is not None and url is not None:
        return WebhookReceiver(name, url, webhook.signing_key or webhook.signing_key_file, least)
    return LogReceiver(name, least) if channel is None else SlackReceiver(name, channel, least)


def _match(match: MatchSection) -> Match:
    severity = None if match.severity is None else Severity(match.severity)
    return Match(match.alert or "*", match.pool or "*", severity)


def _inhibitions(sections: Iterable[InhibitSection]) -> Iterable[Inhibition]:
    return (Inhibition(_match(one.source), _match(one.target), same_pool="pool" in one.equal) for one in sections)
