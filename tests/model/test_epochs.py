"""Whether a store is as it was left, by what it says and by what its witness says."""

import pytest

from reconciler.model.epochs import DOUBTED_FOR, TOLD_FOR, Epoch, Mark, Origin, begun
from tests.builders import NOW, SECOND

THIRD = Epoch(3, Origin.RESTORED, NOW, NOW, NOW)


def test_the_first_start_is_the_first_epoch() -> None:
    assert begun(None, 0, None, is_new=True) == Epoch(1, Origin.NEW)


def test_a_store_of_an_older_build_never_had_a_witness() -> None:
    assert begun(None, 900, None, is_new=False) == Epoch(1, Origin.NEW)


@pytest.mark.parametrize("far", [900, 901, 5_000])
def test_a_store_that_knows_all_that_its_witness_saw_goes_on(far: int) -> None:
    assert begun(THIRD, far, Mark(3, 900), is_new=False) == THIRD


def test_what_died_between_the_store_and_its_witness_goes_on() -> None:
    assert begun(THIRD, 900, Mark(2, 950), is_new=False) == THIRD


@pytest.mark.parametrize(
    ("noted", "far", "witness", "number"),
    [
        (THIRD, 899, Mark(3, 900), 4),
        (THIRD, 9_999, Mark(7, 1), 8),
        (THIRD, 900, None, 4),
        (None, 900, Mark(1, 901), 2),
    ],
    ids=["behind", "of an epoch before", "without a witness", "of the build before"],
)
def test_a_store_that_knows_less_was_restored(noted: Epoch | None, far: int, witness: Mark | None, number: int) -> None:
    assert begun(noted, far, witness, is_new=False) == Epoch(number, Origin.RESTORED)


def test_a_store_that_never_asked_for_anything_needs_no_witness() -> None:
    assert begun(Epoch(), 0, None, is_new=False) == Epoch()


def test_a_witness_without_a_store_has_lost_it() -> None:
    assert begun(None, 0, Mark(3, 900), is_new=True) == Epoch(4, Origin.LOST)


def test_it_doubts_for_an_hour_and_is_told_for_a_day_and_the_first_never() -> None:
    assert THIRD.doubts(NOW + DOUBTED_FOR - SECOND)
    assert not THIRD.doubts(NOW + DOUBTED_FOR)
    assert THIRD.is_told(NOW + TOLD_FOR - SECOND)
    assert not THIRD.is_told(NOW + TOLD_FOR)
    assert not Epoch(1, Origin.NEW, NOW).doubts(NOW)
    assert not Epoch(1, Origin.NEW, NOW).is_told(NOW)


def test_before_a_service_has_started_on_it_it_doubts_and_nobody_is_told() -> None:
    assert Epoch(2, Origin.LOST).doubts(NOW)
    assert not Epoch(2, Origin.LOST).is_told(NOW)
