"""Ground: the file system under the store is named by the system's own table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.store.filesystem import kind_of, weakness

MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:20 / /proc rw - proc proc rw
30 21 0:27 / /var/lib/tendlc rw - nfs4 server:/export rw
31 30 0:28 / /var/lib/tendlc/fast rw - tmpfs tmpfs rw
32 21 254:1 / /srv/with\\040space rw - overlay overlay rw
33 21 0:29 / /again rw - ext4 /dev/vdb rw
34 21 0:30 / /again rw - fuse.sshfs host: rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/tendlc.db", "ext4"),
        ("/var/lib/tendlc.db", "ext4"),
        ("/var/lib/tendlc/tendlc.db", "nfs4"),
        ("/var/lib/tendlc/fast/tendlc.db", "tmpfs"),
        ("/var/lib/tendlc/faster/tendlc.db", "nfs4"),
        ("/srv/with space/tendlc.db", "overlay"),
        ("/again/tendlc.db", "fuse.sshfs"),
    ],
)
def test_the_deepest_and_last_mount_counts(path: str, kind: str) -> None:
    assert kind_of(MOUNTS, Path(path)) == kind


def test_nothing_is_known_without_a_table() -> None:
    assert kind_of("", Path("/x")) == ""


@pytest.mark.covers("F-23")
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nfs4", "another machine"),
        ("cifs", "another machine"),
        ("overlay", "use a volume"),
        ("tmpfs", "in memory"),
        ("fuse.sshfs", "another program"),
        ("ext4", ""),
        ("xfs", ""),
    ],
)
def test_a_weak_one_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"21 1 254:0 / / rw,relatime - {kind} /dev/vda rw\n")
    monkeypatch.setattr("reconciler.store.filesystem.MOUNTS", mounts)

    assert words in weakness(tmp_path / "tendlc.db")
    assert bool(weakness(tmp_path / "tendlc.db")) == bool(words)
