"""`tendlc alerts`: what is listed is what is so, and a test tells the whole exchange, without a service."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from reconciler.app.shapes import AlertListShape, AlertTestShape
from reconciler.model.alerts import AlertName, Attempt, Condition, Family, Judgement, Message, Said
from reconciler.sandbox.mailbox import mailbox
from reconciler.store import open_store
from tests.alerts.listener import TOKEN, listening, refuses
from tests.builders import HOUR, NOW, a_number
from tests.cli.test_commands import tendlc

pytestmark = pytest.mark.anyio

FAILED, REJECTED, STUCK = AlertName.ASSIGNMENT_FAILED, AlertName.CAMPAIGN_NOT_APPROVED, AlertName.ASSIGNMENT_STUCK
BASE = """\
version: 1
telnyx: {api_key: KEY, public_key: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=}
pools: [{name: acme, campaign: C6X6M95, numbers: ["+12025550123"]}]
"""
PUBLIC = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def config(folder: Path, *receivers: str, more: str = "") -> Path:
    path = folder / "tendlc.yaml"
    lines = "".join(f"    - {one}\n" for one in receivers)
    listed = f"alerts:\n  receivers:\n{lines}{more}" if receivers else ""
    path.write_text(f"{BASE}store: {{url: 'sqlite:///{folder}/tendlc.db'}}\n{listed}")
    return path


def a_message(receiver: str, pool: str = "acme") -> Message:
    """A message on its way."""
    key = f"tendlc/{FAILED}/{pool}"
    return Message(receiver, "firing", FAILED, FAILED.severity, pool, 1, (), (), NOW, key, Said("It failed"))


async def test_the_list_tells_what_fires_and_pends_and_is_inhibited(tmp_path: Path) -> None:
    path = config(tmp_path, "{name: ops, log: {}}", "{name: oncall, min_severity: critical, log: {}}")
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True) as store:
        failing = (Condition(FAILED, "acme", a_number(which), "capacity", "full") for which in range(3))
        beyond = Condition(FAILED, "zeta", a_number(9), "telnyx_refused", "locked")
        rejected = Condition(REJECTED, "acme", "C6X6M95", "campaign_rejected", "by the carrier")
        stuck = Condition(STUCK, "acme", a_number(5), "telnyx_pending", wait=24 * HOUR)
        families = (Family(FAILED, "acme"), Family(FAILED, "zeta"), Family(REJECTED, "acme"), Family(STUCK, "acme"))
        await store.judge(Judgement(families, (*failing, beyond, rejected, stuck)), NOW)

    done, text = await tendlc("-c", path, "alerts", "list", "-o", "json"), await tendlc("-c", path, "alerts", "list")

    assert (done.returncode, text.returncode) == (0, 0)
    schema = json.loads((await tendlc("schema", "alerts")).stdout)
    jsonschema.validate(json.loads(done.stdout), schema)
    shape = AlertListShape.model_validate_json(done.stdout)
    rows = [(one.alert, one.pool, one.state, one.severity, one.count, one.receivers) for one in shape.alerts]
    assert rows == [
        (FAILED, "acme", "inhibited", "warning", 3, ("ops",)),
        (FAILED, "zeta", "firing", "warning", 1, ("ops",)),
        (STUCK, "acme", "pending", "warning", 1, ("ops",)),
        (REJECTED, "acme", "firing", "critical", 1, ("ops", "oncall")),
    ]
    assert shape.alerts[0].reasons == {"capacity": 3}
    assert (shape.alerts[0].example, shape.alerts[0].detail) == (a_number(0), "full")
    assert [one.fires_at for one in shape.alerts] == [None, None, NOW + 24 * HOUR, None]
    assert "AssignmentFailed" in text.stdout
    assert "capacity:3" in text.stdout


async def test_the_list_tells_who_is_not_reached(tmp_path: Path) -> None:
    path = config(tmp_path, "{name: ops, log: {}}")
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True) as store:
        await store.post((a_message("ops"), a_message("ops", pool="zeta"), a_message("audit")), NOW)
        parcel = await store.take_parcel("ops", NOW)
        assert parcel is not None
        await store.delivered(parcel, Attempt(NOW + HOUR, failures=2, holds_all=True, missed=True), NOW)

    text, done = await tendlc("-c", path, "alerts", "list"), await tendlc("-c", path, "alerts", "list", "-o", "json")

    assert text.stdout == "no alert fires\nreceiver ops: 2 attempts failed in a row, 2 messages waiting\n"
    (unreached,) = AlertListShape.model_validate_json(done.stdout).unreached
    assert (unreached.receiver, unreached.failures, unreached.next_at, unreached.waiting) == ("ops", 2, NOW + HOUR, 2)


async def test_without_a_store_there_is_nothing_to_list(tmp_path: Path) -> None:
    done = await tendlc("-c", config(tmp_path), "alerts", "list")

    assert done.returncode == 1
    assert "start the service once" in done.stderr


async def test_a_test_reaches_every_receiver_with_a_firing_and_a_resolve(tmp_path: Path) -> None:
    async with mailbox() as box:
        hook = f"{{name: hook, webhook: {{url: '{box.url}', signing_key: {SEED}}}}}"
        chat = f"{{name: chat, slack: {{webhook_url: '{box.url}'}}}}"
        path = config(tmp_path, hook, chat, "{name: journal, log: {}}")

        done = await tendlc("-c", path, "alerts", "test", "-o", "json")
        one = await tendlc("-c", path, "alerts", "test", "hook")

    assert done.returncode == 0, done.stderr
    shape = AlertTestShape.model_validate_json(done.stdout)
    assert [(step.receiver, step.status, step.ok, step.detail) for step in shape.steps] == [
        ("hook", "firing", True, "127.0.0.1: HTTP 204"),
        ("hook", "resolved", True, "127.0.0.1: HTTP 204"),
        ("chat", "firing", True, "127.0.0.1: HTTP 204"),
        ("chat", "resolved", True, "127.0.0.1: HTTP 204"),
        ("journal", "firing", True, "log: written"),
        ("journal", "resolved", True, "log: written"),
    ]
    assert shape.notes == {"hook": f"signed; the receiver checks it by {PUBLIC}"}
    ours = [letter for letter in box.letters if letter.get("pool") == "tendlc-test"]
    assert [letter["status"] for letter in ours] == ["firing", "resolved", "firing", "resolved"]
    assert len({letter["dedup_key"] for letter in ours}) == 1
    assert one.returncode == 0
    assert one.stdout.count("127.0.0.1: HTTP 204") == 2


async def test_a_test_that_fails_says_why_and_exits_1(tmp_path: Path) -> None:
    async with listening(refuses("404 Not Found", "no_service")) as (url, _):
        path = config(tmp_path, f"{{name: chat, slack: {{webhook_url: '{url.reveal()}'}}}}")
        done = await tendlc("-c", path, "alerts", "test")

    assert done.returncode == 1
    assert "no_service: the incoming webhook is off or removed; make a new one" in done.stdout
    assert TOKEN not in done.stdout + done.stderr


async def test_a_receiver_that_there_is_not_is_wrong_use(tmp_path: Path) -> None:
    path = config(tmp_path, "{name: journal, log: {}}")

    unknown = await tendlc("-c", path, "alerts", "test", "oncall")
    none = await tendlc("-c", config(tmp_path), "alerts", "test")

    assert (unknown.returncode, none.returncode) == (64, 1)
    assert "no receiver is named oncall (journal)" in unknown.stderr
    assert "the config names no receiver of alerts" in none.stderr


@pytest.mark.parametrize("kind", ["pagerduty", "alertmanager", "email", "apprise"])
async def test_what_is_planned_is_refused(tmp_path: Path, kind: str) -> None:
    done = await tendlc("-c", config(tmp_path, f"{{name: a, {kind}: {{}}}}"), "alerts", "test")

    assert done.returncode == 78
    assert f"{kind}: not supported yet" in done.stderr
