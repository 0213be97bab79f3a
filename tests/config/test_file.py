"""The config file on disk: whatever is there, reading it gives a draft and raises nothing."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config import ConfigFile
from reconciler.config.reading import FILE_BYTES
from reconciler.config.source import PROBLEMS_LIMIT
from reconciler.model.settings import Draft
from reconciler.ports import PoolsFile

Read = Callable[..., Draft]
MINIMAL = "version: 1\ntelnyx: {api_key: KEY0123}\npools: []\n"


def messages(draft: Draft) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in draft.problems]


def test_the_revision_is_the_hash_of_the_bytes(read: Read) -> None:
    draft = read(MINIMAL)

    assert draft.path == Path("tendlc.yaml")
    assert draft.revision == hashlib.sha256(MINIMAL.encode()).hexdigest()
    assert read("broken: [").revision == hashlib.sha256(b"broken: [").hexdigest()


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    draft = ConfigFile(tmp_path / "gone.yaml", {}).read()

    assert messages(draft) == [f"{tmp_path}/gone.yaml:1:1: the file does not exist"]
    assert draft.revision == hashlib.sha256(b"").hexdigest()
    assert (draft.settings, draft.pools) == (None, ())


def test_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert messages(ConfigFile(tmp_path, {}).read()) == [f"{tmp_path}:1:1: the file is a directory"]
    assert messages(ConfigFile(tmp_path / "pipe", {}).read()) == [
        f"{tmp_path}/pipe:1:1: the file is not a regular file"
    ]


def test_a_file_over_the_limit_is_a_problem(read: Read) -> None:
    assert messages(read(b"#" * (FILE_BYTES + 1))) == ["tendlc.yaml:1:1: the file is larger than 16384 KiB"]
    assert read(f"{MINIMAL}#{'x' * (FILE_BYTES - len(MINIMAL) - 1)}").problems == ()


def test_each_reading_is_fresh(tmp_path: Path) -> None:
    file: PoolsFile = ConfigFile(tmp_path / "tendlc.yaml", {})

    assert messages(file.read()) == [f"{tmp_path}/tendlc.yaml:1:1: the file does not exist"]
    (tmp_path / "tendlc.yaml").write_text(MINIMAL)
    assert file.read().problems == ()
    (tmp_path / "tendlc.yaml").unlink()
    assert messages(file.read()) == [f"{tmp_path}/tendlc.yaml:1:1: the file does not exist"]


def test_more_problems_than_anyone_reads_are_cut(read: Read) -> None:
    draft = read(MINIMAL.replace("[]", f"[{{name: a, campaign: b, numbers: [{'~, ' * 5_000}]}}]"))

    assert len(draft.problems) == PROBLEMS_LIMIT
    assert draft.problems[-1].message == "and more problems"


LEAKS = [
    "telnyx: {api_key: HUSH, base_url: [}",
    "telnyx: {api_key: HUSH, timeout: 5}",
    "telnyx:\n  api_key: HUSH: HUSH",
    "telnyx:\n  api_key: 'HUSH",
    "telnyx:\n  api_key: HUSH\n  api_key: HUSH",
    "telnyx:\n  api_kye: HUSH",
    "telnyx:\n  api_key:HUSH",
    "telnyx: {api_key:HUSH}",
    "telnyx:\n  key:\n    - HUSH",
    "telnyx:\n  api_key: |\n    HUSH ${MISSING}",
    "telnyx:\n  api_key: HUSH HUSH",
    "telnyx:\n  api_key: &HUSH HUSH",
    "telnyx:\n  api_key: *HUSH",
    "telnyx:\n  api_key: !HUSH HUSH",
    "telnyx:\n  api_key: [HUSH]",
    "telnyx:\n  api_key: {HUSH: HUSH}",
    "telnyx:\n  api_key: ${SECRET}\n  timeout: ${SECRET}\n  rate_limit: ${SECRET}",
    "telnyx:\n  base_url: https://me:HUSH@host",
    "telnyx:\n  api_key: HUSH\n  api_key_file: https://HUSH.example",
    "telnyx:\n  api_key_file: KEY0123456789abcdef_HUSH",
    "telnyx:\n  api_key_file: secret.txt\n  public_key_file: secret.txt",
    "telnyx:\n  api_key: ${MISSING:-HUSH HUSH}",
    "store: {url: postgresql://me:HUSH@host/db}",
    "alerts: {receivers: [{name: a, webhook: {url: HUSH}}]}",
    "alerts: {receivers: [{name: a, webhook: {url: 'https://host/HUSH', url_file: secret.txt}}]}",
    "alerts: {receivers: [{name: a, webhook: {url_file: secret.txt}}]}",
    "alerts: {receivers: [{name: a, webhook: {ulr: 'https://HUSH'}}]}",
    "alerts: {receivers: [{name: a, slack: {webhook: 'https://HUSH'}}]}",
    "alerts: {dead_man: {ping: 'https://HUSH'}}",
]


@pytest.mark.parametrize("text", LEAKS)
def test_no_problem_tells_a_secret(read: Read, tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.txt").write_text("HUSH HUSH\n")
    draft = read(f"version: 1\n{text}\npools: []\n", {"SECRET": "HUSH HUSH"})

    assert draft.problems
    assert "HUSH" not in repr(draft)
    assert not [problem for problem in draft.problems if "HUSH" in f"{problem.message}{problem.hint}"]


def test_a_good_draft_tells_no_secret(read: Read) -> None:
    alerts = "alerts: {receivers: [{name: a, webhook: {url: 'https://host/HUSH'}}]}\n"
    draft = read(MINIMAL.replace("KEY0123", "HUSH") + alerts)

    assert draft.problems == ()
    assert "HUSH" not in repr(draft)
    assert draft.settings is not None
    assert draft.settings.telnyx.api_key.reveal() == "HUSH"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "tendlc.yaml"


PIECES = """version: 1~telnyx:~  api_key: ~pools:~  - name: ~    numbers: ~${A}~[]~{~}~[~]~&a ~*a~!!str ~<<: ~- ~x-a: ~'
~"~|~\ufeff~$$~a~alerts:~  receivers:~webhook: ~_file: /~store: {url: ~schedule: ~every ~cron: ~*/5 ~null~# ~---~\t"""
words = st.sampled_from(["\n", "\r\n", "~", *PIECES.split("~")])


@given(st.binary() | st.text().map(str.encode) | st.lists(words, max_size=40).map(lambda some: "".join(some).encode()))
@example(b"a: \xed\xa0\x80")
@example(b"a: \xc2\x85\xe2\x80\xa8b: c\x85")
@example(b"telnyx: {api_key_file: /}\n")
@example(b'telnyx: {api_key_file: "\\0"}\n')
def test_no_content_raises(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    draft = ConfigFile(path, {"A": "[\n"}, path.parent).read()

    assert draft.settings is not None or draft.problems
    assert list(draft.problems) == sorted(set(draft.problems))
    assert all(problem.place.line >= 1 and problem.place.column >= 1 for problem in draft.problems)
