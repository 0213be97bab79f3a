"""The steps of the story, with a real store and a scripted Telnyx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic

import pytest

from reconciler import flow
from reconciler.decide.reach import AT_FIRST, OVERLAP
from reconciler.flow import MOST_AT_ONCE
from reconciler.model.alerts import AlertName, Condition, Judgement
from reconciler.model.errors import Fault, StoreBusy
from reconciler.model.events import Cause, EventSource, ReadBack
from reconciler.model.health import Holds, Unsigned
from reconciler.model.memory import Round
from reconciler.model.operations import Urgency
from reconciler.model.plan import Action, Assign, AttachProfile, Plan
from reconciler.model.pools import Desired, Mode
from reconciler.model.verdicts import Done, End
from reconciler.ports import Hands
from reconciler.store import Inline, Thread, open_store
from reconciler.store.lanes import OpenLane
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.builders import CAMPAIGN, NUMBER, OTHER, PATIENCE, POOL, PROFILE, a_halt, a_number, a_pool, desired
from tests.telnyx.scripted import NOW, Line, Script, StoppedClock, reply, scripted, settings

pytestmark = pytest.mark.anyio

NUMBERS = (a_number(1), a_number(2), a_number(3))
WANTED = desired(a_pool(*NUMBERS))
NOTHING = Plan("r1", NOW, complete=True, actions=(), holds=(), unchanged=0, digest="digest")
DOWN = reply(b"<h1>Bad gateway</h1>", 502, {"content-type": "text/html"})


class Even:
    """Chance without surprises."""

    def draw(self) -> float:
        return 0.5


@asynccontextmanager
async def hands_of(
    script: Script, folder: Path, limiter: Limiter, *actions: Action, lane: OpenLane = Inline
) -> AsyncIterator[Hands]:
    """Hands whose store has these to do; an assignment for each number, unless some are given."""
    clock = StoppedClock()
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=lane) as store:
        async with TelnyxClient(settings(script.base_url), clock, limiter) as telnyx:
            actions = actions or tuple(Assign(number, POOL, CAMPAIGN) for number in NUMBERS)
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


@pytest.mark.parametrize(
    "after",
    [desired(a_pool(NUMBER, profile=PROFILE, mode=Mode.OBSERVE)), desired(a_pool(NUMBER)), desired(a_pool(OTHER))],
    ids=["observed", "without a profile", "not wanted"],
)
async def test_what_a_reload_took_back_between_the_read_and_the_write_is_not_sent(
    tmp_path: Path, after: Desired
) -> None:
    """Attaching is two calls: the second waits for a turn of its own."""
    wanted = [desired(a_pool(NUMBER, profile=PROFILE))]
    time = [0.0]

    async def reloaded_meanwhile(seconds: float) -> None:
        time[0] += seconds
        wanted[:] = [after]

    alone = reply({"data": [{"id": "129", "phone_number": NUMBER, "messaging_profile_id": None, "type": "long-code"}]})
    limiter = Limiter(1, burst=1, clock=lambda: time[0], sleep=reloaded_meanwhile)
    action = AttachProfile(NUMBER, POOL, CAMPAIGN, PROFILE)
    async with scripted(alone) as script, hands_of(script, tmp_path, limiter, action) as hands:
        done = await flow.execute(hands, lambda: wanted[0], Urgency.HEAL)

        assert [one.partition(" ")[0] for one in script.asked] == ["GET"]
        assert done is not None
        assert done[1] == Done(End.STALE, "the config no longer asks for it")


@pytest.mark.covers("E08")
async def test_ten_thousand_events_cause_a_look_for_each_thing_that_they_are_about(tmp_path: Path) -> None:
    """However often one campaign is told of: what is asked is a row for each subject, and a round answers it once."""
    count, subjects = 10_000, [CAMPAIGN, *NUMBERS]
    took: list[float] = []
    async with scripted() as script, hands_of(script, tmp_path, Limiter(1000, burst=1000), lane=Thread) as hands:

        async def come(index: int) -> None:
            about = subjects[index % len(subjects)]
            told = {"campaignId": about} if about == CAMPAIGN else {"phoneNumber": about}
            event = {"event_type": "10dlc.event", "id": str(index), "payload": told}
            body, began = json.dumps({"data": event}).encode(), monotonic()
            while True:
                try:
                    await hands.store.receive(str(index), sha256(body).digest(), body, NOW, "")
                except StoreBusy:  # 503, and Telnyx sends it again
                    continue
                took.append(monotonic() - began)
                return

        for first in range(0, count, 100):
            await asyncio.gather(*map(come, range(first, first + 100)))
        read = 0
        while finished := await flow.process_events(hands, WANTED):
            read += len(finished)

        asked = await hands.store.due_triggers(NOW, count)
        assert read == count
        assert sorted(took)[count * 99 // 100] < 1.0
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


def delivery(index: int, campaign: str = CAMPAIGN) -> dict[str, object]:
    """A webhook that Telnyx could not deliver."""
    payload = {"campaignId": campaign, "type": "VERIFIED", "of": index}
    event = {"id": f"e-{index}", "event_type": "10dlc.campaign.update", "record_type": "event", "payload": payload}
    return {"id": f"d-{index}", "status": "failed", "started_at": NOW.isoformat(), "webhook": event}


def deliveries(*rows: dict[str, object]) -> Line:
    return reply({"data": list(rows), "meta": {"total_results": len(rows)}})


async def test_deliveries_are_taken_in_as_events_each_once(tmp_path: Path) -> None:
    count = MOST_AT_ONCE + 50
    told = deliveries(*(delivery(index) for index in range(count)))
    async with scripted(told, told) as script, hands_of(script, tmp_path, Limiter(1000, burst=1000)) as hands:
        since = NOW - AT_FIRST - OVERLAP
        assert await flow.read_back(hands) == ReadBack(since, found=count, new=count)
        assert await flow.read_back(hands) == ReadBack(NOW - OVERLAP, found=count, new=0)

        events = await hands.store.unread_events(count + 1)
        assert {one.source for one in events} == {EventSource.DELIVERY}
        assert {one.event_id for one in events} == {f"e-{index}" for index in range(count)}


async def test_what_is_read_back_is_a_hint_like_any_other(tmp_path: Path) -> None:
    """One look however many there are, and none where nothing is managed."""
    told = deliveries(
        *(delivery(index) for index in range(20)), *(delivery(30 + index, "CNOTOURS") for index in range(9))
    )
    async with scripted(told) as script, hands_of(script, tmp_path, Limiter(1000, burst=1000)) as hands:
        await flow.read_back(hands)
        await flow.process_events(hands, WANTED)

        due = await hands.store.due_triggers(NOW, 100)
        assert [(one.subject, one.cause) for one in due] == [(CAMPAIGN, Cause.EVENT)]


async def test_a_list_of_deliveries_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    async with scripted(DOWN) as script, hands_of(script, tmp_path, Limiter(1000, burst=1000)) as hands:
        assert isinstance(await flow.read_back(hands), Fault)
        assert await hands.store.heard() == (None, None)


async def test_while_halted_no_deliveries_are_asked_for(tmp_path: Path) -> None:
    async with scripted() as script, hands_of(script, tmp_path, Limiter(1000, burst=1000)) as hands:
        await hands.store.reconciled(Round(NOW, NOW, (), NOTHING, halt=a_halt()))

        assert await flow.read_back(hands) is None
        assert script.asked == []


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
            AlertName.CHECKS_OVERDUE,  # nothing was checked in these nine hours
            AlertName.WEBHOOK_SIGNATURE_FAILURES,
        ]
        assert "left" not in (await hands.store.ledger(NOW)).pools


async def test_what_a_window_held_is_not_late_when_it_opens(tmp_path: Path) -> None:
    since, none = NOW - timedelta(hours=9), Unsigned(NOW - timedelta(hours=9))
    free = Holds(frozenset(), since)

    async def stalled(hands: Hands) -> bool:
        alerts, _ = await hands.store.alerts()
        firing = {one.condition.alert for one in alerts if one.resolved_at is None}
        return AlertName.QUEUE_STALLED in firing

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
