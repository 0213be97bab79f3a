"""The commands as a person or a script runs them: outputs, exit codes, and that reading never writes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from reconciler.app.shapes import EventsShape, ExplainShape, PlanShape, StatusShape
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.demo import staged
from reconciler.sandbox.scene import APPROVED, Scene

pytestmark = pytest.mark.anyio
QUICK = Scene(behaviour=Behaviour(assignment_seconds=0.1, carrier_seconds=0.1), rate_limit="100/s")
Done = subprocess.CompletedProcess[str]


async def tendlc(*words: str | Path, environ: dict[str, str] | None = None) -> Done:
    """Run it as a child process, in a pipe."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "reconciler", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **(environ or {})},
    )


async def test_help_lists_every_command() -> None:
    done = await tendlc("--help")
    assert done.returncode == 0
    for command in ("validate", "plan", "serve", "status", "explain", "numbers", "queue", "alerts", "events", "schema"):
        assert f"  {command} " in done.stdout


async def test_wrong_use_is_64() -> None:
    nowhere = ["sandbox", "emulator", "--empty", "--webhook-url", "http://127.0.0.1:1/"]
    for words in (["nonsense"], ["plan", "--nonsense"], ["-c", "x", "explain"], ["schema", "nonsense"], nowhere):
        done = await tendlc(*words)
        assert done.returncode == 64, words
        assert not done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
async def test_output_that_finds_no_room_is_a_failure_in_one_line() -> None:
    def run() -> Done:
        with Path("/dev/full").open("w") as full:
            words = [sys.executable, "-m", "reconciler", "schema", "config"]
            return subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)

    done = await asyncio.to_thread(run)
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


async def test_an_invalid_config_is_78_with_every_place(tmp_path: Path) -> None:
    config = tmp_path / "tendlc.yaml"
    config.write_text(
        "version: 1\n"
        "telnyx: {api_key: KEY, base_url: 'https://api.telnyx.com/v2'}\n"
        "pools:\n"
        "  - name: a\n"
        "    campaign: C6X6M95\n"
        "    numbers: [+18005550100, '+12025550100']\n"
        "    policy: {sync: full, on_conflict: move}\n"
        "  - name: b\n"
        "    campaign: C6X6M95\n"
        "    numbers: ['+12025550100']\n"
    )
    done = await tendlc("-c", config, "validate")
    assert done.returncode == 78
    for line, told in ((6, "toll-free"), (7, "not supported yet"), (10, "two pools")):
        assert any(f"{config}:{line}:" in text and told in text for text in done.stderr.splitlines()), told
    done = await tendlc("-c", config, "validate", "-o", "json")
    assert done.returncode == 78
    assert {problem["line"] for problem in json.loads(done.stdout)["problems"]} == {6, 7, 10}
    for command in (["plan"], ["serve"], ["status"]):
        assert (await tendlc("-c", config, *command)).returncode == 78, command


async def test_errors_as_json_go_to_stderr(tmp_path: Path) -> None:
    done = await tendlc("-c", tmp_path / "missing.yaml", "status", "-o", "json")
    assert done.returncode == 78
    assert not done.stdout
    error = json.loads(done.stderr)["error"]
    assert "missing.yaml" in error["message"]
    assert error["hint"]


async def test_wrong_use_is_told_as_json_where_that_is_wanted() -> None:
    done = await tendlc("explain", "12025550123", "-o", "json")
    assert (done.returncode, done.stdout) == (64, "")
    error = json.loads(done.stderr)["error"]
    assert (error["code"], "E.164" in error["message"], error["hint"]) == (
        "UsageError",
        True,
        "try 'tendlc explain --help'",
    )


async def test_color_is_for_errors_too() -> None:
    for words, styled in (((), False), (("--color", "always"), True), (("--color", "never"), False)):
        done = await tendlc(*words, "-c", "missing.yaml", "plan", environ={"NO_COLOR": "1"})
        assert ("\x1b[" in done.stderr) == styled, words


