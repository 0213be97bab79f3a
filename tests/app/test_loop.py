"""One loop: steps that fail are an alert until none has for a while, and the loop goes on whatever happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.app.bell import Bell
from reconciler.app.loop import loop
from reconciler.model.alerts import AlertName, Judgement
from reconciler.model.errors import StoreBusy
from reconciler.store import Inline, SqlStore, open_store

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True, lane=Inline) as opened:
        yield opened


class Steps:
    """A step that fails as it is told, one call after the other, and then stops the loop. Rings its own bell."""

    def __init__(self, store: SqlStore, *errors: Exception | None, deaf: int = 0, seconds: float = 5.0) -> None:
        self.bell = Bell()
        self.seen: list[list[tuple[str, str]]] = []
        """The alerts that fired before each step: subject and detail."""
        self._store = store
        self._errors = list(errors)
        self._deaf = deaf
        self._seconds = seconds
        """From one step to the next."""

    async def step(self) -> float:
        alerts, _ = await self._store.alerts()
        firing = [one.condition for one in alerts if one.resolved_at is None]
        assert all(one.alert is AlertName.LOOP_FAILED for one in firing)
        self.seen.append([(one.subject, one.detail) for one in firing])
        self.bell.ring()
        if self._errors and (error := self._errors.pop(0)) is not None:
            raise error
        return 0.0

    def clock(self) -> float:
        return len(self.seen) * self._seconds

    async def tell(self, judgement: Judgement) -> None:
        """Deaf at first, as often as it was told."""
        if self._deaf:
            self._deaf -= 1
            raise StoreBusy("the store cannot be written")
        await self._store.judge(judgement, NOW)

    async def run(self, count: int) -> list[list[tuple[str, str]]]:
        """So many steps; what fired before each."""
        await self.loop(count, self.tell)
        return self.seen

    async def loop(self, count: int, tell: Callable[[Judgement], Awaitable[None]]) -> None:
        def is_done() -> bool:
            return len(self.seen) == count

        await loop("notify", self.step, self.bell, is_stopping=is_done, tell=tell, clock=self.clock)


FAILED = [("notify", "KeyError")]


@pytest.mark.covers("Q02")
async def test_a_loop_that_fails_at_every_step_is_an_alert_from_the_second_on(store: SqlStore) -> None:
    assert await Steps(store, *[KeyError() for _ in range(4)]).run(5) == [[], [], FAILED, FAILED, FAILED]


async def test_a_store_in_trouble_is_a_failure_as_any_other(store: SqlStore) -> None:
    busy = StoreBusy("the store is busy")
    failed = [("notify", "StoreBusy: the store is busy")]

    assert await Steps(store, busy).run(3) == [[]] * 3
    assert await Steps(store, busy, busy, busy).run(4) == [[], [], failed, failed]


async def test_one_failure_is_an_accident(store: SqlStore) -> None:
    assert await Steps(store, KeyError()).run(100) == [[]] * 100
    assert await Steps(store, KeyError(), KeyError(), seconds=300).run(4) == [[]] * 4


@pytest.mark.parametrize("seconds", [5, 30, 149])
async def test_a_loop_that_fails_at_every_other_step_is_an_alert(store: SqlStore, seconds: float) -> None:
    steps = Steps(store, *[KeyError(), None] * 10, seconds=seconds)

    assert await steps.run(20) == [[]] * 3 + [FAILED] * 17


async def test_it_is_over_five_minutes_after_the_last_failure(store: SqlStore) -> None:
    steps = Steps(store, KeyError(), KeyError(), seconds=60)

    assert await steps.run(10) == [[], [], *[FAILED] * 5, [], [], []]


@pytest.mark.covers("O04")
async def test_only_our_own_words_are_told(store: SqlStore) -> None:
    """What a library says may hold a secret: that stays in the log, which hides those."""
    secret = "https://user:pass@host"
    told = await Steps(store, ValueError(secret), ValueError(secret), StoreBusy("the store is busy")).run(4)

    assert told[2:] == [[("notify", "ValueError")], [("notify", "StoreBusy: the store is busy")]]


async def test_a_store_that_cannot_be_written_makes_it_no_worse(store: SqlStore) -> None:
    """The next failure tells it; and what could not be resolved is resolved by a later success."""
    assert await Steps(store, KeyError(), KeyError(), KeyError(), deaf=1).run(4) == [[], [], [], FAILED]


async def test_a_resolve_that_could_not_be_written_is_tried_again(store: SqlStore) -> None:
    steps = Steps(store, KeyError(), KeyError(), seconds=100)
    misses = 2

    async def fails_twice(judgement: Judgement) -> None:
        nonlocal misses
        if not judgement.conditions and misses:
            misses -= 1
            raise StoreBusy("the store cannot be written")
        await steps.tell(judgement)

    await steps.loop(9, fails_twice)

    assert steps.seen == [[], [], *[FAILED] * 5, [], []]
