"""Telnyx's page "10DLC Phone Number Assignment": each thing that it promises, and each trouble that it names.

The installed program runs against the emulated Telnyx; a test bears the name of the page's heading.
"""

from __future__ import annotations

import asyncio
import sys

import pytest

from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.scene import ALERTS, APPROVED, IN_REVIEW
from tests.acceptance.conftest import SetStage, declare, status_of, until_explained, until_ready

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = "+13035550140", "+13035550141", "+13035550142"
OTHER_CAMPAIGN = "0c1f7c52-0d3e-4a51-8a34-5be0a7c0d002"
OTHER_PROFILE = "4001a1b2-0d3e-4a51-8a34-5be0a7c0d0a9"
POOL = f"""
  - name: acme-alerts
    campaign: {APPROVED}
    messaging_profile: {ALERTS}
    numbers: ["{FIRST}", "{SECOND}", "{THIRD}"]
"""


def writes(stage: Stage, number: str = "") -> list[tuple[str, str]]:
    """The requests that were no GET, in their order: the method, and what of the API it was about."""
    calls = stage.line.emulator.journal()
    return [
        (call.method, call.path.rsplit("/", 1)[-1])
        for call in calls
        if call.method != "GET" and (number[1:] in call.body or number[1:] in call.path or not number)
    ]


# What the page promises.


async def test_assign_a_number_to_a_campaign(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        assert sorted(writes(stage)) == [("POST", "phone_number_campaigns")] * 3
        found = await until_explained(stage, FIRST, "Ready")
        assert [(check.name, check.result) for check in found.checks] == [
            ("config", "ok"),
            ("number", "ok"),
            ("profile", "ok"),
            ("campaign", "ok"),
            ("assignment", "ok"),
            ("carrier others", "ok"),
            ("carrier tmobile", "ok"),
        ]


async def test_number_type_us_long_code_only(set_stage: SetStage) -> None:
    """The config refuses what a number shows of itself; what only the account knows blocks that number."""
    async with set_stage() as stage:
        declare(stage, POOL)
        stage.line.emulator.add_number(FIRST, messaging_profile_id=ALERTS, phone_number_type="toll_free")
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        found = await until_explained(stage, FIRST, "Blocked", "not_us_long_code")
        assert found.who == "you"
        assert not writes(stage, FIRST)


async def test_one_campaign_per_number(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        declare(stage, f"{POOL}\n  - name: copy\n    campaign: {IN_REVIEW}\n    numbers: ['{FIRST}']")

        checked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "reconciler", "-c", str(stage.config), "validate"), stderr=asyncio.subprocess.PIPE
        )
        _, said = await checked.communicate()

        assert checked.returncode == 78
        assert f"{FIRST} is in two pools" in said.decode()


async def test_bulk_assignment(set_stage: SetStage) -> None:
    numbers = tuple(f"+1202555{n:04}" for n in range(100, 160))
    async with set_stage(marketing=numbers) as stage:
        await stage.program.start()
        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        await until_ready(stage, "acme-marketing", len(numbers))

        assert [stage.line.emulator.posts(number) for number in numbers] == [1] * len(numbers)


async def test_number_pool_integration_all_pool_numbers_on_the_same_campaign(set_stage: SetStage) -> None:
    """The pool's numbers are those on the profile; one that somebody adds to the profile later is assigned too."""
    async with set_stage(drift_check="every 1s") as stage:
        stage.line.emulator.add_profile(ALERTS, number_pool_settings={"long_code_weight": 1, "toll_free_weight": 10})
        stage.line.emulator.add_number("+18335550140", messaging_profile_id=ALERTS, phone_number_type="toll_free")
        declare(
            stage,
            f"""
              - name: acme-alerts
                campaign: {APPROVED}
                messaging_profile: {ALERTS}
                numbers: [{{select: {{messaging_profile: {ALERTS}}}}}]
            """,
        )
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        stage.line.emulator.add_number("+13035550143", messaging_profile_id=ALERTS)
        await until_ready(stage, "acme-alerts", 4)

        assert not writes(stage, "+18335550140")


