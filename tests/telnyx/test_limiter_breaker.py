"""No turn while the breaker is open, one at a time while it finds out; whoever leaves early, nobody waits for ever."""

import asyncio
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.operations import Urgency
from reconciler.telnyx.allowance import NOTHING, Told
from reconciler.telnyx.breaker import MOST_FAILURES, Sign
from reconciler.telnyx.limiter import Leave, Limiter
from tests.telnyx.virtual import AT, START, VirtualTime

pytestmark = pytest.mark.anyio


class Outage:
    """A limiter whose breaker has just opened, and who was given a turn since."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.pauses: list[float] = []
        self.limiter = Limiter(100, burst=20, clock=self.time.clock, sleep=self.time.sleep, on_pause=self.pauses.append)
        self.given: list[Leave] = []

    async def begin(self) -> "Outage":
        for _ in range(MOST_FAILURES):
            self.end(await self.limiter.acquire(Urgency.HEAL), Sign.FAILED)
        return self

    def come(self) -> asyncio.Task[None]:
        async def take() -> None:
            self.given.append(await self.limiter.acquire(Urgency.HEAL))

        return asyncio.ensure_future(take())

    def end(self, leave: Leave, sign: Sign, pause_seconds: float | None = None) -> None:
        self.limiter.send(leave)
        self.limiter.heard(leave, sign, NOTHING, AT, pause_seconds)


async def test_while_it_is_open_nobody_gets_a_turn_and_then_one_at_a_time() -> None:
    outage = await Outage().begin()
    callers = [outage.come() for _ in range(5)]

    await outage.time.pass_until(0.99)
    assert outage.given == []
    await outage.time.pass_until(30)
    assert len(outage.given) == 1

    outage.end(outage.given[0], Sign.FAILED)
    await outage.time.pass_until(31.9)
    assert len(outage.given) == 1
    await outage.time.pass_until(60)
    assert len(outage.given) == 2

    outage.end(outage.given[1], Sign.ANSWERED)
    await outage.time.pass_until(61)
    assert len(outage.given) == 5
    assert all(caller.done() for caller in callers)
    assert outage.pauses == [1, 2]


async def test_an_answer_to_a_call_from_before_frees_everybody_at_once() -> None:
    outage = Outage()
    early = await outage.limiter.acquire(Urgency.HEAL)
    await outage.begin()
    callers = [outage.come() for _ in range(3)]
    await outage.time.pass_until(0.5)

    outage.end(early, Sign.ANSWERED)
    await outage.time.pass_until(0.6)

    assert len(outage.given) == 3
    assert all(caller.done() for caller in callers)


@pytest.mark.parametrize(
    "leave_early",
    [
        pytest.param(lambda outage, leave: outage.limiter.release(leave), id="not used"),
        pytest.param(lambda outage, leave: (outage.limiter.send(leave), outage.limiter.release(leave)), id="cancelled"),
        pytest.param(lambda outage, leave: outage.end(leave, Sign.UNCLEAR), id="unclear"),
    ],
)
async def test_a_probe_that_shows_nothing_makes_room_for_the_next(
    leave_early: Callable[[Outage, Leave], object],
) -> None:
    outage = await Outage().begin()
    callers = [outage.come() for _ in range(3)]
    for probes in range(1, 4):
        await outage.time.pass_until(10 * probes)
        assert len(outage.given) == probes
        leave_early(outage, outage.given[-1])

    assert all(caller.done() for caller in callers)


async def test_a_probe_that_is_answered_429_closes_it_and_pauses_everybody() -> None:
    outage = await Outage().begin()
    callers = [outage.come() for _ in range(4)]
    await outage.time.pass_until(2)

    outage.end(outage.given[0], Sign.ANSWERED, pause_seconds=7)
    await outage.time.pass_until(8.9)
    assert len(outage.given) == 1
    await outage.time.pass_until(10)

    assert len(outage.given) == 4
    assert all(caller.done() for caller in callers)
    assert outage.pauses == [1, 7]


async def test_another_address_frees_who_waits_for_the_one_before() -> None:
    outage = await Outage().begin()
    callers = [outage.come() for _ in range(2)]
    await outage.time.settle()

    outage.limiter.forget()
    await outage.time.pass_until(0.1)

    assert all(caller.done() for caller in callers)


TOLD = [NOTHING, Told(5, None, 4, 1), Told(5, None, 0, 1), Told(100, 60, 0, 60), Told(remaining=0)]
End = str | tuple[Sign, Told, float | None]
ENDS: st.SearchStrategy[End] = st.one_of(
    st.tuples(st.sampled_from(Sign), st.sampled_from(TOLD), st.sampled_from([None, None, 1.0, 300.0])),
    st.sampled_from(["unused", "cancelled", "hangs"]),
)


@given(
    ends=st.lists(ENDS, min_size=1, max_size=40),
    gone=st.sets(st.integers(min_value=0, max_value=39)),
    gaps=st.lists(st.floats(min_value=0, max_value=2), min_size=40, max_size=40),
)
def test_whatever_becomes_of_calls_and_callers_nobody_waits_for_ever(
    ends: list[End], gone: set[int], gaps: list[float]
) -> None:
    async def run() -> None:
        time = VirtualTime()
        limiter = Limiter(10, clock=time.clock, sleep=time.sleep)

        async def call(end: End) -> None:
            leave = await limiter.acquire(Urgency.HEAL)
            try:
                if end == "unused":
                    return
                limiter.send(leave)
                await time.sleep(15 if end == "hangs" else 0.1)
                if not isinstance(end, str):
                    sign, told, pause_seconds = end
                    limiter.heard(leave, sign, told, AT, pause_seconds)
            finally:
                limiter.release(leave)

        at, callers = 0.0, []
        for index, (end, gap) in enumerate(zip(ends, gaps, strict=False)):
            callers.append(asyncio.ensure_future(call(end)))
            at += gap
            await time.pass_until(at)
            if index in gone:
                callers[index // 2].cancel()
        await time.pass_while(lambda: not all(caller.done() for caller in callers), math.inf)
        last = asyncio.ensure_future(call((Sign.ANSWERED, NOTHING, None)))
        await time.pass_while(lambda: not last.done(), time.now - START + 1000)
        await asyncio.gather(*callers, return_exceptions=True)

    asyncio.run(run())
