"""What the log is told: each thing once, in fixed words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from structlog.testing import LogCapture

from reconciler.app.teller import Teller
from reconciler.model.events import Event, EventSource, EventState, Finished, Reading, StoredEvent, Unusable
from reconciler.model.memory import Round
from reconciler.model.plan import Plan
from reconciler.web.metrics import Meter
from tests.builders import NOW, PROFILE, a_profile
from tests.web.edge import counted

NOTHING = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="digest")


def test_a_messaging_profile_that_telnyx_does_not_know_is_told_once_each_time_it_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = LogCapture()
    monkeypatch.setattr("reconciler.app.teller.log", structlog.wrap_logger(None, processors=[kept]))
    teller = Teller(Meter("test"))

    for exists, times in ((True, 0), (False, 1), (False, 1), (True, 1), (False, 2)):
        teller.round(Round(NOW, NOW, (), NOTHING, profiles=(a_profile(exists=exists),)))
        told = [line for line in kept.entries if line["event"] == "messaging_profile_unknown"]
        assert [line["messaging_profile"] for line in told] == [PROFILE] * times


def test_how_late_a_webhook_came_is_told_where_it_says_when_it_was() -> None:
    meter = Meter("test")
    stored = StoredEvent(1, "e1", NOW, b"{}")
    late = Event(occurred_at=NOW - timedelta(seconds=2))
    reading = Reading(EventState.PROCESSED, "number looked at")

    Teller(meter).events(
        (
            Finished(stored, late, reading),
            Finished(stored, replace(late, occurred_at=NOW + timedelta(seconds=1)), reading),  # their clock is ahead
            Finished(stored, Event(), reading),
            Finished(replace(stored, source=EventSource.DELIVERY), late, reading),
            Finished(stored, Unusable("not JSON"), replace(reading, state=EventState.QUARANTINED)),
        )
    )

    assert counted(meter, "tendlc_webhook_lag_seconds_sum") == {"": 2}
    assert counted(meter, "tendlc_webhook_lag_seconds_count") == {"": 2}
