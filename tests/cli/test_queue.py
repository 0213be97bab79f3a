"""The queue's commands on a store whose service is not running: they do it themselves."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from reconciler.app.queue_shapes import OperationsShape, PausedShape, RetriesShape
from reconciler.app.shapes import Shape
from reconciler.model.standing import EVERYWHERE, Freeze
from tests.cli.conftest import BLOCKED, DOUBTED, DUE, NOW, READY, Shell, Told

UNKNOWN = "+12025550199"


def checked(told: Told, shape: type[Shape]) -> dict[str, object]:
    """Its JSON, which must be as its schema says."""
    assert told.code == 0, told.err
    jsonschema.validate(told.json, shape.model_json_schema(mode="serialization"))
    return dict(told.json)


def test_the_queue_is_listed_in_the_order_of_its_turns(shell: Shell) -> None:
    listed = OperationsShape.model_validate(checked(shell("queue", "list", "-o", "json"), OperationsShape))
    few = OperationsShape.model_validate(shell("queue", "list", "--limit", "1", "-o", "json").json)

    assert [(one.number, one.step, one.due) for one in listed.operations] == [
        (DOUBTED, "unresolved", False),
        (DUE, "ready", True),
        (BLOCKED, "blocked", False),
    ]
    blocked = listed.operations[-1]
    assert (blocked.urgency, blocked.attempt, blocked.refusals, blocked.reason) == ("sweep", 1, 1, "capacity")
    assert (few.open, len(few.operations)) == (3, 1)


def test_the_queue_as_text_has_nothing_raw_in_it(shell: Shell) -> None:
    told = shell("queue", "list", "--limit", "2")
    whole = shell("queue", "list", "--all")

    assert "3 operations open, 1 not shown" in told.out
    assert "3 operations open\n" in whole.out
    assert "full\\u001b[31m" in whole.out
    assert "\x1b" not in shell("queue", "list", "-o", "json").out + whole.out


def test_pause_and_resume(shell: Shell) -> None:
    paused = checked(shell("queue", "pause", "--reason", "a migration", "-o", "json"), PausedShape)["paused"]
    assert isinstance(paused, dict)
    assert (paused["reason"], paused["author"], paused["until"]) == ("a migration", "cli", None)

    assert "PAUSED     since now by cli: a migration" in re.sub(r"\d+s ago", "now", shell("status").out)
    assert "PAUSED" in shell("queue", "list").out
    assert shell("status", "-o", "json").json["paused"] == paused
    explained = shell("explain", DUE, "-o", "json").json
    assert (explained["phase"], explained["reason"], explained["who"]) == ("Frozen", "frozen", "you")

    again = shell("queue", "pause", "--reason", "it takes longer", "-o", "json").json["paused"]
    assert (again["reason"], again["since"]) == ("it takes longer", paused["since"])
    ended = checked(shell("queue", "resume", "-o", "json"), PausedShape)
    assert (ended["paused"], ended["ended"]) == (None, again)
    assert shell("queue", "resume").out == "nothing was paused\n"
    assert shell("explain", DUE, "-o", "json").json["phase"] == "Queued"


def test_what_people_wrote_of_a_pause_reaches_the_terminal_as_text(shell: Shell) -> None:
    shell.store(lambda store: store.pause(Freeze(EVERYWHERE, NOW, "a\x1b[31mreason", "some\x07body")))

    for words in (("status",), ("queue", "list"), ("queue", "retry", DUE), ("queue", "resume")):
        told = shell(*words).out
        assert "by some\\u0007body: a\\u001b[31mreason" in told
        assert not {"\x1b", "\x07"} & set(told)


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("2h", None),
        ("2126-12-05T17:00:00Z", datetime(2126, 12, 5, 17, tzinfo=UTC)),
        ("2126-12-05", datetime(2126, 12, 6, 5, tzinfo=UTC)),
    ],
    ids=["a while", "a time", "the end of a day in New York"],
)
def test_a_pause_may_have_an_end(shell: Shell, until: str, ends: datetime | None) -> None:
    paused = shell("queue", "pause", "--until", until, "-o", "json").json["paused"]

    found = datetime.fromisoformat(paused["until"])
    since = datetime.fromisoformat(paused["since"])
    assert found == ends if ends else abs(found - since - timedelta(hours=2)) < timedelta(seconds=30)


@pytest.mark.parametrize("until", ["2020-01-01", "soon", "2126-12-05T17:00:00", "0s", "99999999999h", "", "2126-13-01"])
def test_an_end_that_is_none_is_wrong_use(shell: Shell, until: str) -> None:
    told = shell("queue", "pause", "--until", until)

    assert (told.code, told.out) == (64, "")
    assert "--until" in told.err
    assert shell("status", "-o", "json").json["paused"] is None


def test_a_service_can_be_paused_before_its_first_start(empty_shell: Shell) -> None:
    assert empty_shell("queue", "pause", "--reason", "first look only").code == 0
    assert empty_shell("status", "-o", "json").json["paused"]["reason"] == "first look only"


def test_retry_says_for_each_number_what_was_done(shell: Shell) -> None:
    done = RetriesShape.model_validate(
        checked(shell("queue", "retry", BLOCKED, DOUBTED, DUE, READY, "-o", "json"), RetriesShape)
    )

    assert [(one.number, one.done, one.why) for one in done.numbers] == [
        (BLOCKED, "send", ""),
        (DOUBTED, "read", ""),
        (DUE, "nothing", "due"),
        (READY, "nothing", "nothing_open"),
    ]
    assert (done.send, done.read, done.nothing, done.paused) == (1, 1, 2, None)
    operation = shell("queue", "list", "-o", "json").json["operations"][1]
    assert (operation["number"], operation["due"], operation["refusals"]) == (BLOCKED, True, 1)
    assert "by cli: it is sent as soon as its turn comes" in shell("explain", BLOCKED).out


def test_an_unknown_number_is_a_failure_and_the_others_are_done(shell: Shell) -> None:
    told = shell("queue", "retry", UNKNOWN, BLOCKED)

    assert told.code == 1
    assert told.out.splitlines() == [
        f"{UNKNOWN}  no pool lists it, and it was never seen on a pool's campaign",
        f"{BLOCKED}  it is sent as soon as its turn comes",
    ]


def test_retry_all_counts(shell: Shell) -> None:
    shell("queue", "pause")
    told = shell("queue", "retry", "--all")

    assert told.code == 0
    assert told.out.startswith("1 number to be sent now, 1 to be read now\nPAUSED ")
    assert shell("queue", "retry", "--all", "-o", "json").json["send"] == 0


@pytest.mark.parametrize(
    "words", [[], ["--all", BLOCKED], ["nonsense"], [f"+1202{i:07d}" for i in range(2000000, 2001001)]]
)
def test_retry_used_wrongly(shell: Shell, words: list[str]) -> None:
    assert shell("queue", "retry", *words).code == 64


def test_a_service_that_holds_the_store_and_does_not_answer_is_named(shell: Shell) -> None:
    async def meanwhile(_: object) -> Told:
        return shell_in_a_loop(shell)

    told = shell.store(meanwhile)
    error = json.loads(told.err)["error"]
    assert (told.code, told.out) == (1, "")
    assert "is in use by process" in error["message"]
    assert "no service answers at 127.0.0.1:9" in error["message"]
    assert "web.listen" in error["hint"]


def shell_in_a_loop(shell: Shell) -> Told:
    """Run a command while this thread's loop waits for it: the command brings its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(shell, "queue", "pause", "-o", "json").result(timeout=30)
