"""The steps of the story, with a real store and a scripted Telnyx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.model.events import Cause
from reconciler.model.memory import Round
from reconciler.model.operations import Done, End, Urgency
from reconciler.model.plan import Assign, Plan
from reconciler.model.pools import Mode
from reconciler.ports import Hands
from reconciler.store import Inline, Thread, open_store
from reconciler.store.lanes import OpenLane
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
async def hands_of(script: Script, folder: Path, limiter: Limiter, lane: OpenLane = Inline) -> AsyncIterator[Hands]:
    """Hands whose store has an assignment to send for each number."""
    clock = StoppedClock()
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=lane) as store:
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


async def test_ten_thousand_events_cause_a_look_for_each_thing_that_they_are_about(tmp_path: Path) -> None:
    """However often one campaign is told of: what is asked is a row for each subject, and a round answers it once."""
    count, subjects = 10_000, [CAMPAIGN, *NUMBERS]
    async with scripted() as script, hands_of(script, tmp_path, Limiter(1000, burst=1000), Thread) as hands:

        async def come(index: int) -> None:
            about = subjects[index % len(subjects)]
            told = {"campaignId": about} if about == CAMPAIGN else {"phoneNumber": about}
            event = {"event_type": "10dlc.event", "id": str(index), "payload": told}
            body = json.dumps({"data": event}).encode()
            await hands.store.receive(str(index), sha256(body).digest(), body, NOW, "")

        for first in range(0, count, 500):
            await asyncio.gather(*map(come, range(first, first + 500)))
        read = 0
        while finished := await flow.process_events(hands, WANTED):
            read += len(finished)

        asked = await hands.store.due_triggers(NOW, count)
        assert read == count
        assert {one.subject for one in asked} == set(subjects)
        assert len(asked) == len(subjects)
        assert {one.cause for one in asked} == {Cause.EVENT}


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
