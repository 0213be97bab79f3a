"""Settings: the config file apart from its pools, read once and frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import TypeAlias

from reconciler.model.alerts import Grouping, Severity
from reconciler.model.errors import Problem
from reconciler.model.pools import PoolDraft
from reconciler.model.routing import Routing
from reconciler.model.windows import Windows


class Secret:
    """Text that must not be shown: printing, formatting or logging it says nothing. `reveal` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))


@dataclass(frozen=True, slots=True)
class TelnyxSettings:
    """How to reach Telnyx."""

    api_key: Secret
    public_keys: tuple[str, ...]
    """Base64, 0 to 3 of them. `serve` refuses to start with none."""
    base_url: str = "https://api.telnyx.com/v2"
    ceiling_per_second: float | None = None
    """For all calls together. None is `auto`: it starts at 2/s, the pace of Telnyx's own examples, and is learned."""
    timeout: timedelta = timedelta(seconds=15)
    """For one call, from its first byte sent to its last byte read."""
    settle_window: timedelta = timedelta(seconds=60)
    assignment_path: str = "phone_number_campaigns"


@dataclass(frozen=True, slots=True)
class Every:
    """Each so often."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Cron:
    """By a cron line: five fields, or six with seconds first, by the clocks of the schedule's zone."""

    line: str


Rhythm: TypeAlias = Every | Cron
"""When something is done again and again."""


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen on. Port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The public listener."""

    listen: Listen = Listen("0.0.0.0", 8080)  # noqa: S104 -- the public listener is meant to be reached
    path: str = "/webhooks/telnyx"
    tolerance: timedelta = timedelta(minutes=5)
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    min_free_bytes: int = 256_000_000
    """With less space on the store's disk no events are taken. 0: nobody looks."""


@dataclass(frozen=True, slots=True)
class LogReceiver:
    """Alerts as log lines."""

    name: str
    min_severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """Alerts as JSON by POST."""

    name: str
    url: Secret
    """A credential as a whole: only its host is ever shown."""
    signing_key: Secret | None = None
    """Ed25519, as Standard Webhooks writes it. None: what is sent is not signed."""
    min_severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class SlackReceiver:
    """Alerts in a Slack channel."""

    name: str
    webhook_url: Secret
    """A credential as a whole: only its host is ever shown."""
    min_severity: Severity = Severity.INFO


Receiver: TypeAlias = LogReceiver | WebhookReceiver | SlackReceiver


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Who is told, and when."""

    grouping: Grouping = Grouping()
    receivers: tuple[Receiver, ...] = ()
    routing: Routing = Routing()
    """Its audiences are the receivers."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The service's own log."""

    format: str = "auto"
    """`json`, `console`, or `auto`: console on a terminal."""
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything but the pools."""

    telnyx: TelnyxSettings
    drift_check: Rhythm = field(default_factory=lambda: Every(timedelta(minutes=10)))
    full_resync: Rhythm = field(default_factory=lambda: Cron("15 3 * * *"))
    jitter: timedelta = timedelta(seconds=30)
    """How much later than their rhythm says checks and resyncs may begin, so that many accounts do not at once."""
    windows: Windows = Windows()
    """When changes may be made. Its zone is the schedule's."""
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    web: Listen = Listen("127.0.0.1", 8081)
    store_url: str = "sqlite:///tendlc.db"
    alerts: AlertSettings = field(default_factory=AlertSettings)
    log: LogSettings = field(default_factory=LogSettings)


@dataclass(frozen=True, slots=True)
class Draft:
    """A config file as read: settings, pools not yet believed, and every problem found so far."""

    path: PurePath
    revision: str
    """SHA-256 over the bytes of all that was read, in hexadecimal."""
    settings: Settings | None
    """None if its part of the file has problems."""
    pools: tuple[PoolDraft, ...]
    problems: tuple[Problem, ...] = ()
