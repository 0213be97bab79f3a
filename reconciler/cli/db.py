"""db: the store's file: look through it, or set it aside for a new one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def db() -> None:
    """Look after the store's file."""


@db.command()
@click.pass_obj
def check(config: str | None) -> int:
    """Look through the whole file for damage, beside a running service too; exits 1 if there is any."""
    from reconciler.cli import EXIT_FAILED
    from reconciler.store.examination import examine

    path = _path(config)
    if problems := examine(path):
        for problem in problems:
            click.echo(f"{path}: {problem}")
        click.echo(
            "stop the service, run `tendlc db set-aside`, and start it: the store is rebuilt by looking", err=True
        )
        return EXIT_FAILED
    click.echo(f"{path}: ok")
    return 0


@db.command("set-aside")
@click.pass_obj
def set_aside(config: str | None) -> int:
    """Rename the store's files, so that the next start makes a new store. Nothing is deleted.

    The service must be stopped. What the store remembered is found anew by looking; numbers stay as they are.
    """
    from reconciler.store.file import set_aside as rename

    for aside in rename(_path(config), f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"):
        click.echo(f"kept as {aside}")
    return 0


def _path(config: str | None) -> Path:
    from reconciler.app.wiring import config_file
    from reconciler.flow import load
    from reconciler.store.file import path_of

    settings, _ = load(config_file(config))
    return path_of(settings.store_url)
