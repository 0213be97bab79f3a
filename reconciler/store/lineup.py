"""lineup: whose turn it is: what is in doubt, then by urgency; and nothing is passed over for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, select

from reconciler.model.ids import CampaignId
from reconciler.model.operations import Step, Urgency
from reconciler.store import evidence, freezes, meta
from reconciler.store.tables import IN_DOUBT, QUEUED, operations

MOST_PASSED = 10
"""Sends that may go before what is due and one level less urgent; twice as many for two levels, and so on.

Counted, and not timed: by any time, an old flood of sweeps would go before every approval. So, at 2 calls a second, a
stream of approvals delays the first sweep in line by 17 s, and all other levels together take 2 of its 11 turns.
"""
MOST_DOUBTS = 2
"""Reads of what is in doubt that may go, one after the other, before what may be sent."""
MOST_READERS = 4
"""Such reads under way at once: where Telnyx answers nothing, each takes as long as a call may."""
PASSED = "passed_over"
"""The note that counts what was passed over."""
_DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Turn:
    """What the next claim takes: something in doubt, or something to be sent, of this urgency."""

    urgency: Urgency
    doubt: bool


@dataclass(frozen=True, slots=True)
class Lineup:
    """The first of each kind, and when they come up."""

    doubts: tuple[tuple[Urgency, datetime], ...] = ()
    """When each one in doubt may be read: for those being read now, when that is taken for lost."""
    firsts: Mapping[Urgency, datetime] = field(default_factory=lambda: MappingProxyType({}))
    """When the first of each urgency may be sent."""
    passed: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """How often each urgency was passed over, and how many doubts were read in a row."""
    stale: frozenset[CampaignId] = frozenset()
    """Campaigns that were read too long ago for anything to be sent to them."""

    def next_at(self) -> datetime | None:
        """When the next one comes up, or has."""
        return min((*(at for _, at in self.doubts), *self.firsts.values()), default=None)

    def turn(self, now: datetime) -> Turn | None:
        """Whose turn it is now."""
        doubts = [urgency for urgency, at in self.doubts if at <= now]
        due = self._due(now)
        if doubts and not (due and self.passed.get(_DOUBT, 0) >= MOST_DOUBTS):
            return Turn(min(doubts), doubt=True)
        if not due:
            return None
        late = [level for level in due if self._passed(level) >= MOST_PASSED * (level - min(due)) > 0]
        return Turn(max(late, default=min(due)), doubt=False)

    def after(self, turn: Turn, now: datetime) -> dict[str, int]:
        """What is passed over when this turn is taken."""
        due = self._due(now)
        if turn.doubt:
            count = min(self.passed.get(_DOUBT, 0) + 1, MOST_DOUBTS)
            return {**self.passed, _DOUBT: count} if due else dict(self.passed)
        counts = {level: self._passed(level) + (level > turn.urgency) for level in due if level != turn.urgency}
        return {str(int(level)): count for level, count in counts.items() if count}

    def _passed(self, level: Urgency) -> int:
        return self.passed.get(str(int(level)), 0)

    def _due(self, now: datetime) -> list[Urgency]:
        return [level for level, at in self.firsts.items() if at <= now]


def lineup(connection: Connection, now: datetime, opens_at: datetime | None = None) -> Lineup:
    """Who stands first. What a halt or a pause holds, and what is sent only from `opens_at` on, comes up after that.

    What is to be sent to a campaign that was not read lately comes up when it is.
    """
    halt, held = meta.halt(connection), _held(connection, now, opens_at)
    doubts = _doubts(connection, now)
    if halt is not None:
        doubts = [(level, max(at, halt.probe_at)) for level, at in doubts]
    if held is None:
        return Lineup(tuple(doubts))
    stale = evidence.stale(connection, now)
    firsts = {level: max(at, *held) if held else at for level, at in _firsts(connection, stale).items()}
    return Lineup(tuple(doubts), firsts, _passed(connection), stale)


def unproven(connection: Connection, now: datetime, opens_at: datetime | None = None) -> Mapping[CampaignId, datetime]:
    """The campaigns that must be looked at, and when, so that what waits for them may be sent then."""
    held, stale = _held(connection, now, opens_at), evidence.stale(connection, now)
    return {} if held is None else evidence.wanting(connection, stale, now, held)


def _held(connection: Connection, now: datetime, opens_at: datetime | None) -> list[datetime] | None:
    """Until when nothing is sent; None: until somebody or something else ends that."""
    halt, pause = meta.halt(connection), freezes.holding(connection, now)
    if halt is not None and halt.probe_at <= now:
        return None  # only a look can tell when anything may be sent again
    if pause is not None and pause.until is None:
        return None
    times = (opens_at, None if pause is None else pause.until, None if halt is None else halt.probe_at)
    return [at for at in times if at is not None]


def of_others(stale: Collection[CampaignId]) -> tuple[ColumnElement[bool], ...]:
    """Operations of other campaigns than these."""
    return (operations.c.campaign.not_in(stale),) if stale else ()


def note(connection: Connection, lined_up: Lineup, turn: Turn, now: datetime) -> None:
    """Remember whom a turn passed over."""
    after = lined_up.after(turn, now)
    if after != dict(lined_up.passed):
        meta.note(connection, PASSED, dict(after))


def _firsts(connection: Connection, stale: frozenset[CampaignId]) -> dict[Urgency, datetime]:
    """One by one, each is a look into the index, however long the queue; unless what waits for looks is before it."""
    if stale and evidence.queued(connection) <= stale:
        return {}
    first = select(operations.c.not_before).where(QUEUED, *of_others(stale)).order_by(operations.c.not_before).limit(1)
    found = {level: connection.execute(first.where(operations.c.urgency == level)).scalar() for level in Urgency}
    return {level: at for level, at in found.items() if at is not None}


def _doubts(connection: Connection, now: datetime) -> list[tuple[Urgency, datetime]]:
    """A request whose worker is lost is in doubt; while enough are being read, the others wait for one of those."""
    rows = connection.execute(
        select(
            operations.c.urgency,
            operations.c.not_before,
            operations.c.lease_until,
            (operations.c.step == Step.UNRESOLVED).label("is_read"),
        ).where(IN_DOUBT)
    ).all()
    ends = sorted(row.lease_until for row in rows if row.is_read and (row.lease_until or now) > now)
    earliest = ends[-MOST_READERS] if len(ends) >= MOST_READERS else now
    return [(row.urgency, max(row.not_before, row.lease_until or now, earliest)) for row in rows]


def _passed(connection: Connection) -> Mapping[str, int]:
    noted = meta.noted(connection, PASSED)
    if not isinstance(noted, dict):
        return {}
    return {name: count for name, count in noted.items() if isinstance(count, int)}
