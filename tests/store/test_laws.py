"""Laws of the journal that hold whatever comes when: any interleaving of rounds, workers, deaths and restarts."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from reconciler.model.alerts import Judgement
from reconciler.model.errors import LeaseLost
from reconciler.model.fleet import Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Memory, Round
from reconciler.model.operations import (
    Done,
    End,
    GiveUp,
    Keep,
    Operation,
    Recheck,
    Retry,
    Step,
    StopAll,
    Verdict,
    Wait,
)
from reconciler.model.plan import Assign, Plan
from reconciler.model.reasons import Reason
from reconciler.store import Inline, SqlStore, open_store

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [PhoneNumber(f"+1202555000{index}") for index in range(3)]
CAMPAIGN = CampaignId("C6X6M95")
LEASE = timedelta(seconds=30)
SHM = Path("/dev/shm")  # noqa: S108 -- memory: these laws are about what comes when, and need no disk
FOLDER = SHM if SHM.is_dir() else None
_EMPTY: list[Path] = []

seconds = st.sampled_from([0, 1, 10, 31])  # 31: a lease runs out
verdicts: st.SearchStrategy[Verdict] = st.one_of(
    st.builds(Done, st.sampled_from(End)),
    st.just(Wait()),
    st.just(Keep()),
    st.builds(lambda s: Retry(START + timedelta(seconds=s), Reason.TELNYX_UNAVAILABLE, ""), seconds),
    st.builds(lambda s, absent: Recheck(START + timedelta(seconds=s), "", absent=absent), seconds, st.booleans()),
    st.builds(lambda s: GiveUp(START + timedelta(seconds=s), Reason.CAPACITY, ""), seconds),
    st.builds(lambda s: StopAll(START + timedelta(seconds=s), ""), seconds),
)


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waited")


def empty() -> Path:
    """The file of a new store, made once."""
    if not _EMPTY:
        path = Path(tempfile.mkdtemp()) / "tendlc.db"
        open_store(f"sqlite:///{path}", writer=True).close()
        _EMPTY.append(path)
    return _EMPTY[0]


class Journal(RuleBasedStateMachine):
    """Two workers, a planner that may be slow, and a clock that only moves on."""

    held = Bundle("held")
    recalled = Bundle("recalled")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=FOLDER)
        self.path = Path(shutil.copy(empty(), self.folder.name))
        self.store: SqlStore = open_store(f"sqlite:///{self.path}", writer=True, lane=Inline)
        self.raw = sqlite3.connect(self.path)
        self.now = START
        self.seen: dict[str, int] = {}
        self.tokens: dict[int, int] = {}
        self.leases: dict[int, datetime] = {}

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "store"):
            self.raw.close()
            self.store.close()
            self.folder.cleanup()

    @rule(forward=seconds)
    def time_passes(self, forward: int) -> None:
        self.now += timedelta(seconds=forward)

    @rule(target=recalled)
    def a_round_begins(self) -> tuple[Memory, datetime]:
        return at_once(self.store.recall(None)), self.now

    @rule(
        begun=recalled,
        wanted=st.sets(st.sampled_from(NUMBERS)),
        verdict=st.none() | verdicts,
        age=seconds,
    )
    def a_round_ends(
        self, begun: tuple[Memory, datetime], wanted: set[PhoneNumber], verdict: Verdict | None, age: int
    ) -> None:
        memory, started = begun
        settled = () if verdict is None else tuple((one, verdict) for one in memory.operations.values())
        self.write(sorted(wanted), started, age, settled)

    @rule()
    def a_round_is_quick(self) -> None:
        self.write(NUMBERS, self.now, 0, ())

    def write(
        self,
        wanted: list[PhoneNumber],
        started: datetime,
        age: int,
        settled: tuple[tuple[Operation, Verdict], ...],
    ) -> None:
        """Write a round on a listing that was that old when it began."""
        actions = tuple(Assign(number, PoolName("acme"), CAMPAIGN) for number in wanted)
        looked = started - timedelta(seconds=age)
        done = Round(
            started_at=started,
            finished_at=self.now,
            asked=(),
            plan=Plan("revision", looked, complete=True, actions=actions, holds=(), unchanged=0, digest=""),
            actions=actions,
            evidence_at={CAMPAIGN: looked},
            sightings=tuple(Sighting(number, looked, "listing", None, looked) for number in NUMBERS),
            settled=settled,
        )
        at_once(self.store.reconciled(done))

    @rule(target=held, only_unresolved=st.booleans())
    def a_worker_claims(self, only_unresolved: bool) -> object:
        agenda = at_once(self.store.agenda(self.now))
        operation = at_once(self.store.claim(self.now, LEASE, only_unresolved=only_unresolved))
        assert only_unresolved or (agenda.urgency is None) == (operation is None)
        if operation is None:
            return multiple()
        assert operation.step in (Step.SENT, Step.UNRESOLVED)
        assert operation.lease_token > self.tokens.get(operation.id, 0)
        self.tokens[operation.id] = operation.lease_token
        self.leases[operation.id] = self.now + LEASE
        return operation

    @rule(operation=held, verdict=verdicts, tells=st.booleans())
    def a_worker_records(self, operation: Operation, verdict: Verdict, tells: bool) -> None:
        sighting = Sighting(operation.number, self.now, "answer", None, self.now) if tells else None
        newest = self.tokens[operation.id] == operation.lease_token
        try:
            at_once(self.store.record(operation, verdict, sighting, Judgement(), (), self.now))
        except LeaseLost:
            held = newest and self.now < self.leases.get(operation.id, self.now)
            assert not held, "whoever holds a lease may record"
        else:
            assert newest, "only the newest claim may be recorded"
            del self.leases[operation.id]

    @rule()
    def the_process_starts_again(self) -> None:
        self.store.close()
        self.store = open_store(f"sqlite:///{self.path}", writer=True, lane=Inline)
        self.leases.clear()
        doubtful = at_once(self.store.recover(self.now))
        assert doubtful == self.count("step = 'unresolved'")
        assert self.count("lease_until IS NOT NULL OR step = 'sent'") == 0

    def count(self, where: str) -> int:
        """Operations that are so."""
        (found,) = self.raw.execute(f"SELECT count(*) FROM operations WHERE {where}").fetchone()  # noqa: S608 -- our own words
        assert isinstance(found, int)
        return found

    @invariant()
    def laws_hold(self) -> None:
        """S4: one open operation a number. S7: an intent for each request. And knowledge only grows."""
        if not hasattr(self, "store"):
            return
        per_number = "SELECT count(*) FROM operations WHERE step <> 'closed' GROUP BY number"
        assert all(count == 1 for (count,) in self.raw.execute(per_number))
        intents = "(SELECT count(*) FROM journal WHERE operation = operations.id AND what = 'intent')"
        assert self.count(f"attempt <> {intents}") == 0
        for number, seen_at in self.raw.execute("SELECT number, seen_at FROM sightings"):
            assert seen_at >= self.seen.get(number, seen_at)
            self.seen[number] = seen_at
        assert self.count("(step = 'closed') <> (closed_at IS NOT NULL)") == 0
        assert self.count("lease_until IS NOT NULL AND step NOT IN ('sent', 'unresolved')") == 0


TestJournal = Journal.TestCase
TestJournal.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
