"""The steps of the story, with a real store and a scripted Telnyx."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.model.alerts import AlertName, Condition, Judgement
from reconciler.model.health import Holds, Unsigned
from reconciler.model.memory import Round
from reconciler.model.operations import Done, End, Urgency
from reconciler.model.plan import Assign, Plan
from reconciler.model.pools import Mode
from reconciler.ports import Hands
from reconciler.store import Inline, open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.builders import CAMPAIGN, PATIENCE, POOL, a_number, a_pool, desired
from tests.telnyx.scripted import NOW, Script, StoppedClock, reply, scripted, settings

pytestmark = pytest.mark.anyio

NUMBERS = (a_number(1), a_number(2), a_number(3))
WANTED = desired(a_pool(*NUMBERS))
DOWN = reply(b"<h1>Bad gateway</h1>", 502, {"content-type": "text/html"})


class Even:
    """Chance without surprises."""

    def draw(self) -> float:
        return 0.5


@asynccontextmanager
async def hands_of(script: Script, folder: Path, limiter: Limiter) -> AsyncIterator[Hands]:
    """Hands whose store has an assignment to send for each number."""
    clock = StoppedClock()
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=Inline) as store:
        async with TelnyxClient(settings(script.base_url), clock, limiter) as telnyx:
            actions = tuple(Assign(number, POOL, CAMPAIGN) for number in NUMBERS)
            plan = Plan("r1", NOW, complete=True, actions=actions, holds=(), unchanged=0, digest="digest")
            await store.reconciled(Round(NOW, NOW, (), plan, actions=actions, evidence_at={CAMPAIGN: NOW}))
            yield Hands(telnyx, store, clock, Even(), parse_event, PATIENCE)


async def test_what_a_reload_took_back_while_a_turn_was_waited_for_is_not_sent(tmp_path: Path) -> None:
    wanted = [WANTED]
    time = [0.0]

    async def reloaded_meanwhile(seconds: float) -> None:
        time[0] += seconds
        wanted[:] = [desired(a_pool(*NUMBERS, mode=Mode.OBSERVE))]

    limiter = Limiter(1, burst=1, clock=lambda: time[0], sleep=reloaded_meanwhile)
    limiter.pause(300)
    async with scripted() as script, hands_of(script, tmp_path, limiter) as hands:
        done = await flow.execute(hands, lambda: wanted[0], Urgency.HEAL)

        assert done is not None
        assert done[1] == Done(End.STALE, "the config no longer asks for it")
        assert script.asked == []


async def test_recovery_does_not_ask_one_number_after_the_other_of_a_telnyx_that_is_down(tmp_path: Path) -> None:
    """Each answer may take as long as a call may, and nothing else begins before recovery ends."""
    async with scripted(DOWN) as script, hands_of(script, tmp_path, Limiter(1000, burst=1000)) as hands:
        for _ in NUMBERS:
            await hands.store.claim(NOW, PATIENCE.lease)

        assert await flow.recover(hands, WANTED) == len(NUMBERS)

        assert len(script.asked) == 1
        again = await hands.store.claim(NOW, PATIENCE.lease)
        assert again is not None
        assert again.number in NUMBERS[1:]


async def test_the_service_is_judged_by_what_it_finds_and_pools_that_left_are_told_of_no_more(tmp_path: Path) -> None:
    since, free = NOW - timedelta(hours=9), Holds(frozenset(), NOW - timedelta(hours=9))
    many = Unsigned(since, tuple(NOW - minute * timedelta(minutes=1) for minute in range(5, -1, -1)), "mismatch")
    left = Condition(AlertName.ASSIGNMENT_FAILED, "left", NUMBERS[0])
    waits = Condition(AlertName.DRIFT_UNRESOLVED, "left", NUMBERS[1], wait=timedelta(hours=1))
    async with scripted(DOWN) as script, hands_of(script, tmp_path, Limiter(1000)) as hands:
        await hands.store.judge(Judgement((), (left, waits)), NOW)

        assert await flow.judge(hands, WANTED, many, free, None) is free

        alerts, _ = await hands.store.alerts()
        assert [one.condition.alert for one in alerts if one.resolved_at is None] == [
            AlertName.WEBHOOK_SIGNATURE_FAILURES
        ]
        assert "left" not in (await hands.store.ledger(NOW)).pools


async def test_what_a_window_held_is_not_late_when_it_opens(tmp_path: Path) -> None:
    since, none = NOW - timedelta(hours=9), Unsigned(NOW - timedelta(hours=9))
    free = Holds(frozenset(), since)

    async def stalled(hands: Hands) -> bool:
        alerts, _ = await hands.store.alerts()
        return any(one.resolved_at is None for one in alerts)

    async with scripted() as script, hands_of(script, tmp_path, Limiter(1000)) as hands:
        clock = hands.clock
        assert isinstance(clock, StoppedClock)
        clock.time += timedelta(hours=1)
        shut = await flow.judge(hands, WANTED, none, free, clock.time + timedelta(hours=1))
        assert not await stalled(hands)
        clock.time += timedelta(hours=1)
        opened = await flow.judge(hands, WANTED, none, shut, None)
        assert not await stalled(hands)
        clock.time += timedelta(minutes=15)
        assert await flow.judge(hands, WANTED, none, opened, None) == Holds(frozenset(), NOW + timedelta(hours=2))
        assert await stalled(hands)
