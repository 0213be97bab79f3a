"""Alerts: conditions that hold, as stored state; and the messages that tell of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertName(StrEnum):
    """The alerts whose facts exist yet."""

    ASSIGNMENT_FAILED = "AssignmentFailed"
    ASSIGNMENT_STUCK = "AssignmentStuck"
    CARRIER_MAPPING_FAILED = "CarrierMappingFailed"
    DRIFT_UNRESOLVED = "DriftUnresolved"
    CONFLICT_FOUND = "ConflictFound"
    FLAPPING = "Flapping"
    MIXED_CAMPAIGNS = "MixedCampaigns"
    UNCOVERED_SENDER = "UncoveredSender"
    CAMPAIGN_NOT_APPROVED = "CampaignNotApproved"
    CAMPAIGN_IDLE = "CampaignIdle"
    CAMPAIGN_OVER_CAPACITY = "CampaignOverCapacity"
    TELNYX_API_UNAVAILABLE = "TelnyxApiUnavailable"
    TELNYX_AUTH_FAILED = "TelnyxAuthFailed"
    WEBHOOK_SIGNATURE_FAILURES = "WebhookSignatureFailures"
    WEBHOOKS_SILENT = "WebhooksSilent"
    WEBHOOK_QUARANTINED = "WebhookQuarantined"
    QUEUE_STALLED = "QueueStalled"
    CONFIG_RELOAD_FAILED = "ConfigReloadFailed"
    NOTIFICATION_FAILED = "NotificationFailed"
    LOOP_FAILED = "LoopFailed"
    STORE_FAILED = "StoreFailed"
    CLOCK_WRONG = "ClockWrong"
    CHECKS_OVERDUE = "ChecksOverdue"
    STORE_RESTORED = "StoreRestored"
    STORE_LOST = "StoreLost"

    @property
    def severity(self) -> Severity:
        """The alert's severity, where its condition does not say otherwise."""
        return Severity.CRITICAL if self in _CRITICAL else Severity.WARNING


_CRITICAL = frozenset(
    {
        AlertName.UNCOVERED_SENDER,
        AlertName.CAMPAIGN_NOT_APPROVED,
        AlertName.TELNYX_API_UNAVAILABLE,
        AlertName.TELNYX_AUTH_FAILED,
        AlertName.QUEUE_STALLED,
        AlertName.LOOP_FAILED,
        AlertName.STORE_FAILED,
        AlertName.CHECKS_OVERDUE,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """Something that holds now. (alert, pool, subject) is its identity; reason and detail may vary."""

    alert: AlertName
    pool: str
    """Empty for the whole account."""
    subject: str
    """A number, a campaign, or empty."""
    reason: str = ""
    """A fixed word, to count by."""
    detail: str = ""
    """For people; never part of the identity."""
    severity: Severity | None = field(default=None, compare=False)
    """Another than the alert's own, where it grows with time."""
    wait: timedelta = field(default=timedelta(), compare=False)
    """How long it must hold, at one look after the other, before it fires; what ends before is never told."""

    @property
    def level(self) -> Severity:
        """How much it matters now."""
        return self.severity or self.alert.severity


@dataclass(frozen=True, slots=True)
class Family:
    """Which conditions a judgement covered: all of an alert in a pool. What is covered and absent is resolved."""

    alert: AlertName
    pool: str
    subject: str | None = None
    """Only this subject, where the judgement was about one."""

    def covers(self, condition: Condition) -> bool:
        """Whether a condition is of this family."""
        return (
            condition.alert is self.alert and condition.pool == self.pool and self.subject in (None, condition.subject)
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was judged, and what of it holds."""

    families: tuple[Family, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement(self.families + other.families, self.conditions + other.conditions)


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition with its history."""

    condition: Condition
    firing_since: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A condition that must hold for a while yet before it fires."""

    condition: Condition
    since: datetime
    fires_at: datetime


@dataclass(frozen=True, slots=True)
class Unrest:
    """How restless a group was since it was last calm, as one receiver heard it: such news waits longer for it."""

    changes: int = 0
    """Messages about more or fewer numbers, or another severity."""
    returns: int = 0
    """Times that it fired again soon after its end had been told."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one receiver was last told about one alert in one pool."""

    receiver: str
    alert: AlertName
    pool: str
    last_sent_at: datetime | None = None
    last_sent: frozenset[str] = frozenset()
    """The subjects that the last message named as firing; empty after a resolve."""
    severity: Severity | None = None
    """The gravest of these, as it was told."""
    started_at: datetime | None = None
    unrest: Unrest = Unrest()


@dataclass(frozen=True, slots=True)
class Grouping:
    """When messages go out. Alertmanager's names and defaults."""

    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: timedelta = timedelta(hours=4)
    send_resolved: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """One message about one group to one receiver."""

    receiver: str
    status: str
    """`firing` or `resolved`."""
    alert: AlertName
    severity: Severity
    pool: str
    count: int
    reasons: tuple[tuple[str, int], ...]
    """By count, the most frequent first."""
    examples: tuple[tuple[str, str], ...]
    """(subject, detail), five at most."""
    started_at: datetime
    dedup_key: str
    """The same for the firing, its updates and the resolve."""
    said: Said
    subjects: frozenset[str] = frozenset()
    unsaid: bool = False
    """Only noted, and never sent: an end, where `send_resolved` is off."""
    unrest: Unrest = Unrest()
    """Of its group from now on."""

    @property
    def summary(self) -> str:
        """What it says to people, in one line."""
        return self.said.summary


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says to people, sentence by sentence."""

    what: str
    """What and how many, without a stop."""
    affected: str = ""
    """Whether messages are affected now."""
    ours: str = ""
    """What this service does, and when."""
    yours: str = ""
    """What the reader should do."""
    command: str = ""
    """What shows more, such as `tendlc explain +12025550123`."""
    link: str = ""

    @property
    def summary(self) -> str:
        """All of it but the command and the link, in one line."""
        return " ".join(filter(None, (f"{self.what}.", self.affected, self.ours, self.yours)))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way to one receiver: a row of the outbox."""

    id: int
    receiver: str
    dedup_key: str
    body: str
    """The message as JSON text."""
    created_at: datetime
    attempts: int = 0
    failures: int = 0
    """How many attempts at this receiver failed in a row before this one, whatever they carried."""
    is_first: bool = False
    """The receiver knows nothing of the group yet."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A receiver whose last attempt failed."""

    receiver: str
    failures: int
    """Attempts that failed in a row."""
    next_at: datetime | None
    waiting: int
    """Messages that wait for it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A receiver took a message."""

    detail: str
    """By whom and how, such as `hooks.example.com: HTTP 204`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What becomes of a parcel after an attempt to deliver it."""

    retry_at: datetime | None
    """None: it arrived."""
    failures: int = 0
    """How many attempts at the receiver have failed in a row now."""
    holds_all: bool = False
    """What else waits for the receiver waits as long."""
    missed: bool = False
    """The receiver does not have it, for certain; else it may, though no good answer came."""
    judgement: Judgement = Judgement()
    """Whether the receiver is one that keeps failing."""
