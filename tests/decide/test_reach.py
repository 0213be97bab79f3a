"""How far back to read deliveries: as far as something may have been missed, within bounds."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.reach import AT_FIRST, AT_MOST, OVERLAP, reach
from tests.builders import HOUR, MINUTE, NOW

DAY = 24 * HOUR
TIMES = st.none() | st.timedeltas(timedelta(days=-30), timedelta(days=1)).map(lambda since: NOW + since)


@pytest.mark.parametrize(
    ("read_at", "webhook_at", "since"),
    [
        (None, None, NOW - AT_FIRST - OVERLAP),
        (None, NOW - MINUTE, NOW - AT_FIRST - OVERLAP),
        (None, NOW - 3 * DAY, NOW - 3 * DAY - OVERLAP),
        (None, NOW - 30 * DAY, NOW - AT_MOST),
        (NOW - HOUR, None, NOW - HOUR - OVERLAP),
        (NOW - HOUR, NOW - 3 * DAY, NOW - HOUR - OVERLAP),
        (NOW - 30 * DAY, NOW, NOW - AT_MOST),
        (NOW + HOUR, None, NOW - OVERLAP),  # the clock was set back
    ],
)
def test_since(read_at: datetime | None, webhook_at: datetime | None, since: datetime) -> None:
    assert reach(read_at, webhook_at, now=NOW) == since


@given(TIMES, TIMES)
def test_never_further_than_a_week_and_always_with_an_overlap(
    read_at: datetime | None, webhook_at: datetime | None
) -> None:
    since = reach(read_at, webhook_at, now=NOW)

    assert NOW - AT_MOST <= since <= NOW - OVERLAP
    assert read_at is None or since <= max(read_at, NOW - AT_MOST)
