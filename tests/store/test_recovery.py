"""Killed at any point, with no chance to tidy up, the store keeps every promise it made before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.model.errors import StoreError
from reconciler.model.operations import Step
from reconciler.store import Inline, open_store

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PROJECT = Path(__file__).resolve().parents[2]

PREAMBLE = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Round
from reconciler.model.plan import Assign, Plan
from reconciler.store import open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
store = open_store(sys.argv[1], writer=True)
"""

CLAIM = (
    PREAMBLE
    + """
async def main():
    action = Assign(PhoneNumber("+12025550001"), PoolName("acme"), CampaignId("C6X6M95"))
    plan = Plan("revision", NOW, True, (action,), (), 0, "digest")
    await store.reconciled(Round(NOW, NOW, (), plan, actions=(action,), evidence_at={action.campaign: NOW}))
    operation = await store.claim(NOW, timedelta(seconds=30))
    print(operation.step, flush=True)
    await asyncio.Event().wait()  # until it is killed

asyncio.run(main())
"""
)

RECEIVE = (
    PREAMBLE
    + """
async def caller(name):
    for index in range(100_000):
        event_id = f"{name}-{index}"
        await store.receive(event_id, event_id.encode(), b"x" * 1000, NOW, "")
        print(event_id, flush=True)

async def main():
    await asyncio.gather(*(caller(name) for name in "abcdefgh"))

asyncio.run(main())
"""
)


def child(script: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, f"sqlite:///{path}"]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill -9, and what it had said."""
    os.kill(process.pid, signal.SIGKILL)
    said, _ = process.communicate(timeout=30)
    return said.splitlines()


async def test_killed_between_the_claim_and_the_record(path: Path) -> None:
    """The request may be on the wire: the next process reads before it writes."""
    process = child(CLAIM, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "sent\n"
    with pytest.raises(StoreError, match=f"in use by process {process.pid}"):
        open_store(f"sqlite:///{path}", writer=True)
    kill(process)

    with open_store(f"sqlite:///{path}", writer=True, lane=Inline) as store:
        assert await store.recover(NOW, LEASE) == 1
        operation = await store.claim(NOW, LEASE)
        assert operation is not None
        assert (operation.step, operation.attempt, operation.lease_token) == (Step.UNRESOLVED, 1, 2)
        assert await store.claim(NOW, LEASE) is None
        assert [one.what for one in await store.timeline(operation.number, 9)] == ["queued", "intent", "interrupted"]


@pytest.mark.parametrize("answers", [1, 100, 1000])
async def test_killed_while_receiving(path: Path, answers: int) -> None:
    """What was answered is there, whole, once; what was not may be there, whole, once."""
    process = child(RECEIVE, path)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(answers)]
    said += kill(process)[:-1]  # the last line may be half a line

    with open_store(f"sqlite:///{path}", writer=True) as store:
        kept = [event async for event in store.all_events()]
        assert {event.body for event in kept} == {b"x" * 1000}
        ids = [event.event_id for event in kept]
        assert len(set(ids)) == len(ids)
        assert set(said) <= set(ids)
        assert not await store.receive(said[0], said[0].encode(), b"x" * 1000, NOW, "")
