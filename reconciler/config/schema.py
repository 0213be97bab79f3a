"""The config file's sections, as far as they are supported: pydantic checks them, and editors get their JSON Schema.

A default is the model's own, so that it is written once.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from reconciler.config import fields
from reconciler.config.fields import Boolean, Duration, Text, one_of
from reconciler.config.mistake import Mistake
from reconciler.config.section import Section
from reconciler.model.alerts import Grouping
from reconciler.model.pools import Policy
from reconciler.model.settings import LogSettings, Secret, Settings, TelnyxSettings

_TELNYX = TelnyxSettings(api_key=Secret(""), public_keys=())
_SETTINGS = Settings(telnyx=_TELNYX)
_WEBHOOK = _SETTINGS.webhook
_GROUPING = Grouping()
_LOG = LogSettings()
_POLICY = Policy()

_GROUPS = ["alert", "pool"]
_LONGEST_LIST = 100  # entries of any list but those of pools and numbers


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _known_groups(groups: list[str]) -> list[str]:
    if sorted(groups) != _GROUPS:
        raise fields.complaint(Mistake("other than [alert, pool]: not supported yet", "leave it out"))
    return groups


class TelnyxSection(Section):
    """How to reach Telnyx."""

    planned = frozenset({"max_removals_per_hour"})

    base_url: fields.Address = Field(default=_TELNYX.base_url, description="The API's address, with its version.")
    api_key: fields.SecretText | None = Field(
        default=None, description="The API key: better ${TELNYX_API_KEY} than itself."
    )
    api_key_file: fields.SecretFile | None = Field(default=None, description="A file that holds the API key.")
    public_key: Annotated[
        list[fields.PublicKey] | None, BeforeValidator(_listed), WithJsonSchema(fields.PUBLIC_KEYS_SCHEMA)
    ] = Field(
        default=None,
        min_length=1,
        max_length=3,
        description="The account's public key in base64; a list of up to 3 while the key changes.",
    )
    public_key_file: fields.PublicKeyFile | None = Field(
        default=None, description="A file that holds 1 to 3 public keys, one a line."
    )
    rate_limit: fields.Rate = Field(
        default=_TELNYX.rate_per_second,
        description="A ceiling for all calls together, such as 20/s or 1000/min. auto is 2/s.",
    )
    timeout: Duration = Field(
        default=_TELNYX.timeout, description="For one call, from its first byte sent to its last read."
    )
    settle_window: Duration = Field(
        default=_TELNYX.settle_window,
        description="How long a write whose outcome is unknown is read before it may be repeated.",
    )
    assignment_path: Annotated[
        str,
        one_of("phone_number_campaigns", "phoneNumberCampaign"),
    ] = Field(
        default="phone_number_campaigns",
        description="The name of the assignment endpoint: phoneNumberCampaign is the older one.",
    )


class PolicySection(Section):
    """How far the service may go for a pool."""

    planned = frozenset({"on_missing_profile", "pending_after", "flap_limit"})

    mode: Annotated[str, one_of("enforce", "observe", other="modes by drift class: not supported yet")] = Field(
        default=_POLICY.mode.value, description="observe: plan, report and alert, but never write."
    )
    sync: Annotated[str, one_of("create-only", "upsert-only", planned=("full",))] = Field(
        default="upsert-only", description="Either only adds: nothing is removed."
    )
    on_conflict: Annotated[str, one_of("fail", "skip", planned=("move",))] = Field(
        default=_POLICY.on_conflict.value,
        description="A number that is on another campaign stays there. fail says so, skip is silent.",
    )
    allow_empty: Boolean = Field(default=_POLICY.allow_empty, description="Whether a pool may have no numbers.")


class DefaultsSection(Section):
    """What every pool starts from."""

    planned = frozenset({"safety"})

    policy: PolicySection = Field(default=PolicySection(), description="The policy of pools that do not say otherwise.")


class PoolSection(Section):
    """A named set of numbers that belong on one campaign."""

    planned = frozenset({"messaging_profile", "exclude", "protect", "safety"})

    name: Text = Field(description="Unique: 1-63 of a-z, 0-9 and -.")
    description: fields.Description = Field(default="", description="For people.")
    campaign: Text = Field(description="The campaign's Telnyx UUID, or its TCR id such as C6X6M95.")
    numbers: list[fields.Number] = Field(description="+1 and ten digits each, such as +12025550123.")
    policy: PolicySection = Field(default=PolicySection(), description="Key by key over the defaults.")


class ScheduleSection(Section):
    """When to look everywhere."""

    planned = frozenset({"full_resync", "jitter", "timezone", "windows"})

    drift_check: fields.Schedule = Field(
        default=_SETTINGS.drift_check, description='`every 10m`, or a cron line in UTC: "cron: */10 * * * *".'
    )


class WebhookSection(Section):
    """The public listener."""

    planned = frozenset({"register", "trusted_proxies", "min_free_space"})

    listen: fields.Listening = Field(default=_WEBHOOK.listen, description="Host and port. Port 0 takes a free one.")
    path: fields.UrlPath = Field(default=_WEBHOOK.path, description="Where Telnyx sends its webhooks.")
    tolerance: Duration = Field(default=_WEBHOOK.tolerance, description="How far a webhook's time may be from ours.")
    public_url: fields.Address | None = Field(default=None, description="The webhook's address as Telnyx reaches it.")
    allowed_hosts: list[fields.Host] = Field(
        default=list(_WEBHOOK.allowed_hosts),
        max_length=_LONGEST_LIST,
        description="Hosts that requests may name. Empty: any well-formed one.",
    )


class WebSection(Section):
    """The admin listener: status page, health, metrics."""

    planned = frozenset({"tokens_file", "read_only"})

    listen: fields.Loopback = Field(default=_SETTINGS.web, description="Loopback only.")


class StoreSection(Section):
    """Where the service remembers."""

    planned = frozenset({"retain"})

    url: fields.StoreUrl = Field(
        default=_SETTINGS.store_url, description="A SQLite file; four slashes begin a full path."
    )


class LogReceiverSection(Section):
    """Alerts as log lines. It has no settings."""


class WebhookReceiverSection(Section):
    """Alerts as JSON by POST."""

    planned = frozenset({"signing_key_file"})

    url: fields.SecretAddress | None = Field(default=None, description="Where to send them. Treated as a secret.")
    url_file: fields.SecretAddressFile | None = Field(default=None, description="A file that holds the URL.")


class ReceiverSection(Section):
    """Someone who is told of alerts: a name, and either log or webhook."""

    planned = frozenset({"min_severity", "slack", "pagerduty", "alertmanager", "email", "apprise"})

    name: fields.ReceiverName = Field(description="Unique among the receivers.")
    log: LogReceiverSection | None = Field(default=None, description="Write alerts to the log.")
    webhook: WebhookReceiverSection | None = Field(default=None, description="POST alerts as JSON.")


class AlertsSection(Section):
    """Who is told, and when. Alertmanager's names and defaults."""

    planned = frozenset({"routes", "inhibit", "dead_man"})

    group_by: Annotated[list[Text], AfterValidator(_known_groups)] = Field(
        default=_GROUPS, max_length=_LONGEST_LIST, description="What one message is about: an alert in a pool."
    )
    group_wait: Duration = Field(
        default=_GROUPING.group_wait, description="How long a first message waits for more of its kind."
    )
    group_interval: Duration = Field(default=_GROUPING.group_interval, description="How long news of a group waits.")
    repeat_interval: Duration = Field(
        default=_GROUPING.repeat_interval, description="How long until the same is said again."
    )
    send_resolved: Boolean = Field(default=_GROUPING.send_resolved, description="Whether to say that it is over.")
    receivers: list[ReceiverSection] = Field(default=[], max_length=_LONGEST_LIST, description="Each gets every alert.")


