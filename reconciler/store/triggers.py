"""triggers: where to look, and when: one row a subject."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update

from reconciler.model.events import EVERYTHING, RANK, Cause, Everything, Subject, Trigger
from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.memory import Asked
from reconciler.store.tables import triggers
from reconciler.store.upsert import insert

_WEIGHT = {**RANK, Cause.CONFIRM: len(RANK)}
"""Which cause a subject keeps when it is asked about again. A look that only confirms is the shallowest: the numbers
of a campaign may be awaited for days, and every sweep meanwhile must still read all that a sweep reads."""


def _rank(cause: ColumnElement[Cause]) -> ColumnElement[int]:
    return case(dict(RANK), value=cause)


def _weight(cause: ColumnElement[Cause]) -> ColumnElement[int]:
    return case(_WEIGHT, value=cause)


_asked = insert(triggers)
_new = _asked.excluded
_IN_HAND = triggers.c.taken == triggers.c.generation
"""A round is answering just this: what is asked now is another question, with a time and a cause of its own."""


def _earliest(column: str) -> ColumnElement[datetime]:
    return case((_IN_HAND | (_new[column] < triggers.c[column]), _new[column]), else_=triggers.c[column])


_ASK = _asked.on_conflict_do_update(
    index_elements=[triggers.c.subject],
    set_={
        "cause": case(
            (_IN_HAND | (_weight(_new.cause) < _weight(triggers.c.cause)), _new.cause), else_=triggers.c.cause
        ),
        "due_at": _earliest("due_at"),
        "since": _earliest("since"),
        "generation": triggers.c.generation + 1,
    },
)


def ask(connection: Connection, wanted: Iterable[Trigger]) -> None:
    """Ask for looks. The earliest time and the weightiest cause win; each time counts as a new generation."""
    rows = [
        {
            "subject": str(one.subject),
            "cause": one.cause,
            "due_at": one.due_at,
            "since": one.due_at,  # what it has waited for is counted from here, however often it is put off
            "generation": 1,
            "taken": 0,
        }
        for one in wanted
    ]
    if rows:
        connection.execute(_ASK, rows)


def due(connection: Connection, now: datetime, limit: int) -> tuple[Asked, ...]:
    """The triggers that are due, the most urgent first. Each stays until a round answers it."""
    rows = connection.execute(
        select(triggers.c.subject, triggers.c.cause, triggers.c.generation, triggers.c.since)
        .where(triggers.c.due_at <= now)
        .order_by(_rank(triggers.c.cause), triggers.c.due_at, triggers.c.subject)
        .limit(limit)
    )
    return tuple(Asked(_subject(subject), cause, generation, since) for subject, cause, generation, since in rows)


def take(connection: Connection, asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """A round begins to answer these, and all that was asked about their subjects until now."""
    taken = []
    for one in asked:
        of_it = triggers.c.subject == str(one.subject)
        connection.execute(update(triggers).where(of_it).values(taken=triggers.c.generation))
        now = select(triggers.c.cause, triggers.c.generation, triggers.c.since).where(of_it)
        row = connection.execute(now).one_or_none()
        taken.append(one if row is None else Asked(one.subject, *row))
    return tuple(taken)


def let_go(connection: Connection) -> None:
    """Nothing is in hand: what a round took and did not answer keeps its time, whatever is asked from now on."""
    connection.execute(update(triggers).where(triggers.c.taken != 0).values(taken=0))


def next_at(connection: Connection) -> datetime | None:
    """When the next one is due, or was."""
    return connection.execute(select(func.min(triggers.c.due_at))).scalar()


def answer(connection: Connection, asked: Iterable[Asked]) -> None:
    """Take away what was answered, but not what was asked for again meanwhile."""
    for one in asked:
        connection.execute(delete(triggers).where(_unchanged(one)))


def postpone(connection: Connection, late: Iterable[tuple[Asked, datetime]]) -> None:
    """Put off what could not be answered, but not what was asked for again meanwhile."""
    for one, due_at in late:
        connection.execute(update(triggers).where(_unchanged(one)).values(due_at=due_at, taken=0))


def _unchanged(one: Asked) -> ColumnElement[bool]:
    return (triggers.c.subject == str(one.subject)) & (triggers.c.generation == one.generation)


def _subject(text: str) -> Subject:
    if text == str(EVERYTHING):
        return Everything()
    return PhoneNumber(text) if text.startswith("+") else CampaignId(text)
