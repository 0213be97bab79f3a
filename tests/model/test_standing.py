"""Facts know how fresh they are."""

from datetime import datetime

import pytest

from reconciler.model.standing import Facts
from tests.builders import MINUTE, NOW, NUMBER, a_sighting


@pytest.mark.parametrize(
    ("seen_at", "looked_at", "evidence_at"),
    [
        (None, None, None),
        (NOW, None, NOW),
        (None, NOW, NOW),
        (NOW - MINUTE, NOW, NOW),
        (NOW, NOW - MINUTE, NOW),
    ],
)
def test_evidence_is_as_fresh_as_the_last_look(
    seen_at: datetime | None, looked_at: datetime | None, evidence_at: datetime | None
) -> None:
    sighting = None if seen_at is None else a_sighting(None, seen_at=seen_at)

    assert Facts(NUMBER, None, None, sighting, None, looked_at=looked_at).evidence_at == evidence_at
