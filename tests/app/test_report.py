"""What is counted of the pools: each wanted number once, by phase and by what blocks it."""

from __future__ import annotations

from reconciler.app.report import pool_counts
from reconciler.app.stands import count_stands, empty_stands, every_number
from reconciler.model.fleet import CampaignPhase, CarrierState
from reconciler.model.memory import PoolCheck
from reconciler.model.pools import Mode
from reconciler.model.reasons import Reason
from reconciler.model.settings import Secret, Settings, TelnyxSettings
from reconciler.model.standing import Phase
from reconciler.web.metrics import PoolCount
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
