"""The JSON Schema accepts what we accept and finds what an editor can find."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.config import config_schema
from reconciler.model.settings import Draft

KEY = "A" * 43 + "="
PROFILE = "4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11"
VALIDATOR = Draft202012Validator(config_schema())
PROJECT = Path(__file__).resolve().parents[2]


class Editor(yaml.SafeLoader):
    """Reads YAML as editors do, by its version 1.2: a date is text."""


Editor.yaml_implicit_resolvers = {
    start: [(tag, form) for tag, form in found if not tag.endswith(":timestamp")]
    for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def edited(text: str) -> object:
    """A text as an editor has it."""
    return Editor(text).get_single_data()


POOL = "version: 1, pools: [{name: a, campaign: b, numbers: "
GOOD = [
    "{version: 1, pools: []}",
    "{version: 1}",
    "{version: '1', pools: [{name: a, campaign: b, numbers: ['+12025550123', +12025550124]}], x-any: [1, {a: b}]}",
    "{version: 1, pools: [{name: 5, campaign: 123, description: 1.5, numbers: [+12025550123], x-a: 1, policy: }]}",
    f"{{version: 1, telnyx: {{public_key: {KEY}, rate_limit: 20/s, timeout: 5s}}, pools: []}}",
    f"{{version: 1, telnyx: {{public_key: [{KEY}], rate_limit: auto, timeout: '${{T:-5s}}'}}, pools: []}}",
    "{version: 1, telnyx: , alerts: {receivers: [{name: a, log: {}}, {name: b, log: }]}, pools: []}",
    "{version: 1, alerts: {receivers: [{name: a, webhook: {url: 'https://h/x'}}]}, pools: []}",
    "{version: 1, alerts: {link: 'https://h', receivers: [{name: a, slack: {webhook_url: 'https://h/x'}}]}}",
    f"{{version: 1, alerts: {{receivers: [{{name: a, webhook: {{url: 'https://h/x', signing_key: whsk_{KEY}}}}}]}}}}",
    "{version: 1, alerts: {receivers: [{name: a, log: }], routes: [{match: {pool: a*}, receivers: [a]}]}}",
    "{version: 1, alerts: {receivers: [{name: a, log: }], routes: [{receivers: [a], continue: true}]}}",
    "{version: 1, alerts: {inhibit: [{source: {alert: Telnyx*}, target: {alert: '*', pool: }, equal: [pool]}]}}",
    "{version: 1, alerts: {inhibit: []}}",
    "{version: 1, schedule: {drift_check: 'cron: */5 * * * *'}, pools: []}",
    "{version: 1, schedule: {full_resync: every 24h, jitter: 0s}, pools: []}",
    "{version: 1, schedule: {drift_check: every 90s}, web: {listen: '[::1]:8081'}, pools: []}",
    "{version: 1, defaults: {policy: {mode: observe, allow_empty: '${EMPTY:-true}'}}, pools: []}",
    "{version: 1, defaults: {policy: {mode: {missing: enforce, extra: observe}, on_missing_profile: skip}}}",
    "{version: 1, defaults: {policy: {pending_after: 36h}}}",
    f"{{{POOL}[], policy: {{allow_empty: true, pending_after: {{warn: 90m, escalate: '${{T:-4d}}'}}}}}}]}}",
    f"{{{POOL}['${{N}}', {{number: '+12025550123', note: 5, until: 2026-12-05, x-by: me}}]}}]}}",
    f"{{{POOL}[{{number: +12025550123, until: 2026-12-05T17:00:00-05:00}}]}}]}}",
    f"{{{POOL}[{{number: '${{N}}', note: , until: '${{DAY}}'}}, {{file: a.txt}}, {{file: '${{WHO}}.CSV'}}]}}]}}",
    f"{{{POOL}[{{select: {{tags: [a, 1], not_tags: [b]}}}}, {{select: {{messaging_profile: {PROFILE}}}}}]}}]}}",
    f"{{{POOL}[], exclude: ['+12025550123'], protect: [+12025550123], messaging_profile: {PROFILE}}}]}}",
    f"{{{POOL}[], exclude: , protect: , messaging_profile: , description: }}]}}",
    "{version: 1, schedule: {timezone: America/New_York, windows: [{days: [mon], from: '09:00', to: '24:00'}]}}",
    "{version: 1, schedule: {timezone: , windows: }, webhook: {register: report}}",
]
BAD = {
    "{version: 2, pools: []}": "version",
    "{pools: []}": "",
    "{version: 1, pools: [], polcy: {}}": "",
    "{version: 1, pools: {}}": "pools",
    "{version: 1, pools: [{name: a, numbers: []}]}": "pools.0",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], policy: {mode: off}}]}": "pools.0.policy",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], policy: {mode: {mising: observe}}}]}": "pools.0.policy",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], policy: {mode: {extra: watch}}}]}": "pools.0.policy",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], policy: {on_conflict: move}}]}": "pools.0.policy",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], safety: {}}]}": "pools.0",
    "{version: 1, defaults: {policy: {pending_after: 24}}}": "defaults",
    "{version: 1, defaults: {policy: {pending_after: {alarm: 24h}}}}": "defaults",
    "{version: 1, telnyx: {timeout: 15}, pools: []}": "telnyx",
    "{version: 1, telnyx: {rate_limit: 20}, pools: []}": "telnyx",
    "{version: 1, schedule: {drift_check: 10m}, pools: []}": "schedule",
    "{version: 1, schedule: {windows: [{days: [mo], from: '09:00', to: '10:00'}]}}": "schedule",
    "{version: 1, schedule: {windows: [{days: [mon], from: '9:00', to: '10:00'}]}}": "schedule",
    "{version: 1, schedule: {windows: [{days: [mon], from: '24:00', to: '10:00'}]}}": "schedule",
    "{version: 1, schedule: {windows: [{days: [mon], to: '10:00'}]}}": "schedule",
    "{version: 1, schedule: {timezone: New York}}": "schedule",
    "{version: 1, webhook: {register: fix}}": "webhook",
    "{version: 1, store: {url: 'postgresql://h/d'}, pools: []}": "store",
    "{version: 1, alerts: {receivers: [{name: a, email: {}}]}, pools: []}": "alerts",
    "{version: 1, alerts: {receivers: [{name: a, min_severity: grave, log: {}}]}, pools: []}": "alerts",
    "{version: 1, alerts: {routes: [{receivers: []}]}, pools: []}": "alerts",
    "{version: 1, alerts: {routes: [{match: {pol: a}, receivers: [a]}]}, pools: []}": "alerts",
    "{version: 1, alerts: {inhibit: [{source: {pool: a}, target: {alert: '*'}}]}, pools: []}": "alerts",
    f"{{{POOL}{{file: a.txt}}}}]}}": "pools.0.numbers",
    f"{{{POOL}[2025550123]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}['+1 202 555 0123']}}]}}": "pools.0.numbers.0",
    f"{{{POOL}['+442071838750']}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[['+12025550123']]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{file: x}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{file: a.txt, note: x}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{number: '+12025550123', file: a.txt}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{nubmer: '+12025550123'}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{note: x}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{number: '+12025550123', until: tomorrow}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{select: {{}}}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{select: {{tags: []}}}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{select: {{not_tags: [a]}}}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[{{select: {{tags: [a], messaging_profile: {PROFILE}}}}}]}}]}}": "pools.0.numbers.0",
    f"{{{POOL}[], exclude: [{{number: '+12025550123'}}]}}]}}": "pools.0.exclude.0",
    f"{{{POOL}[], protect: '+12025550123'}}]}}": "pools.0.protect",
    f"{{{POOL}[], messaging_profile: a b}}]}}": "pools.0.messaging_profile",
}


@pytest.mark.parametrize("text", GOOD)
def test_it_accepts_what_we_accept(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(edited(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_it_finds_what_an_editor_can_find(text: str) -> None:
    (error,) = VALIDATOR.iter_errors(edited(text))

    assert ".".join(map(str, error.absolute_path)).startswith(BAD[text])


def messages(draft: Draft) -> list[str]:
    """What is wrong but for keys that are missing: the examples need no more of them than they show."""
    return [
        one.message
        for one in draft.problems
        if "telnyx.api_key" not in one.message and one.message != "missing key 'pools'"
    ]


@pytest.mark.parametrize("text", GOOD)
def test_we_accept_what_it_accepts(read: Callable[..., Draft], tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.CSV").write_text("number\n")

    assert messages(read(text, {"N": "+12025550199", "DAY": "2026-12-05", "WHO": "b"})) == []


@pytest.mark.parametrize("text", BAD)
def test_we_refuse_what_it_refuses(read: Callable[..., Draft], tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").touch()

    assert messages(read(text)) != []


def test_it_accepts_the_example_of_the_deployments() -> None:
    example = edited((PROJECT / "deploy/tendlc.example.yaml").read_text())

    assert [error.message for error in VALIDATOR.iter_errors(example)] == []


def test_it_is_a_schema_of_its_draft() -> None:
    schema = config_schema()

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert json.loads(json.dumps(schema)) == schema


def properties(schema: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Every key of the file with its schema."""
    match schema:
        case {"properties": dict() as found, **rest}:
            yield from found.items()
            yield from properties(rest)
        case dict():
            for value in schema.values():
                yield from properties(value)
        case _:
            pass


def test_every_key_is_described() -> None:
    described = dict(properties(config_schema()))

    assert len(described) > 40
    assert [name for name, found in described.items() if "description" not in found and "$ref" not in str(found)] == []


def test_defaults_are_written_as_people_write_them() -> None:
    defaults = {name: found["default"] for name, found in properties(config_schema()) if "default" in found}

    assert defaults["group_interval"] == "5m"
    assert defaults["drift_check"] == "every 10m"
    assert defaults["full_resync"] == "cron: 15 3 * * *"
    assert defaults["rate_limit"] == "auto"
    assert defaults["listen"] in ("127.0.0.1:8081", "0.0.0.0:8080")
    assert not [name for name, default in defaults.items() if re.search("PT|Secret|object", str(default))]
