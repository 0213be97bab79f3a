"""What becomes of a campaign's numbers when it is suspended, rejected, expired or gone, and when it comes back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from reconciler.model.fleet import CampaignPhase
from reconciler.model.operations import Step
from reconciler.sandbox.emulator import Emulator
from tests.builders import CAMPAIGN, FOREIGN, HOUR, MINUTE, SECOND, a_number
from tests.inline import HOOK, World, a_world, account_of, pool_of
from tests.post import every_one, none
from tests.surroundings import as_it_is

pytestmark = pytest.mark.anyio

NUMBERS = tuple(a_number(which) for which in range(4))
WANTED = pool_of(NUMBERS)
ACCOUNT = account_of(NUMBERS)
RARELY = "schedule: {drift_check: every 6h}"
NOT_TODAY = "schedule: {drift_check: every 6h, windows: [{days: [sat], from: '09:00', to: '17:00'}]}"
ENDS = [
    ("TCR_SUSPENDED", "campaign_suspended", "Waiting"),
    ("MNO_REJECTED", "campaign_rejected", "Blocked"),
    ("TELNYX_FAILED", "campaign_rejected", "Blocked"),
    ("TCR_EXPIRED", "campaign_expired", "Blocked"),
]
UNSURE = ("A_STATUS_OF_TOMORROW", "campaign_unknown", "Blocked")


async def settled(world: World) -> None:
    """All numbers are assigned."""
    await world.wait(MINUTE)
    assert await world.phases() == {"Ready": len(NUMBERS)}


async def a_day(world: World) -> None:
    """With a sweep every six hours, by which whatever is tried slowly is due too."""
    await world.wait(24 * HOUR + 5 * MINUTE)


async def no_campaign(request: httpx.Request) -> httpx.Response | None:
    """Telnyx does not know the campaign any more."""
    if not request.url.path.endswith(f"/campaign/{CAMPAIGN}"):
        return None
    gone = {"code": "10005", "title": "Resource not found", "detail": "No such campaign"}
    return httpx.Response(404, json={"errors": [gone]})


@pytest.mark.covers("D01", "D02")
@pytest.mark.parametrize(("status", "reason", "phase"), ENDS)
async def test_the_numbers_stay_and_say_why_they_do_not_send(
    tmp_path: Path, status: str, reason: str, phase: str
) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        await settled(world)

        world.emulator.set_campaign_status(CAMPAIGN, status, world.seconds)
        await a_day(world)

        assert await world.phases() == {phase: len(NUMBERS)}
        assert await world.reasons() == {reason}
        assert world.fired == {("CampaignNotApproved", CAMPAIGN)}
        assert world.removals() == 0
        assert len(world.posts()) == len(NUMBERS)
        assert set(world.emulator.assignments()) == set(NUMBERS)


@pytest.mark.covers("D01")
@pytest.mark.parametrize(("status", "reason", "phase"), [*ENDS, UNSURE])
async def test_what_was_queued_ends_and_what_is_still_wanted_is_asked_for_at_the_approval(
    tmp_path: Path, status: str, reason: str, phase: str
) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=NOT_TODAY) as world:
        await world.calm()
        assert len(await world.store.operations_open()) == len(NUMBERS)

        world.emulator.set_campaign_status(CAMPAIGN, status, world.seconds)
        await world.sweep()
        assert await world.store.operations_open() == ()
        await world.declare(WANTED, RARELY)
        await a_day(world)
        assert world.posts() == []
        assert await world.phases() == {phase: len(NUMBERS)}
        assert await world.reasons() == {reason}

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(MINUTE)

        assert await world.phases() == {"Ready": len(NUMBERS)}
        assert len(world.posts()) == len(NUMBERS)


@pytest.mark.covers("D02")
@pytest.mark.parametrize("status", ["TCR_EXPIRED", "MNO_REJECTED"])
async def test_a_blocked_number_is_not_asked_for_again_and_again_on_an_ended_campaign(
    tmp_path: Path, status: str
) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        world.emulator.fail_next(NUMBERS[0], "refuse", reason="No.", times=None)
        await world.wait(MINUTE)
        assert [one.step for one in await world.store.operations_open()] == [Step.BLOCKED]
        asked = world.emulator.posts(NUMBERS[0])

        world.emulator.set_campaign_status(CAMPAIGN, status, world.seconds)
        await a_day(world)

        assert world.emulator.posts(NUMBERS[0]) == asked
        assert await world.store.operations_open() == ()


async def test_a_rejected_campaign_that_is_appealed_is_followed_by_its_numbers(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        world.emulator.set_campaign_status(CAMPAIGN, "MNO_REJECTED", world.seconds, reason="No opt-out.")
        await world.wait(HOUR)
        assert await world.reasons() == {"campaign_rejected"}

        world.emulator.set_campaign_status(CAMPAIGN, "MNO_PENDING", world.seconds)
        await world.wait(HOUR)
        assert await world.reasons() == {"campaign_in_review"}
        assert world.posts() == []

        world.emulator.set_campaign_status(CAMPAIGN, "MNO_PROVISIONED", world.seconds)
        await world.wait(MINUTE)
        assert await world.phases() == {"Ready": len(NUMBERS)}


@pytest.mark.covers("D02")
async def test_a_campaign_that_is_gone_keeps_its_numbers_and_is_never_taken_for_approved(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        await settled(world)
        world.emulator.remove_by_hand(NUMBERS[0], world.seconds)

        world.wire.instead = no_campaign
        await a_day(world)

        assert (await world.store.recall(())).campaigns[CAMPAIGN].phase is CampaignPhase.UNKNOWN
        assert ("CampaignNotApproved", CAMPAIGN) in world.fired
        assert len(world.posts()) == len(NUMBERS)
        assert world.removals() == 0
        world.wire.instead = as_it_is
        await world.sweep()
        await world.wait(5 * MINUTE)
        assert await world.phases() == {"Ready": len(NUMBERS)}


@pytest.mark.covers("D08")
async def test_a_number_pool_that_is_taken_away_takes_no_number_with_it(tmp_path: Path) -> None:
    """T-Mobile allows 49 without one (SUP:6325734); the rest is for people to decide."""
    many = tuple(a_number(which) for which in range(120))
    async with a_world(tmp_path, pool_of(many), stage=account_of(many), rest=RARELY) as world:
        world.emulator.limit_numbers(CAMPAIGN, 49)
        world.emulator.set_number_pooling(CAMPAIGN, world.seconds, on=True)
        for number in many:
            world.emulator.assign_by_hand(number, CAMPAIGN, world.seconds)
        await world.wait(MINUTE)
        assert (await world.store.recall(())).campaigns[CAMPAIGN].pooled
        looked = len(world.emulator.journal())

        world.emulator.set_number_pooling(CAMPAIGN, world.seconds, on=False)
        await world.wait(MINUTE)

        assert len(world.emulator.journal()) > looked
        assert not (await world.store.recall(())).campaigns[CAMPAIGN].pooled
        await a_day(world)
        assert (world.removals(), world.posts()) == (0, [])
        assert len(world.emulator.assignments()) == len(many)


@pytest.mark.covers("D04")
async def test_of_two_campaigns_whose_pools_choose_one_number_the_first_in_the_file_has_it(tmp_path: Path) -> None:
    """Whichever is approved first: the other reports what it may not have, and nothing goes to and fro."""
    chosen = "\n".join(
        f"- {{name: {name}, campaign: {campaign}, numbers: [{{select: {{tags: [shared]}}}}]}}"
        for name, campaign in (("first", CAMPAIGN), ("second", FOREIGN))
    )

    def stage(emulator: Emulator) -> None:
        for campaign in (CAMPAIGN, FOREIGN):
            emulator.add_campaign(campaign, status="MNO_PENDING", webhook_url=HOOK)
        emulator.add_number(NUMBERS[0], tags=("shared",))

    async with a_world(tmp_path, chosen, stage=stage, rest="schedule: {drift_check: every 1h}") as world:
        await world.wait(MINUTE)
        world.emulator.approve(FOREIGN, world.seconds)
        await world.wait(2 * HOUR)
        assert world.posts() == []

        world.emulator.approve(CAMPAIGN, world.seconds)
        await world.wait(6 * HOUR)

        assert [status for _, status in world.posts()] == [200]
        assert {number: campaign for number, (campaign, _) in world.assigned().items()} == {NUMBERS[0]: CAMPAIGN}
        assert (await world.phases("first"), await world.phases("second")) == ({"Ready": 1}, {})
        assert {one.name: one.drift for one in (await world.status()).pools} == {"first": {}, "second": {"claimed": 1}}


async def test_an_event_of_its_brand_looks_at_the_campaign(tmp_path: Path) -> None:
    """Its webhook may be the only one that the brand's owner set."""
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        await settled(world)
        world.post.way = none
        world.emulator.set_campaign_status(CAMPAIGN, "TCR_EXPIRED", world.seconds)
        await world.wait(SECOND)
        world.post.way = every_one
        brand = {"brandId": world.emulator.campaign(CAMPAIGN).brand_id, "type": "REVET", "status": "success"}

        world.emulator.emit("10dlc.brand.update", brand, world.seconds, url=HOOK)
        await world.wait(SECOND)

        assert await world.reasons() == {"campaign_expired"}
        (event, *_) = await world.store.events(1)
        assert event.reason == "brand's campaign looked at"


async def test_what_a_reading_says_of_a_campaign_is_kept(tmp_path: Path) -> None:
    async with a_world(tmp_path, WANTED, stage=ACCOUNT, rest=RARELY) as world:
        world.emulator.limit_numbers(CAMPAIGN, 1)
        await world.calm()

        read = (await world.store.recall(())).campaigns[CAMPAIGN]

        kept = world.emulator.campaign(CAMPAIGN)
        assert (read.brand_id, read.tcr_brand_id) == (kept.brand_id, kept.tcr_brand_id)
        assert (read.pooled, read.sole_proprietor) == (False, True)
