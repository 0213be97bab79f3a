"""The entries of a pool: numbers, files of numbers, selections; and everything that people get wrong in them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.config import part
from reconciler.decide.declare import declare
from reconciler.model.ids import ProfileId
from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.settings import Draft

Read = Callable[..., Draft]
PROFILE = "4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11"
HEAD = "version: 1\ntelnyx: {api_key: k}\npools:\n- name: a\n  campaign: b\n"


def pool(entries: str) -> str:
    """A config whose only pool has these entries, from line 7 on."""
    return f"{HEAD}  numbers:\n{entries}"


def told(draft: Draft) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in draft.problems]


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_entries_are_joined_in_the_order_of_the_file(read: Read, tmp_path: Path) -> None:
    write(tmp_path, {"numbers/a.txt": "+12025550125\n", "b.csv": "number,note\n+12025550126,x\n"})
    draft = read(
        pool(
            "  - {number: '+12025550124', note: for sale,  until: 2026-12-05T17:00:00-05:00}\n"
            "  - file: numbers/a.txt\n"
            "  - '+12025550123'\n"
            "  - {file: b.csv}\n"
            f"  - {{select: {{messaging_profile: {PROFILE}}}}}\n"
            "  - select:\n      tags: [b, a, b]\n      x-why: old\n"
        )
    )

    assert draft.problems == ()
    (found,) = draft.pools
    assert [(one.number, one.note, one.until, str(one.place)) for one in found.listed] == [
        ("+12025550124", "for sale", datetime(2026, 12, 5, 22, tzinfo=UTC), "tendlc.yaml:7:14"),
        ("+12025550125", "", None, "numbers/a.txt:1:1"),
        ("+12025550123", "", None, "tendlc.yaml:9:5"),
        ("+12025550126", "x", None, "b.csv:2:1"),
    ]
    assert found.selections == (ByProfile(ProfileId(PROFILE)), ByTags(("a", "b")))


def test_what_has_passed_is_no_mistake(read: Read) -> None:
    assert read(pool("  - {number: '+12025550124', until: 1999-12-31}\n")).problems == ()


def test_the_end_of_a_day_is_that_of_the_schedules_zone(read: Read) -> None:
    text = pool("  - {number: '+12025550124', until: 2026-07-05}\n") + "schedule: {timezone: America/New_York}\n"

    assert read(text).pools[0].listed[0].until == datetime(2026, 7, 6, 4, tzinfo=UTC)


def test_names_and_numbers_may_come_from_variables(read: Read, tmp_path: Path) -> None:
    write(tmp_path, {"acme.txt": "+12025550125\n"})
    text = pool('  - {file: "${WHO}.txt"}\n  - {number: "${N}", note: "${WHO}"}\n')
    draft = read(text, {"WHO": "acme", "N": "+12025550124"})

    assert draft.problems == ()
    assert [(one.number, one.note) for one in draft.pools[0].listed] == [("+12025550125", ""), ("+12025550124", "acme")]
    assert told(read(text, {"WHO": "acme"})) == ["tendlc.yaml:8:15: the environment variable N is not set"]


ENTRIES = {
    "{number: 12025550123}": "7:14: pools[0].numbers[0].number: not written as +1 and ten digits",
    "{number: '+1 202 555 0123'}": "7:14: pools[0].numbers[0].number: not written as +1 and ten digits",
    "{number: ['+12025550123']}": "7:14: pools[0].numbers[0].number: must be a phone number",
    "{number: }": "7:6: pools[0].numbers[0].number: is empty",
    "{number: '+12025550123', until: tomorrow}": "7:37: pools[0].numbers[0].until: not a date or time",
    "{number: '+12025550123', note: [a]}": "7:36: pools[0].numbers[0].note: must be a single value",
    "{number: '+12025550123', file: a.txt}": "7:36: pools[0].numbers[0].file: not together with number",
    "{number: '+12025550123', select: {tags: [a]}}": "7:38: pools[0].numbers[0].select: not together with number",
    "{nubmer: '+12025550123'}": "7:6: unknown key 'nubmer', did you mean 'number'?",
    "{number: '+12025550123', nots: x}": "7:30: unknown key 'nots', did you mean 'note'?",
    "{number:+12025550123}": "7:6: unknown key 'number'",
    "{note: x}": "7:5: pools[0].numbers[0]: needs number, file or select",
    "{}": "7:5: pools[0].numbers[0]: needs number, file or select",
    "{x-old: 1}": "7:5: pools[0].numbers[0]: needs number, file or select",
    "{file: a.txt, note: x}": "7:25: pools[0].numbers[0].note: goes with a number only",
    "{file: a.txt, until: 2026-12-05}": "7:26: pools[0].numbers[0].until: goes with a number only",
    "{file: missing.txt}": "7:12: pools[0].numbers[0].file: the file missing.txt does not exist",
    "{file: folder.txt}": "7:12: pools[0].numbers[0].file: the file folder.txt is a directory",
    "{file: folder}": "7:12: pools[0].numbers[0].file: must be a file's name that ends in .txt or .csv",
    "{file: a.xlsx}": "7:12: pools[0].numbers[0].file: must be a file's name that ends in .txt or .csv",
    "{file: https://host/a.txt}": "7:12: pools[0].numbers[0].file: must be a file's name that ends in .txt or .csv",
    "{file: [a.txt]}": "7:12: pools[0].numbers[0].file: must be a file's name",
    "{file: }": "7:6: pools[0].numbers[0].file: is empty",
    "{select: {}}": "7:14: pools[0].numbers[0].select: needs tags or messaging_profile",
    "{select: []}": "7:14: pools[0].numbers[0].select: must be a mapping",
    "{select: {tags: }}": "7:15: pools[0].numbers[0].select.tags: is empty",
    "{select: {tags: []}}": "7:21: pools[0].numbers[0].select.tags: must have an entry",
    "{select: {tags: acme}}": "7:21: pools[0].numbers[0].select.tags: must be a list",
    "{select: {tags: [a, '']}}": "7:25: pools[0].numbers[0].select.tags[1]: is empty",
    "{select: {tag: [a]}}": "7:15: unknown key 'tag', did you mean 'tags'?",
    "{select: {not_tags: [a]}}": "7:14: pools[0].numbers[0].select: needs tags or messaging_profile",
    "{select: {tags: [a, b], not_tags: [b]}}": (
        "7:39: pools[0].numbers[0].select.not_tags: names a tag that tags names too: no number has and lacks it"
    ),
    f"{{select: {{messaging_profile: {PROFILE}, tags: [a]}}}}": (
        "7:78: pools[0].numbers[0].select.tags: not together with messaging_profile"
    ),
    f"{{select: {{messaging_profile: {PROFILE}, not_tags: [a]}}}}": (
        "7:82: pools[0].numbers[0].select.not_tags: not together with messaging_profile"
    ),
    "{select: {messaging_profile: a b}}": (
        "7:34: pools[0].numbers[0].select.messaging_profile: not a messaging profile id"
    ),
    "12025550123": "7:5: pools[0].numbers[0]: not written as +1 and ten digits",
    "'(202) 555-0123'": "7:5: pools[0].numbers[0]: not written as +1 and ten digits",
    "acme.txt": "7:5: pools[0].numbers[0]: not a phone number",
    "['+12025550123']": "7:5: pools[0].numbers[0]: must be a phone number",
    "''": "7:5: pools[0].numbers[0]: is empty",
    "": "7:4: pools[0].numbers[0]: is empty",
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_mistake_in_an_entry_is_told_once_and_at_its_place(read: Read, tmp_path: Path, entry: str) -> None:
    write(tmp_path, {"a.txt": "+12025550199\n", "folder/a.txt": "", "folder.txt/a": ""})
    draft = read(pool(f"  - {entry}\n"))
    _, found = declare(draft.revision, draft.pools)

    assert told(draft) == [f"tendlc.yaml:{ENTRIES[entry]}"]
    assert found == ()


LISTS = {
    "numbers: {file: a.txt}": "6:12: pools[0].numbers: must be a list",
    "numbers: '+12025550123'": "6:12: pools[0].numbers: must be a list",
    "numbers: []\n  exclude: '+12025550123'": "7:12: pools[0].exclude: must be a list",
    "numbers: []\n  exclude: [{number: '+12025550123'}]": "7:13: pools[0].exclude[0]: must be a phone number",
    "numbers: []\n  protect: [2025550123]": "7:13: pools[0].protect[0]: not written as +1 and ten digits",
    "numbers: []\n  protect: {}": "7:12: pools[0].protect: must be a list",
    "numbers: []\n  protects: []": "7:3: unknown key 'protects', did you mean 'protect'?",
    "numbers: []\n  messaging_profile: {}": "7:22: pools[0].messaging_profile: must be a single value",
    "numbers: []\n  messaging_profile: '?'": "7:22: pools[0].messaging_profile: not a messaging profile id",
}


@pytest.mark.parametrize("lists", LISTS)
def test_a_mistake_in_a_list_is_told(read: Read, lists: str) -> None:
    assert told(read(f"{HEAD}  {lists}\n  policy: {{allow_empty: true}}\n")) == [f"tendlc.yaml:{LISTS[lists]}"]


def test_a_file_of_numbers_may_be_anywhere(read: Read, tmp_path: Path) -> None:
    write(tmp_path, {"config/x": "", "elsewhere/a.txt": "+12025550123\n", "elsewhere/b.txt": "+12025550124\n"})
    (tmp_path / "link.txt").symlink_to("elsewhere/b.txt")
    draft = read(
        pool(
            f"  - {{file: {tmp_path}/elsewhere/a.txt}}\n"
            "  - {file: config/../elsewhere/b.txt}\n  - {file: link.txt}\n"
        )
    )

    assert draft.problems == ()
    assert [str(one.place) for one in draft.pools[0].listed] == [
        f"{tmp_path}/elsewhere/a.txt:1:1",
        "config/../elsewhere/b.txt:1:1",
        "link.txt:1:1",
    ]


def test_a_pool_may_name_a_file_twice_and_two_pools_may_not_name_one(read: Read, tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "+12025550123\n+1\n"})
    draft = read(
        pool("  - {file: a.txt}\n  - {file: a.txt}\n") + "- {name: b, campaign: c, numbers: [{file: a.txt}]}\n"
        "- {name: c, campaign: c, numbers: [{file: ./a.txt}]}\n"
    )

    assert told(draft) == [
        "a.txt:2:1: not ten digits after +1",
        "tendlc.yaml:9:43: pools[1].numbers[0].file: the file a.txt is in two pools, first at tendlc.yaml:7:12",
        "tendlc.yaml:10:43: pools[2].numbers[0].file: the file a.txt is in two pools, first at tendlc.yaml:7:12",
    ]
    assert len(draft.pools[0].listed) == 1
    assert declare("", draft.pools)[1] == ()


def test_numbers_are_bounded(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "NUMBERS_LIMIT", 6)
    write(tmp_path, {"a.txt": "+12025550123\n" * 4})
    entries = "".join(f"  - '+1202555000{n}'\n" for n in range(3))
    other = "- {name: b, campaign: c, numbers: ['+12025550199']}\n"

    assert told(read(pool(entries + "  - {file: a.txt}\n"))) == [
        "tendlc.yaml:10:12: pools[0].numbers[3].file: more than 6 numbers in all"
    ]
    assert told(read(pool(entries + entries) + other)) == [
        "tendlc.yaml:13:35: pools[1].numbers: more than 6 numbers in all"
    ]
    assert told(read(pool(entries + entries + entries))) == [
        "tendlc.yaml:7:3: pools[0].numbers: more than 6 numbers in all"
    ]
    assert told(read(pool(entries + entries))) == []


def test_a_file_that_is_no_list_tells_nothing_of_itself(read: Read, tmp_path: Path) -> None:
    """Somebody may name the file of a secret by mistake."""
    write(tmp_path, {"key.txt": "HUSH-HUSH-0123456789\n", "key.csv": "HUSH-HUSH-0123456789\n"})
    draft = read(pool("  - {file: key.txt}\n  - {file: key.csv}\n"))

    assert told(draft) == ["key.csv:1:1: unknown column", "key.txt:1:1: not a phone number"]
    assert "HUSH" not in repr(draft)


def test_a_number_from_a_variable_tells_nothing_of_it(read: Read) -> None:
    draft = read(pool("  - ${KEY}\n  - {number: '${KEY}'}\n  - {file: '${KEY}'}\n"), {"KEY": "HUSH-HUSH"})

    assert len(draft.problems) == 3
    assert "HUSH" not in repr(draft)
