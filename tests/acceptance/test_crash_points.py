"""kill -9 at every step, then a start of the shipped program: nothing is lost or asked for twice, all comes right."""

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

from reconciler.model.events import EventState, StoredEvent
from reconciler.model.ids import PhoneNumber
from reconciler.sandbox.announce import sign
from reconciler.sandbox.crash_points import CrashPoint
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.scene import IN_REVIEW, MARKETING, SIGNING_KEY
from reconciler.store.opening import open_store
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
    (P.ACCEPTED, 1),
    (P.BODY_READ, 1),
    (P.RECEIVE_UNCOMMITTED, 1),
    (P.RECEIVE_COMMITTED, 1),
    (P.ANSWERED, 1),
    (P.EVENTS_READ, 1),
    (P.EVENTS_UNCOMMITTED, 1),
    (P.EVENTS_FINISHED, 1),
    (P.ROUND_TAKEN, 1),
    (P.ROUND_LOOKED, 3),
    (P.ROUND_UNCOMMITTED, 2),
    (P.ROUND_WRITTEN, 2),
    (P.CLAIM_UNCOMMITTED, 3),
    (P.CLAIMED, 1),
    (P.RENEWED, 1),
    (P.CALL_SENT, 1),
    (P.CALL_SENT, 5),
    (P.CALL_ACCEPTED, 2),
    (P.CALL_ACCEPTED, 6),
    (P.CALL_ANSWERED, 4),
    (P.RECORD_UNCOMMITTED, 1),
    (P.RECORD_UNCOMMITTED, 5),
    (P.RECORDED, 1),
    (P.RECORDED, 5),
    (P.POST_UNCOMMITTED, 1),
    (P.POSTED, 1),
    (P.PARCEL_UNCOMMITTED, 2),
    (P.PARCEL_TAKEN, 2),
    (P.LETTER_SENT, 1),
    (P.DELIVERED_UNCOMMITTED, 2),
    (P.DELIVERED, 2),
]
"""Where it dies, and at the which time that it comes there."""
AT_START = (P.RECOVER_UNCOMMITTED, P.RECOVERED, P.ROUND_LOOKED)
"""At a start with something in doubt; the read is that of the first in doubt."""


def everywhere() -> list[object]:
    return [pytest.param(point, times, id=f"{point}-{times}") for point, times in AT]


def approve(stage: Stage) -> None:
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()


def prepare(stage: Stage) -> None:
    """One number that has no profile, and one that Telnyx refuses, so that there is an alert."""
    stage.line.emulator.put_on_profile(LOOSE, None)
    stage.line.emulator.fail_next(REFUSED, "refuse", reason="The number is locked by a port-out.", times=None)


async def stored(stage: Stage) -> list[StoredEvent]:
    """Every event in the store: also while no service runs."""
    with open_store(f"sqlite:///{stage.config.parent / 'tendlc.db'}", writer=False) as store:
        return [one async for one in store.all_events()]


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
    rows = Counter(one.event_id for one in await stored(stage))
    assert {event: rows[event] for event in acknowledged(stage)} == dict.fromkeys(acknowledged(stage), 1)
    assert set(rows.values()) == {1}
    letters = [one for one in stage.letters.letters if one["alert"] == "AssignmentFailed"]
    assert {one["status"] for one in letters} == {"firing"}
    assert len({one["dedup_key"] for one in letters}) == 1
    assert len(letters) <= 2  # what was sent and not recorded is sent again, once


async def die_and_go_on(stage: Stage, point: str) -> None:
    """The approval comes, the program dies at this point, and the shipped one takes over."""
    await stage.program.start_dying(point)
    approve(stage)
    assert await stage.program.ended() == KILLED
    await stage.program.start()
    await until_all_is_well(stage)


@pytest.mark.covers("H01", "F-06", "F-07", "F-08", "F-09", "F-10")
@pytest.mark.parametrize(("point", "times"), everywhere())
async def test_a_death_at_any_step_costs_only_time(set_stage: SetStage, point: CrashPoint, times: int) -> None:
    async with set_stage(**SCENE) as stage:
        prepare(stage)
        await die_and_go_on(stage, f"{point}:{times}")


def test_every_crash_point_is_died_at() -> None:
    assert {point for point, _ in AT} | set(AT_START) == set(CrashPoint)


def told(event_id: str) -> bytes:
    """An event's body, as Telnyx sends it."""
    payload = {"campaignId": IN_REVIEW, "type": "REVIEW"}
    return json.dumps({"data": {"event_type": "10dlc.campaign.update", "id": event_id, "payload": payload}}).encode()


async def send(stage: Stage, body: bytes) -> int | None:
    """Send an event as Telnyx does; the answer's status, None for none."""
    headers = sign(SIGNING_KEY, body, int(time.time()))
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.post(stage.webhook_url, content=body, headers=headers)).status_code
        except httpx.TransportError:
            return None


