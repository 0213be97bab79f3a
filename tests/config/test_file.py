"""The config file on disk: whatever is there, reading it gives a draft and raises nothing."""

import gc
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config import ConfigFile
from reconciler.config.reading import FILE_BYTES
from reconciler.config.source import PROBLEMS_LIMIT
from reconciler.model.pools import Mode
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


POOL = "- {name: a, campaign: b, numbers: ['+12025550123', {file: numbers.txt}]}\n"


def full(folder: Path) -> ConfigFile:
    """A config of several files, in a folder."""
    (folder / "pools.d").mkdir(parents=True)
    (folder / "tendlc.yaml").write_text("version: 1\ntelnyx: {api_key_file: key}\npools:\n" + POOL)
    (folder / "key").write_text("KEY0123")
    (folder / "numbers.txt").write_text("+12025550124\n")
    (folder / "pools.d/b.yaml").write_text("pools: [{name: b, campaign: c, numbers: [{file: b.csv}]}]\n")
    (folder / "pools.d/b.csv").write_text("number\n+12025550125\n")
    return ConfigFile(folder / "tendlc.yaml", {})


def test_a_config_of_several_files(tmp_path: Path) -> None:
    draft = full(tmp_path).read()

    assert draft.problems == ()
    assert [(pool.name.text, [one.number for one in pool.listed]) for pool in draft.pools] == [
        ("a", ["+12025550123", "+12025550124"]),
        ("b", ["+12025550125"]),
    ]
    assert str(draft.pools[1].listed[0].place) == f"{tmp_path}/pools.d/b.csv:2:1"


