"""When a loop that fails now and then is one that fails."""

from __future__ import annotations

import pytest

from reconciler.decide.stumble import stumble
from reconciler.model.health import Stumbles


@pytest.mark.parametrize(
    ("failures", "then", "fires"),
    [
        ([0], 0, False),
        ([0, 5], 5, True),
        ([0, 299], 299, True),
        ([0, 300], 300, False),
        ([0, 300, 600], 600, False),
        ([0, 5], 304, True),
        ([0, 5], 305, False),
        ([0, 5, 304], 603, True),
        ([0, 5, 305], 305, False),
    ],
)
def test_a_loop_fails_from_the_second_failure_in_five_minutes_on_until_five_minutes_without(
    failures: list[float], then: float, *, fires: bool
) -> None:
    stumbles = Stumbles()
    for at in failures:
        stumbles = stumble(stumbles, failed=True, at=at)

    stumbles = stumble(stumbles, failed=False, at=then) if then not in failures else stumbles

    assert stumbles.again is fires


def test_what_is_remembered_of_a_loop_is_its_last_failure() -> None:
    stumbles = Stumbles()
    for at in range(1_000):
        stumbles = stumble(stumbles, failed=True, at=at)

    assert stumbles == Stumbles(999, again=True)
