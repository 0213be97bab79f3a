"""Alerts from what holds to what arrives: a real store, the real story, real sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.alerts.webhook import WebhookSink
from reconciler.model.alerts import AlertName, Condition, Family, Grouping, Judgement, Message, Parcel, Sent, Severity
from reconciler.model.errors import Fault
from reconciler.model.routing import Audience, Inhibition, Match, Route, Routing
from reconciler.model.settings import Secret
from reconciler.ports import Hands, Sink
from reconciler.sandbox.mailbox import Mailbox, mailbox
from reconciler.store import Inline, open_store
from reconciler.store.store import SqlStore
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.builders import HOUR, MINUTE, POOL, SECOND, a_number
from tests.telnyx.scripted import StoppedClock, settings

pytestmark = pytest.mark.anyio

FAILED, STUCK = AlertName.ASSIGNMENT_FAILED, AlertName.ASSIGNMENT_STUCK


class Even:
    """Chance without surprises."""

    def draw(self) -> float:
        return 1.0


def failing(
    numbers: Iterable[int],
    alert: AlertName = FAILED,
    severity: Severity | None = None,
    words: str = "refused",
    pool: str = POOL,
) -> Judgement:
    """These numbers of the pool fail, for one cause, in different words."""
    return Judgement(
        (Family(alert, pool),),
        tuple(
            Condition(alert, pool, a_number(which), "capacity", f"request {which} {words}", severity=severity)
            for which in numbers
        ),
    )


@dataclass
class Desk:
    """Hands, and who is told."""

    hands: Hands
    store: SqlStore
    clock: StoppedClock
    routing: Routing
    sinks: dict[str, Sink]
    grouping: Grouping = field(default_factory=Grouping)

    async def judge(self, judgement: Judgement) -> None:
        await self.store.judge(judgement, self.clock.now())

    async def pass_time(
        self, span: timedelta, step: timedelta = 10 * SECOND
    ) -> list[tuple[datetime, Message | tuple[Parcel, Sent | Fault]]]:
        """As the service does, again and again: what was posted, and what was delivered or not."""
        happened: list[tuple[datetime, Message | tuple[Parcel, Sent | Fault]]] = []
        end = self.clock.time + span
        while True:
            posted = await flow.notify(self.hands, self.grouping, self.routing)
            happened += [(self.clock.time, one) for one in posted]
            for name in await self.store.waiting(self.clock.time):
                while (done := await flow.deliver(self.hands, self.sinks[name])) is not None:
                    happened.append((self.clock.time, done))
            if self.clock.time >= end:
                return happened
            self.clock.time += step


@asynccontextmanager
async def at_work(
    folder: Path, *audiences: Audience, routing: Routing | None = None
) -> AsyncIterator[tuple[Desk, dict[str, Mailbox]]]:
    """A desk with a mailbox for each receiver."""
    clock = StoppedClock()
    routing = replace(routing or Routing(), audiences=audiences)
    async with AsyncExitStack() as stack:
        boxes = {one.name: await stack.enter_async_context(mailbox()) for one in audiences}
        sinks: dict[str, Sink] = {name: WebhookSink(name, Secret(box.url), clock) for name, box in boxes.items()}
        store = stack.enter_context(open_store(f"sqlite:///{folder}/tendlc.db", writer=True, lane=Inline))
        telnyx = await stack.enter_async_context(TelnyxClient(settings("http://127.0.0.1:1"), clock, Limiter(1)))
        yield Desk(Hands(telnyx, store, clock, Even(), parse_event), store, clock, routing, sinks), boxes


def heard(box: Mailbox) -> list[tuple[object, ...]]:
    """What came, in short."""
    return [tuple(letter[key] for key in ("status", "alert", "severity", "count")) for letter in box.letters]


OPS, AUDIT, ONCALL = Audience("ops"), Audience("audit"), Audience("oncall", Severity.CRITICAL)


@pytest.mark.covers("O02")
async def test_three_hundred_failures_with_one_cause_are_one_message_to_each_and_one_resolve(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        for upto in (100, 200, 300):  # they come within the wait
            await desk.judge(failing(range(upto)))
            await desk.pass_time(10 * SECOND)
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing(()))
        await desk.pass_time(HOUR, MINUTE)

        for box in boxes.values():
            first, end = box.letters
            assert (first["status"], first["count"]) == ("firing", 300)
            assert first["reasons"] == [{"reason": "capacity", "count": 300}]
            examples = [{"subject": a_number(which), "detail": f"request {which} refused"} for which in range(5)]
            assert first["examples"] == examples
            assert str(first["summary"]).startswith("300 numbers of pool acme could not be assigned. ")
            assert (end["status"], end["count"]) == ("resolved", 300)
            assert first["dedup_key"] == end["dedup_key"] == "tendlc/AssignmentFailed/acme"
        alerts, groups = await desk.store.alerts()
        assert (alerts, [group for group in groups if group.last_sent]) == ((), [])
        assert (await desk.store.counts()).parcels_waiting == 0


async def test_what_is_over_within_the_wait_is_never_told(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(20 * SECOND)
        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == []


async def test_a_restart_neither_repeats_nor_forgets(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(failing([1, 2]))
        await desk.pass_time(MINUTE)
        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 2)]
        later = desk.clock.time
    async with at_work(tmp_path, OPS) as (desk, boxes):
        desk.clock.time = later
        await desk.store.retain(["ops"], [], later)
        await desk.pass_time(2 * HOUR, MINUTE)
        assert heard(boxes["ops"]) == []
        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)
        assert heard(boxes["ops"]) == [("resolved", FAILED, "warning", 2)]


async def test_a_receiver_that_is_new_is_told_of_what_fires(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        everybody, desk.routing = desk.routing, replace(desk.routing, audiences=(OPS,))
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        assert heard(boxes["audit"]) == []

        desk.routing = everybody
        await desk.pass_time(MINUTE)

        assert heard(boxes["audit"]) == heard(boxes["ops"]) == [("firing", FAILED, "warning", 1)]


async def test_what_grows_critical_is_told_to_those_on_call_and_its_end_too(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, ONCALL) as (desk, boxes):
        await desk.judge(failing([1], STUCK))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([1], STUCK, Severity.CRITICAL))
        await desk.pass_time(10 * SECOND)
        assert heard(boxes["oncall"]) == [("firing", STUCK, "critical", 1)]
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([1], STUCK))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([], STUCK))
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["oncall"]) == [("firing", STUCK, "critical", 1), ("resolved", STUCK, "critical", 1)]
        assert heard(boxes["ops"]) == [
            ("firing", STUCK, "warning", 1),
            ("firing", STUCK, "critical", 1),
            ("firing", STUCK, "warning", 1),
            ("resolved", STUCK, "warning", 1),
        ]
        assert len({letter["dedup_key"] for box in boxes.values() for letter in box.letters}) == 1


async def test_while_its_cause_is_told_a_consequence_is_not_and_afterwards_it_is(tmp_path: Path) -> None:
    down = Family(AlertName.TELNYX_API_UNAVAILABLE, "")
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(Judgement((down,), (Condition(down.alert, "", ""),)))
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        assert heard(boxes["ops"]) == [("firing", down.alert, "critical", 1)]

        await desk.judge(Judgement((down,)))
        await desk.pass_time(HOUR, MINUTE)

        assert sorted(heard(boxes["ops"])[1:]) == [
            ("firing", FAILED, "warning", 1),
            ("resolved", down.alert, "critical", 1),
        ]


async def test_what_was_told_before_it_was_inhibited_gets_no_false_end(tmp_path: Path) -> None:
    rule = Inhibition(Match(STUCK), Match(FAILED), same_pool=True)
    async with at_work(tmp_path, OPS, routing=Routing(inhibitions=(rule,))) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([2], STUCK))
        await desk.pass_time(12 * HOUR, 5 * MINUTE)

        letters = heard(boxes["ops"])
        assert letters.count(("firing", FAILED, "warning", 1)) == 1
        assert not [one for one in letters if one[0] == "resolved"]

        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)
        assert ("resolved", FAILED, "warning", 1) in heard(boxes["ops"])


async def test_a_route_tells_some_of_some(tmp_path: Path) -> None:
    route = Route(Match(pool="acm*"), frozenset({"audit"}))
    async with at_work(tmp_path, OPS, AUDIT, routing=Routing(routes=(route,))) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(MINUTE)

        assert (len(boxes["ops"].letters), len(boxes["audit"].letters)) == (0, 1)


@asynccontextmanager
async def broken(desk: Desk, name: str) -> AsyncIterator[None]:
    """While the block runs, nobody listens for this receiver."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    whole, desk.sinks[name] = desk.sinks[name], WebhookSink(name, Secret(f"http://127.0.0.1:{port}/"), desk.clock)
    yield
    desk.sinks[name] = whole


