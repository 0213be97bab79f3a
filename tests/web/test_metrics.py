"""Metrics count what happened, start at 0, and carry no number and no id."""

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.model.alerts import AlertName, Severity
from reconciler.model.events import Cause
from reconciler.model.operations import Step
from reconciler.model.plan import Verb
from reconciler.model.reasons import Reason
from reconciler.model.standing import Phase
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Tried, Verdict, Wait
from reconciler.web.metrics import Meter, PoolCount
from tests.web.edge import counted

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FAMILIES = [
    "build_info",
    "pool_numbers",
    "pool_desired_numbers",
    "pool_drift",
    "pool_info",
    "blocked_numbers",
    "campaign_approved",
    "reconcile_last_attempt_timestamp_seconds",
    "config_last_reload_success_timestamp_seconds",
    "webhook_lag_seconds",
    "reconcile_total",
    "reconcile_duration_seconds",
    "reconcile_last_success_timestamp_seconds",
    "operations_total",
    "queue_operations",
    "queue_oldest_ready_seconds",
    "approval_to_submitted_seconds",
    "webhook_received_total",
    "webhook_handling_seconds",
    "webhook_last_received_timestamp_seconds",
    "webhooks_lost_total",
    "webhook_verified_total",
    "telnyx_requests_total",
    "telnyx_request_duration_seconds",
    "telnyx_rate_limit",
    "telnyx_throttled_seconds_total",
    "alerts_firing",
    "notifications_total",
    "config_last_reload_successful",
    "store_works",
    "unresolved_operations",
]


@pytest.fixture
def meter() -> Meter:
    return Meter("0.1.0", ("log", "ops"))


def test_the_names(meter: Meter) -> None:
    families = re.findall(r"^# TYPE tendlc_(\S+)", meter.render().decode(), re.MULTILINE)

    assert sorted(families) == sorted(FAMILIES)


def test_everything_starts_at_zero(meter: Meter) -> None:
    families = list(text_string_to_metric_families(meter.render().decode()))
    samples = [sample for family in families for sample in family.samples if sample.name != "tendlc_build_info"]

    assert {sample.value for sample in samples} == {0}
    labelled = {sample.name for sample in samples if sample.labels}
    assert {"tendlc_webhook_received_total", "tendlc_notifications_total", "tendlc_alerts_firing"} <= labelled


def test_webhooks(meter: Meter) -> None:
    meter.webhook("stored", 0.002)
    meter.verified(1, AT)
    meter.lagged(1.5)

    assert counted(meter, "tendlc_webhook_received_total") == {'{result="stored"}': 1}
    assert counted(meter, "tendlc_webhook_handling_seconds_sum") == {"": 0.002}
    assert counted(meter, "tendlc_webhook_lag_seconds_sum") == {"": 1.5}
    assert counted(meter, "tendlc_webhook_verified_total") == {'{key="2"}': 1}
    assert counted(meter, "tendlc_webhook_last_received_timestamp_seconds") == {"": AT.timestamp()}


def test_the_rate_limit(meter: Meter) -> None:
    for pace in (2, 19.0):
        meter.paced(pace)
    for seconds in (5, 0.5):
        meter.throttled(seconds)

    assert counted(meter, "tendlc_telnyx_rate_limit") == {"": 19}
    assert counted(meter, "tendlc_telnyx_throttled_seconds_total") == {"": 5.5}


def test_calls(meter: Meter) -> None:
    meter.call("assign", "200", 0.2)
    meter.call("assign", "lost", 15)

    assert counted(meter, "tendlc_telnyx_requests_total") == {
        '{code="200",operation="assign"}': 1,
        '{code="lost",operation="assign"}': 1,
    }
    assert counted(meter, "tendlc_telnyx_request_duration_seconds_count") == {'{operation="assign"}': 2}


def test_pools_that_are_gone_are_gone(meter: Meter) -> None:
    meter.pools([PoolCount("old", 1, {Phase.READY: 1}, {}), PoolCount("acme", 3, {Phase.READY: 2}, {"missing": 1})])
    meter.pools([PoolCount("acme", 3, {Phase.READY: 2, Phase.BLOCKED: 1}, {"conflict": 1})])

    assert counted(meter, "tendlc_pool_desired_numbers") == {'{pool="acme"}': 3}
    assert counted(meter, "tendlc_pool_numbers") == {
        '{phase="Ready",pool="acme"}': 2,
        '{phase="Blocked",pool="acme"}': 1,
    }
    assert counted(meter, "tendlc_pool_drift") == {'{class="conflict",pool="acme"}': 1}
    assert b'{phase="Waiting",pool="acme"} 0.0' in meter.render()
    assert b'"old"' not in meter.render()


