"""Reading a whole file into memory, up to a limit, without ever waiting for it; and what is in a folder."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from reconciler.config.mistake import Mistake


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """The bytes of a regular file. Raises `Mistake` if there is no such file, or it is larger, or not to be read."""
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would hang the service.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            content = _regular(file, limit_bytes)
    except IsADirectoryError:  # fdopen finds it before fstat can
        raise Mistake("is a directory", "name a file") from None
    except FileNotFoundError:
        raise Mistake("does not exist") from None
    except PermissionError:
        raise Mistake("may not be read by this user", "check its owner and mode") from None
    except OSError as error:
        raise Mistake(f"cannot be read: {error.strerror or 'input/output error'}") from None
    except ValueError as error:
        if isinstance(error, Mistake):
            raise
        raise Mistake("is not a possible file name") from None
    if len(content) > limit_bytes:
        raise Mistake(f"is larger than {limit_bytes // 1024} KiB")
    return content


def _regular(file: BinaryIO, limit_bytes: int) -> bytes:
    """The bytes of an open file, and one more than the limit if there are as many."""
    status = os.fstat(file.fileno())
    if stat.S_ISDIR(status.st_mode):
        raise Mistake("is a directory", "name a file")
    if not stat.S_ISREG(status.st_mode):
        raise Mistake("is not a regular file", "pipes and devices cannot be read again at a reload")
    content = file.read(min(status.st_size, limit_bytes) + 1)  # room for the limit itself would take time to get
    if len(content) > status.st_size:  # it has grown, or is of the kind that tells no size
        content += file.read(limit_bytes + 1 - len(content))
    return content


def is_there(path: Path) -> bool:
    """Whether something goes by this name, as far as this user may know."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def names_in(folder: Path, limit: int) -> tuple[str, ...]:
    """The names in a folder, sorted; none if there is no such folder.

    Raises `Mistake` if it is no folder, has more names than the limit, or may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, limit + 1)]
    except FileNotFoundError:
        return ()
    except NotADirectoryError:
        raise Mistake("is not a directory") from None
    except PermissionError:
        raise Mistake("may not be read by this user", "check its owner and mode") from None
    except OSError as error:
        raise Mistake(f"cannot be read: {error.strerror or 'input/output error'}") from None
    if len(names) > limit:
        raise Mistake(f"has more than {limit} entries")
    return tuple(sorted(names))
