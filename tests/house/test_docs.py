"""The docs tell the truth: commands exist, configs load, paths exist, tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.cli import cli
from reconciler.config import ConfigFile
from reconciler.flow import load
from reconciler.model.alerts import AlertName
from reconciler.model.reasons import Reason
from reconciler.web.metrics import Meter

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
ENVIRON = {
    "TELNYX_API_KEY": "KEY-docs",
    "TELNYX_PUBLIC_KEY": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
}
SECRETS = {
    "audit-url": "https://audit.example.com/hooks",
    "slack-url": "https://hooks.slack.com/services/T0/B0/x",
    "hook-key": "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}
page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@page
def test_every_command_that_is_named_exists(page: Path) -> None:
    context = cli.make_context("tendlc", [], resilient_parsing=True)
    for name in re.findall(r"`?tendlc (?:-c \S+ )?([a-z]+)\b", page.read_text()):
        assert cli.get_command(context, name) is not None, name


@page
def test_every_config_that_is_shown_loads(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)):
        if not block.startswith("version:"):
            continue
        file = tmp_path / f"{number}.yaml"
        for name, text in SECRETS.items():
            secret = tmp_path / name
            secret.write_text(text)
            secret.chmod(0o600)
        file.write_text(block.replace("/run/secrets/", f"{tmp_path}/"))
        settings, desired = load(ConfigFile(file, ENVIRON))
        assert settings.telnyx.public_keys
        assert desired.pools


@page
def test_every_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    named = re.findall(r"`((?:tests|reconciler|docs|deploy|benchmarks)/[\w./-]*)`", text)
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    for path in [ROOT / name for name in named] + [page.parent / link for link in linked]:
        assert path.exists(), path


def test_every_reason_and_alert_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "reference.md").read_text()
    for reason in Reason:
        if reason:
            assert f"| `{reason}` | {reason.sentence} | {reason.next_step} |" in text
    for alert in AlertName:
        assert f"| {alert} | {alert.severity} |" in text


def test_the_table_of_metrics_is_that_of_the_code() -> None:
    shown = Meter("1").render().decode()
    told = re.findall(r"^\| `(tendlc_\w+)` \|", (ROOT / "docs/reference.md").read_text(), re.MULTILINE)

    assert sorted(told) == sorted(re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE))
