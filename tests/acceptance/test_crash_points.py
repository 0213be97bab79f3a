"""kill -9 at every step, then a start of the shipped program: nothing lost, nothing asked for twice, all comes right."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from http import HTTPStatus

import httpx
import pytest

from reconciler.sandbox.announce import sign
from reconciler.sandbox.crash_points import CrashPoint
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.scene import IN_REVIEW, MARKETING, SIGNING_KEY
from tests.acceptance.conftest import SetStage
from tests.crossings import asked_for, asked_too_soon, removals

pytestmark = pytest.mark.anyio
SECONDS = 60.0
SETTLE_SECONDS = 2.0
NUMBERS = tuple(f"+1202555{n:04}" for n in range(100, 106))
LOOSE = NUMBERS[-1]
"""On no messaging profile: it is put on its pool's first."""
REFUSED = "+13035550140"
SCENE = {"marketing": NUMBERS, "alerts": (REFUSED,), "settle_window": f"{SETTLE_SECONDS:g}s"}
KILLED = -signal.SIGKILL

P = CrashPoint
AT = [
    (P.ACCEPTED, 1, "F-01"),
    (P.BODY_READ, 1, "F-01"),
    (P.RECEIVE_UNCOMMITTED, 1, "F-03"),
    (P.RECEIVE_COMMITTED, 1, "F-03"),
    (P.ANSWERED, 1, "E07"),
    (P.EVENTS_READ, 1, "E07"),
    (P.EVENTS_UNCOMMITTED, 1, "F-10"),
    (P.EVENTS_FINISHED, 1, "F-10"),
    (P.ROUND_TAKEN, 1, "H01"),
    (P.ROUND_TAKEN, 4, "H01"),
    (P.ROUND_LOOKED, 3, "H01"),
    (P.ROUND_LOOKED, 8, "H01"),
    (P.ROUND_UNCOMMITTED, 2, "H01"),
    (P.ROUND_UNCOMMITTED, 4, "H01"),
    (P.ROUND_WRITTEN, 2, "H01"),
    (P.ROUND_WRITTEN, 4, "H01"),
    (P.CLAIM_UNCOMMITTED, 3, "F-06"),
    (P.CLAIMED, 1, "F-06"),
    (P.CLAIMED, 4, "F-06"),
    (P.RENEWED, 1, "F-06"),
    (P.CALL_SENT, 1, "F-07"),
    (P.CALL_SENT, 5, "F-07"),
    (P.CALL_ACCEPTED, 2, "F-08"),
    (P.CALL_ACCEPTED, 6, "F-08"),
    (P.CALL_ANSWERED, 4, "F-09"),
    (P.RECORD_UNCOMMITTED, 1, "F-09"),
    (P.RECORD_UNCOMMITTED, 5, "F-09"),
    (P.RECORDED, 1, "F-10"),
    (P.RECORDED, 5, "F-10"),
    (P.POST_UNCOMMITTED, 1, "H01"),
    (P.POSTED, 1, "H01"),
    (P.PARCEL_UNCOMMITTED, 2, "H01"),
    (P.PARCEL_TAKEN, 2, "H01"),
    (P.LETTER_SENT, 1, "H01"),
    (P.DELIVERED_UNCOMMITTED, 2, "H01"),
    (P.DELIVERED, 2, "H01"),
]
"""Where it dies, at the which time that it comes there, and the failure mode besides `H01`."""
AT_START = (P.RECOVER_UNCOMMITTED, P.RECOVERED, P.ROUND_LOOKED)
"""At a start with something in doubt; the read is that of the first in doubt."""


def everywhere() -> list[object]:
    return [
        pytest.param(point, times, id=f"{point}-{times}", marks=pytest.mark.covers(mode)) for point, times, mode in AT
    ]


def approve(stage: Stage) -> None:
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()


def prepare(stage: Stage) -> None:
    """One number that has no profile, and one that Telnyx refuses, so that there is an alert."""
    stage.line.emulator.put_on_profile(LOOSE, None)
    stage.line.emulator.fail_next(REFUSED, "refuse", reason="The number is locked by a port-out.", times=None)


async def stored(stage: Stage) -> list[dict[str, object]]:
    """Every event in the store, read as a person would: also while no service runs."""
    command = [sys.executable, "-m", "reconciler", "-c", str(stage.config), "events", "export"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True, timeout=30)
    return [json.loads(line) for line in done.stdout.splitlines()]


def acknowledged(stage: Stage) -> set[str]:
    """The events that were answered 200, as who sent them knows it."""
    sent = stage.line.emulator.outbox.history.sent()
    return {str(one.event["id"]) for one in sent if any(attempt.status == HTTPStatus.OK for attempt in one.attempts)}


async def until_all_is_well(stage: Stage) -> None:
    """Wait until every number is as it should be and the alert is told; then look at what the world has seen."""

    async def ready() -> bool:
        return (await stage.program.phases("acme-marketing")).get("Ready") == len(NUMBERS)

    await stage.program.until(SECONDS, "every number to be Ready", ready)
    await stage.letters.wait(SECONDS, status="firing", alert="AssignmentFailed")

    line = stage.line
    on = {number: line.emulator.assignments()[number] for number in NUMBERS}
    assert {(one.campaign_id, str(one.status)) for one in on.values()} == {(IN_REVIEW, "ASSIGNED")}
    assert line.emulator.number(LOOSE).messaging_profile_id == MARKETING
    assert [line.emulator.posts(number) for number in NUMBERS] == [1] * len(NUMBERS)
    assert asked_too_soon(line.crossings, SETTLE_SECONDS) == []
    assert removals(line.crossings) == []
    rows = Counter(str(one["event_id"]) for one in await stored(stage))
    assert {event: rows[event] for event in acknowledged(stage)} == dict.fromkeys(acknowledged(stage), 1)
    assert set(rows.values()) == {1}
    letters = [one for one in stage.letters.letters if one["alert"] == "AssignmentFailed"]
    assert {one["status"] for one in letters} == {"firing"}
    assert len({one["dedup_key"] for one in letters}) == 1
    assert len(letters) <= 2  # what was sent and not recorded is sent again, once


@pytest.mark.covers("H01")
@pytest.mark.parametrize(("point", "times"), everywhere())
async def test_a_death_at_any_step_costs_only_time(set_stage: SetStage, point: CrashPoint, times: int) -> None:
    async with set_stage(**SCENE) as stage:
        prepare(stage)
        await stage.program.start_dying(f"{point}:{times}")
        approve(stage)
        assert await stage.program.ended() == KILLED
        await stage.program.start()
        await until_all_is_well(stage)
