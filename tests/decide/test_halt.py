"""A refusal of the key or the account halts every write; a probe that works lifts the halt, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.decide.halt import halt
from reconciler.model.errors import FaultKind
from reconciler.model.fleet import Observed
from reconciler.model.standing import Halt
from tests.builders import (
    CAMPAIGN,
    MINUTE,
    NOW,
    PATIENCE,
    SECOND,
    a_campaign,
    a_fault,
    a_halt,
    a_listing,
    a_look,
    a_single,
)

REFUSED = a_look(faults=[(CAMPAIGN, a_fault(FaultKind.HALTED, "10009: authentication failed"))])
UNREACHABLE = a_look(faults=[(CAMPAIGN, a_fault(FaultKind.UNREACHABLE))])
WORKED = a_look(a_listing())


def after(look: Observed, before: Halt | None) -> Halt | None:
    """The halt that holds after a look."""
    return halt(look, before, now=NOW, patience=PATIENCE)


def test_a_refusal_halts_and_the_next_probe_is_a_minute_later() -> None:
    assert after(REFUSED, None) == Halt(NOW, NOW + MINUTE, "10009: authentication failed")


def test_a_halt_that_goes_on_keeps_its_beginning() -> None:
    halted = after(REFUSED, a_halt(since=NOW - 60 * MINUTE))

    assert halted == Halt(NOW - 60 * MINUTE, NOW + MINUTE, "10009: authentication failed")


@pytest.mark.parametrize("look", [WORKED, a_look(campaigns=[a_campaign()]), a_look(singles=[a_single()])])
def test_a_probe_that_works_lifts_it(look: Observed) -> None:
    assert after(look, a_halt(probe_at=NOW)) is None


def test_a_look_before_the_probe_is_due_lifts_nothing() -> None:
    """Reads may work all the time while only writes are refused."""
    early = a_halt(probe_at=NOW + SECOND)

    assert after(WORKED, early) == early


def test_a_probe_that_reached_nobody_is_repeated_a_minute_later() -> None:
    """Not at once: a probe in the past would make the next look due now, for ever."""
    before = a_halt(since=NOW - 5 * MINUTE, probe_at=NOW)

    assert after(UNREACHABLE, before) == Halt(before.since, NOW + MINUTE, before.detail)


def test_a_round_that_looked_nowhere_changes_nothing() -> None:
    """Such as the one that spreads a probe over the campaigns: the probe itself is still to come."""
    due = a_halt(probe_at=NOW)

    assert after(a_look(), due) == due


@pytest.mark.parametrize("look", [WORKED, UNREACHABLE, a_look()])
def test_nothing_but_a_refusal_halts(look: Observed) -> None:
    assert after(look, None) is None


@given(st.sampled_from([REFUSED, UNREACHABLE, WORKED]), st.integers(-3600, 3600))
def test_after_a_look_a_halt_has_its_next_probe_before_it(look: Observed, seconds: int) -> None:
    halted = after(look, a_halt(probe_at=NOW + seconds * SECOND))

    assert halted is None or halted.probe_at > NOW
