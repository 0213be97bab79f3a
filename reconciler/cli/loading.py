"""The config that a command works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model.pools import Declaration
    from reconciler.model.settings import Settings


def loaded(config: str | None) -> tuple[Settings, Declaration]:
    """The config, whole. Raises ConfigError. What reads it is imported only now: `--help` comes at once."""
    from reconciler.app.wiring import config_file
    from reconciler.flow import load

    return load(config_file(config))
