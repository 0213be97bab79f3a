"""How long things may take follows from the config."""

from datetime import timedelta

import pytest

from reconciler.app.wiring import make_patience
from reconciler.model.settings import Every, Secret, Settings, TelnyxSettings

TELNYX = TelnyxSettings(Secret("KEY"), ())


@pytest.mark.parametrize(("minutes", "expected"), [(10, 20), (60, 120), (1, 10)])
def test_drift_may_last_two_checks_and_ten_minutes_at_least(minutes: int, expected: int) -> None:
    patience = make_patience(Settings(TELNYX, Every(timedelta(minutes=minutes))))

    assert patience.two_checks == timedelta(minutes=expected)
