"""The whole config at work: the installed program follows what the file, the account and the time make wanted."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.sandbox.demo import Stage
from reconciler.sandbox.oddities import Door, Oddities
from reconciler.sandbox.scene import ALERTS, APPROVED
from tests.acceptance.conftest import SetStage, declare, status_of, until_explained, until_ready

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = "+13035550140", "+13035550141", "+13035550142"
POOL = f"""
  - name: acme-alerts
    campaign: {APPROVED}
    messaging_profile: {ALERTS}
    numbers: ["{FIRST}", "{SECOND}", "{THIRD}"]
"""


def writes(stage: Stage) -> list[str]:
    return [call.method for call in stage.line.emulator.journal() if call.method != "GET"]


def reload(stage: Stage, old: str, new: str) -> None:
    """Change the config file, and ask for a reload."""
    text = stage.config.read_text()
    assert old in text
    stage.config.write_text(text.replace(old, new))
    stage.program.send(signal.SIGHUP)


async def test_outside_its_windows_nothing_is_sent_and_checks_go_on(set_stage: SetStage) -> None:
    days = [f"{datetime.now(UTC) + timedelta(days=ahead):%a}".lower() for ahead in (2, 3)]
    closed = f"windows: [{{days: [{', '.join(days)}], from: '09:00', to: '17:00'}}], timezone: UTC"
    async with set_stage() as stage:
        declare(stage, POOL)
        stage.config.write_text(stage.config.read_text().replace("every 1h}", f"every 1h, {closed}}}"))
        await stage.program.start()

        waiting = await until_explained(stage, FIRST, "Waiting", "outside_window")
        assert waiting.next_at is not None
        assert waiting.next_at > datetime.now(UTC) + timedelta(hours=24)
        assert writes(stage) == []
        assert (await status_of(stage)).pools[0].drift == {"missing": 3}

        reload(stage, f", {closed}", "")
        await until_ready(stage, "acme-alerts", 3)


async def test_numbers_come_and_go_with_their_file(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        numbers = stage.config.parent / "numbers.txt"
        numbers.write_text(f"{FIRST}  # the first\n")
        declare(stage, POOL.replace(f'["{FIRST}", "{SECOND}", "{THIRD}"]', "[{file: numbers.txt}]"))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 1)

        numbers.write_text(f"{FIRST}\n{SECOND}\n")
        stage.program.send(signal.SIGHUP)
        await until_ready(stage, "acme-alerts", 2)

        numbers.write_text("<<<<<<< ours\n")
        stage.program.send(signal.SIGHUP)

        async def refused() -> bool:
            return not (await status_of(stage)).config.valid

        await stage.program.until(30.0, "the half-merged file to be refused", refused)
        assert (await stage.program.pool("acme-alerts"))["desired"] == 2


@pytest.mark.covers("C11")
async def test_numbers_come_with_their_tags_and_an_unreadable_list_takes_none_away(set_stage: SetStage) -> None:
    async with set_stage(drift_check="every 1s") as stage:
        emulator = stage.line.emulator
        emulator.tag_number(FIRST, ("acme", "live"))
        emulator.tag_number(SECOND, ("acme", "live", "legacy"))
        chosen = "[{select: {tags: [acme, live], not_tags: [legacy]}}]"
        declare(stage, POOL.replace(f'["{FIRST}", "{SECOND}", "{THIRD}"]', chosen))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 1)

        emulator.tag_number(THIRD, ("live", "acme"))
        await until_ready(stage, "acme-alerts", 2)

        emulator.oddities = Oddities(total_off_by=1)
        before = len(emulator.journal())

        async def looked() -> bool:
            return sum(call.path == "/phone_numbers" for call in emulator.journal()[before:]) > 1

        await stage.program.until(30.0, "two more looks", looked)
        assert (await stage.program.pool("acme-alerts"))["desired"] == 2


async def test_a_number_is_wanted_until_its_time(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        until = (datetime.now(UTC) + timedelta(seconds=8)).isoformat(timespec="seconds")
        declare(stage, POOL.replace(f'"{FIRST}"', f'{{number: "{FIRST}", note: a drop, until: "{until}"}}'))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        found = await until_explained(stage, FIRST, "Unmanaged", "extra_unowned")
        assert found.pool is None
        assert (await stage.program.pool("acme-alerts"))["desired"] == 2
        assert FIRST in stage.line.emulator.assignments()


async def test_a_class_of_drift_that_is_only_observed_is_not_healed(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        stage.line.emulator.put_on_profile(FIRST, None)
        declare(stage, POOL + "    policy: {mode: {missing_prerequisite: observe}}\n")
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 2)

        await until_explained(stage, FIRST, "Waiting", "observe_mode")
        assert stage.line.emulator.number(FIRST).messaging_profile_id is None
        assert (await status_of(stage)).pools[0].mode == "mixed"


async def test_an_own_campaign_may_be_named_by_its_tcr_id(set_stage: SetStage) -> None:
    async with set_stage() as stage:
        declare(stage, POOL.replace(APPROVED, "C7Y7N06"))
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        assert {one.campaign_id for one in stage.line.emulator.assignments().values()} == {APPROVED}


@pytest.mark.parametrize(
    "odd",
    [
        Oddities(current_path=Door.NOT_FOUND),
        Oddities(current_path=Door.NOT_ALLOWED),
        Oddities(listed_in_data=True, wrapped_in_data=True, status_renamed=True, hyphenated_types=True),
        Oddities(page_size=1),
    ],
    ids=["older path only", "older path only (405)", "as the number assignment page has it", "one row a page"],
)
async def test_however_telnyx_spells_it_the_numbers_are_assigned(set_stage: SetStage, odd: Oddities) -> None:
    async with set_stage() as stage:
        stage.line.emulator.oddities = odd
        stage.line.emulator.put_on_profile(FIRST, None)
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        assert [stage.line.emulator.posts(number) for number in (FIRST, SECOND, THIRD)] == [1, 1, 1]


@pytest.mark.covers("A05")
async def test_a_filter_that_is_ignored_is_never_taken_for_an_answer(set_stage: SetStage) -> None:
    """The whole account's numbers come for every campaign (FIELD:59663385893): none of them is held to be extra."""
    async with set_stage() as stage:
        stage.line.emulator.oddities = Oddities(filters_ignored=True)
        stage.line.emulator.add_campaign("0c1f7c52-0d3e-4a51-8a34-5be0a7c0d002", status="MNO_PROVISIONED")
        stage.line.emulator.add_number("+13035550149")
        stage.line.emulator.assign_by_hand("+13035550149", "0c1f7c52-0d3e-4a51-8a34-5be0a7c0d002", stage.line.now())
        declare(stage, POOL)
        await stage.program.start()
        await until_ready(stage, "acme-alerts", 3)

        assert "extra" not in (await status_of(stage)).pools[0].drift
