"""The limiter gives turns at exact times, to the most urgent first, and starves nobody."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.operations import Urgency
from reconciler.telnyx.limiter import MAX_IN_FLIGHT, MAX_PAUSE_SECONDS, Crowded, Leave, Limiter
from tests.telnyx.virtual import START, VirtualTime, end

pytestmark = pytest.mark.anyio


class Queue:
    """Callers in line: who got a turn, and when."""

    def __init__(self, rate: float | None, burst: int = 5, max_waiting: int = 1000) -> None:
        self.time = VirtualTime()
        self.paces: list[float] = []
        self.pauses: list[float] = []
        self.limiter = Limiter(
            rate,
            burst,
            clock=self.time.clock,
            sleep=self.time.sleep,
            max_waiting=max_waiting,
            on_pace=self.paces.append,
            on_pause=self.pauses.append,
        )
        self.served: list[tuple[str, float]] = []

    async def come(self, name: str, urgency: Urgency = Urgency.SWEEP) -> None:
        """Make one call, that nothing comes of at once."""
        leave = await self.take(name, urgency)
        self.limiter.send(leave)
        self.limiter.release(leave)

    async def take(self, name: str, urgency: Urgency = Urgency.SWEEP) -> Leave:
        """Take a turn and keep it."""
        leave = await self.limiter.acquire(urgency)
        self.served.append((name, self.time.now - START))
        return leave

    def send(self, name: str, urgency: Urgency = Urgency.SWEEP) -> asyncio.Task[None]:
        return asyncio.ensure_future(self.come(name, urgency))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.served]

    @property
    def times(self) -> list[float]:
        return [time for _, time in self.served]


async def test_twenty_calls_at_two_a_second_start_at_the_exact_times() -> None:
    line = Queue(rate=2)
    callers = [line.send(str(index)) for index in range(20)]

    await line.time.pass_until(60)

    assert line.times == [0.0] * 5 + [0.5 * step for step in range(1, 16)]
    assert line.names == [str(index) for index in range(20)]
    assert all(caller.done() for caller in callers)


async def test_idle_time_saves_up_one_burst_and_no_more() -> None:
    line = Queue(rate=2)
    for _ in range(5):
        await line.come("early")
    await line.time.pass_until(60)

    callers = [line.send("late") for _ in range(6)]
    await line.time.pass_until(120)

    assert line.times[5:] == [60.0] * 5 + [60.5]
    assert all(caller.done() for caller in callers)


async def test_the_most_urgent_goes_first_and_equals_keep_their_order() -> None:
    line = Queue(rate=1, burst=1)
    await line.come("first")
    callers = [
        line.send("sweep", Urgency.SWEEP),
        line.send("event 1", Urgency.EVENT),
        line.send("heal", Urgency.HEAL),
        line.send("event 2", Urgency.EVENT),
        line.send("approval", Urgency.APPROVAL),
    ]

    await line.time.pass_until(10)

    assert line.names == ["first", "approval", "event 1", "event 2", "heal", "sweep"]
    assert all(caller.done() for caller in callers)


async def test_who_comes_while_the_first_in_line_sleeps_may_still_go_before_it() -> None:
    line = Queue(rate=0.5, burst=1)
    await line.come("first")
    sweep = line.send("sweep", Urgency.SWEEP)
    await line.time.pass_until(1)
    approval = line.send("approval", Urgency.APPROVAL)

    await line.time.pass_until(10)

    assert line.served == [("first", 0.0), ("approval", 2.0), ("sweep", 4.0)]
    assert sweep.done()
    assert approval.done()


async def test_a_sweep_is_not_starved_by_approvals_without_end() -> None:
    line = Queue(rate=1, burst=1)
    callers = [line.send("approval", Urgency.APPROVAL) for _ in range(3)]
    callers.append(line.send("sweep", Urgency.SWEEP))
    for second in range(1, 40):
        await line.time.pass_until(second)
        callers.append(line.send("approval", Urgency.APPROVAL))

    served_at = dict(line.served)["sweep"]

    assert 15 <= served_at <= 20
    assert len(line.served) >= 38
    for caller in callers:
        caller.cancel()


@pytest.mark.covers("Q06")
async def test_a_pause_holds_everybody_and_ends_without_a_burst() -> None:
    line = Queue(rate=2)
    line.limiter.pause(7)
    line.limiter.pause(3)
    callers = [line.send("call", Urgency.APPROVAL) for _ in range(4)]

    await line.time.pass_until(60)

    assert line.times == [7.0, 7.5, 8.0, 8.5]
    assert all(caller.done() for caller in callers)


async def test_a_pause_reaches_who_already_sleeps() -> None:
    line = Queue(rate=1, burst=1)
    await line.come("first")
    waiting = line.send("second")
    await line.time.settle()
    line.limiter.pause(30)

    await line.time.pass_until(60)

    assert line.served == [("first", 0.0), ("second", 30.0)]
    assert waiting.done()


@pytest.mark.parametrize(
    ("asked", "held"), [(1e300, MAX_PAUSE_SECONDS), (float("inf"), MAX_PAUSE_SECONDS), (-5, 0), (float("nan"), 0)]
)
async def test_an_absurd_pause_is_cut(asked: float, held: float) -> None:
    line = Queue(rate=2)
    line.limiter.pause(asked)
    caller = line.send("call")

    await line.time.pass_until(1000)

    assert line.times == [held]
    assert caller.done()


async def test_a_turn_that_is_given_back_goes_to_the_next() -> None:
    line = Queue(rate=1, burst=2)
    await line.come("used")
    unused = await line.take("unused")
    for _ in range(2):  # the second time, there is nothing to give back
        line.limiter.release(unused)

    await line.come("next")
    caller = line.send("much later")
    await line.time.pass_until(0.9)
    assert not caller.done()
    caller.cancel()

    assert line.times == [0.0, 0.0, 0.0]


async def test_a_turn_given_back_during_a_pause_does_not_shorten_it() -> None:
    line = Queue(rate=1, burst=2)
    unused = await line.take("unused")
    line.limiter.pause(10)
    line.limiter.release(unused)
    caller = line.send("next")

    await line.time.pass_until(60)

    assert line.times == [0.0, 10.0]
    assert caller.done()


async def test_who_is_cancelled_leaves_the_line_and_takes_no_turn() -> None:
    line = Queue(rate=1, burst=1)
    await line.come("first")
    gone = [line.send("gone") for _ in range(3)]
    stays = line.send("stays")
    await line.time.settle()
    gone[1].cancel()
    gone[0].cancel()
    await line.time.settle()
    gone[2].cancel()

    await line.time.pass_until(10)

    assert line.served == [("first", 0.0), ("stays", 1.0)]
    assert stays.done()


async def test_the_line_has_an_end() -> None:
    line = Queue(rate=1, burst=1, max_waiting=2)
    await line.come("first")
    waiting = [line.send("waits") for _ in range(2)]
    await line.time.settle()

    with pytest.raises(Crowded):
        await line.come("too many")

    await line.time.pass_until(10)
    assert line.names == ["first", "waits", "waits"]
    assert all(caller.done() for caller in waiting)


@pytest.mark.parametrize(
    "make", [lambda: Limiter(0), lambda: Limiter(-1), lambda: Limiter(float("nan")), lambda: Limiter(1, 0)]
)
async def test_a_limit_that_is_none_is_refused(make: Callable[[], Limiter]) -> None:
    with pytest.raises(ValueError, match=r"a (rate|burst) is"):
        make()


async def test_no_more_are_out_than_may_be_in_flight() -> None:
    line = Queue(rate=1000, burst=100)
    out = [await line.take("out") for _ in range(MAX_IN_FLIGHT)]
    callers = [line.send("waits") for _ in range(3)]
    await line.time.pass_until(60)
    assert len(line.served) == MAX_IN_FLIGHT

    end(line.limiter, out[0])
    line.limiter.release(out[1])
    await line.time.pass_until(120)

    assert line.times[MAX_IN_FLIGHT:] == [60.0] * 3  # each of them ends at once, and makes room for the next
    assert all(caller.done() for caller in callers)


async def test_approvals_go_first_while_a_sweep_floods_and_the_sweep_ends() -> None:
    line = Queue(rate=2)
    sweep = [line.send("sweep", Urgency.SWEEP) for _ in range(100)]
    callers = []
    for second in range(1, 51):
        await line.time.pass_until(second)
        callers.append(line.send("approval", Urgency.APPROVAL))
    await line.time.pass_until(90)

    assert all(caller.done() for caller in (*sweep, *callers))
    waits = [at - index for index, at in enumerate((at for name, at in line.served if name == "approval"), 1)]
    assert max(waits[:10]) <= 0.5  # until the sweep has waited so long that it counts as more urgent
    assert max(line.times) <= 73  # 145 calls after the burst, at 2/s, with nobody's turn lost


async def test_another_ceiling_holds_at_once_and_grants_no_burst() -> None:
    line = Queue(rate=1)
    for _ in range(5):
        await line.come("early")
    waiting = [line.send("late") for _ in range(4)]
    await line.time.pass_until(0.5)
    line.limiter.change_ceiling(10)

    await line.time.pass_until(10)

    assert line.times[5:] == pytest.approx([0.55, 0.65, 0.75, 0.85])
    assert all(caller.done() for caller in waiting)
    assert line.paces == [1, 10]


@given(
    rate=st.floats(min_value=0.1, max_value=200),
    burst=st.integers(min_value=1, max_value=10),
    gaps=st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=25),
    urgencies=st.lists(st.sampled_from(Urgency), min_size=25, max_size=25),
)
def test_no_window_ever_has_more_calls_than_the_rate_and_a_burst_allow(
    rate: float, burst: int, gaps: list[float], urgencies: list[Urgency]
) -> None:
    async def run() -> list[float]:
        line = Queue(rate, burst)
        at = 0.0
        callers = []
        for gap, urgency in zip(gaps, urgencies, strict=False):
            at += gap
            await line.time.pass_until(at)
            callers.append(line.send("call", urgency))
        await line.time.pass_until(at + len(gaps) / rate + 1)
        assert all(caller.done() for caller in callers)
        return line.times

    times = asyncio.run(run())

    for first, start in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= burst + (times[last] - start) * rate + 0.01
