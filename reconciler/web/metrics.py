"""The service's metrics: what happened goes in by methods named for it, Prometheus text comes out.

Every label has a fixed set of values, there from the start at 0. No phone number is ever a label, and of ids
only a pool's campaign, once, in `tendlc_pool_info`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from reconciler.model.alerts import AlertName, Severity
from reconciler.model.events import Cause
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.model.pools import DriftClass
from reconciler.model.reasons import Reason
from reconciler.model.standing import Phase
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait
from reconciler.web.refusals import Refusals

__all__ = ["CONTENT_TYPE", "Meter", "PoolCount"]

WEBHOOK_RESULTS: Final = (
    *("stored", "duplicate", "quarantined"),
    *("missing_signature", "missing_timestamp", "repeated_header", "bad_timestamp", "bad_base64", "mismatch"),
    *("stale_but_authentic", "retired_key"),
    *("malformed", "wrong_host", "not_found", "wrong_method", "encoded", "too_large", "incomplete"),
    "unavailable",
)
"""Kept; not authentic; turned away unread; our own trouble."""
KEYS: Final = ("1", "2", "3")
DRIFTS: Final = tuple(DriftClass)
RECONCILE_RESULTS: Final = ("ok", "incomplete", "failed")
_WORDS: Final[Mapping[type[Verdict], str]] = {
    Wait: "wait",
    Retry: "retry",
    Recheck: "recheck",
    Tried: "tried",
    GiveUp: "give_up",
    Keep: "keep",
    StopAll: "stop_all",
}
BLOCKS: Final = (
    *(
        Reason.FOREIGN_ASSIGNMENT,
        Reason.CARRIER_REFUSED,
        Reason.TELNYX_REFUSED,
        Reason.REQUEST_REFUSED,
        Reason.CAPACITY,
    ),
    *(Reason.CAMPAIGN_REJECTED, Reason.CAMPAIGN_EXPIRED, Reason.CAMPAIGN_UNKNOWN),
    *(Reason.NUMBER_NOT_IN_ACCOUNT, Reason.NOT_US_LONG_CODE),
    *(Reason.PROFILE_MISSING, Reason.PROFILE_UNKNOWN, Reason.OTHER_PROFILE),
)
"""What a Blocked or Gone number may wait for."""
OUTCOMES: Final = (*End, *_WORDS.values())
OPEN_STEPS: Final = tuple(step for step in Step if step is not Step.CLOSED)
FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds in seconds, for what a machine answers."""
SLOW: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Bounds in seconds, for what takes its time."""

# `_created` samples double the page, and nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it untyped


@dataclass(frozen=True, slots=True)
class PoolCount:
    """One pool in numbers."""

    name: str
    desired: int
    phases: Mapping[Phase, int]
    drift: Mapping[str, int]
    """By class."""
    blocked: Mapping[Reason, int] = field(default_factory=dict)
    """The numbers that are Blocked or Gone, by reason."""
    campaign: str = ""
    """As the config names it."""
    mode: str = "enforce"
    approved: bool = False
    """Whether its campaign was approved when it was last read."""


class Meter:
    """All metrics of one process, in a registry of their own."""

    def __init__(self, version: str, receivers: Collection[str] = ()) -> None:
        self._registry = CollectorRegistry()
        self._gauge("build_info", "The running version.", version=[version]).labels(version).set(1)
        self._init_pools()
        self._init_work()
        self._init_webhooks()
        self._telnyx = self._counter("telnyx_requests", "Requests to Telnyx.", operation=[], code=[])
        self._telnyx_seconds = self._histogram(
            "telnyx_request_duration_seconds", "From asking to Telnyx's answer.", FAST, "operation"
        )
        self._pace = self._gauge("telnyx_rate_limit", "Calls to Telnyx a second that are allowed now.")
        self._throttled = self._counter(
            "telnyx_throttled_seconds", "Pauses of all calls to Telnyx, after 429 or after failure upon failure."
        )
        self._alerts = self._gauge("alerts_firing", "Conditions that hold now.", alert=[], severity=[])
        self.alerts({})
        self._notifications = self._counter(
            "notifications", "Alert messages sent.", receiver=receivers, result=["delivered", "failed"]
        )
        self._store_works = self._gauge("store_works", "Whether the store took what was last written to try it.")
        self._config_ok = self._gauge("config_last_reload_successful", "Whether the last load of the config succeeded.")
        self._configured_at = self._gauge(
            "config_last_reload_success_timestamp_seconds", "When the config in force was loaded."
        )

    def _init_pools(self) -> None:
        self._numbers = self._gauge("pool_numbers", "Numbers by phase.", pool=[], phase=[])
        self._desired = self._gauge("pool_desired_numbers", "Numbers that the config wants.", pool=[])
        self._drift = self._gauge("pool_drift", "Differences from the config by class.", pool=[], **{"class": []})
        self._blocked = self._gauge(
            "blocked_numbers", "Numbers that are Blocked or Gone by reason.", pool=[], reason=[]
        )
        self._approved = self._gauge("campaign_approved", "Whether the pool's campaign is approved.", pool=[])
        self._info = self._gauge("pool_info", "Each pool's campaign and mode.", pool=[], campaign=[], mode=[])

    def _init_work(self) -> None:
        self._reconciles = self._counter("reconcile", "Rounds of reconciling.", trigger=Cause, result=RECONCILE_RESULTS)
        self._reconcile_seconds = self._histogram("reconcile_duration_seconds", "One round of reconciling.", SLOW)
        self._tried_at = self._gauge("reconcile_last_attempt_timestamp_seconds", "The last round, whatever it saw.")
        self._reconciled_at = self._gauge("reconcile_last_success_timestamp_seconds", "The last round that saw all.")
        self._operations = self._counter("operations", "What came of operations.", verb=Verb, outcome=OUTCOMES)
        self._queue = self._gauge("queue_operations", "Open operations.", state=OPEN_STEPS)
        self._oldest = self._gauge("queue_oldest_ready_seconds", "How long the oldest due operation has waited.")
        self._unresolved = self._gauge("unresolved_operations", "Operations that may or may not have happened.")
        self._submitted = self._histogram(
            "approval_to_submitted_seconds", "From an approval's webhook to the request to Telnyx.", SLOW
        )

    def _init_webhooks(self) -> None:
        self._webhooks = self._counter("webhook_received", "Requests on the public listener.", result=WEBHOOK_RESULTS)
        self._webhook_seconds = self._histogram(
            "webhook_handling_seconds", "From a request's head to its answer.", FAST
        )
        self._lag = self._histogram("webhook_lag_seconds", "From what an event tells of to its webhook.", SLOW)
        self._verified = self._counter("webhook_verified", "Authentic webhooks by the key that signed them.", key=KEYS)
        self._lost = self._counter("webhooks_lost", "Events that only a read of the list of deliveries brought.")
        self._verified_at = self._gauge("webhook_last_received_timestamp_seconds", "The last authentic webhook.")
        self.refusals = Refusals()
        """The latest webhooks that were not authentic: what an alert is judged by."""

    def _counter(self, name: str, text: str, **labels: Iterable[str]) -> Counter:
        counter = Counter(f"tendlc_{name}", text, tuple(labels), registry=self._registry)
        for values in product(*labels.values()) if labels else ():
            counter.labels(*values)
        return counter

    def _gauge(self, name: str, text: str, **labels: Iterable[str]) -> Gauge:
        gauge = Gauge(f"tendlc_{name}", text, tuple(labels), registry=self._registry)
        for values in product(*labels.values()) if labels else ():
            gauge.labels(*values)
        return gauge

    def _histogram(self, name: str, text: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"tendlc_{name}", text, labels, buckets=bounds, registry=self._registry)

    def webhook(self, result: str, seconds: float) -> None:
        """A request on the webhook path was answered, or its sender left. `result` is one of `WEBHOOK_RESULTS`."""
        self._webhooks.labels(result).inc()
        self._webhook_seconds.observe(seconds)

    def verified(self, key_index: int, at: datetime) -> None:
        """A webhook was authentic, by the key of this index (from 0; the metric counts from 1)."""
        self._verified.labels(str(key_index + 1)).inc()
        self._verified_at.set(at.timestamp())

    def lagged(self, seconds: float) -> None:
        """A webhook came so long after what it tells of, by Telnyx's clock and ours."""
        self._lag.observe(seconds)

    def lost(self, events: int) -> None:
        """So many events came by no webhook, and were read back."""
        self._lost.inc(events)

    def call(self, operation: str, code: str, seconds: float) -> None:
        """Telnyx was called: an operation's fixed name, and the HTTP status or a word where there was none."""
        self._telnyx.labels(operation, code).inc()
        self._telnyx_seconds.labels(operation).observe(seconds)

    def paced(self, per_second: float) -> None:
        """So many calls to Telnyx a second are allowed from now on."""
        self._pace.set(per_second)

    def throttled(self, seconds: float) -> None:
        """No call to Telnyx is made for so long from now on, because of a 429 or of failure upon failure."""
        self._throttled.inc(seconds)

    def pools(self, counts: Iterable[PoolCount]) -> None:
        """How the pools stand now. A pool that is not among them is gone from the config, and from the metrics."""
        for gauge in (self._numbers, self._desired, self._drift, self._blocked, self._approved, self._info):
            gauge.clear()
        for count in counts:
            self._desired.labels(count.name).set(count.desired)
            for phase in Phase:
                self._numbers.labels(count.name, phase).set(count.phases.get(phase, 0))
            for drift in DRIFTS:
                self._drift.labels(count.name, drift).set(count.drift.get(drift, 0))
            for reason in {*BLOCKS, *count.blocked}:
                self._blocked.labels(count.name, reason).set(count.blocked.get(reason, 0))
            self._approved.labels(count.name).set(count.approved)
            self._info.labels(count.name, count.campaign, count.mode).set(1)

    def reconciled(self, causes: Collection[Cause], result: str, seconds: float, at: datetime) -> None:
        """A round ended: what caused it, `ok`, `incomplete` (not all could be read) or `failed`; how long; when."""
        for cause in set(causes):
            self._reconciles.labels(cause, result).inc()
        self._reconcile_seconds.observe(seconds)
        self._tried_at.set(at.timestamp())
        if result == "ok":
            self._reconciled_at.set(at.timestamp())

    def operation(self, verb: Verb, verdict: Verdict) -> None:
        """An attempt or a look at an operation brought this verdict."""
        self._operations.labels(verb, _outcome(verdict)).inc()

    def queue(self, open_operations: Mapping[Step, int], oldest_ready_seconds: float) -> None:
        """How many operations are open now, and how long the oldest due one has waited (0: none is due)."""
        for step in OPEN_STEPS:
            self._queue.labels(step).set(open_operations.get(step, 0))
        self._unresolved.set(open_operations.get(Step.UNRESOLVED, 0))
        self._oldest.set(oldest_ready_seconds)

    def submitted(self, seconds: float) -> None:
        """An operation that an approval caused was sent, so long after the approval came."""
        self._submitted.observe(seconds)

    def alerts(self, firing: Mapping[tuple[AlertName, Severity], int]) -> None:
        """How many conditions of each alert hold now, by how much they matter now."""
        for alert, severity in product(AlertName, Severity):
            self._alerts.labels(alert, severity).set(firing.get((alert, severity), 0))

    def notified(self, receiver: str, *, delivered: bool) -> None:
        """A message was delivered to a receiver of the config, or could not be."""
        self._notifications.labels(receiver, "delivered" if delivered else "failed").inc()

    def store(self, *, works: bool) -> None:
        """The store was tried by a write."""
        self._store_works.set(works)

    def config_loaded(self, at: datetime, *, ok: bool) -> None:
        """The config was loaded, or is refused and the last good one stays."""
        self._config_ok.set(ok)
        if ok:
            self._configured_at.set(at.timestamp())

    def render(self) -> bytes:
        """Everything, as `CONTENT_TYPE` says."""
        return generate_latest(self._registry)


def _outcome(verdict: Verdict) -> str:
    return verdict.end if isinstance(verdict, Done) else _WORDS[type(verdict)]
