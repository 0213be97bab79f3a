"""Reading a file: whole, bounded, never waiting, and every failure in words."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.config.disk import is_there, names_in, read_bounded
from reconciler.config.mistake import Mistake


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00\xff\r\n")

    assert read_bounded(tmp_path / "a", 4) == b"\x00\xff\r\n"


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 2049)

    with pytest.raises(Mistake, match=r"^is larger than 2 KiB$"):
        read_bounded(tmp_path / "a", 2048)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "does not exist"),
        ("folder", "is a directory"),
        ("folder/file/below", "cannot be read: Not a directory"),
        ("pipe", "is not a regular file"),
        ("socket", "cannot be read: No such device or address"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
        ("a\0b", "is not a possible file name"),
        ("a\udcff\ud800", "is not a possible file name"),
        ("n" * 300, "cannot be read: File name too long"),
    ],
)
def test_what_is_no_file_is_told(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(tmp_path / "socket"))

        with pytest.raises(Mistake, match=f"^{words}$"):
            read_bounded(tmp_path / name, 100)


def test_a_file_that_tells_no_size_is_read_whole() -> None:
    assert read_bounded(Path("/proc/self/status"), 100_000).startswith(b"Name:")
    with pytest.raises(Mistake, match=r"^is larger than 0 KiB$"):
        read_bounded(Path("/proc/self/status"), 10)


def test_a_device_is_not_read() -> None:
    with pytest.raises(Mistake, match=r"^is not a regular file$"):
        read_bounded(Path("/dev/zero"), 100)


def test_a_file_of_others_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").touch(mode=0)

    with _as_nobody(), pytest.raises(Mistake, match=r"^may not be read by this user$"):
        read_bounded(tmp_path / "a", 100)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may read everything, so root becomes somebody else for a moment."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_name_that_cannot_be_is_not_there(tmp_path: Path) -> None:
    assert is_there(tmp_path)
    assert not is_there(tmp_path / "missing")
    assert not is_there(tmp_path / "a\0b")
    assert not is_there(tmp_path / ("n" * 300))


def test_the_names_in_a_folder_are_sorted(tmp_path: Path) -> None:
    assert names_in(tmp_path / "missing", 2) == ()
    assert names_in(tmp_path, 2) == ()
    (tmp_path / "b.yaml").touch()
    (tmp_path / "a.yaml").mkdir()
    assert names_in(tmp_path, 2) == ("a.yaml", "b.yaml")


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir(mode=0)
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(Mistake, match=r"^is not a directory$"):
        names_in(tmp_path / "file", 2)
    with pytest.raises(Mistake, match=r"^cannot be read: Too many levels of symbolic links$"):
        names_in(tmp_path / "loop", 2)
    with pytest.raises(Mistake, match=r"^has more than 2 entries$"):
        names_in(tmp_path, 2)
    with _as_nobody(), pytest.raises(Mistake, match=r"^may not be read by this user$"):
        names_in(tmp_path / "folder", 2)
