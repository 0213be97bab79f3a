"""filesystem: what the store stands on. Some file systems do not keep what a disk keeps: said at start, not refused."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
_WEAK = {
    **dict.fromkeys(("tmpfs", "ramfs"), "a file system in memory: it is gone when the machine restarts"),
    **dict.fromkeys(("overlay", "aufs"), "a container's own layer: it is gone with the container, so use a volume"),
    **dict.fromkeys(
        ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "virtiofs", "vboxsf"),
        "a file system of another machine: SQLite's locks and syncs may not hold there",
    ),
}
_FUSE = "a file system of another program: whether SQLite's locks and syncs hold there is up to that"


def weakness(path: Path) -> str:
    """What is wrong with where this file is, in words; empty where nothing is known to be."""
    try:
        mounts = MOUNTS.read_text(errors="replace")
    except OSError:
        return ""
    kind = kind_of(mounts, path.resolve())
    return _WEAK.get(kind) or (_FUSE if kind.startswith("fuse") and kind != "fuseblk" else "")


def kind_of(mounts: str, path: Path) -> str:
    """The kind of the file system that a path is on, by the text of `/proc/self/mountinfo` (proc(5)); empty if unknown.

    The deepest mount point above the path counts, and of two at the same place the later.
    """
    depth, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > _POINT and after:
            point = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[_POINT]))
            if len(point.parts) >= depth and path.is_relative_to(point):
                depth, kind = len(point.parts), after.split(" ")[0]
    return kind


_POINT = 4
"""The field of the mount point, from 0."""
_ESCAPED = re.compile(r"\\([0-7]{3})")
