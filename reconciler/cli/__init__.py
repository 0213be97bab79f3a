"""The command line: `tendlc`. Commands import what they need when they run, so that `--help` answers at once."""

from __future__ import annotations

import errno
import gc
import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from reconciler import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.model.errors import ReconcilerError

EXIT_FAILED, EXIT_CHANGES, EXIT_AUTH, EXIT_USAGE, EXIT_CONFIG, EXIT_STOPPED = 1, 2, 4, 64, 78, 130

MOST_UNSEARCHED = 100_000
"""New objects before the garbage collector looks for cycles among them: what is read of 100,000 numbers has none, and
to search it again and again takes half as long as to read it."""

_AS_JSON = "tendlc.as_json"

_COMMANDS = {
    "validate": ("reconciler.cli.config", "check the config file; nothing is written, nobody is asked"),
    "schema": ("reconciler.cli.config", "print the JSON Schema of the config or of an output"),
    "plan": ("reconciler.cli.plan", "show what would change; writes nothing to Telnyx"),
    "serve": ("reconciler.cli.serve", "run the service"),
    "status": ("reconciler.cli.status", "show every pool: what is wanted, what is there, what is in the way"),
    "explain": ("reconciler.cli.status", "say why a number is or is not sending"),
    "numbers": ("reconciler.cli.numbers", "show every number, its phase, and why"),
    "queue": ("reconciler.cli.queue", "list the work, bring numbers forward, pause and resume"),
    "alerts": ("reconciler.cli.alerts", "list the alerts, or send a test to their receivers"),
    "events": ("reconciler.cli.events", "list, show or export the webhook events received"),
    "db": ("reconciler.cli.db", "look through the store's file, or set it aside for a new one"),
    "sandbox": ("reconciler.cli.sandbox", "an emulated Telnyx on this machine"),
}


class _Commands(click.Group):
    """Finds a command's module only when the command is used; the list above is enough for `--help`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the day."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, imported."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take note of how errors are wanted, from the words themselves: the command may not be reached."""
        ctx.meta[_AS_JSON] = _wants_json(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. Its failures are told here, where `--color` is known."""
        from reconciler.model.errors import ReconcilerError

        try:
            return super().invoke(ctx)
        except ReconcilerError as error:
            from reconciler.cli.output import show_error

            show_error(error, ctx.meta[_AS_JSON])
            return _exit_code(error)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-c", "--config", metavar="FILE", help="the config file  [default: $TENDLC_CONFIG, ./tendlc.yaml, …]")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="colour in text output")
@click.version_option(__version__, prog_name="tendlc", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: str | None, color: str) -> None:
    """Keep phone numbers assigned to their Telnyx 10DLC campaigns.

    \b
    Exit codes: 0 ok · 1 failed · 2 changes, only where asked for · 4 authentication or permission ·
    64 usage · 78 config invalid.
    """  # noqa: D301 -- click's mark for "do not rewrap", not an escape
    ctx.obj = config
    plain = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    ctx.color = True if color == "always" else False if plain else None


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point. Ends the process with the exit code."""
    gc.set_threshold(MOST_UNSEARCHED)
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    try:
        result = cli.main(arguments, prog_name="tendlc", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        code = EXIT_STOPPED
    except click.ClickException as error:
        _show_usage(error)
        code = EXIT_USAGE
    except BrokenPipeError:
        code = EXIT_FAILED  # the reader of our output has gone; there is nobody to tell
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        click.echo(f"error: {error.strerror}", err=True)
        code = EXIT_FAILED
    return code


def _show_usage(error: click.ClickException) -> None:
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if ctx is None or not ctx.meta.get(_AS_JSON):
        error.show()
        return
    from reconciler.cli.output import show_failure

    show_failure(code="UsageError", message=error.format_message(), hint=f"try '{ctx.command_path} --help'")


def _exit_code(error: ReconcilerError) -> int:
    from reconciler.model.errors import AccessRefused, ConfigError, KeyRefused

    match error:
        case ConfigError() | KeyRefused():
            return EXIT_CONFIG
        case AccessRefused():
            return EXIT_AUTH
        case _:
            return EXIT_FAILED


def _wants_json(words: Sequence[str]) -> bool:
    return "-ojson" in words or "--output=json" in words or ("json" in _after(words, "-o", "--output"))


def _after(words: Sequence[str], *options: str) -> set[str]:
    return {after for word, after in pairwise(words) if word in options}
