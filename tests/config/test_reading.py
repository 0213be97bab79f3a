"""A reading remembers what it took: its revision tells what the config says, its fingerprint what is on the disk."""

import hashlib
from pathlib import Path

import pytest

from reconciler.config import reading
from reconciler.config.mistake import Mistake
from reconciler.config.reading import Reading

SALT = b"salt"


def read(folder: Path, *names: str) -> Reading:
    found = Reading(folder, SALT)
    for name in names:
        found.text(folder / name)
    return found


def test_the_first_file_goes_into_the_revision_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tendlc.yaml").write_bytes(b"version: 1\n")

    assert read(tmp_path, "tendlc.yaml").revision == hashlib.sha256(b"version: 1\n").hexdigest()
    assert read(tmp_path).revision == hashlib.sha256(b"").hexdigest()


def test_the_others_go_into_it_with_their_names(tmp_path: Path) -> None:
    """Else a number that moves from one file to the next would make no other revision."""
    (tmp_path / "main").touch()
    revisions = set()
    for a, b in (("12", ""), ("1", "2"), ("", "12")):
        (tmp_path / "a").write_text(a)
        (tmp_path / "b").write_text(b)
        revisions |= {read(tmp_path, "main", "a", "b").revision, read(tmp_path, "main", "b", "a").revision}

    assert len(revisions) == 6


def test_where_the_folder_is_does_not_matter(tmp_path: Path) -> None:
    revisions = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main").write_text("a")
        (tmp_path / name / "numbers.txt").write_text("b")
        revisions.add(read(tmp_path / name, "main", "numbers.txt").revision)

    assert len(revisions) == 1


def test_secrets_are_no_part_of_the_revision_and_are_seen_to_change(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a")
    first = Reading(tmp_path, SALT)
    assert first.secret(tmp_path / "key", 10) == b"a"
    (tmp_path / "key").write_text("b")
    second = Reading(tmp_path, SALT)
    assert second.secret(tmp_path / "key", 10) == b"b"

    assert first.revision == second.revision
    assert first.fingerprint != second.fingerprint == first.fingerprint_now()


def test_a_fingerprint_is_salted(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a")
    found = [Reading(tmp_path, salt) for salt in (b"1", b"2")]
    for one in found:
        one.secret(tmp_path / "key", 10)

    assert found[0].fingerprint != found[1].fingerprint


def test_what_cannot_be_read_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    found = Reading(tmp_path, SALT)
    with pytest.raises(Mistake, match=r"^does not exist$"):
        found.text(tmp_path / "a")
    assert found.fingerprint == found.fingerprint_now()

    seen = {found.fingerprint}
    (tmp_path / "a").mkdir()
    seen.add(found.fingerprint_now())
    (tmp_path / "a").rmdir()
    (tmp_path / "a").write_text("")
    seen.add(found.fingerprint_now())
    (tmp_path / "a").write_text("does not exist")
    seen.add(found.fingerprint_now())

    assert len(seen) == 4


def test_a_folder_is_seen_to_change_but_for_what_is_hidden(tmp_path: Path) -> None:
    found = Reading(tmp_path, SALT)
    assert found.names(tmp_path / "pools.d") == ()
    (tmp_path / "pools.d").mkdir()
    (tmp_path / "pools.d" / "..data").mkdir()
    (tmp_path / "pools.d" / ".a.yaml.swp").touch()
    assert found.fingerprint == found.fingerprint_now()

    (tmp_path / "pools.d" / "b.yaml").touch()
    assert found.fingerprint != found.fingerprint_now()
    again = Reading(tmp_path, SALT)
    assert again.names(tmp_path / "pools.d") == ("b.yaml",)
    assert again.fingerprint == found.fingerprint_now()


def test_a_folder_that_is_none_is_told_and_seen_to_change(tmp_path: Path) -> None:
    (tmp_path / "pools.d").touch()
    found = Reading(tmp_path, SALT)
    with pytest.raises(Mistake, match=r"^is not a directory$"):
        found.names(tmp_path / "pools.d")
    assert found.fingerprint == found.fingerprint_now()

    (tmp_path / "pools.d").unlink()
    assert found.fingerprint != found.fingerprint_now()


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ALL_BYTES", 2048)
    for name in "abc":
        (tmp_path / name).write_bytes(b"x" * 1024)
    found = read(tmp_path, "a", "b")

    with pytest.raises(Mistake, match=r"^is too much: with those before it, it holds more than 2 KiB$"):
        found.text(tmp_path / "c")


def test_files_are_bounded_in_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FILES_LIMIT", 2)
    for name in "abc":
        (tmp_path / name).touch()
    found = read(tmp_path, "a", "b")

    for take in (found.text, lambda path: found.secret(path, 10)):
        with pytest.raises(Mistake, match=r"^is one too many: the config may be of 2 files$"):
            take(tmp_path / "c")
