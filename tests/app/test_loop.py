"""One loop: a step that fails is an alert until it works again, and the loop goes on whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
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

    def __init__(self, store: SqlStore, *errors: Exception | None, deaf: int = 0) -> None:
        self.bell = Bell()
        self.seen: list[list[tuple[str, str]]] = []
        """The alerts that fired before each step: subject and detail."""
        self._store = store
        self._errors = list(errors)
        self._deaf = deaf

    async def step(self) -> float:
        alerts, _ = await self._store.alerts()
        firing = [one.condition for one in alerts if one.resolved_at is None]
        assert all(one.alert is AlertName.LOOP_FAILED for one in firing)
        self.seen.append([(one.subject, one.detail) for one in firing])
        self.bell.ring()
        if self._errors and (error := self._errors.pop(0)) is not None:
            raise error
        return 0.0

    async def tell(self, judgement: Judgement) -> None:
        """Deaf at first, as often as it was told."""
        if self._deaf:
            self._deaf -= 1
            raise StoreBusy("the store cannot be written")
        await self._store.judge(judgement, NOW)

    async def run(self, count: int) -> list[list[tuple[str, str]]]:
        """So many steps; what fired before each."""
        await loop("notify", self.step, self.bell, is_stopping=lambda: len(self.seen) == count, tell=self.tell)
        return self.seen


@pytest.mark.covers("Q02")
async def test_a_step_that_fails_is_an_alert_until_it_works_again(store: SqlStore) -> None:
    failed = [("notify", "KeyError")]

    assert await Steps(store, None, KeyError("a"), KeyError("b")).run(5) == [[], [], failed, failed, []]


async def test_only_our_own_words_are_told(store: SqlStore) -> None:
    """What a library says may hold a secret: that stays in the log, which hides those."""
    told = await Steps(store, ValueError("https://user:pass@host"), StoreBusy("the store is busy")).run(3)

    assert told[1:] == [[("notify", "ValueError")], [("notify", "StoreBusy: the store is busy")]]


async def test_a_store_that_cannot_be_written_makes_it_no_worse(store: SqlStore) -> None:
    """The next failure tells it; and what could not be resolved is resolved by a later success."""
    failed = [("notify", "KeyError")]

    assert await Steps(store, KeyError(), KeyError(), deaf=1).run(4) == [[], [], failed, []]
    assert await Steps(store, KeyError(), deaf=0).run(2) == [[], failed]


async def test_a_resolve_that_could_not_be_written_is_tried_again(store: SqlStore) -> None:
    steps = Steps(store, KeyError())

    async def fails_once(judgement: Judgement) -> None:
        if not judgement.conditions and len(steps.seen) == 2:
            raise StoreBusy("the store cannot be written")
        await steps.tell(judgement)

    await loop("notify", steps.step, steps.bell, is_stopping=lambda: len(steps.seen) == 4, tell=fails_once)

    failed = [("notify", "KeyError")]
    assert steps.seen == [[], failed, failed, []]