async def test_number_pool_warning_a_number_that_no_campaign_covers_is_told(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        emulator = stage.line.emulator
        emulator.add_profile(ALERTS, number_pool_settings={"long_code_weight": 1, "toll_free_weight": 10})
        emulator.add_number("+13035550149", messaging_profile_id=ALERTS)
        emulator.add_campaign(OTHER_CAMPAIGN, status="MNO_PROVISIONED")
        emulator.add_number("+13035550148", messaging_profile_id=ALERTS)
        emulator.assign_by_hand("+13035550148", OTHER_CAMPAIGN, stage.line.now())
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        async def told() -> bool:
            (pool,) = (await status_of(stage)).pools
            return pool.drift == {"uncovered_sender": 1, "mixed_campaigns": 1}

        await stage.program.until(30.0, "the sender that no campaign covers", told)
        assert not writes(stage, "+13035550149")


async def test_list_assigned_numbers(set_stage: SetStage) -> None:
    """A number that somebody put on the campaign, and that no pool lists, is told and left alone."""
    async with set_stage() as stage:
        stage.line.emulator.add_number("+13035550149", messaging_profile_id=ALERTS)
        stage.line.emulator.assign_by_hand("+13035550149", APPROVED, stage.line.now())
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        (pool,) = (await status_of(stage)).pools
        assert pool.drift == {"extra": 1}
        assert not writes(stage, "+13035550149")


async def test_remove_a_number_from_a_campaign(set_stage: SetStage) -> None:
    """Somebody else removes it: it is put back. We ourselves remove nothing."""
    async with set_stage(drift_check="every 1s", settle_window="1s") as stage:
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)
        stage.line.emulator.remove_by_hand(FIRST, stage.line.now())

        async def healed() -> bool:
            return stage.line.emulator.posts(FIRST) == 2 and FIRST in stage.line.emulator.assignments()

        await stage.program.until(30.0, "the number to be put back", healed)
        await until_ready(stage, "acme-alerts", 3)
        assert {method for method, _ in writes(stage)} == {"POST"}


# The troubles that it names.


async def test_error_number_not_found(set_stage: SetStage) -> None:
    async with set_stage(settle_window="1s") as stage:
        stage.line.emulator.release_number(FIRST)
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        found = await until_explained(stage, FIRST, "Gone", "number_not_in_account")
        assert found.who == "you"
        assert not writes(stage, FIRST)
        letter = await stage.letters.wait(30.0, status="firing", alert="AssignmentFailed")
        assert letter["reasons"] == [{"reason": "number_not_in_account", "count": 1}]


async def test_error_number_not_found_where_no_profile_is_named(set_stage: SetStage) -> None:
    """Telnyx refuses the request; then the account itself is asked, and says why."""
    async with set_stage(settle_window="1s") as stage:
        stage.line.emulator.release_number(FIRST)
        declare(stage, POOL.replace(f"    messaging_profile: {ALERTS}\n", ""))
        await stage.program.start()

        await until_explained(stage, FIRST, "Gone", "number_not_in_account")
        await until_ready(stage, "acme-alerts", 2)
        assert stage.line.emulator.posts(FIRST) == 1


