"""The pace is learned from the answers: near the limit, hardly ever over it, whatever headers and windows are like."""

import asyncio

import pytest

from reconciler.model.operations import Urgency
from reconciler.telnyx.allowance import HEADROOM, NOTHING, Told
from reconciler.telnyx.breaker import Sign
from reconciler.telnyx.limiter import LOWEST_SHARE, MAX_LEARNED_PER_SECOND, START_PER_SECOND, Leave, Limiter
from tests.telnyx.virtual import (
    AT,
    START,
    Aligned,
    Bucket,
    Headers,
    Limit,
    Server,
    Sliding,
    Traffic,
    VirtualTime,
    absurd,
    as_epoch,
    in_seconds,
    limit_only,
    none,
    with_policy,
)

pytestmark = pytest.mark.anyio
CALLS = 150
PLENTY = Told(1000, None, 999, 1)


async def measured(server: Server, headers: Headers, ceiling: float | None = None, jitter: float = 0.0) -> Traffic:
    """What came of 150 calls from 8 workers, 100 ms and some jitter each way."""
    traffic = Traffic(server, ceiling, headers, jitter=jitter)
    await traffic.run(CALLS)
    assert len(traffic.sent) == CALLS
    assert traffic.refused <= CALLS / 100
    return traffic


def share(traffic: Traffic) -> float:
    """Of what the limit allows, so much was used."""
    return CALLS / traffic.seconds * traffic.server.seconds / traffic.server.calls


@pytest.mark.parametrize("jitter", [0.0, 0.03])
@pytest.mark.parametrize("headers", [in_seconds, with_policy])
@pytest.mark.parametrize("kind", [Limit, Aligned, Bucket])
@pytest.mark.parametrize(("calls", "seconds"), [(5, 1), (20, 1), (40, 1), (100, 60)])
async def test_auto_finds_the_limit(
    kind: type[Limit | Bucket], calls: int, seconds: float, headers: Headers, jitter: float
) -> None:
    assert share(await measured(kind(calls, seconds), headers, jitter=jitter)) >= 0.8


@pytest.mark.parametrize("jitter", [0.0, 0.03])
@pytest.mark.parametrize(
    ("kind", "calls", "seconds", "least"),
    [
        # In a short window of its own, the end may be a second earlier than the time that is told: with nothing left
        # that second is waited for. The fewer calls a window has, the more often nothing is left.
        (Limit, 5, 1, 0.5),
        (Limit, 20, 1, 0.8),
        (Limit, 40, 1, 0.8),
        (Aligned, 5, 1, 0.8),
        (Aligned, 20, 1, 0.8),
        (Aligned, 40, 1, 0.8),
        (Limit, 100, 60, 0.8),
        (Aligned, 100, 60, 0.8),
    ],
)
async def test_auto_finds_the_limit_whose_reset_is_a_time(
    kind: type[Limit], calls: int, seconds: float, least: float, jitter: float
) -> None:
    assert share(await measured(kind(calls, seconds), as_epoch, jitter=jitter)) >= least


@pytest.mark.parametrize("jitter", [0.0, 0.03])
@pytest.mark.parametrize("headers", [in_seconds, as_epoch, with_policy])
@pytest.mark.parametrize(("calls", "seconds", "least"), [(5, 1, 0.5), (20, 1, 0.7), (40, 1, 0.8), (100, 60, 0.8)])
async def test_where_windows_slide_it_is_slower_and_seldom_refused(
    calls: int, seconds: float, least: float, headers: Headers, jitter: float
) -> None:
    assert least <= share(await measured(Sliding(calls, seconds), headers, jitter=jitter)) <= 1.05


@pytest.mark.parametrize("headers", [none, absurd, limit_only])
async def test_without_headers_auto_stays_at_two_a_second(headers: Headers) -> None:
    traffic = await measured(Limit(20, 1), headers)

    assert traffic.seconds == pytest.approx((CALLS - 5) / START_PER_SECOND, abs=0.1)
    assert traffic.refused == 0


@pytest.mark.parametrize("server", [Limit(20, 1), Aligned(20, 1)])
async def test_a_ceiling_at_the_limit_is_used(server: Server) -> None:
    assert share(await measured(server, in_seconds, ceiling=20, jitter=0.01)) >= 1 / 1.15


async def test_a_ceiling_is_never_passed() -> None:
    traffic = await measured(Limit(40, 1), in_seconds, ceiling=10)

    assert traffic.seconds >= (CALLS - 5) / 10 - 0.01


@pytest.mark.parametrize("headers", [in_seconds, with_policy])
async def test_whatever_the_ceiling_what_is_learned_lowers_it(headers: Headers) -> None:
    traffic = await measured(Limit(10, 1), headers, ceiling=1000)

    assert traffic.limiter.per_second == pytest.approx(HEADROOM * 10)


async def test_a_ceiling_too_high_without_headers_is_lowered_by_429_alone() -> None:
    traffic = Traffic(Limit(20, 1), 40, none)
    await traffic.run(400)

    assert 400 / traffic.seconds >= 0.5 * 20
    assert traffic.refused <= 400 / 10


async def test_who_shares_the_account_is_left_his_part() -> None:
    traffic = Traffic(Limit(20, 1))
    others = traffic.others_call(per_second=10)
    await traffic.run(CALLS)
    others.cancel()

    assert share(traffic) <= 0.55
    assert share(traffic) >= 0.35
    assert traffic.refused <= CALLS / 20  # what was left is gone before the call that was to use it comes


