"""Selections: the newest complete answer is what is known, whole, whatever came when and however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, event

from reconciler.model.ids import PhoneNumber
from reconciler.model.lines import ByTags, Selected
from reconciler.store import portions, selections
from reconciler.store.tables import metadata

START = datetime(2026, 1, 1, tzinfo=UTC)
CHOICES = [ByTags(("prod",)), ByTags(("prod",), ("quarantine",))]


@contextmanager
def tables() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def answer(choice: ByTags, when: int, chosen: set[int] | range, *, complete: bool = True) -> Selected:
    numbers = frozenset(PhoneNumber(f"+1202{index:07d}") for index in chosen)
    return Selected(choice, numbers, START + timedelta(seconds=when), complete)


answers = st.builds(
    answer, st.sampled_from(CHOICES), st.integers(0, 5), st.sets(st.integers(0, 9)), complete=st.booleans()
)


@given(st.lists(st.lists(answers, max_size=3), max_size=6))
def test_the_newest_complete_answer_is_known_whole(rounds: list[list[Selected]]) -> None:
    known: dict[ByTags, Selected] = {}
    with pytest.MonkeyPatch.context() as small, tables() as connection:
        small.setattr(portions, "MOST_IN_A_QUERY", 2)
        for brought in rounds:
            selections.keep(connection, brought)
            for one in brought:
                assert isinstance(one.selection, ByTags)
                before = known.get(one.selection)
                if one.complete and (before is None or one.taken_at >= before.taken_at):
                    known[one.selection] = one

        expected = tuple(known[choice] for choice in CHOICES if choice in known)
        assert selections.chosen(connection, CHOICES) == expected


def test_a_large_answer_takes_no_large_statement() -> None:
    values: list[int] = []

    def count(*call: object) -> None:
        _, _, _, parameters, _, together = call
        assert isinstance(parameters, tuple | list)
        values.append(len(parameters[0] if together else parameters))

    with tables() as connection:
        event.listen(connection, "before_cursor_execute", count)
        for when, chosen in enumerate((range(12_000), range(11_000, 23_000), range(0))):
            new = answer(CHOICES[0], when, chosen)
            selections.keep(connection, [new])
            assert selections.chosen(connection, CHOICES) == (new,)

    assert portions.MOST_IN_A_QUERY < max(values) <= portions.MOST_IN_A_QUERY + 1


def test_the_same_answer_again_writes_only_its_time() -> None:
    written: list[str] = []

    def note(*call: object) -> None:
        statement = str(call[2])
        if not statement.startswith("SELECT"):
            written.append(statement.split()[2])

    with tables() as connection:
        selections.keep(connection, [answer(CHOICES[0], 1, range(50))])
        event.listen(connection, "before_cursor_execute", note)
        again = answer(CHOICES[0], 2, range(50))
        selections.keep(connection, [again])

        assert written == ["selections"]
        assert selections.chosen(connection, CHOICES) == (again,)