@pytest.mark.parametrize(
    ("point", "answer", "rows"),
    [
        pytest.param(P.ACCEPTED, None, 0, marks=pytest.mark.covers("F-01")),
        pytest.param(P.BODY_READ, None, 0, marks=pytest.mark.covers("F-01")),
        pytest.param(P.RECEIVE_UNCOMMITTED, None, 0, marks=pytest.mark.covers("F-03")),
        pytest.param(P.RECEIVE_COMMITTED, None, 1, marks=pytest.mark.covers("F-03", "E07")),
        pytest.param(P.ANSWERED, HTTPStatus.OK, 1, marks=pytest.mark.covers("E07")),
    ],
)
async def test_what_was_not_answered_is_told_again_and_kept_once(
    set_stage: SetStage, point: CrashPoint, answer: int | None, rows: int
) -> None:
    async with set_stage(marketing=NUMBERS[:1], alerts=()) as stage:
        await stage.program.start_dying(point)
        assert await send(stage, told("one")) == answer
        assert await stage.program.ended() == KILLED
        assert [one.event_id for one in await stored(stage)] == ["one"] * rows

        await stage.program.start()
        assert await send(stage, told("one")) == HTTPStatus.OK

        async def done() -> bool:
            return [one.state for one in await stored(stage)] == [EventState.PROCESSED]

        await stage.program.until(SECONDS, "the event to be processed, once", done)
        assert [(one.event_id, one.duplicates) for one in await stored(stage)] == [("one", rows)]


@pytest.mark.covers("F-06", "H01")
async def test_a_claim_that_died_is_taken_over_at_once_and_counted(set_stage: SetStage) -> None:
    """On SQLite nobody else can hold it, so its lease is not waited for; the settle window is."""
    async with set_stage(**SCENE) as stage:
        prepare(stage)
        await die_and_go_on(stage, f"{P.CLAIMED}:4")
        with open_store(f"sqlite:///{stage.config.parent / 'tendlc.db'}", writer=False) as store:
            told = [await store.timeline(PhoneNumber(number), 50) for number in (*NUMBERS, REFUSED)]
        intents = [[one.detail.split(",")[0] for one in moments if one.what == "intent"] for moments in told]
        assert ["request 1", "request 2"] in intents


@pytest.mark.covers("F-07", "H01")
async def test_a_request_that_died_on_its_way_is_read_and_sent_again_after_the_window(set_stage: SetStage) -> None:
    async with set_stage(**SCENE) as stage:
        prepare(stage)
        stage.line.faults = Faults(upcoming=(Fault.LOSE_REQUEST,) * 3, methods=frozenset({"POST"}))
        await die_and_go_on(stage, f"{P.CALL_SENT}:3")
        lost = [posts for posts in asked_for(stage.line.crossings).values() if posts[0].fault is Fault.LOSE_REQUEST]
        assert len(lost) == 3
        assert {len(posts) for posts in lost} == {2}


@pytest.mark.covers("F-07", "F-08", "H01")
@pytest.mark.parametrize("point", AT_START)
@pytest.mark.parametrize("fault", [None, Fault.LOSE_REQUEST])
async def test_a_recovery_that_dies_is_begun_again(set_stage: SetStage, point: CrashPoint, fault: Fault | None) -> None:
    async with set_stage(**SCENE) as stage:
        prepare(stage)
        if fault is not None:
            stage.line.faults = Faults(upcoming=(fault,) * 4, methods=frozenset({"POST"}))
        await stage.program.start_dying(f"{P.CALL_SENT}:4")
        approve(stage)
        assert await stage.program.ended() == KILLED
        for _ in range(2):
            await stage.program.start_dying(point)
            assert await stage.program.ended() == KILLED
        await stage.program.start()
        await until_all_is_well(stage)


async def test_the_shipped_program_dies_at_no_point(set_stage: SetStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENDLC_DIE_AT", P.RECEIVE_COMMITTED)
    async with set_stage(marketing=NUMBERS[:1], alerts=()) as stage:
        await stage.program.start()
        assert await send(stage, told("one")) == HTTPStatus.OK
        assert await stage.program.stop() == 0
        assert [one.event_id for one in await stored(stage)] == ["one"]


@pytest.mark.parametrize(
    ("variable", "base_url", "complaint"),
    [
        ("", "http://127.0.0.1:1/v2", "names no crash point"),
        ("nowhere:1", "http://127.0.0.1:1/v2", "names no crash point"),
        ("claimed:x", "http://127.0.0.1:1/v2", "names no crash point"),
        ("claimed:0", "http://127.0.0.1:1/v2", "names no crash point"),
        ("claimed:1", "http://127.0.0.2:1/v2", "calls the sandbox only"),
    ],
)
async def test_the_dying_build_starts_for_the_sandbox_only(
    set_stage: SetStage, variable: str, base_url: str, complaint: str
) -> None:
    async with set_stage(marketing=NUMBERS[:1], alerts=()) as stage:
        text = stage.config.read_text()
        stage.config.write_text(text.replace(stage.line.base_url, base_url))
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "reconciler.sandbox.dying", "-c", str(stage.config), "serve"],
            env={**os.environ, "TENDLC_DIE_AT": variable},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 1
        assert complaint in done.stderr
