"""The JSON outputs, as models: what commands print, the admin listener answers, and `tendlc schema` describes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

FORMAT_VERSION: Literal["1"] = "1"


def rfc3339(at: datetime) -> str:
    """A time as outputs show it: RFC 3339, UTC, whole milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


class Shape(BaseModel):
    """Frozen, and with no field that is not named."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ActionShape(Shape):
    """One thing that would be done."""

    verb: Literal["assign", "attach_profile"]
    number: str
    pool: str
    campaign: str
    messaging_profile: str | None = Field(None, description="Where `attach_profile` puts the number.")
    mode: Literal["enforce", "observe"] = Field(description="observe: `serve` never does it.")


class HoldShape(Shape):
    """One drift that nothing is done about now."""

    number: str
    pool: str
    reason: str
    detail: str
    until: Time | None = None


class BlockShape(Shape):
    """A limit that stopped a plan. Limits count removals and moves, of which there are none yet."""

    limit: str
    pool: str | None = None
    value: float
    allowed: float


class PlanShape(Shape):
    """`tendlc plan -o json`."""

    format_version: Literal["1"] = FORMAT_VERSION
    digest: str
    complete: bool
    actions: tuple[ActionShape, ...]
    holds: tuple[HoldShape, ...]
    blocked_by: tuple[BlockShape, ...] = ()
    unchanged: int
    unread: tuple[str, ...] = Field((), description="Campaigns that could not be read, each with its fault.")


class PoolShape(Shape):
    """One pool's row of the status."""

    name: str
    campaign: str
    campaign_phase: str
    mode: str
    headline: str
    desired: int
    in_sync: int
    phases: dict[str, int]
    drift: dict[str, int]
    checked_at: Time | None
    changed_at: Time | None


class QueueShape(Shape):
    """The work queue."""

    open: int
    oldest_seconds: float
    unresolved: int


class NotOursShape(Shape):
    """A campaign whose events are not sent to us."""

    campaign: str
    pools: tuple[str, ...]
    webhook_url: str


class WebhooksShape(Shape):
    """The receiver."""

    last_received_at: Time | None
    quarantined: int
    not_ours: tuple[NotOursShape, ...]


class AlertShape(Shape):
    """A firing alert, by pool."""

    alert: str
    pool: str
    severity: str
    count: int
    since: Time
    detail: str


class AlertsShape(Shape):
    """What fires."""

    firing: int
    list: tuple[AlertShape, ...]


class AlertRowShape(Shape):
    """One alert in one pool, in one state."""

    alert: str
    pool: str
    severity: str = Field(description="The gravest of them: info, warning or critical.")
    state: str = Field(
        description="firing; inhibited: it fires, and is not told while another does; pending: it may fire yet."
    )
    count: int
    since: Time
    fires_at: Time | None = Field(None, description="When what is pending begins to fire, if it still holds.")
    reasons: dict[str, int] = Field(description="The most frequent first.")
    example: str
    detail: str = Field(description="What is said of the example.")
    receivers: tuple[str, ...] = Field(description="Who is to be told of it by the config.")


class UnreachedShape(Shape):
    """A receiver whose last attempts failed."""

    receiver: str
    failures: int = Field(description="Attempts that failed in a row.")
    next_at: Time | None
    waiting: int = Field(description="Messages that wait for it.")


class AlertListShape(Shape):
    """`tendlc alerts list -o json`, and `/api/v1/alerts`."""

    format_version: Literal["1"] = FORMAT_VERSION
    alerts: tuple[AlertRowShape, ...]
    unreached: tuple[UnreachedShape, ...] = Field(description="Receivers that cannot be reached now.")
    dropped: int = Field(description="Messages that a full outbox lost, ever.")


class StepShape(Shape):
    """One message of a test, and what came of it."""

    receiver: str
    status: str = Field(description="firing or resolved")
    ok: bool
    detail: str
    seconds: float


class AlertTestShape(Shape):
    """`tendlc alerts test -o json`."""

    format_version: Literal["1"] = FORMAT_VERSION
    ok: bool
    steps: tuple[StepShape, ...]
    notes: dict[str, str] = Field(description="What a receiver needs to know, such as the public key of its messages.")


class ConfigShape(Shape):
    """The config in force, and whether the file's newest content is it."""

    digest: str
    loaded_at: Time | None
    valid: bool


class HaltShape(Shape):
    """Why nothing is written."""

    since: Time
    detail: str


class PauseShape(Shape):
    """What a person paused: nothing new is sent to Telnyx; reads, looks and alerts go on."""

    since: Time
    reason: str
    author: str
    until: Time | None = Field(description="When it ends by itself.")


class StoreShape(Shape):
    """A store that is not as it was left, for a day."""

    cause: Literal["restored", "lost"]
    epoch: int
    since: Time = Field(description="When the service first started on it; what was assigned before is not ours.")


class StatusShape(Shape):
    """`tendlc status -o json`, and `/api/v1/status`."""

    format_version: Literal["1"] = FORMAT_VERSION
    version: str
    pools: tuple[PoolShape, ...]
    queue: QueueShape
    webhooks: WebhooksShape
    alerts: AlertsShape
    config: ConfigShape
    halt: HaltShape | None
    paused: PauseShape | None = None
    store_trouble: str | None = Field(
        None, description="Why the service takes no events now; null: it does, or (from the store alone) nobody knows."
    )
    store: StoreShape | None = None
    next_check_at: Time | None


class CheckShape(Shape):
    """One link of the chain."""

    name: str
    result: Literal["ok", "wait", "fail", "unknown"]
    evidence: str
    age_seconds: float | None


class MomentShape(Shape):
    """One line of the history."""

    at: Time
    what: str
    detail: str
    ref: str


class ExplainShape(Shape):
    """`tendlc explain -o json`, and `/api/v1/numbers/{e164}`."""

    format_version: Literal["1"] = FORMAT_VERSION
    number: str
    pool: str | None
    campaign: str | None
    phase: str
    fresh: bool
    reason: str
    message: str
    next_step: str
    who: Literal["us", "telnyx", "carrier", "you"]
    next_at: Time | None
    checks: tuple[CheckShape, ...]
    timeline: tuple[MomentShape, ...]


class EventShape(Shape):
    """One stored event."""

    id: int
    event_id: str
    event_type: str
    type: str
    subject: str
    received_at: Time
    state: Literal["new", "processed", "quarantined"]
    reason: str
    duplicates: int
    source: Literal["webhook", "delivery"]
    inspected_at: Time | None = Field(description="When a person looked at it, where it is quarantined.")


class EventsShape(Shape):
    """`tendlc events list -o json`, and `/api/v1/events`."""

    format_version: Literal["1"] = FORMAT_VERSION
    events: tuple[EventShape, ...]


class EventDetailShape(EventShape):
    """`tendlc events show -o json`, and `/api/v1/events/{id}`."""

    format_version: Literal["1"] = FORMAT_VERSION
    body: str | None = Field(default=None, description="As it came, where it is UTF-8.")
    body_base64: str | None = Field(default=None, description="As it came, where it is not.")
