"""What is told of the pools: each wanted number counted once, the worst of them in one word, and no number a label."""

from __future__ import annotations

import re
from collections import Counter
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.app.report import pool_counts, status_shape
from reconciler.app.shapes import ConfigShape, QueueShape
from reconciler.app.stands import Stands, count_stands, empty_stands, every_number
from reconciler.model.fleet import CampaignPhase, CarrierState
from reconciler.model.ids import PhoneNumber
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Mode
from reconciler.model.reasons import Reason
from reconciler.model.settings import Secret, Settings, TelnyxSettings
from reconciler.model.standing import Phase
from reconciler.web.metrics import Meter, PoolCount
from tests.builders import (
    CAMPAIGN,
    FOREIGN,
    NOW,
    POOL,
    a_campaign,
    a_memory,
    a_number,
    a_pool,
    a_sighting,
    an_assignment,
    desired,
)

SETTINGS = Settings(TelnyxSettings(Secret("KEY"), ()))


def test_a_pool_in_numbers() -> None:
    ready, refused, elsewhere = (a_number(which) for which in range(3))
    memory = a_memory(
        a_sighting(an_assignment(ready)),
        a_sighting(an_assignment(refused, tmobile=CarrierState.FAILED)),
        a_sighting(an_assignment(elsewhere, campaign=FOREIGN)),
        campaigns=[a_campaign()],
    )
    wanted = desired(a_pool(ready, refused, elsewhere, mode=Mode.OBSERVE))

    stands = empty_stands(wanted)
    count_stands(every_number(wanted), wanted, memory, SETTINGS, NOW, stands)

    [count] = pool_counts(wanted, stands, memory, [PoolCheck(POOL, NOW, {"conflict": 1})])

    assert count == PoolCount(
        POOL,
        3,
        {Phase.READY: 1, Phase.BLOCKED: 2},
        {"conflict": 1},
        {Reason.CARRIER_REFUSED: 1, Reason.FOREIGN_ASSIGNMENT: 1},
        campaign=CAMPAIGN,
        mode="observe",
        approved=True,
    )


def test_a_campaign_is_approved_only_where_that_was_read() -> None:
    for campaigns in ([], [a_campaign(CampaignPhase.SUSPENDED)]):
        [count] = pool_counts(desired(), empty_stands(desired()), a_memory(campaigns=campaigns), [])
        assert not count.approved


def headline(phases: dict[Phase, int], *, fresh: bool = True) -> str:
    """The word of a pool whose numbers stand like this."""
    shape = status_shape(
        desired(),
        SETTINGS,
        a_memory(),
        {POOL: Stands(Counter(phases), fresh=fresh)},
        now=NOW,
        checks=(),
        alerts=(),
        queue=QueueShape(open=0, oldest_seconds=0, unresolved=0),
        last_received_at=None,
        quarantined=0,
        config=ConfigShape(digest="", loaded_at=None, valid=True),
        next_check_at=None,
    )
    return shape.pools[0].headline


@pytest.mark.covers("O03")
@given(
    st.dictionaries(st.sampled_from([one for one in Phase if one is not Phase.UNMANAGED]), st.integers(1, 10**6)),
    st.booleans(),
)
def test_the_headline_is_well_only_if_every_number_is_and_the_evidence_is_fresh(
    phases: dict[Phase, int], fresh: bool
) -> None:
    told = headline(phases, fresh=fresh)

    assert (told == "Ready") is (set(phases) == {Phase.READY} and fresh)
    assert told in {*map(str, phases), "Stale", "Empty"}
    assert (told == "Empty") is (phases == {})
    if phases.keys() - {Phase.READY, Phase.PROPAGATING}:
        assert told not in ("Ready", "Propagating", "Stale")
    for worse in (Phase.BLOCKED, Phase.GONE):
        if worse in phases:
            assert told in ("Blocked", "Gone")


@pytest.mark.covers("O05")
def test_a_hundred_thousand_numbers_have_as_many_series_as_one() -> None:
    def shown(count: int) -> str:
        numbers = [PhoneNumber(f"+1{2_025_550_000 + which}") for which in range(count)]
        states = [an_assignment(one, tmobile=state) for one, state in zip(numbers, cycle(CarrierState))]
        memory = a_memory(*map(a_sighting, states), campaigns=[a_campaign()])
        wanted = desired(a_pool(*numbers))
        stands = empty_stands(wanted)
        count_stands(every_number(wanted), wanted, memory, SETTINGS, NOW, stands)
        meter = Meter("test")
        meter.pools(pool_counts(wanted, stands, memory, [PoolCheck(POOL, NOW, {"missing": count})]))
        return meter.render().decode()

    few, many = shown(len(CarrierState)), shown(100_000)

    assert names(few) == names(many)
    assert "100000.0" in many
    assert not re.search(r"202555\d{4}|\+1\d{10}", many)


def names(shown: str) -> list[str]:
    """Every series, with its labels."""
    return [line.rpartition(" ")[0] for line in shown.splitlines() if not line.startswith("#")]
