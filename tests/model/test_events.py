"""Triggers say where to look."""

from reconciler.model.events import EVERYTHING, Everything


def test_everything_is_one_subject() -> None:
    assert Everything() == EVERYTHING
    assert str(EVERYTHING) == "*"
