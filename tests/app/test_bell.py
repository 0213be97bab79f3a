"""A bell wakes one loop; how long a loop may rest."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from reconciler.app.bell import IDLE_SECONDS, Bell, seconds_until
from tests.builders import HOUR, NOW, SECOND

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ((), IDLE_SECONDS),
        ((None, None), IDLE_SECONDS),
        ((NOW + 5 * SECOND, None, NOW + 3 * SECOND), 3.0),
        ((NOW + HOUR,), IDLE_SECONDS),
        ((NOW - HOUR,), 0.01),  # due already, and not done: not at once, or it would turn for ever
        ((NOW + timedelta(milliseconds=1),), 0.01),
    ],
)
def test_a_loop_rests_until_the_first_thing_is_due(times: tuple[datetime | None, ...], seconds: float) -> None:
    assert seconds_until(NOW, *times) == seconds


async def test_rung_before_the_wait_it_ends_it_at_once_and_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()

    async with asyncio.timeout(5):
        await bell.wait(3600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await bell.wait(3600)
