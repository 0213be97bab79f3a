"""Kinds: what goes into a column comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import sqlite

from reconciler.model.ids import CampaignId, PhoneNumber
from reconciler.model.operations import Step, Urgency
from reconciler.model.reasons import Reason
from reconciler.store.kinds import IDS, INSTANT, LEVEL, SAID, Kind, common, word

DIALECT: Dialect = sqlite.dialect()
AWARE = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-5))]))


def through(kind: Kind[object], value: object) -> object:
    return kind.result_processor(DIALECT, None)(kind.process_bind_param(value, DIALECT))


@given(AWARE)
@example(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_a_time_comes_back_in_utc_to_the_microsecond(at: datetime) -> None:
    back = INSTANT.result_processor(DIALECT, None)(INSTANT.process_bind_param(at, DIALECT))

    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


@given(AWARE, AWARE)
def test_times_compare_in_the_column_as_they_do(one: datetime, two: datetime) -> None:
    in_column = [INSTANT.process_bind_param(at, DIALECT) for at in (one, two)]

    assert all(isinstance(value, int) for value in in_column)
    assert (in_column[0] < in_column[1]) == (one < two)  # type: ignore[operator]  # they are whole numbers


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        INSTANT.process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001 -- that is the point


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (word(PhoneNumber), PhoneNumber("+12025550123")),
        (word(Step), Step.SENT),
        (common(Step), Step.SENT),
        (word(Reason), Reason.CAPACITY),
        (word(Reason), Reason.NONE),
        (LEVEL, Urgency.HEAL),
        (IDS, (CampaignId("C6X6M95"), CampaignId("4b30019f"))),
        (IDS, ()),
        (word(Step), None),
    ],
)
def test_a_noun_comes_back_as_itself(kind: Kind[object], value: object) -> None:
    back = through(kind, value)

    assert back == value
    assert type(back) is type(value)


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_said(text: str) -> None:
    said = SAID.process_bind_param(text, DIALECT)

    assert isinstance(said, str)
    assert len(said) == len(text)
    assert "\0" not in said
    said.encode()