CHANGES: dict[str, Callable[[Path], object]] = {
    "the file": lambda folder: (folder / "tendlc.yaml").write_text(MINIMAL),
    "the file, by one byte": lambda folder: (folder / "tendlc.yaml").write_text(
        (folder / "tendlc.yaml").read_text() + " "
    ),
    "the file, gone": lambda folder: (folder / "tendlc.yaml").unlink(),
    "a file of numbers": lambda folder: (folder / "numbers.txt").write_text("+12025550129\n"),
    "a file of numbers, gone": lambda folder: (folder / "numbers.txt").unlink(),
    "a file of numbers, now a link": lambda folder: (
        (folder / "numbers.txt").rename(folder / "more.txt").with_name("numbers.txt").symlink_to("key")
    ),
    "a file of pools.d": lambda folder: (folder / "pools.d/b.yaml").write_text("pools: []\n"),
    "a file that one of pools.d names": lambda folder: (folder / "pools.d/b.csv").write_text("number\n"),
    "a new file of pools.d": lambda folder: (folder / "pools.d/a.yaml").touch(),
    "pools.d, with one less": lambda folder: (folder / "pools.d/b.yaml").unlink(),
    "pools.d, gone": lambda folder: (folder / "pools.d").rename(folder / "old"),
    "a file that takes another's name": lambda folder: (folder / "pools.d/b.yaml").rename(folder / "pools.d/c.yaml"),
    "a secret": lambda folder: (folder / "key").write_text("KEY9999"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_changes_the_fingerprint(tmp_path: Path, change: str) -> None:
    file = full(tmp_path)
    before = file.read()
    seen = file.fingerprint()
    assert file.fingerprint() == file.fingerprint() == seen

    CHANGES[change](tmp_path)

    changed = file.fingerprint()
    assert changed != seen
    after = file.read()
    assert file.fingerprint() == file.fingerprint() != seen
    assert (after.revision == before.revision) is (change == "a secret")


def test_what_the_config_does_not_name_changes_nothing(tmp_path: Path) -> None:
    file = full(tmp_path)
    file.read()
    seen = file.fingerprint()
    (tmp_path / "other.txt").touch()
    (tmp_path / "pools.d/.b.yaml.swp").touch()
    os.utime(tmp_path / "tendlc.yaml", (1, 1))

    assert file.fingerprint() == seen


def test_a_change_before_the_first_question_is_seen_at_the_second(tmp_path: Path) -> None:
    file = full(tmp_path)
    file.read()
    (tmp_path / "numbers.txt").write_text("+12025550129\n")
    seen = file.fingerprint()

    assert file.fingerprint() != seen


def test_a_broken_file_that_is_mended_is_seen(tmp_path: Path) -> None:
    file = full(tmp_path)
    (tmp_path / "numbers.txt").unlink()
    assert len(file.read().problems) == 1
    seen = file.fingerprint()
    (tmp_path / "numbers.txt").write_text("+12025550124\n")

    assert file.fingerprint() != seen
    assert file.read().problems == ()


def swapped_in(volume: Path, name: str) -> None:
    """Make a folder the volume's content as Kubernetes does: by renaming one link over another."""
    (volume / "..data_tmp").symlink_to(name)
    (volume / "..data_tmp").rename(volume / "..data")


def test_a_config_map_is_followed_through_its_links(tmp_path: Path) -> None:
    for name in ("..1", "..2"):
        full(tmp_path / name)
    (tmp_path / "..2/pools.d/b.csv").write_text("number\n+12025550199\n")
    swapped_in(tmp_path, "..1")
    for name in ("tendlc.yaml", "pools.d", "numbers.txt", "key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    file = ConfigFile(tmp_path / "tendlc.yaml", {})
    first = file.read()
    seen = file.fingerprint()
    assert (first.problems, len(first.pools)) == ((), 2)

    swapped_in(tmp_path, "..2")

    assert file.fingerprint() != seen
    second = file.read()
    assert (second.problems, second.pools[1].listed[0].number) == ((), "+12025550199")
    assert str(second.pools[1].listed[0].place) == f"{tmp_path}/pools.d/b.csv:2:1"
    assert second.revision != first.revision


def test_a_config_map_in_the_middle_of_a_swap_is_a_problem_at_most(tmp_path: Path) -> None:
    full(tmp_path / "..1")
    swapped_in(tmp_path, "..1")
    for name in ("tendlc.yaml", "pools.d", "numbers.txt", "key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    file = ConfigFile(tmp_path / "tendlc.yaml", {})
    file.read()
    seen = file.fingerprint()
    (tmp_path / "..data").unlink()

    assert messages(file.read()) == [f"{tmp_path}/tendlc.yaml:1:1: the file does not exist"]
    swapped_in(tmp_path, "..1")
    assert file.fingerprint() != file.fingerprint()
    assert file.read().problems == ()
    assert file.fingerprint() == seen


def test_files_that_change_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    """The file of numbers is replaced while it is read, together with the one that names it."""

    class Changing(dict[str, str]):
        times = 0

        def __getitem__(self, name: str) -> str:
            self.times += 1
            if self.times == 1:
                (tmp_path / "numbers.txt").write_text("+12025550129\n")
                (tmp_path / "tendlc.yaml").write_text(text.replace("+12025550123", "+12025550128"))
            return super().__getitem__(name)

    full(tmp_path)
    text = (tmp_path / "tendlc.yaml").read_text().replace("numbers.txt", '"${FILE}"')
    (tmp_path / "tendlc.yaml").write_text(text)
    environ = Changing(FILE="numbers.txt")
    draft = ConfigFile(tmp_path / "tendlc.yaml", environ).read()

    assert environ.times == 2
    assert [one.number for one in draft.pools[0].listed] == ["+12025550128", "+12025550129"]


def test_files_that_never_stop_changing_are_read_in_the_end(tmp_path: Path) -> None:
    class Changing(dict[str, str]):
        times = 0

        def __getitem__(self, name: str) -> str:
            self.times += 1
            (tmp_path / "numbers.txt").write_text(f"+1202555010{self.times}\n")
            with (tmp_path / "tendlc.yaml").open("a") as file:
                file.write("#\n")
            return super().__getitem__(name)

    full(tmp_path)
    text = (tmp_path / "tendlc.yaml").read_text().replace("numbers.txt", '"${FILE}"')
    (tmp_path / "tendlc.yaml").write_text(text)
    environ = Changing(FILE="numbers.txt")

    assert ConfigFile(tmp_path / "tendlc.yaml", environ).read().problems == ()
    assert environ.times == 3


BESIDE = {
    "pools: []\n": [],
    "version: 1\nx-owner: me\npools: []\n": [],
    "version: 2\npools: []\n": ["1:10: version: must be 1"],
    "": ["1:1: the file is empty"],
    "# none yet\n": ["1:1: the file is empty"],
    "pools:\n": ["1:1: pools: is empty"],
    "{}\n": ["1:1: missing key 'pools'"],
    "- {name: a}\n": ["1:1: the file must be a mapping"],
    "pools: {}\n": ["1:8: pools: must be a list"],
    "pools: [\n": ["1:9: not YAML: did not find expected node content"],
    "pools: []\npols: []\n": ["2:1: unknown key 'pols', did you mean 'pools'?"],
    "pools: []\ntelnyx: {api_key: HUSH}\n": ["2:1: unknown key 'telnyx'"],
    "pools: [{name: ${NOPE}, campaign: c, numbers: []}]\n": [
        "1:17: not YAML: did not find expected ',' or '}'",
    ],
    "pools:\n- {name: c, campaign: '${NOPE}', numbers: [x]}\n": [
        "2:24: the environment variable NOPE is not set",
        "2:44: pools[0].numbers[0]: not a phone number",
    ],
}


@pytest.mark.parametrize("text", BESIDE)
def test_a_file_of_pools_d_holds_pools_alone(tmp_path: Path, text: str) -> None:
    file = full(tmp_path)
    (tmp_path / "pools.d/c.yaml").write_text(text)
    draft = file.read()

    assert messages(draft) == [f"{tmp_path}/pools.d/c.yaml:{problem}" for problem in BESIDE[text]]
    assert "HUSH" not in repr(draft)
    assert [pool.name.text for pool in draft.pools[:2]] == ["a", "b"]


def test_pools_d_is_read_by_name_after_the_file(tmp_path: Path) -> None:
    file = full(tmp_path)
    for name in ("z", "10", "9"):
        (tmp_path / f"pools.d/{name}.yaml").write_text(f"pools: [{{name: p{name}, campaign: c, numbers: []}}]\n")
    (tmp_path / "pools.d/notes.md").touch()

    assert [pool.name.text for pool in file.read().pools] == ["a", "p10", "p9", "b", "pz"]


def test_with_pools_d_the_file_needs_no_pools(tmp_path: Path) -> None:
    file = full(tmp_path)
    text = (tmp_path / "tendlc.yaml").read_text()
    (tmp_path / "tendlc.yaml").write_text(text.replace(f"pools:\n{POOL}", ""))

    assert file.read().problems == ()
    (tmp_path / "pools.d/b.yaml").unlink()
    assert messages(file.read()) == [f"{tmp_path}/tendlc.yaml:1:1: missing key 'pools'"]


def test_the_defaults_and_the_zone_hold_in_pools_d(tmp_path: Path) -> None:
    file = full(tmp_path)
    with (tmp_path / "tendlc.yaml").open("a") as main:
        main.write("defaults: {policy: {mode: observe}}\nschedule: {timezone: America/New_York}\n")
    (tmp_path / "pools.d/b.csv").write_text("number,until\n+12025550125,2026-07-05\n")

    pool = file.read().pools[1]
    assert pool.policy.mode is Mode.OBSERVE
    assert pool.listed[0].until == datetime(2026, 7, 6, 4, tzinfo=UTC)


def test_what_is_wrong_with_pools_d_itself(tmp_path: Path) -> None:
    file = full(tmp_path)
    (tmp_path / "pools.d/acme.yml").touch()
    (tmp_path / "pools.d/folder.yaml").mkdir()
    (tmp_path / "pools.d/gone.yaml").symlink_to("nowhere")

    assert messages(file.read()) == [
        f"{tmp_path}/pools.d/acme.yml:1:1: is not read: the files of pools.d end in .yaml",
        f"{tmp_path}/pools.d/folder.yaml:1:1: the file is a directory",
        f"{tmp_path}/pools.d/gone.yaml:1:1: the file does not exist",
    ]
    (tmp_path / "pools.d").rename(tmp_path / "old")
    (tmp_path / "pools.d").touch()
    assert messages(file.read()) == [f"{tmp_path}/pools.d:1:1: pools.d is not a directory"]


def test_a_mistake_in_the_file_hides_none_beside_it(tmp_path: Path) -> None:
    file = full(tmp_path)
    (tmp_path / "tendlc.yaml").write_text("version: [\n")
    (tmp_path / "pools.d/b.csv").write_text("number\n2025550125\n")

    assert [str(problem.place) for problem in file.read().problems] == [
        f"{tmp_path}/pools.d/b.csv:2:1",
        f"{tmp_path}/tendlc.yaml:1:11",
    ]


def test_the_collector_of_garbage_is_left_as_it_was(tmp_path: Path) -> None:
    file = full(tmp_path)
    file.read()
    assert gc.isenabled()
    gc.disable()
    try:
        file.read()
        assert not gc.isenabled()
    finally:
        gc.enable()


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
    "alerts: {receivers: [{name: a, slack: 'https://HUSH'}]}",
    "alerts: {receivers: [{name: a, slack: {webhook_url: HUSH}}]}",
    "alerts: {receivers: [{name: a, slack: {webhook_url_file: secret.txt}}]}",
    "alerts: {receivers: [{name: a, webhook: {url: 'https://host/HUSH', signing_key: whsk_HUSH}}]}",
    "alerts: {receivers: [{name: a, webhook: {url: 'https://host/', signing_key_file: secret.txt}}]}",
    "alerts: {link: 'https://me:HUSH@host'}",
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
