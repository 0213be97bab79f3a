"""The config file's sections, as far as they are supported: pydantic checks them, and editors get their JSON Schema.

A default is the model's own, so that it is written once.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from reconciler.config import fields
from reconciler.config.alert_schema import AlertsSection
from reconciler.config.fields import Duration, one_of
from reconciler.config.pool_schema import DefaultsSection, PoolSection
from reconciler.config.section import LONGEST_LIST, Section
from reconciler.config.times import DAYS
from reconciler.model.settings import LogSettings, Secret, Settings, TelnyxSettings

_TELNYX = TelnyxSettings(api_key=Secret(""), public_keys=())
_SETTINGS = Settings(telnyx=_TELNYX)
_WEBHOOK = _SETTINGS.webhook
_LOG = LogSettings()


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


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
        default=_TELNYX.ceiling_per_second,
        description="A ceiling for all calls together, such as 20/s or 1000/min; what Telnyx allows may lower it. auto"
        " begins at 2/s and goes up by what Telnyx's answers allow, to 50/s at most.",
        json_schema_extra={"default": "auto"},
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


class WindowSection(Section):
    """Hours of some days. Where `to` is not after `from`, it is of the next day."""

    days: list[Annotated[str, one_of(*DAYS)]] = Field(
        min_length=1,
        max_length=len(DAYS),
        description="The days on which it begins: mon, tue, wed, thu, fri, sat, sun.",
    )
    start: fields.Clock = Field(alias="from", description='When it begins, such as "09:00".')
    to: fields.EndClock = Field(description='When it ends, such as "17:00"; "24:00" is the end of the day.')


class ScheduleSection(Section):
    """When to look everywhere, and when changes may be made."""

    drift_check: fields.Schedule = Field(
        default=_SETTINGS.drift_check, description='`every 10m`, or a cron line: "cron: */10 * * * *".'
    )
    full_resync: fields.Schedule = Field(
        default=_SETTINGS.full_resync,
        description="When everything is read anew, however fresh, and the webhooks that were lost are read back.",
    )
    jitter: fields.Spread = Field(
        default=_SETTINGS.jitter,
        description="How much later they may begin, by chance; a quarter of the time between two at the most.",
    )
    timezone: fields.Zone = Field(
        default=UTC,
        description="By whose clocks cron lines, windows and the ends of days are meant: an IANA name.",
    )
    windows: list[WindowSection] = Field(
        default=[],
        max_length=LONGEST_LIST,
        description="When changes may be made; none: at any time. Checks and alerts go on outside them.",
    )


class WebhookSection(Section):
    """The public listener."""

    planned = frozenset({"trusted_proxies"})

    listen: fields.Listening = Field(default=_WEBHOOK.listen, description="Host and port. Port 0 takes a free one.")
    path: fields.UrlPath = Field(default=_WEBHOOK.path, description="Where Telnyx sends its webhooks.")
    tolerance: Duration = Field(default=_WEBHOOK.tolerance, description="How far a webhook's time may be from ours.")
    public_url: fields.Address | None = Field(default=None, description="The webhook's address as Telnyx reaches it.")
    registering: Annotated[str, one_of("report", planned=("fix",))] = Field(
        default="report",
        alias="register",
        description="Each campaign's webhook address is compared with public_url, and a difference is reported.",
    )
    allowed_hosts: list[fields.Host] = Field(
        default=list(_WEBHOOK.allowed_hosts),
        max_length=LONGEST_LIST,
        description="Hosts that requests may name. Empty: any well-formed one.",
    )
    min_free_space: fields.Size = Field(
        default=_WEBHOOK.min_free_bytes,
        description="With less space on the store's disk, events are answered 503. 0B: nobody looks.",
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

    pools: list[PoolSection] = Field(
        default=[], description="The pools, each a campaign and its numbers. More of them may be in pools.d/*.yaml."
    )


class BesideSection(Section):
    """A file of pools.d."""

    version: fields.Version = Field(default="1", description="The version of this format: 1.")
    pools: list[PoolSection] = Field(description="More pools.")
