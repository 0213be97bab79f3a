"""The JSON Schema accepts what we accept and finds what an editor can find."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.config import config_schema

KEY = "A" * 43 + "="
VALIDATOR = Draft202012Validator(config_schema())
PROJECT = Path(__file__).resolve().parents[2]

GOOD = [
    "{version: 1, pools: []}",
    "{version: '1', pools: [{name: a, campaign: b, numbers: ['+12025550123', +12025550124]}], x-any: [1, {a: b}]}",
    "{version: 1, pools: [{name: 5, campaign: 123, description: 1.5, numbers: [12025550123], x-a: 1, policy: }]}",
    f"{{version: 1, telnyx: {{public_key: {KEY}, rate_limit: 20/s, timeout: 5s}}, pools: []}}",
    f"{{version: 1, telnyx: {{public_key: [{KEY}], rate_limit: auto, timeout: '${{T:-5s}}'}}, pools: []}}",
    "{version: 1, telnyx: , alerts: {receivers: [{name: a, log: {}}, {name: b, log: }]}, pools: []}",
    "{version: 1, alerts: {receivers: [{name: a, webhook: {url: 'https://h/x'}}]}, pools: []}",
    "{version: 1, schedule: {drift_check: 'cron: */5 * * * *'}, pools: []}",
    "{version: 1, schedule: {drift_check: every 90s}, web: {listen: '[::1]:8081'}, pools: []}",
    "{version: 1, defaults: {policy: {mode: observe, allow_empty: '${EMPTY:-true}'}}, pools: []}",
]
BAD = {
    "{version: 2, pools: []}": "version",
    "{version: 1}": "",
    "{version: 1, pools: [], polcy: {}}": "",
    "{version: 1, pools: [{name: a, numbers: []}]}": "pools.0",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [{file: x}]}]}": "pools.0.numbers.0",
    "{version: 1, pools: [{name: a, campaign: b, numbers: [], policy: {mode: off}}]}": "pools.0.policy",
    "{version: 1, telnyx: {timeout: 15}, pools: []}": "telnyx",
    "{version: 1, telnyx: {rate_limit: 20}, pools: []}": "telnyx",
    "{version: 1, schedule: {drift_check: 10m}, pools: []}": "schedule",
    "{version: 1, store: {url: 'postgresql://h/d'}, pools: []}": "store",
    "{version: 1, alerts: {receivers: [{name: a, slack: {}}]}, pools: []}": "alerts",
}


@pytest.mark.parametrize("text", GOOD)
def test_it_accepts_what_we_accept(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_it_finds_what_an_editor_can_find(text: str) -> None:
    (error,) = VALIDATOR.iter_errors(yaml.safe_load(text))

    assert ".".join(map(str, error.absolute_path)).startswith(BAD[text])


def test_it_accepts_the_example_of_the_deployments() -> None:
    example = yaml.safe_load((PROJECT / "deploy/tendlc.example.yaml").read_text())

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
    assert defaults["rate_limit"] == "auto"
    assert defaults["listen"] in ("127.0.0.1:8081", "0.0.0.0:8080")
    assert not [name for name, default in defaults.items() if re.search("PT|Secret|object", str(default))]
