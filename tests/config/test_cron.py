"""Cron lines: what is let pass is what the scheduler will run, on the days that cron means."""

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.cron import cron_line
from reconciler.config.mistake import Mistake

LINES = {
    "*/10 * * * *": "*/10 * * * *",
    "  0   3  * * * ": "0 3 * * *",
    "0 15 3 * * *": "0 15 3 * * *",
    "0 9-17/2,20 1,15 * *": "0 9-17/2,20 1,15 * *",
    "5/10 * * * *": "5/10 * * * *",
    "0 0 29 feb *": "0 0 29 2 *",
    "0 0 * jan-MAR,12 *": "0 0 * 1,2,3,12 *",
    "0 0 * * 0": "0 0 * * sun",
    "0 0 * * 7": "0 0 * * sun",
    "0 0 * * 1-5": "0 0 * * mon,tue,wed,thu,fri",
    "0 0 * * Mon-Fri": "0 0 * * mon,tue,wed,thu,fri",
    "0 0 * * 5-7": "0 0 * * sun,fri,sat",
}


@pytest.mark.parametrize("text", LINES)
def test_a_line_is_read(text: str) -> None:
    assert cron_line(text) == LINES[text]


MISTAKES = {
    "": "it needs five fields",
    "* * * *": "it needs five fields",
    "* * * * * * *": "it needs five fields",
    "@daily": "it needs five fields",
    "60 * * * *": "its minute cannot be read",
    "* 24 * * *": "its hour cannot be read",
    "* * 0 * *": "its day cannot be read",
    "* * L * *": "its day cannot be read",
    "* * * 13 *": "its month cannot be read",
    "* * * mon *": "its month cannot be read",
    "* * * * 8": "its weekday cannot be read",
    "60 * * * * *": "its second cannot be read",
    "*/0 * * * *": "its minute cannot be read",
    "*/60 * * * *": "its minute cannot be read",
    "5-1 * * * *": "its minute cannot be read",
    "1,,2 * * * *": "its minute cannot be read",
    "a * * * *": "its minute cannot be read",
    "\u0661 * * * *": "its minute cannot be read",
    "0 0 30 2 *": "a date that never comes",
    "0 0 31 feb,apr,jun *": "a date that never comes",
    "0 0 1 * mon": "a day and a weekday together",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named(text: str) -> None:
    with pytest.raises(Mistake, match=MISTAKES[text]):
        cron_line(text)


parts = st.lists(
    st.from_regex(r"(\*|[0-9]{1,2}(-[0-9]{1,2})?|[a-z]{3}|mon-fri|jan)(/[1-9][0-9]?)?", fullmatch=True),
    min_size=1,
    max_size=2,
).map(",".join)


@given(st.lists(parts | st.just("*"), min_size=5, max_size=6).map(" ".join) | st.text())
def test_what_is_let_pass_the_scheduler_takes(text: str) -> None:
    try:
        fields = cron_line(text).split()
    except Mistake:
        return
    names = ("second", "minute", "hour", "day", "month", "day_of_week")
    CronTrigger(**dict(zip(names[-len(fields) :], fields, strict=True)), timezone="UTC")
