"""A file with a credential is replaced while the service runs: it is noticed as the config is, and the old one gone."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.config import ConfigFile
from tests.app.test_watch import running

pytestmark = pytest.mark.anyio

OLD, NEW = "KEY-old-0f1e2d3c4b5a", "KEY-new-a5b4c3d2e1f0"


@pytest.mark.covers("F-77")
async def test_a_key_that_is_replaced_is_taken_in_without_a_word_of_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    key.write_text(OLD)
    key.chmod(0o600)
    config = tmp_path / "tendlc.yaml"
    config.write_text(
        f"version: 1\n"
        f"telnyx: {{api_key_file: {key}, public_key: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=}}\n"
        f"pools: [{{name: acme, campaign: 4b30019f-a9df-e17b-3529-70677db27ec4, numbers: ['+12025550101']}}]\n"
    )
    assert flow.load(ConfigFile(config, {}))[0].telnyx.api_key.reveal() == OLD
    async with running(ConfigFile(config, {}), tmp_path) as service:
        key.write_text(NEW)
        await service.watch()

        assert service.settings.telnyx.api_key.reveal() == NEW
        said = capsys.readouterr()
        store = (tmp_path / "tendlc.db").read_bytes()
        for secret in (OLD, NEW):
            assert secret not in said.out + said.err
            assert secret not in repr(service.settings)
            assert secret.encode() not in store
    gc.collect()
