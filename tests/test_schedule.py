"""The schedule's rhythm: how far apart its drift checks are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.model.settings import Cron, DriftCheck, Every
from reconciler.schedule import longest_gap

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday."""


@pytest.mark.parametrize(
    ("check", "gap"),
    [
        (Every(timedelta(seconds=90)), timedelta(seconds=90)),
        (Cron("*/10 * * * *"), timedelta(minutes=10)),
        (Cron("0 */10 * * * *"), timedelta(minutes=10)),
        (Cron("30 3 * * *"), timedelta(days=1)),
        (Cron("0 9 * * mon-fri"), timedelta(days=3)),
    ],
)
def test_the_longest_gap_between_checks(check: DriftCheck, gap: timedelta) -> None:
    assert longest_gap(check, ZoneInfo("America/New_York"), NOW) == gap
