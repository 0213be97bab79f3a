"""What a config file refers to: variables, files beside it, systemd's credentials, and the clocks of a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from reconciler.config.reading import Reading


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the names of one file lead. pydantic hands it on to the fields that need it, as the context."""

    environ: Mapping[str, str]
    folder: Path
    """Where the file's relative names start from: its own folder."""
    reading: Reading
    credentials: Path | None = None
    zone: tzinfo = UTC
    """The schedule's."""
