"""`tendlc events`: one event shown whole, and lists narrowed; nothing of what others sent reaches the terminal raw."""

from __future__ import annotations

import base64

import jsonschema

from reconciler.app.shapes import EventDetailShape, EventsShape
from tests.cli.conftest import Shell

BINARY, HOSTILE = "1", "2"


def test_an_event_is_shown_whole_and_counts_as_inspected(shell: Shell) -> None:
    before = shell("events", "list", "-o", "json")
    jsonschema.validate(before.json, EventsShape.model_json_schema(mode="serialization"))
    assert {one["inspected_at"] for one in before.json["events"]} == {None}

    told = shell("events", "show", BINARY, "-o", "json")

    jsonschema.validate(told.json, EventDetailShape.model_json_schema(mode="serialization"))
    assert base64.b64decode(told.json["body_base64"]) == b'\xff\x1b[31m"'
    assert (told.json["state"], told.json["reason"]) == ("quarantined", "the body is no UTF-8")
    assert told.json["inspected_at"] is not None
    again = shell("events", "show", BINARY, "-o", "json").json
    assert again["inspected_at"] == told.json["inspected_at"]


def test_what_is_no_json_is_shown_in_hexadecimal(shell: Shell) -> None:
    lines = shell("events", "show", BINARY).out.splitlines()

    assert lines[0] == "event 1: quarantined"
    assert "the body is no UTF-8" in lines[1]
    assert lines[-1].startswith("00000000  ff 1b 5b 33 31 6d 22")
    assert lines[-1].endswith('|..[31m"|')


def test_json_is_shown_line_by_line_and_nothing_raw(shell: Shell) -> None:
    told = shell("events", "show", HOSTILE)

    assert '\n    "id": "e2",\n    "note": "\\u202e\\u007f"\n' in told.out
    assert "no event\\u001b[31m" in told.out
    for words in (["show", HOSTILE], ["show", HOSTILE, "-o", "json"], ["list"], ["list", "-o", "json"], ["export"]):
        out = shell("events", *words).out
        assert all(one.isprintable() or one == "\n" for one in out), words


def test_events_are_listed_by_kind(shell: Shell) -> None:
    def listed(*words: str) -> list[int]:
        return [one["id"] for one in shell("events", "list", *words, "-o", "json").json["events"]]

    assert listed("--source", "webhook") == [2, 1]
    assert listed("--source", "delivery") == []
    assert listed("--type", "10dlc.campaign.update") == []
    assert listed("--state", "quarantined", "--limit", "1") == [2]


def test_an_event_that_is_not_there(shell: Shell) -> None:
    told = shell("events", "show", "99")

    assert (told.code, told.out) == (1, "")
    assert "there is no event 99" in told.err
    assert shell("events", "show", "0").code == 64
