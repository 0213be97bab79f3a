"""What the log is told: each thing once, in fixed words."""

from __future__ import annotations

import pytest
import structlog
from structlog.testing import LogCapture

from reconciler.app.teller import Teller
from reconciler.model.memory import Round
from reconciler.model.plan import Plan
from reconciler.web.metrics import Meter
from tests.builders import NOW, PROFILE, a_profile

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
