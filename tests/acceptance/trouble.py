"""What tests of a store in trouble share: events sent as Telnyx does, what became of them, and how the program does."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.announce import sign
from reconciler.sandbox.demo import Stage
from reconciler.sandbox.scene import IN_REVIEW, SIGNING_KEY

SECONDS = 40.0
ANSWER_SECONDS = 1.5 + 3.0
"""The receiver's budget, and what a machine under load adds to it."""
ALIVE_SECONDS = 1.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loads no certificates: nothing here is asked by TLS."""


class Sender:
    """Sends events and remembers which of them were accepted."""

    def __init__(self, stage: Stage) -> None:
        self.accepted: list[str] = []
        self._stage = stage

    async def send(self, event_id: str) -> int:
        """The answer's status; 0: there was none. Fails if it took too long."""
        told = {
            "id": event_id,
            "event_type": "10dlc.campaign.update",
            "payload": {"campaignId": IN_REVIEW, "type": "X"},
        }
        body, began = json.dumps({"data": told}).encode(), time.monotonic()
        headers = sign(SIGNING_KEY, body, int(time.time()))
        try:
            async with _client() as http:
                status = (await http.post(self._stage.webhook_url, content=body, headers=headers)).status_code
        except httpx.TransportError:
            status = 0
        assert time.monotonic() - began < ANSWER_SECONDS
        if status == httpx.codes.OK:
            self.accepted.append(event_id)
        return status

    async def ready(self) -> tuple[int, str]:
        """What `/readyz` says, and why; 0: nothing."""
        try:
            answer = await self.get("/readyz")
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.json().get("reasons", {}).get("store", "")

    async def alive_after(self) -> float:
        """How long both listeners took to say that they are up."""
        async with _client() as http:
            began = time.monotonic()
            for root in (self._stage.webhook_url.removesuffix("/webhooks/telnyx"), self._stage.program.page):
                assert (await http.get(f"{root}/livez")).status_code == httpx.codes.OK
            return time.monotonic() - began

    async def get(self, path: str) -> httpx.Response:
        """From the admin listener."""
        async with _client() as http:
            return await http.get(f"{self._stage.program.page}{path}")


def _client() -> httpx.AsyncClient:
    """A connection of its own for each request, as Telnyx's are."""
    return httpx.AsyncClient(trust_env=False, timeout=10.0, verify=_NO_TLS)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def tendlc(stage: Stage, *words: str) -> subprocess.CompletedProcess[str]:
    """One command on the stage's config."""
    command = [sys.executable, "-m", "reconciler", "-c", str(stage.config), *words]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=60)


async def stored(stage: Stage) -> set[str]:
    """The ids of all events that the store has."""
    done = await tendlc(stage, "events", "export")
    assert done.returncode == 0, done.stderr
    return {json.loads(line)["event_id"] for line in done.stdout.splitlines()}


async def until_kept(stage: Stage, sender: Sender, event_id: str) -> None:
    """Send, as Telnyx does, until it is accepted."""
    count = 0

    async def kept() -> bool:
        nonlocal count
        count += 1
        return await sender.send(event_id) == httpx.codes.OK

    await stage.program.until(SECONDS, f"{event_id} to be accepted", kept)


async def until_refused(stage: Stage, sender: Sender, event_id: str) -> None:
    """Send new events until one is answered 503: what is under way may still succeed."""
    count = 0

    async def refused() -> bool:
        nonlocal count
        count += 1
        return await sender.send(f"{event_id}-{count}") == httpx.codes.SERVICE_UNAVAILABLE

    await stage.program.until(SECONDS, "a 503", refused)


async def does_its_job(stage: Stage, accepted: Collection[str]) -> None:
    """The approval still assigns every number, once; and nothing that was accepted is lost."""
    stage.line.emulator.approve(IN_REVIEW, stage.line.now())
    stage.line.woken.set()
    numbers = stage.scene.marketing

    async def all_ready() -> bool:
        return (await stage.program.phases("acme-marketing")).get("Ready") == len(numbers)

    await stage.program.until(SECONDS, "every number to be Ready", all_ready)
    assert [stage.line.emulator.posts(number) for number in numbers] == [1] * len(numbers)
    assert set(accepted) <= await stored(stage)


def other_program(path: Path, statement: str) -> sqlite3.Connection:
    """Another program with the file open, after it executed a statement."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=20.0)
    connection.execute(statement)
    return connection


@contextmanager
def mounted(folder: Path, *how: tuple[str, ...]) -> Iterator[None]:
    """Mount something on a folder, in one step or more; a test skips where nobody may."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("mounting takes root")
    try:
        for words in how:
            done = subprocess.run([mount, *words, str(folder)], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"this cannot be mounted here: {done.stderr[:100]}")
        yield
    finally:
        subprocess.run([umount, "-l", str(folder)], capture_output=True, check=False)
