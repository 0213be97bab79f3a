"""Laws of the journal that hold whatever comes when: rounds, workers of either verb, deaths and restarts."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.alerts import Judgement
from reconciler.model.errors import LeaseLost
from reconciler.model.fleet import Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName, ProfileId
from reconciler.model.lines import Line
from reconciler.model.memory import Memory, Round
from reconciler.model.operations import Operation, Step
from reconciler.model.plan import Action, Assign, AttachProfile, Plan
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import Done, End, GiveUp, Keep, Recheck, Retry, StopAll, Verdict, Wait
from reconciler.store import Inline, SqlStore, open_store

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [PhoneNumber(f"+1202555000{index}") for index in range(3)]
CAMPAIGN = CampaignId("C6X6M95")
PROFILE = ProfileId("4001838b")
ACME = PoolName("acme")
ACTIONS: list[Action] = [
    *(Assign(number, ACME, CAMPAIGN) for number in NUMBERS),
    *(AttachProfile(number, ACME, CAMPAIGN, PROFILE) for number in NUMBERS),
]
LEASE = timedelta(seconds=30)
SHM = Path("/dev/shm")  # noqa: S108 -- memory: these laws are about what comes when, and need no disk
FOLDER = SHM if SHM.is_dir() else None
_EMPTY: list[Path] = []

seconds = st.sampled_from([0, 1, 10, 30])  # after 30 a lease has just run out
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


class World:
    """A store, some workers who may be slow, planners who may be slower, and a clock that only moves on."""

    def __init__(self, folder: str) -> None:
        self.path = Path(shutil.copy(empty(), folder))
        self.store: SqlStore = open_store(f"sqlite:///{self.path}", writer=True, lane=Inline)
        self.raw = sqlite3.connect(self.path)
        self.now = START
        self.begun: dict[int, tuple[Memory, datetime]] = {}
        self.last: dict[int, Operation] = {}
        self.learned: dict[tuple[str, str], int] = {}
        self.tokens: dict[int, int] = {}
        self.leases: dict[int, datetime] = {}
        self.writers: dict[PhoneNumber, tuple[int, int, datetime]] = {}

    def close(self) -> None:
        """Leave nothing open."""
        self.raw.close()
        self.store.close()

    # What may come.

    def a_round_begins(self, planner: int) -> None:
        """It recalls what it decides on."""
        self.begun[planner] = at_once(self.store.recall(None)), self.now

    def a_round_ends(self, planner: int, wanted: list[Action], verdict: Verdict | None, age: int) -> None:
        """It is written, on a listing that was that old when it began."""
        memory, started = self.begun.pop(planner, (Memory(), self.now))
        looked = started - timedelta(seconds=age)
        done = Round(
            started_at=started,
            finished_at=self.now,
            asked=(),
            plan=Plan("revision", looked, complete=True, actions=tuple(wanted), holds=(), unchanged=0, digest=""),
            actions=tuple(wanted),
            evidence_at={CAMPAIGN: looked},
            sightings=tuple(Sighting(number, looked, "listing", None, looked) for number in NUMBERS),
            lines=tuple(Line(number, looked) for number in NUMBERS),
            settled=() if verdict is None else tuple((one, verdict) for one in memory.operations.values()),
        )
        at_once(self.store.reconciled(done))

    def a_worker_claims(self, worker: int, only_unresolved: bool) -> None:
        """It is given what the agenda says; outside the windows of a schedule, only doubt."""
        opens_at = self.now + LEASE if only_unresolved else None
        agenda = at_once(self.store.agenda(self.now, opens_at))
        operation = at_once(self.store.claim(self.now, LEASE, only_unresolved=only_unresolved))
        assert (agenda.urgency is None) == (operation is None)
        if operation is None:
            return
        assert operation.step in (Step.SENT, Step.UNRESOLVED)
        assert operation.lease_token > self.tokens.get(operation.id, 0)
        self.last[worker] = operation
        self.tokens[operation.id] = operation.lease_token
        self.is_given(operation)

    def a_worker_renews(self, worker: int) -> None:
        """Whoever holds the newest claim, in time and without a halt, may go on, and nobody else."""
        if (operation := self.last.get(worker)) is None:
            return
        may = self.is_held(operation) and not self.raw.execute("SELECT * FROM halts").fetchall()
        try:
            at_once(self.store.renew(operation, self.now, LEASE))
        except LeaseLost:
            assert not may
        else:
            assert may
            self.is_given(operation)

    def a_worker_records(self, worker: int, verdict: Verdict, tells: type[Sighting | Line] | None) -> None:
        """Only the newest claim may be recorded, and while its lease lasts it may be."""
        if (operation := self.last.get(worker)) is None:
            return
        told: Sighting | Line | None = None
        if tells is Line:
            told = Line(operation.number, self.now, PROFILE)
        elif tells is Sighting:
            told = Sighting(operation.number, self.now, "answer", None, self.now)
        try:
            at_once(self.store.record(operation, verdict, told, Judgement(), (), self.now))
        except LeaseLost:
            assert not self.is_held(operation)
        else:
            assert self.tokens[operation.id] == operation.lease_token
            del self.leases[operation.id]
            if self.writers.get(operation.number, ())[:2] == (operation.id, operation.lease_token):
                del self.writers[operation.number]

    def the_process_starts_again(self) -> None:
        """No worker of before is left, and all that was sent is in doubt."""
        self.store.close()
        self.store = open_store(f"sqlite:///{self.path}", writer=True, lane=Inline)
        self.leases.clear()
        self.writers.clear()
        doubtful = at_once(self.store.recover(self.now, LEASE))
        assert doubtful == self.count("step = 'unresolved'")
        assert self.count("lease_until IS NOT NULL OR step = 'sent'") == 0

    # What holds.

    def is_held(self, operation: Operation) -> bool:
        """Whether its worker still holds it, by all that it was told."""
        newest = self.tokens[operation.id] == operation.lease_token
        return newest and self.now < self.leases.get(operation.id, self.now)

    def is_given(self, operation: Operation) -> None:
        """S9: until the lease of a request runs out its worker may write to the number, and nobody else."""
        self.leases[operation.id] = self.now + LEASE
        if operation.step is Step.SENT:
            id_, token, until = self.writers.get(operation.number, (operation.id, operation.lease_token, self.now))
            assert (id_, token) == (operation.id, operation.lease_token) or until <= self.now
            self.writers[operation.number] = (operation.id, operation.lease_token, self.now + LEASE)

    def count(self, where: str) -> int:
        """Operations that are so."""
        (found,) = self.raw.execute(f"SELECT count(*) FROM operations WHERE {where}").fetchone()  # noqa: S608 -- our own words
        assert isinstance(found, int)
        return found

    def laws_hold(self) -> None:
        """S4: one open operation a number, of either verb. S7: an intent for each request. Knowledge only grows."""
        per_number = "SELECT count(*) FROM operations WHERE step <> 'closed' GROUP BY number"
        assert all(count == 1 for (count,) in self.raw.execute(per_number))
        intents = "(SELECT count(*) FROM journal WHERE operation = operations.id AND what = 'intent')"
        assert self.count(f"attempt <> {intents}") == 0
        known = "SELECT 'seen', number, seen_at FROM sightings UNION SELECT 'told', number, taken_at FROM lines"
        for what, number, learned_at in self.raw.execute(known):
            assert learned_at >= self.learned.get((what, number), learned_at)
            self.learned[what, number] = learned_at
        assert self.count("(step = 'closed') <> (closed_at IS NOT NULL)") == 0
        assert self.count("lease_until IS NOT NULL AND step NOT IN ('sent', 'unresolved')") == 0
        assert self.count("(verb = 'attach_profile') <> (profile IS NOT NULL)") == 0


def move(what: Callable[..., None], **how: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Some seconds later this happens, with these arguments."""
    return st.tuples(seconds, st.just(what), st.fixed_dictionaries(how))


someone = st.integers(0, 1)
moves = st.one_of(
    move(World.a_round_begins, planner=someone),
    move(
        World.a_round_ends,
        planner=someone,
        wanted=st.lists(st.sampled_from(ACTIONS), unique=True),
        verdict=st.none() | verdicts,
        age=seconds,
    ),
    move(World.a_worker_claims, worker=someone, only_unresolved=st.sampled_from([False, False, True])),
    move(World.a_worker_renews, worker=someone),
    move(World.a_worker_records, worker=someone, verdict=verdicts, tells=st.sampled_from([None, Sighting, Line])),
    move(World.the_process_starts_again),
)


@settings(max_examples=80)
@given(st.lists(moves, min_size=15, max_size=30))
def test_the_laws_of_the_journal_hold(moves: list[tuple[int, Callable[..., None], dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder, closing(World(folder)) as world:
        world.a_round_ends(0, ACTIONS, None, 0)
        for after, what, how in moves:
            world.now += timedelta(seconds=after)
            what(world, **how)
            world.laws_hold()