def test_a_pool_says_what_blocks_its_numbers_and_whether_its_campaign_is_approved(meter: Meter) -> None:
    blocked = {Reason.CAPACITY: 2, Reason.FROZEN: 1}
    meter.pools([PoolCount("acme", 3, {Phase.BLOCKED: 3}, {}, blocked, campaign="C6X6M95", approved=True)])

    assert counted(meter, "tendlc_blocked_numbers") == {
        '{pool="acme",reason="capacity"}': 2,
        '{pool="acme",reason="frozen"}': 1,
    }
    assert b'tendlc_blocked_numbers{pool="acme",reason="carrier_refused"} 0.0' in meter.render()
    assert counted(meter, "tendlc_campaign_approved") == {'{pool="acme"}': 1}
    assert counted(meter, "tendlc_pool_info") == {'{campaign="C6X6M95",mode="enforce",pool="acme"}': 1}

    meter.pools([PoolCount("acme", 3, {Phase.READY: 3}, {}, campaign="C6X6M95", mode="observe")])
    assert counted(meter, "tendlc_blocked_numbers") == counted(meter, "tendlc_campaign_approved") == {}
    assert counted(meter, "tendlc_pool_info") == {'{campaign="C6X6M95",mode="observe",pool="acme"}': 1}


def test_rounds(meter: Meter) -> None:
    meter.reconciled((Cause.EVENT, Cause.EVENT, Cause.SWEEP), "incomplete", 0.5, AT)
    assert counted(meter, "tendlc_reconcile_last_success_timestamp_seconds") == {}
    assert counted(meter, "tendlc_reconcile_last_attempt_timestamp_seconds") == {"": AT.timestamp()}
    meter.reconciled((Cause.SWEEP,), "ok", 0.5, AT)

    assert counted(meter, "tendlc_reconcile_total") == {
        '{result="incomplete",trigger="event"}': 1,
        '{result="incomplete",trigger="sweep"}': 1,
        '{result="ok",trigger="sweep"}': 1,
    }
    assert counted(meter, "tendlc_reconcile_duration_seconds_count") == {"": 2}
    assert counted(meter, "tendlc_reconcile_last_success_timestamp_seconds") == {"": AT.timestamp()}


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Done(End.DONE), "done"),
        (Done(End.TAKEN), "taken"),
        (Done(End.STALE), "stale"),
        (Wait(), "wait"),
        (Retry(AT, Reason.TELNYX_UNAVAILABLE, ""), "retry"),
        (Recheck(AT, ""), "recheck"),
        (Tried(AT, ""), "tried"),
        (GiveUp(AT, Reason.CAPACITY, ""), "give_up"),
        (Keep(), "keep"),
        (StopAll(AT, ""), "stop_all"),
    ],
)
def test_operations(meter: Meter, verdict: Verdict, outcome: str) -> None:
    meter.operation(Verb.ASSIGN, verdict)

    assert counted(meter, "tendlc_operations_total") == {f'{{outcome="{outcome}",verb="assign"}}': 1}
    assert len(get_args(Verdict)) == 8, "a new verdict needs its word"


def test_the_queue(meter: Meter) -> None:
    meter.queue({Step.READY: 4, Step.UNRESOLVED: 2, Step.CLOSED: 99}, 12.5)

    assert counted(meter, "tendlc_queue_operations") == {'{state="ready"}': 4, '{state="unresolved"}': 2}
    assert counted(meter, "tendlc_unresolved_operations") == {"": 2}
    assert counted(meter, "tendlc_queue_oldest_ready_seconds") == {"": 12.5}


def test_alerts_and_messages(meter: Meter) -> None:
    meter.alerts({(AlertName.ASSIGNMENT_FAILED, Severity.WARNING): 3})
    meter.alerts({(AlertName.ASSIGNMENT_STUCK, Severity.CRITICAL): 1})
    meter.notified("ops", delivered=True)
    meter.notified("ops", delivered=False)

    assert counted(meter, "tendlc_alerts_firing") == {'{alert="AssignmentStuck",severity="critical"}': 1}
    assert counted(meter, "tendlc_notifications_total") == {
        '{receiver="ops",result="delivered"}': 1,
        '{receiver="ops",result="failed"}': 1,
    }


def test_the_rest(meter: Meter) -> None:
    meter.submitted(2.0)
    meter.config_loaded(AT, ok=True)
    assert counted(meter, "tendlc_config_last_reload_successful") == {"": 1}
    meter.config_loaded(AT + timedelta(hours=1), ok=False)

    assert counted(meter, "tendlc_config_last_reload_successful") == {}
    assert counted(meter, "tendlc_config_last_reload_success_timestamp_seconds") == {"": AT.timestamp()}
    assert counted(meter, "tendlc_approval_to_submitted_seconds_sum") == {"": 2}


def test_two_meters_do_not_meet() -> None:
    one, other = Meter("1"), Meter("2")
    one.webhook("stored", 0)

    assert counted(other, "tendlc_webhook_received_total") == {}