@pytest.mark.covers("F-72")
async def test_a_receiver_that_keeps_failing_is_told_to_the_others_until_it_delivers(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        async with broken(desk, "ops"):
            await desk.judge(failing([1]))
            happened = await desk.pass_time(30 * MINUTE)
        unreached = AlertName.NOTIFICATION_FAILED
        assert heard(boxes["audit"]) == [("firing", FAILED, "warning", 1), ("firing", unreached, "warning", 1)]
        assert boxes["audit"].letters[-1]["examples"] == [{"subject": "ops", "detail": "127.0.0.1: ConnectError"}]
        tries = [at for at, one in happened if not isinstance(one, Message) and one[0].receiver == "ops"]
        assert 5 < len(tries) < 12  # longer and longer waits, up to five minutes

        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 1)]
        assert heard(boxes["audit"])[2:] == [("resolved", unreached, "warning", 1)]


@pytest.mark.parametrize("send_resolved", [True, False])
async def test_that_a_receiver_fails_is_over_when_nothing_waits_for_it(tmp_path: Path, *, send_resolved: bool) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        desk.grouping = Grouping(send_resolved=send_resolved)
        async with broken(desk, "ops"):
            await desk.judge(failing([1]))
            await desk.pass_time(30 * MINUTE)
            await desk.judge(failing([]))
            await desk.pass_time(HOUR, MINUTE)

            assert {one.condition.alert for one in (await desk.store.alerts())[0]} == set()
        unreached = AlertName.NOTIFICATION_FAILED
        ends = [one for one in heard(boxes["audit"]) if one[0] == "resolved"]
        assert ("firing", unreached, "warning", 1) in heard(boxes["audit"])
        assert (("resolved", unreached, "warning", 1) in ends) is send_resolved