async def test_plan_reads_only_and_says_what_would_change(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        stage.line.emulator.assign_by_hand(QUICK.alerts[0], APPROVED)
        done = await tendlc("-c", stage.config, "plan", "-o", "json")
        assert done.returncode == 0, done.stderr
        jsonschema.validate(json.loads(done.stdout), PlanShape.model_json_schema(mode="serialization"))
        plan = PlanShape.model_validate_json(done.stdout)
        assert [(one.verb, one.number) for one in plan.actions] == [("assign", n) for n in QUICK.alerts[1:]]
        assert {hold.reason for hold in plan.holds} == {"campaign_in_review"}
        assert (len(plan.holds), plan.unchanged, plan.complete) == (len(QUICK.marketing), 1, True)
        again = await tendlc("-c", stage.config, "plan", "-o", "json", "--detailed-exitcode")
        assert (again.returncode, again.stdout) == (2, done.stdout)
        text = await tendlc("-c", stage.config, "plan", "acme-alerts")
        assert "2 to assign, 0 held" in text.stdout
        assert {call.method for call in stage.line.emulator.journal()} == {"GET"}
        assert not (tmp_path / "tendlc.db").exists()


async def test_plan_of_one_pool_counts_that_pool_only_and_marks_what_only_observes(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        ours, observed, _ = QUICK.alerts
        stage.line.emulator.assign_by_hand(ours, APPROVED)
        other = f"  - {{name: other, campaign: {APPROVED}, policy: {{mode: observe}}, numbers: ['{observed}']}}\n"
        text = stage.config.read_text().replace(f'      - "{observed}"\n', "").replace("schedule:", f"{other}schedule:")
        stage.config.write_text(text)
        done = await tendlc("-c", stage.config, "plan", "other")
        assert "1 to assign, 0 held, 0 unchanged" in done.stdout
        assert f"{observed}  other (observe)" in done.stdout
        both = await tendlc("-c", stage.config, "plan", "other", "acme-alerts", "-o", "json")
        assert json.loads(both.stdout)["unchanged"] == 1


async def test_a_refused_key_is_exit_code_4(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        stage.config.write_text(stage.config.read_text().replace("KEY-sandbox", "KEY-wrong"))
        for command in (["plan"], ["status"], ["explain", QUICK.alerts[0]]):
            done = await tendlc("-c", stage.config, *command)
            assert done.returncode == 4, (command, done)
            assert "KEY-wrong" not in done.stdout + done.stderr
            done = await tendlc("-c", stage.config, *command, "-o", "json")
            assert json.loads(done.stderr)["error"]["code"] == "AccessRefused", command


async def test_telnyx_out_of_reach_is_a_failure_not_a_plan(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        config = stage.config
    valid = await tendlc("-c", config, "validate")
    assert "valid, 2 pools with 23 numbers" in valid.stdout
    done = await tendlc("-c", config, "plan", "-o", "json")
    unread = json.loads(done.stdout)["unread"]
    assert (done.returncode, len(unread)) == (1, len(set(unread)))
    done = await tendlc("-c", config, "plan")
    assert done.returncode == 1
    assert "0 to assign" in done.stdout
    assert "the look at Telnyx was not complete" in done.stderr


async def test_status_and_explain_work_without_a_store_and_with_one(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        number = QUICK.alerts[0]
        for _ in ("without", "with"):
            done = await tendlc("-c", stage.config, "status", "-o", "json")
            assert done.returncode == 0, done.stderr
            jsonschema.validate(json.loads(done.stdout), StatusShape.model_json_schema(mode="serialization"))
            assert [pool["desired"] for pool in json.loads(done.stdout)["pools"]] == [20, 3]
            done = await tendlc("-c", stage.config, "explain", number, "-o", "json")
            assert done.returncode == 0, done.stderr
            jsonschema.validate(json.loads(done.stdout), ExplainShape.model_json_schema(mode="serialization"))
            await stage.program.start()

            async def ready() -> bool:
                return (await stage.program.phases("acme-alerts")).get("Ready") == len(QUICK.alerts)

            await stage.program.until(20, "three to be Ready", ready)
            await stage.program.stop()
        behind = await tendlc("-c", stage.config, "status", "--exit-code")
        assert behind.returncode == 2
        assert "Waiting:20" in behind.stdout
        done = await tendlc("-c", stage.config, "explain", number)
        assert f"{number}: Ready" in done.stdout
        assert "intent" in done.stdout
        foreign = await tendlc("-c", stage.config, "explain", "+447700900000")
        assert "in no pool" in foreign.stdout


async def test_events_are_listed_and_exported(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        await stage.program.start()

        async def told() -> bool:
            status = StatusShape.model_validate(await stage.program.status())
            return status.webhooks.last_received_at is not None

        await stage.program.until(20, "an event", told)
        listed = await tendlc("-c", stage.config, "events", "list", "-o", "json")
        jsonschema.validate(json.loads(listed.stdout), EventsShape.model_json_schema(mode="serialization"))
        exported = await tendlc("-c", stage.config, "events", "export")
        lines = [json.loads(line) for line in exported.stdout.splitlines()]
        assert {line["event_type"] for line in lines if line["state"] == "processed"} == {"10dlc.phone_number.update"}
        assert all(json.loads(line["body"])["data"]["id"] == line["event_id"] for line in lines)


async def test_every_schema_is_json() -> None:
    for what in ("config", "plan", "status", "explain", "numbers", "queue", "retry", "pause", "event", "event-detail"):
        done = await tendlc("schema", what)
        jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


async def test_a_second_service_on_one_store_is_refused(tmp_path: Path) -> None:
    async with staged(QUICK, tmp_path) as stage:
        await stage.program.start()
        text = stage.config.read_text()
        other = tmp_path / "other.yaml"
        ports = [line.split(":")[-1].strip(" }") for line in text.splitlines() if "listen: 127.0.0.1" in line]
        for port in ports:
            text = text.replace(f"listen: 127.0.0.1:{port}", "listen: 127.0.0.1:0")
        other.write_text(text)
        done = await tendlc("-c", other, "serve")
        assert done.returncode == 1
        assert str(stage.program.pid) in done.stderr


async def test_the_sandbox_ends_its_service_with_itself() -> None:
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reconciler", "sandbox", "serve"), stdout=asyncio.subprocess.PIPE
    )
    assert sandbox.stdout is not None
    told = [(await asyncio.wait_for(sandbox.stdout.readline(), 30)).decode() for _ in range(5)]
    page, config = told[0].split()[1], told[1].split()[1]
    assert await asyncio.to_thread(os.path.exists, config)
    sandbox.terminate()
    await asyncio.wait_for(sandbox.wait(), 30)
    assert not await asyncio.to_thread(os.path.exists, config)
    host, port = page.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, int(port))
