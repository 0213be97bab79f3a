"""Laws of messages on their way, whatever is posted, lost, refused or killed meanwhile."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.model.alerts import AlertName, Attempt, Message, Parcel, Said, Severity
from reconciler.store import Inline, SqlStore, open_store
from tests.store.test_laws import FOLDER, at_once, empty

START = datetime(2026, 1, 1, tzinfo=UTC)
POOLS = ("acme", "zeta")

Step = tuple[str, str]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from(POOLS)),
        st.tuples(st.just("end"), st.sampled_from(POOLS)),
        st.tuples(st.just("attempt"), st.sampled_from(["arrived", "missed", "refused", "lost", "came and lost"])),
        st.tuples(st.just("die"), st.sampled_from(["before", "after"])),
    ),
    max_size=25,
)


class World:
    """A store, what is true of each group, and what one receiver has heard and may be thought to have heard."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.now = START
        self.truth: dict[str, int] = dict.fromkeys(POOLS, 0)
        self.heard: dict[str, int] = dict.fromkeys(POOLS, 0)
        """How many fire, by the last that came."""
        self.in_doubt: set[str] = set()
        """Groups of which a beginning may or may not have come."""
        self.order: dict[str, datetime] = {}
        """When the last that came was written."""

    def post(self, pool: str, count: int) -> None:
        self.truth[pool] = count
        subjects = frozenset(f"+1202555{which:04d}" for which in range(count))
        status = "firing" if count else "resolved"
        key = f"tendlc/{AlertName.ASSIGNMENT_FAILED}/{pool}"
        failed = AlertName.ASSIGNMENT_FAILED
        said = Said("It failed")
        message = Message("ops", status, failed, Severity.WARNING, pool, count, (), (), self.now, key, said, subjects)
        at_once(self.store.post((message,), self.now))

    def take(self) -> Parcel | None:
        return at_once(self.store.take_parcel("ops", self.now))

    def come(self, parcel: Parcel) -> None:
        """It reached the receiver: news, or what it has already."""
        letter = json.loads(parcel.body)
        pool, sent_at = letter["pool"], datetime.fromisoformat(letter["sent_at"])
        if self.order.get(pool) == sent_at:
            return  # it has this one: its id says so
        assert sent_at >= self.order.get(pool, sent_at)  # nothing older after something newer
        self.order[pool] = sent_at
        if letter["status"] == "resolved":
            assert self.heard[pool] or pool in self.in_doubt  # no end of what it never heard of
            self.in_doubt.discard(pool)
        self.heard[pool] = letter["count"]

    def attempt(self, outcome: str) -> None:
        parcel = self.take()
        if parcel is None:
            return
        later = self.now + timedelta(seconds=5)
        pool = json.loads(parcel.body)["pool"]
        match outcome:
            case "arrived":
                self.come(parcel)
                attempt = Attempt(None)
            case "missed" | "refused":
                attempt = Attempt(later, 1, holds_all=outcome == "missed", missed=True)
            case _:
                if outcome == "came and lost":
                    self.come(parcel)
                self.in_doubt.add(pool)
                attempt = Attempt(later, 1, holds_all=True)
        at_once(self.store.delivered(parcel, attempt, self.now))

    def die(self, when: str) -> None:
        """The process dies with a message under way; the next one knows what is stored, and no more."""
        parcel = self.take()
        if parcel is not None:
            if when == "after":
                self.come(parcel)
            self.in_doubt.add(json.loads(parcel.body)["pool"])


@settings(max_examples=40)
@given(steps)
@example(
    [("change", "zeta"), ("attempt", "arrived"), ("end", "zeta"), ("die", "after"), ("change", "zeta"), ("end", "zeta")]
)
def test_a_receiver_hears_in_order_and_in_the_end_how_things_are(history: list[Step]) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        path = Path(shutil.copy(empty(), folder))
        with open_store(f"sqlite:///{path}", writer=True, lane=Inline) as store:
            world = World(store)
            for what, which in history:
                world.now += timedelta(seconds=2)
                if what == "change":
                    world.post(which, world.truth[which] + 1)
                elif what == "end" and world.truth[which]:
                    world.post(which, 0)
                elif what == "attempt":
                    world.attempt(which)
                elif what == "die":
                    world.die(which)
            world.now += timedelta(minutes=1)
            for _ in range(len(history) + 1):
                world.attempt("arrived")

            assert world.heard == world.truth
            assert at_once(store.waiting(world.now)) == frozenset()
            assert at_once(store.counts()).parcels_waiting == 0
            _, groups = at_once(store.alerts())
            assert {group.pool for group in groups if group.last_sent} == {pool for pool in POOLS if world.truth[pool]}
