"""The hands are made as the settings say, and how long things may take follows from them too."""

import asyncio
from datetime import timedelta

import pytest

from reconciler.app.wiring import make_limiter, make_patience
from reconciler.model.operations import Urgency
from reconciler.model.settings import Every, Secret, Settings, TelnyxSettings
from reconciler.telnyx.allowance import NOTHING
from reconciler.telnyx.breaker import FIRST_REST_SECONDS, MOST_FAILURES, Sign
from reconciler.telnyx.limiter import Limiter
from reconciler.web.metrics import Meter
from tests.telnyx.virtual import AT
from tests.web.edge import counted

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("minutes", "expected"), [(10, 15), (60, 90), (360, 540), (1, 10)])
async def test_drift_may_last_until_the_third_look_and_ten_minutes_at_least(minutes: int, expected: int) -> None:
    patience = make_patience(Settings(TelnyxSettings(Secret("KEY"), ()), Every(timedelta(minutes=minutes))))

    assert patience.two_checks == timedelta(minutes=expected)


def limiter(ceiling: float | None, meter: Meter | None = None) -> Limiter:
    return make_limiter(Settings(TelnyxSettings(Secret("KEY"), (), ceiling_per_second=ceiling)), meter)


@pytest.mark.parametrize(("ceiling", "pace"), [(None, 2), (20.0, 20), (0.5, 0.5)])
async def test_the_pace_begins_at_the_ceiling_and_auto_at_two_a_second(ceiling: float | None, pace: float) -> None:
    assert limiter(ceiling).per_second == pace


async def fail(made: Limiter) -> None:
    """Make as many calls as open a breaker, none of which is answered."""
    for _ in range(MOST_FAILURES):
        leave = await made.acquire(Urgency.EVENT)
        made.send(leave)
        made.heard(leave, Sign.FAILED, NOTHING, AT)


async def test_a_service_rests_while_telnyx_is_away() -> None:
    meter = Meter("test")

    await fail(limiter(1000, meter))

    assert counted(meter, "tendlc_telnyx_throttled_seconds_total") == {"": FIRST_REST_SECONDS}


async def test_a_command_goes_on_and_tells_at_once_that_telnyx_is_away() -> None:
    made = limiter(1000)

    async with asyncio.timeout(FIRST_REST_SECONDS):
        for _ in range(3):
            await fail(made)
