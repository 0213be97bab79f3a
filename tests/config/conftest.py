"""What the tests of the config share: a way to read a text as if it were the config file."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reconciler.config import ConfigFile
from reconciler.model.settings import Draft

Read = Callable[..., Draft]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads a text as `tendlc.yaml`, named so, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def read_text(
        text: str | bytes, environ: Mapping[str, str] | None = None, credentials: Path | None = None
    ) -> Draft:
        path = Path("tendlc.yaml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return ConfigFile(path, environ or {}, credentials).read()

    return read_text


@pytest.fixture
def told(read: Read) -> Callable[..., list[str]]:
    """Reads a text and gives its problems as a person sees them: `file:line:column: message`."""

    def problems(*args: str | bytes, **options: Mapping[str, str]) -> list[str]:
        return [f"{problem.place}: {problem.message}" for problem in read(*args, **options).problems]

    return problems