async def test_what_began_and_ended_while_a_receiver_was_down_is_not_told_at_all(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        async with broken(desk, "ops"):
            await desk.judge(failing([1]))
            await desk.pass_time(HOUR, MINUTE)
            await desk.judge(failing([]))
            await desk.pass_time(HOUR, MINUTE)
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == []


@pytest.mark.covers("F-72")
async def test_a_receiver_that_comes_back_hears_how_things_are_now(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        async with broken(desk, "ops"):
            for numbers in ([1], [1, 2], [1, 2, 3]):
                await desk.judge(failing(numbers))
                await desk.pass_time(20 * MINUTE, MINUTE)
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 3)]


@pytest.mark.covers("O02")
async def test_five_hundred_numbers_that_flap_together_are_one_alert_and_one_end(tmp_path: Path) -> None:
    """Every other minute, for two hours, in other words each time. The first end is told as ever: nobody can know."""
    async with at_work(tmp_path, OPS) as (desk, boxes):
        for minute in range(120):
            await desk.judge(failing(range(500) if minute % 2 == 0 else (), words=f"refused at {minute}"))
            await desk.pass_time(MINUTE, MINUTE)
        await desk.judge(failing(()))
        assert [letter[0] for letter in heard(boxes["ops"])] == ["firing", "resolved", "firing"]
        await desk.pass_time(8 * MINUTE, MINUTE)
        assert len(boxes["ops"].letters) == 3
        await desk.pass_time(2 * MINUTE, MINUTE)
        await desk.pass_time(5 * HOUR, 10 * MINUTE)

        *_, again, end = boxes["ops"].letters
        assert "It keeps coming back: its end is told once it has been away for 10 min." in str(again["summary"])
        assert (end["status"], end["count"], len(boxes["ops"].letters)) == ("resolved", 500, 4)
        assert len({letter["dedup_key"] for letter in boxes["ops"].letters}) == 1


