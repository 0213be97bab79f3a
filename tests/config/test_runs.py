"""Long lists of numbers are read by one pattern: what YAML would have said, or the guess is dropped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.config import ConfigFile, load
from reconciler.config.runs import Runs
from reconciler.model.settings import Draft

Read = Callable[..., Draft]
HEAD = "version: 1\ntelnyx: {api_key: k}\npools:\n- name: a\n  campaign: b\n  numbers:\n"
ENTRIES = [
    '"+12025550123"',
    "'+12025550124'",
    "+12025550125",
    '{number: "+12025550126"}',
    "{number: +12025550127, note: Black Friday (drop), until: 2026-12-05}",
    '{number: "+12025550128", note: "Café, at 12: {x} # not [a] comment", until: "2026-12-05"}',
    '{number: "+12025550129", note: ""}',
    '{number: "+12025550130", until: 2026-12-05T17:00:00-05:00}',
    "number: '+12025550131'",
    'number: "+12025550132"\n  note: Black Friday (drop)',
    'number: "+12025550133"\n  note: "Café, at 12: #1"\n  until: 2026-12-05',
    'number: +12025550134\n  until: "2026-12-05T17:00:00Z"',
]


def listed(entries: list[str], indent: str = "  ") -> str:
    return "".join(indent + f"- {entry}\n".replace("\n  ", f"\n{indent}  ") for entry in entries)


@contextmanager
def without_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "Runs", lambda text: Runs("") if text else Runs(text))
        yield


def both(read: Callable[[], Draft]) -> tuple[Draft, Draft]:
    """What is read with runs, and what YAML reads on its own."""
    fast = read()
    with without_runs():
        return fast, read()


def test_a_run_is_taken_out_and_leaves_every_line_where_it_was() -> None:
    text = HEAD + listed(ENTRIES) + "  # the end\n"
    runs = Runs(text)

    assert runs
    assert runs.text.splitlines()[:7] == (HEAD + listed(ENTRIES[:1])).splitlines()
    assert runs.text.count("\n") == text.count("\n")
    assert runs.text.count("+1202") == 1
    assert runs.text.endswith("\n\n\n  # the end\n")
    assert runs.text.strip().endswith("# the end")
    assert [entry[:4] for entry in runs.after(7)][:4] == [
        (8, 5, "+12025550124", ""),
        (9, 5, "+12025550125", ""),
        (10, 14, "+12025550126", ""),
        (11, 14, "+12025550127", "Black Friday (drop)"),
    ]
    assert not runs
    assert list(runs.after(7)) == []


def test_a_run_reads_as_yaml_does(read: Read) -> None:
    fast, slow = both(lambda: read(HEAD + listed(ENTRIES)))

    assert fast == slow
    assert fast.problems == ()
    assert len(fast.pools[0].listed) == len(ENTRIES)


NO_RUNS = {
    "a block of text": "  - |\n" + listed(ENTRIES[:4], "    "),
    "quoted text over lines": '  - "x\n' + listed(["+12025550123"] * 4, "    ") + '    y"\n',
    "plain text over lines": "  - x\n" + listed(["+12025550123"] * 4, "    "),
    "text that goes on after it": listed(["+12025550123"] * 4) + "      x\n",
    "a note that goes on after it": listed([*ENTRIES[:3], "number: '+12025550199'\n  note: a"]) + "     b\n",
    "a note that goes on after a comment": listed([*ENTRIES[:3], "number: '+12025550199'\n  note: a"])
    + "# c\n     b\n",
    "a key that follows it": listed([*ENTRIES[:3], "number: '+12025550199'"]) + "\n    until: 2026-12-05\n",
    "a key that follows it and is ignored": listed([ENTRIES[9], *ENTRIES[:3], ENTRIES[9]]) + "    x-by: me\n",
    "a note of nothing in a block": listed([*ENTRIES[:3], "number: '+12025550199'\n  note: null"]),
    "another list's, deeper": "  -\n" + listed(ENTRIES[:4], "    "),
    "an ignored key": "  - '+12025550123'\nx-old:\n" + listed(ENTRIES[:4]),
    "a list between brackets": "  [\n" + listed(ENTRIES[:4]) + "  ]\n",
    "an anchor below it": listed(ENTRIES[:4]) + "  - &a '+12025550199'\n",
    "a number in it that may not be": listed(["+12025550123", "+18005550123", *ENTRIES[1:4]]),
    "a date in it that there is not": listed([*ENTRIES[:3], '{number: "+12025550199", until: 2026-02-30}']),
    "a date of nothing": listed([*ENTRIES[:3], '{number: "+12025550199", until: ""}']),
    "a note of nothing": listed([*ENTRIES[:3], '{number: "+12025550199", note: null}']),
    "an escape in a note": listed([*ENTRIES[:3], '{number: "+12025550199", note: "a\\tb"}']),
    "a variable in a note": listed([*ENTRIES[:3], '{number: "+12025550199", note: "a ${B}"}']),
    "an odd line end": listed(ENTRIES[:4]) + "  - '+12025550199' # \u2028\n",
    "line ends of another world": listed(ENTRIES[:4]).replace("\n", "\r\n"),
    "in the list of excluded numbers": listed(ENTRIES[:1]) + "  exclude:\n" + listed(ENTRIES[:3]),
    "with notes in the list of excluded numbers": listed(ENTRIES[:1]) + "  exclude:\n" + listed(ENTRIES),
    "a note with spaces": listed([*ENTRIES[:3], '{number: "+12025550199", note: " a  b "}', ENTRIES[3]]),
    "a long note": listed([*ENTRIES[:3], f'{{number: "+12025550199", note: {"x" * 501}}}']),
    "twice": listed(ENTRIES[:3]) + "\n" + listed(ENTRIES[3:6]) + "  # and\n" + listed(ENTRIES[6:]),
}


@pytest.mark.parametrize("case", NO_RUNS)
def test_what_only_looks_like_a_run_reads_as_yaml_does(read: Read, case: str) -> None:
    fast, slow = both(lambda: read(HEAD + NO_RUNS[case], {"B": "b"}))

    assert fast == slow


def test_a_problem_beside_a_run_has_its_place(read: Read) -> None:
    draft = read(HEAD + listed(ENTRIES[:4]) + "  - x\n  nubmers: []\n" + "web: {listen: x}\n")

    assert [(str(one.place), one.place.text) for one in draft.problems] == [
        ("tendlc.yaml:11:5", "  - x"),
        ("tendlc.yaml:12:3", "  nubmers: ***"),
        ("tendlc.yaml:13:15", "web: {listen: x}"),
    ]


indents = st.sampled_from(["  ", "  ", "    ", "      ", ""])
runs = st.builds(listed, st.lists(st.sampled_from(ENTRIES), min_size=2, max_size=6), indents)
odd = st.sampled_from(
    [
        "x",
        "note: y",
        "until: 2026-12-05",
        "x-by: me",
        "|",
        '"',
        "{",
        "[",
        "]",
        "{number: +12025550123, note: null}",
        "~",
        "k: v",
        "- &a b",
        "",
    ]
)
ends = st.sampled_from(["\n", "\n", " \n", " # c\n", "\r\n", ""])
odd_lines = st.builds("".join, st.tuples(indents, st.sampled_from(["- ", "-  ", "", "- - ", "# - "]), odd, ends))
bodies = st.lists(runs | odd_lines, max_size=6).map("".join)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "tendlc.yaml"


@given(runs | bodies)
@example(listed(ENTRIES))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_lines_read_as_yaml_does(path: Path, body: str) -> None:
    path.write_text(HEAD + body, newline="")
    fast, slow = both(ConfigFile(path, {}).read)

    assert fast == slow