async def test_error_number_not_assigned_to_a_messaging_profile(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.put_on_profile(FIRST, None)
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        number_id = stage.line.emulator.number(FIRST).number_id
        patches = [call for call in stage.line.emulator.journal() if call.method == "PATCH"]
        assert [call.path for call in patches] == [f"/phone_numbers/{number_id}/messaging"]
        assert stage.line.emulator.number(FIRST).messaging_profile_id == ALERTS
        assert stage.line.emulator.posts(FIRST) == 1


@pytest.mark.covers("D07")
async def test_error_number_not_assigned_to_a_messaging_profile_and_policy_says_no(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.put_on_profile(FIRST, None)
        declare(stage, POOL + "    policy: {on_missing_profile: fail}\n")
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        await until_explained(stage, FIRST, "Blocked", "profile_missing")
        assert not writes(stage, FIRST)


async def test_error_number_not_assigned_to_a_messaging_profile_where_none_is_named(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.put_on_profile(FIRST, None)
        declare(stage, POOL.replace(f"    messaging_profile: {ALERTS}\n", ""))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        await until_explained(stage, FIRST, "Blocked", "profile_missing")
        assert stage.line.emulator.posts(FIRST) == 1


@pytest.mark.covers("D07")
async def test_a_number_is_never_taken_from_another_messaging_profile(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.add_profile(OTHER_PROFILE)
        stage.line.emulator.put_on_profile(FIRST, OTHER_PROFILE)
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        await until_explained(stage, FIRST, "Blocked", "other_profile")
        assert not writes(stage, FIRST)
        assert stage.line.emulator.number(FIRST).messaging_profile_id == OTHER_PROFILE


async def test_error_campaign_not_active(set_stage: SetStage) -> None:
    """`status` is ACTIVE from creation on; what counts is the approval by the carriers."""
    async with set_stage() as stage:
        declare(stage, POOL.replace(APPROVED, IN_REVIEW))
        await stage.program.start()
        await until_explained(stage, FIRST, "Waiting", "campaign_in_review")
        assert not writes(stage)

        stage.line.emulator.approve(IN_REVIEW, stage.line.now())
        await until_ready(stage, "acme-alerts", 3)


@pytest.mark.covers("A09", "F-47")
async def test_error_number_already_assigned_to_another_campaign(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.add_campaign(OTHER_CAMPAIGN, status="MNO_PROVISIONED")
        stage.line.emulator.assign_by_hand(FIRST, OTHER_CAMPAIGN, stage.line.now())
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        await until_explained(stage, FIRST, "Blocked", "foreign_assignment")
        assert stage.line.emulator.assignments()[FIRST].campaign_id == OTHER_CAMPAIGN
        assert stage.line.emulator.posts(FIRST) <= 1


async def test_messages_still_being_filtered_after_assignment(set_stage: SetStage) -> None:
    """Assigned is not enough: what each carrier says is read, told, and waited for."""
    slow = Behaviour(assignment_seconds=0.1, carrier_seconds=3.0)
    async with set_stage(behaviour=slow, drift_check="every 1s") as stage:
        stage.line.emulator.fail_next(SECOND, "carrier", reason="Longcode cannot be added to campaign.")
        declare(stage, POOL)
        await stage.program.start()

        waiting = await until_explained(stage, FIRST, "Propagating", "carrier_pending")
        assert waiting.who == "carrier"
        await until_explained(stage, FIRST, "Ready")
        refused = await until_explained(stage, SECOND, "Blocked", "carrier_refused")
        assert "Longcode cannot be added to campaign." in refused.message


async def test_bulk_assignment_partially_failing(set_stage: SetStage) -> None:
    """Each number has its own reason, and none holds up another."""
    numbers = tuple(f"+1202555{n:04}" for n in range(100, 110))
    async with set_stage(settle_window="1s", marketing=numbers) as stage:
        emulator = stage.line.emulator
        emulator.add_campaign(OTHER_CAMPAIGN, status="MNO_PROVISIONED")
        emulator.release_number(numbers[0])
        emulator.assign_by_hand(numbers[1], OTHER_CAMPAIGN, stage.line.now())
        emulator.add_profile(OTHER_PROFILE)
        emulator.put_on_profile(numbers[2], OTHER_PROFILE)
        emulator.fail_next(numbers[3], "assignment", reason="Daily quota", times=None)
        emulator.approve(IN_REVIEW, stage.line.now())
        await stage.program.start()

        await until_ready(stage, "acme-marketing", 6)
        await until_explained(stage, numbers[0], "Gone", "number_not_in_account")
        await until_explained(stage, numbers[1], "Blocked", "foreign_assignment")
        await until_explained(stage, numbers[2], "Blocked", "other_profile")
        await until_explained(stage, numbers[3], "Retrying", "telnyx_refused")
