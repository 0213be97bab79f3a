"""Whose turn it is: the urgent first, doubt before all, and nobody passed over for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.alerts import Judgement
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Round
from reconciler.model.operations import Operation, Urgency
from reconciler.model.plan import Assign, Plan
from reconciler.model.verdicts import Recheck, Wait
from reconciler.store import SqlStore
from reconciler.store.lineup import MOST_DOUBTS, MOST_PASSED, MOST_READERS, Lineup, Turn

pytestmark = pytest.mark.anyio

START = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)
CAMPAIGN = CampaignId("4b30019f")
POOL = PoolName("acme")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def number(index: int) -> PhoneNumber:
    return PhoneNumber(f"+1202{index:07d}")


async def queued(store: SqlStore, urgency: Urgency, indexes: range, when: float = 0) -> None:
    """These numbers are to be assigned, this urgently."""
    actions = tuple(Assign(number(index), POOL, CAMPAIGN) for index in indexes)
    plan = Plan("r1", after(when), complete=True, actions=actions, holds=(), unchanged=0, digest="")
    urgencies = {action.number: urgency for action in actions}
    at = after(when)
    await store.reconciled(Round(at, at, (), plan, actions=actions, evidence_at={CAMPAIGN: at}, urgencies=urgencies))


async def taken(store: SqlStore, when: float) -> Operation:
    """The next one, which the agenda announced."""
    agenda = await store.agenda(after(when))
    operation = await store.claim(after(when), LEASE)
    assert operation is not None
    assert operation.urgency is agenda.urgency
    return operation


@pytest.mark.covers("Q04")
async def test_a_flood_of_sweeps_delays_no_approval(store: SqlStore) -> None:
    """However long it has waited: it came hours ago, and drains for hours."""
    await queued(store, Urgency.SWEEP, range(500))
    await queued(store, Urgency.APPROVAL, range(1000, 1020), when=3 * 3600)

    order = [(await taken(store, 3 * 3600 + turn)).urgency for turn in range(20)]

    assert order == [Urgency.APPROVAL] * 20


@pytest.mark.covers("Q04")
async def test_a_stream_of_approvals_passes_over_each_level_a_counted_number_of_times(store: SqlStore) -> None:
    for urgency in Urgency:
        await queued(store, urgency, range(1000 * urgency, 1000 * urgency + 150))

    order = [(await taken(store, 1)).urgency for _ in range(150)]

    assert order.index(Urgency.EVENT) == MOST_PASSED
    assert order.index(Urgency.HEAL) <= 2 * MOST_PASSED + 2
    assert order.index(Urgency.SWEEP) <= 3 * MOST_PASSED + 3
    for level in (Urgency.EVENT, Urgency.HEAL, Urgency.SWEEP):
        places = [place for place, one in enumerate(order) if one is level]
        assert max(b - a for a, b in pairwise(places)) <= MOST_PASSED * level + len(Urgency)
    assert order.count(Urgency.APPROVAL) >= 150 * 9 // 11


async def test_what_is_passed_over_is_counted_across_a_restart_and_forgotten_when_it_has_gone(store: SqlStore) -> None:
    await queued(store, Urgency.APPROVAL, range(5))
    await queued(store, Urgency.SWEEP, range(100, 101))
    for _ in range(5):
        await taken(store, 1)
    assert (await store.notes())["passed_over"] == {"3": 5}

    await taken(store, 1)

    assert (await store.notes())["passed_over"] == {}


async def test_doubt_is_read_first_but_keeps_nobody_waiting(store: SqlStore) -> None:
    """A campaign whose every request is lost makes more and more to read."""
    await queued(store, Urgency.SWEEP, range(40))
    for _ in range(20):
        operation = await taken(store, 0)
        await store.record(operation, Recheck(after(1), "no answer"), None, Judgement(), (), after(0))

    order = []
    for turn in range(12):
        operation = await taken(store, 1 + turn)
        order.append(operation.attempt == 1 and operation.number < number(20))
        verdict = Recheck(after(100 + turn), "no answer") if order[-1] else Wait()
        await store.record(operation, verdict, None, Judgement(), (), after(1 + turn))

    assert order == [True] * MOST_DOUBTS + [False] + ([True] * MOST_DOUBTS + [False]) * 3


@pytest.mark.covers("Q02")
async def test_readers_that_hang_leave_the_others_to_go_on(store: SqlStore) -> None:
    await queued(store, Urgency.APPROVAL, range(10))
    for _ in range(10):
        operation = await taken(store, 0)
        await store.record(operation, Recheck(after(1), "no answer"), None, Judgement(), (), after(0))
    hanging = [await taken(store, 1) for _ in range(MOST_READERS)]

    assert await store.claim(after(1), LEASE) is None
    assert (await store.agenda(after(1))).operations_at == after(1) + LEASE
    await queued(store, Urgency.SWEEP, range(100, 101), when=2)
    assert (await taken(store, 2)).number == number(100)

    await store.record(hanging[0], Wait(), None, Judgement(), (), after(3))
    assert (await taken(store, 3)).attempt == 1


levels = st.dictionaries(st.sampled_from(Urgency), st.integers(0, 3).map(after))


@given(
    st.lists(st.tuples(st.sampled_from(Urgency), st.integers(0, 3).map(after)), max_size=3), levels, st.integers(0, 4)
)
def test_there_is_a_turn_exactly_when_something_is_due(
    doubts: list[tuple[Urgency, datetime]], firsts: dict[Urgency, datetime], now: int
) -> None:
    lined_up = Lineup(tuple(doubts), firsts)
    next_at = lined_up.next_at()

    assert (lined_up.turn(after(now)) is None) == (next_at is None or next_at > after(now))


@given(levels.filter(bool), st.integers(1, 200))
def test_whoever_stays_in_line_has_a_turn(firsts: dict[Urgency, datetime], turns: int) -> None:
    """Each level is due all the time: none waits for more sends than its limit, and one for each other level."""
    passed: dict[str, int] = {}
    waited = dict.fromkeys(firsts, 0)
    for _ in range(turns):
        lined_up = Lineup((), firsts, passed)
        turn = lined_up.turn(after(3))
        assert turn is not None
        waited = {level: 0 if level is turn.urgency else count + 1 for level, count in waited.items()}
        passed = lined_up.after(turn, after(3))
        for level, count in waited.items():
            assert count <= MOST_PASSED * max(level, 1) + len(Urgency)


def test_doubts_have_their_turn_by_urgency() -> None:
    assert Lineup(((Urgency.SWEEP, START), (Urgency.EVENT, START))).turn(START) == Turn(Urgency.EVENT, doubt=True)