class LogSection(Section):
    """The service's own log."""

    format: Annotated[str, one_of("auto", "json", "console")] = Field(
        default=_LOG.format, description="auto: console on a terminal, else json."
    )
    level: Annotated[
        str,
        one_of("debug", "info", "warning", "error", "critical"),
    ] = Field(default=_LOG.level, description="The least that is written.")


class ObservabilitySection(Section):
    """What the service tells of itself."""

    log: LogSection = Field(default=LogSection(), description="The log on stderr.")


class SettingsSection(Section):
    """Everything but the pools."""

    planned = frozenset({"privacy"})

    version: fields.Version = Field(description="The version of this format: 1.")
    telnyx: TelnyxSection = Field(default=TelnyxSection(), description="How to reach Telnyx.")
    defaults: DefaultsSection = Field(default=DefaultsSection(), description="What every pool starts from.")
    schedule: ScheduleSection = Field(default=ScheduleSection(), description="When to look everywhere.")
    webhook: WebhookSection = Field(default=WebhookSection(), description="The public listener.")
    web: WebSection = Field(default=WebSection(), description="The admin listener.")
    store: StoreSection = Field(default=StoreSection(), description="Where the service remembers.")
    alerts: AlertsSection = Field(default=AlertsSection(), description="Who is told, and when.")
    observability: ObservabilitySection = Field(
        default=ObservabilitySection(), description="What the service tells of itself."
    )


class FileSection(SettingsSection):
    """The config of tendlc: which phone numbers belong on which Telnyx 10DLC campaigns."""

    pools: list[PoolSection] = Field(description="The pools, each a campaign and its numbers.")
