"""`tendlc numbers`: every number, where it stands, and why."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.app.queue_shapes import NumberShape, NumbersShape
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import staged
from reconciler.sandbox.scene import Scene
from tests.cli.conftest import BLOCKED, CAMPAIGN, DOUBTED, DUE, EXTRA, READY, Shell
from tests.cli.test_commands import tendlc


def test_every_number_has_its_phase_its_reason_and_who_can_change_it(shell: Shell) -> None:
    told = shell("numbers", "-o", "json")

    jsonschema.validate(told.json, NumbersShape.model_json_schema(mode="serialization"))
    found = NumbersShape.model_validate(told.json).numbers
    assert [(one.number, one.phase, one.reason, one.who) for one in found] == [
        (READY, "Ready", "", "us"),
        (DUE, "Queued", "assign_due", "us"),
        (BLOCKED, "Blocked", "capacity", "you"),
        (DOUBTED, "Assigning", "outcome_unknown", "us"),
    ]
    assert {(one.pool, one.campaign) for one in found} == {("acme", CAMPAIGN)}
    blocked = found[2]
    assert blocked.next_at is not None
    assert blocked.message.startswith("The campaign can take no more numbers. Last answer: full")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["--phase", "Ready"], [READY]),
        (["--phase", "blocked"], [BLOCKED]),
        (["--reason", "assign_due"], [DUE]),
        (["--pool", "acme", "--phase", "Waiting"], []),
        (["--all", "--phase", "Unmanaged"], [EXTRA]),
        (["--phase", "Unmanaged"], []),
    ],
)
def test_the_numbers_can_be_narrowed(shell: Shell, words: list[str], numbers: list[str]) -> None:
    lines = shell("numbers", *words, "-o", "ndjson").out.splitlines()

    assert [NumberShape.model_validate(json.loads(line)).number for line in lines] == numbers


def test_as_text_each_has_a_line(shell: Shell) -> None:
    lines = shell("numbers", "--all").out.splitlines()

    assert lines[0].split()[:6] == ["NUMBER", "POOL", "CAMPAIGN", "PHASE", "REASON", "WHO"]
    assert lines[-1] == "5 numbers"
    assert len(lines) == 7
    assert all("\x1b" not in line for line in lines)


@pytest.mark.parametrize("words", [["--phase", "Nonsense"], ["--pool", "nowhere"], ["--reason", "nonsense"]])
def test_what_there_is_not_is_wrong_use(shell: Shell, words: list[str]) -> None:
    assert shell("numbers", *words).code == 64


@pytest.mark.anyio
async def test_without_a_store_it_looks(tmp_path: Path) -> None:
    scene = Scene(behaviour=Behaviour(), rate_limit="100/s", marketing=())
    async with staged(scene, tmp_path) as stage:
        done = await tendlc("-c", stage.config, "numbers", "-o", "ndjson")

        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["phase"] for line in done.stdout.splitlines()] == ["Queued"] * len(scene.alerts)
        assert not (tmp_path / "tendlc.db").exists()
