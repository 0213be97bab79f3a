"""Finding the config file when the command line names none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconciler.config.disk import is_there

FILE_NAME = "tendlc.yaml"
SYSTEM_FILE = Path("/etc/tendlc") / FILE_NAME


def find_config(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The config file to read.

    It is `-c`, or `$TENDLC_CONFIG`, or the first there is of `tendlc.yaml` in the working directory, in
    `$XDG_CONFIG_HOME/tendlc` and in `/etc/tendlc`. A file named on purpose is taken whether or not it is there.
    If there is none at all, it is the one in the working directory: reading it says that it is missing.
    """
    if explicit is not None:
        return explicit
    if named := environ.get("TENDLC_CONFIG"):
        return Path(named)
    candidates = (cwd / FILE_NAME, *_personal(environ), SYSTEM_FILE)
    return next((path for path in candidates if is_there(path)), cwd / FILE_NAME)


def _personal(environ: Mapping[str, str]) -> tuple[Path, ...]:
    if base := environ.get("XDG_CONFIG_HOME"):
        return (Path(base) / "tendlc" / FILE_NAME,)
    if home := environ.get("HOME"):
        return (Path(home) / ".config" / "tendlc" / FILE_NAME,)
    return ()
