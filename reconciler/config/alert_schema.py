"""The config file's section of alerts: who is told, of what, and when."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from reconciler.config import fields
from reconciler.config.fields import Boolean, Duration, Text, one_of
from reconciler.config.mistake import Mistake
from reconciler.config.section import LONGEST_LIST, Section
from reconciler.model.alerts import Grouping, Severity

_GROUPING = Grouping()
_GROUPS = ["alert", "pool"]
_SEVERITIES = tuple(severity.value for severity in Severity)


def _known_groups(groups: list[str]) -> list[str]:
    if sorted(groups) != _GROUPS:
        raise fields.complaint(Mistake("other than [alert, pool]: not supported yet", "leave it out"))
    return groups


class LogReceiverSection(Section):
    """Alerts as log lines. It has no settings."""


class WebhookReceiverSection(Section):
    """Alerts as JSON by POST."""

    url: fields.SecretAddress | None = Field(default=None, description="Where to send them. Treated as a secret.")
    url_file: fields.SecretAddressFile | None = Field(default=None, description="A file that holds the URL.")
    signing_key: fields.SigningKey | None = Field(
        default=None, description="Sign by Standard Webhooks (v1a): whsk_ and the base64 of an Ed25519 seed."
    )
    signing_key_file: fields.SigningKeyFile | None = Field(
        default=None, description="A file that holds the signing key."
    )


class SlackReceiverSection(Section):
    """Alerts in a Slack channel."""

    webhook_url: fields.SecretAddress | None = Field(
        default=None, description="The incoming webhook's URL. Treated as a secret."
    )
    webhook_url_file: fields.SecretAddressFile | None = Field(default=None, description="A file that holds the URL.")


class ReceiverSection(Section):
    """Someone who is told of alerts: a name, and one of log, webhook and slack."""

    planned = frozenset({"pagerduty", "alertmanager", "email", "apprise"})

    name: fields.ReceiverName = Field(description="Unique among the receivers.")
    min_severity: Annotated[str, one_of(*_SEVERITIES)] = Field(
        default=Severity.INFO.value, description="The least grave alerts that it is told of."
    )
    log: LogReceiverSection | None = Field(default=None, description="Write alerts to the log.")
    webhook: WebhookReceiverSection | None = Field(default=None, description="POST alerts as JSON.")
    slack: SlackReceiverSection | None = Field(default=None, description="Post alerts to a Slack channel.")


class MatchSection(Section):
    """Which alerts. What is left out matches all."""

    alert: fields.AlertGlob | None = Field(default=None, description="An alert's name, or a pattern such as Telnyx*.")
    pool: fields.Glob | None = Field(default=None, description="A pool's name, or a pattern such as acme-*.")
    severity: Annotated[str, one_of(*_SEVERITIES)] | None = Field(default=None, description="Just this severity.")


class NamedMatchSection(MatchSection):
    """Which alerts, by name at least."""

    alert: fields.AlertGlob = Field(description="An alert's name, or a pattern such as Telnyx*.")


class RouteSection(Section):
    """Who is told of some alerts."""

    match: MatchSection = Field(default=MatchSection(), description="Which alerts; left out: all.")
    receivers: list[fields.ReceiverName] = Field(
        min_length=1, max_length=LONGEST_LIST, description="The names of the receivers that are told."
    )
    goes_on: Boolean = Field(
        default=False, alias="continue", description="Whether the routes after it are looked at too."
    )


class InhibitSection(Section):
    """While an alert of `source` fires, those of `target` are not told."""

    source: NamedMatchSection = Field(description="What keeps others quiet.")
    target: NamedMatchSection = Field(description="What is kept quiet.")
    equal: list[Annotated[str, one_of("pool")]] = Field(
        default=[], max_length=1, description="[pool]: only within the same pool."
    )


class AlertsSection(Section):
    """Who is told, and when. Alertmanager's names and defaults."""

    planned = frozenset({"dead_man"})

    group_by: Annotated[list[Text], AfterValidator(_known_groups)] = Field(
        default=_GROUPS, max_length=LONGEST_LIST, description="What one message is about: an alert in a pool."
    )
    group_wait: Duration = Field(
        default=_GROUPING.group_wait, description="How long a first message waits for more of its kind."
    )
    group_interval: Duration = Field(default=_GROUPING.group_interval, description="How long news of a group waits.")
    repeat_interval: Duration = Field(
        default=_GROUPING.repeat_interval, description="How long until the same is said again."
    )
    send_resolved: Boolean = Field(default=_GROUPING.send_resolved, description="Whether to say that it is over.")
    link: fields.Address | None = Field(
        default=None, description="Where people reach the status page; messages give it as it is."
    )
    receivers: list[ReceiverSection] = Field(
        default=[], max_length=LONGEST_LIST, description="Who is told: each of every alert, but for routes."
    )
    routes: list[RouteSection] = Field(
        default=[], max_length=LONGEST_LIST, description="Who is told of what; the first that fits counts."
    )
    inhibit: list[InhibitSection] | None = Field(
        default=None, max_length=LONGEST_LIST, description="What keeps what quiet; [] for nothing."
    )