async def test_a_limit_that_falls_is_followed() -> None:
    traffic = Traffic(Limit(40, 1))
    await traffic.run(CALLS)
    traffic.server.calls = 10
    before = len(traffic.sent)
    await traffic.run(CALLS)

    assert traffic.refused <= 8  # what was in flight
    assert CALLS / (traffic.sent[-1] - traffic.sent[before]) >= 0.7 * 10


class Caller:
    """One who calls now, and is told what the test says."""

    def __init__(self, ceiling: float | None = None) -> None:
        self.time = VirtualTime()
        self.paces: list[float] = []
        self.pauses: list[float] = []
        self.limiter = Limiter(
            ceiling,
            clock=self.time.clock,
            sleep=self.time.sleep,
            on_pace=self.paces.append,
            on_pause=self.pauses.append,
        )

    async def send(self) -> Leave:
        leave = await self.limiter.acquire(Urgency.HEAL)
        self.limiter.send(leave)
        return leave

    def hear(self, leave: Leave, told: Told = NOTHING, pause_seconds: float | None = None) -> None:
        self.limiter.heard(leave, Sign.ANSWERED, told, AT, pause_seconds)


async def test_one_answer_doubles_the_pace_at_most_and_all_of_them_end_at_a_cap() -> None:
    caller = Caller()
    for second in range(8):
        await caller.time.pass_until(second)
        caller.hear(await caller.send(), PLENTY)

    assert caller.paces == [2, 4, 8, 16, 32, MAX_LEARNED_PER_SECOND]


async def test_what_was_learned_outlives_another_ceiling() -> None:
    caller = Caller(ceiling=100)
    caller.hear(await caller.send(), Told(20, None, 19, 1))

    paces = []
    for ceiling in (5, None, 100):
        caller.limiter.change_ceiling(ceiling)
        paces.append(caller.limiter.per_second)

    assert paces == [5, 19, 19]


async def test_a_turn_that_is_not_used_yet_counts_as_a_call() -> None:
    caller = Caller(ceiling=100)
    caller.hear(await caller.send(), Told(5, None, 1, 1))
    held = await caller.limiter.acquire(Urgency.HEAL)
    second = asyncio.ensure_future(caller.send())
    await caller.time.pass_until(0.9)
    assert not second.done()

    caller.limiter.release(held)
    await caller.time.pass_until(0.9)
    assert second.done()


async def test_calls_in_flight_that_come_back_429_halve_the_pace_once() -> None:
    caller = Caller(ceiling=8)
    leaves = [await caller.limiter.acquire(Urgency.HEAL) for _ in range(5)]
    for leave in leaves:  # each is sent when the one before has been refused already
        caller.limiter.send(leave)
        caller.hear(leave, pause_seconds=10)
    assert caller.limiter.per_second == 4

    await caller.time.pass_until(10)
    caller.hear(await caller.send(), pause_seconds=10)

    assert caller.limiter.per_second == 2
    assert caller.pauses == [10, 10]


async def test_after_the_pause_the_pace_comes_back_by_equal_steps() -> None:
    caller = Caller(ceiling=8)
    caller.hear(await caller.send(), pause_seconds=10)
    paces = []
    for at in (10, 12, 14, 16, 18, 20, 22):
        await caller.time.pass_until(at)
        caller.hear(await caller.send())
        paces.append(caller.limiter.per_second)

    assert paces == pytest.approx([4, 4.8, 5.6, 6.4, 7.2, 8, 8])


async def test_auto_recovers_to_two_a_second() -> None:
    caller = Caller()
    caller.hear(await caller.send(), pause_seconds=5)
    assert caller.limiter.per_second == 1

    await caller.time.pass_until(15)
    caller.hear(await caller.send())

    assert caller.limiter.per_second == START_PER_SECOND


async def test_however_many_429_come_some_of_the_pace_is_left() -> None:
    caller = Caller(ceiling=16)
    for second in range(20):
        await caller.time.pass_until(second)
        caller.hear(await caller.send(), pause_seconds=1)

    assert caller.limiter.per_second == pytest.approx(16 * LOWEST_SHARE)


async def test_pauses_that_overlap_are_counted_once() -> None:
    caller = Caller()
    caller.limiter.pause(10)
    await caller.time.pass_until(4)
    caller.limiter.pause(3)
    caller.limiter.pause(10)

    assert caller.pauses == [10, 4]


async def test_what_the_account_before_still_answers_does_not_hold_the_one_after() -> None:
    caller = Caller()
    late = await caller.send()
    caller.limiter.forget()

    caller.hear(late, Told(1, None, 0, 60), pause_seconds=300)

    assert caller.pauses == []
    assert caller.limiter.per_second == START_PER_SECOND
    caller.hear(await caller.send())
    assert caller.time.now == START


async def test_another_account_begins_anew_and_without_a_burst() -> None:
    caller = Caller()
    for leave in [await caller.send() for _ in range(5)]:
        caller.hear(leave, Told(1, None, 0, 3600), pause_seconds=300)
    caller.limiter.forget()

    caller.hear(await caller.send())
    assert caller.time.now == START
    assert caller.limiter.per_second == START_PER_SECOND
    second = asyncio.ensure_future(caller.send())
    await caller.time.pass_until(0.4)
    assert not second.done()
    await caller.time.pass_until(0.5)
    assert second.done()