async def test_a_clock_that_is_put_back_an_hour_holds_nothing_for_that_hour(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        await desk.judge(failing([1]) + failing([1], STUCK))
        await desk.pass_time(MINUTE)
        desk.clock.time -= HOUR
        await desk.judge(failing([]) + failing([1, 2], STUCK) + failing([3], AlertName.CONFLICT_FOUND))

        await desk.pass_time(6 * MINUTE)

        for box in boxes.values():
            assert sorted(heard(box)[2:]) == [
                ("firing", STUCK, "warning", 2),
                ("firing", AlertName.CONFLICT_FOUND, "warning", 1),
                ("resolved", FAILED, "warning", 1),
            ]


DOWN = Family(AlertName.TELNYX_API_UNAVAILABLE, "")
AWAY = Judgement((DOWN,), (Condition(DOWN.alert, "", ""),))
"""Telnyx is away: what AssignmentFailed is inhibited by."""


async def test_a_consequence_that_ends_before_its_cause_is_never_told(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(AWAY + failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(Judgement((DOWN,)))
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", DOWN.alert, "critical", 1), ("resolved", DOWN.alert, "critical", 1)]


async def test_what_was_told_and_ends_while_it_is_inhibited_is_told_as_over_at_once(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(AWAY)
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([]))
        await desk.pass_time(MINUTE)

        assert heard(boxes["ops"]) == [
            ("firing", FAILED, "warning", 1),
            ("firing", DOWN.alert, "critical", 1),
            ("resolved", FAILED, "warning", 1),
        ]


async def test_cause_and_consequence_that_end_together_are_one_end_each(tmp_path: Path) -> None:
    """And a consequence that nobody was told of has none."""
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(MINUTE)
        await desk.judge(AWAY + failing([1], pool="zeta"))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(Judgement((DOWN,)) + failing([]) + failing([], pool="zeta"))
        await desk.pass_time(HOUR, MINUTE)

        ends = [(letter["alert"], letter["pool"]) for letter in boxes["ops"].letters if letter["status"] == "resolved"]
        assert sorted(ends) == [(FAILED, POOL), (DOWN.alert, "")]


async def test_a_consequence_that_outlasts_its_cause_by_less_than_the_wait_is_not_told(tmp_path: Path) -> None:
    """Telnyx is back: what failed by its absence is mended within seconds, and is no news."""
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(AWAY + failing(range(50)))
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(Judgement((DOWN,)))
        await desk.pass_time(10 * SECOND)
        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)

        assert {letter["alert"] for letter in boxes["ops"].letters} == {DOWN.alert}


async def retained(desk: Desk, *audiences: Audience) -> None:
    """The config names these receivers from now on, as the postman takes it in."""
    desk.routing = replace(desk.routing, audiences=audiences)
    await desk.store.retain([one.name for one in audiences], [], desk.clock.time)


async def test_a_receiver_that_is_renamed_hears_what_fires_once_more_and_its_end(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        await retained(desk, OPS)
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        await retained(desk, AUDIT)
        await desk.pass_time(HOUR, MINUTE)
        await desk.judge(failing([]))
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 1)]
        assert heard(boxes["audit"]) == [("firing", FAILED, "warning", 1), ("resolved", FAILED, "warning", 1)]
        assert (await desk.store.counts()).parcels_waiting == 0


async def test_a_receiver_that_is_removed_while_it_fails_takes_its_alert_and_its_messages_along(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        async with broken(desk, "ops"):
            await desk.judge(failing([1]))
            await desk.pass_time(30 * MINUTE)
            await retained(desk, AUDIT)
            await desk.pass_time(HOUR, MINUTE)
            assert heard(boxes["audit"])[-1] == ("resolved", AlertName.NOTIFICATION_FAILED, "warning", 1)
        await retained(desk, OPS, AUDIT)
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 1)]  # it is new, and nothing of before comes
        assert await desk.store.unreached() == ()


async def test_the_last_receiver_may_go_and_come_back(tmp_path: Path) -> None:
    async with at_work(tmp_path, OPS) as (desk, boxes):
        await desk.judge(failing([1]))
        await desk.pass_time(HOUR, MINUTE)
        await retained(desk)
        await desk.judge(failing([]) + failing([1], STUCK))
        await desk.pass_time(HOUR, MINUTE)
        await retained(desk, OPS)
        await desk.pass_time(HOUR, MINUTE)

        assert heard(boxes["ops"]) == [("firing", FAILED, "warning", 1), ("firing", STUCK, "warning", 1)]


async def test_twenty_pools_that_fail_together_are_a_message_each_and_one_where_the_cause_is_one(
    tmp_path: Path,
) -> None:
    pools = [f"pool-{which:02d}" for which in range(20)]
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        for pool in pools:
            await desk.judge(failing(range(50), pool=pool))
        await desk.pass_time(HOUR, MINUTE)
        for pool in pools:
            await desk.judge(failing([], pool=pool))
        await desk.pass_time(HOUR, MINUTE)

        for box in boxes.values():
            told = [(letter["pool"], letter["status"], letter["count"]) for letter in box.letters]
            assert sorted(told) == sorted((pool, status, 50) for pool in pools for status in ("firing", "resolved"))
            box.letters.clear()
        for pool in pools:
            await desk.judge(AWAY + failing(range(50), pool=pool))
        await desk.pass_time(HOUR, MINUTE)
        assert heard(boxes["ops"]) == [("firing", DOWN.alert, "critical", 1)]


@pytest.mark.covers("O02")
async def test_ten_thousand_numbers_that_fail_are_one_small_message_and_cost_seconds(tmp_path: Path) -> None:
    words = "x" * 10_000
    many = tuple(Condition(FAILED, POOL, a_number(which), f"reason {which}", words) for which in range(10_000))
    async with at_work(tmp_path, OPS, AUDIT) as (desk, boxes):
        began = time.monotonic()
        await desk.judge(Judgement((Family(FAILED, POOL),), many))
        await desk.pass_time(MINUTE, MINUTE)
        await desk.judge(failing(()))
        await desk.pass_time(10 * MINUTE, 10 * MINUTE)
        took = time.monotonic() - began

        for box in boxes.values():
            assert [(letter["status"], letter["count"]) for letter in box.letters] == [
                ("firing", 10_000),
                ("resolved", 10_000),
            ]
            for letter in box.letters:
                examples, reasons = letter["examples"], letter["reasons"]
                assert isinstance(examples, list)
                assert isinstance(reasons, list)
                assert (len(examples), len(reasons)) == (5, 10)
                assert len(json.dumps(letter)) < 4_000
        assert took < 60  # it is about four on an idle machine
        assert (await desk.store.alerts())[0] == ()
