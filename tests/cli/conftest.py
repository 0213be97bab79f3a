"""A config and a store as a service left them, and the commands run in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import run
from reconciler.model.alerts import Judgement
from reconciler.model.fleet import Assignment, AssignmentState, Campaign, CampaignPhase, CarrierState, Sighting
from reconciler.model.ids import CampaignId, PhoneNumber, PoolName
from reconciler.model.memory import Round
from reconciler.model.plan import Assign, Plan
from reconciler.model.reasons import Reason
from reconciler.model.verdicts import GiveUp, Recheck, Verdict
from reconciler.store import SqlStore, open_store

CAMPAIGN = CampaignId("9c1f7c52-0d3e-4a51-8a34-5be0a7c0d001")
POOL = PoolName("acme")
READY, DUE, BLOCKED, DOUBTED, EXTRA = (PhoneNumber(f"+1202555010{index}") for index in range(5))
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- what json.loads gives
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands with one config, and looks into its store."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Told:
        """Run one command."""
        code = run(["-c", str(self.folder / "tendlc.yaml"), *words])
        said = self.capsys.readouterr()
        return Told(code, said.out, said.err)

    def store(self, ask: Callable[[SqlStore], Awaitable[Any]]) -> Any:  # noqa: ANN401 -- whatever it answers
        """Do something with the store, as its writer."""

        async def do() -> object:
            with open_store(f"sqlite:///{self.folder}/tendlc.db", writer=True) as store:
                return await ask(store)

        return asyncio.run(do())


async def _worked(store: SqlStore) -> None:
    """One number is there, one is to be sent, one is refused, one is in doubt, and one that no pool wants is there."""
    actions = tuple(Assign(number, POOL, CAMPAIGN) for number in (BLOCKED, DOUBTED))
    there = {
        number: Assignment(number, CAMPAIGN, AssignmentState.ASSIGNED, {"tmobile": CarrierState.ADDED})
        for number in (READY, EXTRA)
    }
    await store.reconciled(_a_round(NOW, *actions, there=there))
    verdicts: tuple[Verdict, ...] = (
        GiveUp(NOW + timedelta(hours=6), Reason.CAPACITY, "full\x1b[31m"),
        Recheck(NOW + timedelta(hours=1), "no answer"),
    )
    for verdict in verdicts:
        operation = await store.claim(NOW, timedelta(seconds=30))
        assert operation is not None
        await store.record(operation, verdict, None, Judgement(), (), NOW)
    await store.reconciled(_a_round(NOW, Assign(DUE, POOL, CAMPAIGN)))
    await store.receive("", b"1", b'\xff\x1b[31m"', NOW, "the body is no UTF-8")
    await store.receive("e2", b"2", '{"data": {"id": "e2", "note": "\u202e\x7f"}}'.encode(), NOW, "no event\x1b[31m")


def _a_round(at: datetime, *actions: Assign, there: dict[PhoneNumber, Assignment] | None = None) -> Round:
    plan = Plan("r1", at, complete=True, actions=actions, holds=(), unchanged=0, digest="digest")
    return Round(
        at,
        at,
        (),
        plan,
        actions=actions,
        evidence_at={CAMPAIGN: at},
        campaigns=(Campaign(CAMPAIGN, CampaignPhase.APPROVED, at),),
        sightings=tuple(Sighting(number, at, "listing", found, at) for number, found in (there or {}).items()),
    )


@pytest.fixture
def empty_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Before the first start: there is a config, and no store."""
    numbers = ", ".join(f"'{number}'" for number in (READY, DUE, BLOCKED, DOUBTED))
    (tmp_path / "tendlc.yaml").write_text(
        "version: 1\n"
        "telnyx: {api_key: KEY, public_key: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=}\n"
        f"pools: [{{name: acme, campaign: {CAMPAIGN}, numbers: [{numbers}]}}]\n"
        "schedule: {timezone: America/New_York}\n"
        "web: {listen: 127.0.0.1:9}\n"
        f"store: {{url: 'sqlite:///{tmp_path}/tendlc.db'}}\n"
    )
    return Shell(tmp_path, capsys)


@pytest.fixture
def shell(empty_shell: Shell) -> Shell:
    """After a while, with no service running now."""
    empty_shell.store(_worked)
    return empty_shell
