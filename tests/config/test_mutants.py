"""A config that was right, and is so no more: it is told of in bounded time, or it can be used."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import flow
from reconciler.app.wiring import make_patience, make_sinks
from reconciler.config import ConfigFile
from reconciler.decide.enlist import enlist
from reconciler.decide.opens import opens
from reconciler.model.errors import ConfigError
from tests.builders import NOW
from tests.mutants import Json, mutants, torn

ROOT = Path(__file__).parents[2]
ENVIRON = {"TELNYX_API_KEY": "KEY-mutants", "TELNYX_PUBLIC_KEY": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}
SECRETS = {
    "audit-url": "https://audit.example.com/hooks",
    "slack-url": "https://hooks.slack.com/services/T0/B0/x",
    "hook-key": "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}
MOST_SECONDS = 5.0
"""For one small file, on a slow machine; it takes milliseconds."""
(WHOLE,) = (
    block
    for block in re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/reference.md").read_text(), re.DOTALL)
    if block.startswith("version:")
)
NUMBERS = 'number,note,until\n+12025550131,"Black Friday, too",2026-12-05\n+12025550132,,2026-12-05T10:00:00Z\n'
PLAIN = "+12025550141  # the first\n\n+12025550142\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants")
    for name, text in SECRETS.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    (folder / "numbers.csv").write_text(NUMBERS)
    (folder / "numbers.txt").write_text(PLAIN)
    return folder


def texts(node: Json) -> Json:
    """A tree with each scalar as its text, dates among them."""
    match node:
        case dict():
            return {key: texts(part) for key, part in node.items()}
        case list():
            return [texts(part) for part in node]
        case bool():
            return json.dumps(node)
        case _:
            return str(node)


WITH_FILES = WHOLE.replace("    exclude:", "      - {file: numbers.csv}\n      - {file: numbers.txt}\n    exclude:")
TREE = texts(yaml.safe_load(WITH_FILES))


def load(folder: Path, content: bytes) -> bool:
    """Whether the config can be used; if it can, everything that the service makes of it at start can be made."""
    path = folder / "tendlc.yaml"
    path.write_bytes(content.replace(b"/run/secrets/", f"{folder}/".encode()))
    began = time.monotonic()
    try:
        made, declaration = flow.load(ConfigFile(path, ENVIRON, folder))
    except ConfigError as error:
        problems = error.problems
        assert problems
        assert list(problems) == sorted(set(problems))
        assert all(one.place.line >= 1 and one.place.column >= 1 for one in problems)
        assert not any(secret in repr(problems) for secret in (*SECRETS.values(), ENVIRON["TELNYX_API_KEY"]))
        return False
    finally:
        assert time.monotonic() - began < MOST_SECONDS
    assert enlist(declaration, (), now=NOW).pools
    assert make_patience(made).lease
    assert len(make_sinks(made)) == len(made.alerts.receivers)
    opens_at = opens(made.windows, now=NOW)
    assert opens_at is None or opens_at > datetime(2026, 1, 1, tzinfo=UTC)
    return True


def test_what_is_changed_was_right_before(folder: Path) -> None:
    for text in (WHOLE, WITH_FILES, json.dumps(TREE), json.dumps(TREE, indent=1)):
        assert load(folder, text.encode())


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(mutants([TREE]), st.sampled_from([None, 1]))
def test_a_config_whose_values_changed_is_used_or_told_of(folder: Path, tree: Json, indent: int | None) -> None:
    load(folder, json.dumps(tree, indent=indent).encode())


@st.composite
def rewritten(draw: st.DrawFn) -> bytes:
    """The whole config, with lines dropped, doubled, moved and indented, as people and merges do."""
    lines = WITH_FILES.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "twice", "move", "indent", "outdent", "conflict", "tab"])):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "twice":
                lines.insert(draw(st.integers(0, len(lines))), lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "indent":
                lines[at] = f"  {lines[at]}"
            case "outdent":
                lines[at] = lines[at].removeprefix("  ")
            case "tab":
                lines[at] = lines[at].replace("  ", "\t", 1)
            case _:
                lines[at:at] = ["<<<<<<< ours", lines[at], "=======", lines[at], ">>>>>>> theirs"]
    return draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines).encode()


@pytest.mark.covers("C15")
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(rewritten() | torn([WITH_FILES.encode()]))
def test_a_config_that_was_torn_is_used_or_told_of(folder: Path, content: bytes) -> None:
    load(folder, content)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(torn([NUMBERS.encode()]), torn([PLAIN.encode()]))
def test_files_of_numbers_that_were_torn_are_used_or_told_of(folder: Path, table: bytes, plain: bytes) -> None:
    (folder / "numbers.csv").write_bytes(table)
    (folder / "numbers.txt").write_bytes(plain)
    try:
        load(folder, WITH_FILES.encode())
    finally:
        (folder / "numbers.csv").write_text(NUMBERS)
        (folder / "numbers.txt").write_text(PLAIN)
