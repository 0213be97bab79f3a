"""sandbox: an emulated Telnyx on this machine, alone, with a service, or with the whole demo."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

import click


@click.group()
def sandbox() -> None:
    """An emulated Telnyx on this machine: nothing leaves loopback."""


@sandbox.command(short_help="serve the emulated API; print its address and keys")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="where to listen on 127.0.0.1  [default: any]")
@click.option("--webhook-url", default="", help="where its campaigns send their events")
@click.option("--empty", is_flag=True, help="without the scene's campaigns and numbers")
def emulator(port: int, webhook_url: str, *, empty: bool) -> int:
    """Serve the emulated API until Ctrl-C; print its address and keys as one JSON line."""
    from reconciler.sandbox.emulator import Emulator
    from reconciler.sandbox.scene import SIGNING_KEY, Scene
    from reconciler.sandbox.wire import serving

    if empty and webhook_url:
        raise click.UsageError("--empty leaves no campaign to have a webhook URL: give each its own when you add it")
    scene = Scene()
    made = Emulator(scene.behaviour, SIGNING_KEY) if empty else scene.emulator(webhook_url)

    async def run() -> None:
        async with serving(made, port) as line:
            told = {
                "base_url": line.base_url,
                "control_url": line.control_url,
                "api_key": scene.behaviour.api_key,
                "public_key": made.public_key,
            }
            click.echo(json.dumps(told))
            await asyncio.Event().wait()

    return _until_interrupted(run)


@sandbox.command(short_help="run the emulated API and a service that works on it")
def serve() -> int:
    """Run the emulated API and a service that works on it, until Ctrl-C; print what to look at and what to try."""
    from reconciler.sandbox.demo import staged
    from reconciler.sandbox.scene import IN_REVIEW, Scene

    async def run() -> None:
        with tempfile.TemporaryDirectory(prefix="tendlc-sandbox-") as name:
            async with staged(Scene(drift_check="every 30s"), Path(name)) as stage:
                await stage.program.start()
                control = stage.line.control_url
                click.echo(f"page      {stage.program.page}")
                click.echo(f"config    {stage.config}   (tendlc -c {stage.config} status)")
                click.echo(f'approve   curl -X POST {control}/approve -d \'{{"campaign_id": "{IN_REVIEW}"}}\'')
                click.echo(f'remove    curl -X POST {control}/remove -d \'{{"number": "{stage.scene.alerts[1]}"}}\'')
                click.echo("Ctrl-C ends it.")
                await asyncio.Event().wait()

    return _until_interrupted(run)


@sandbox.command(short_help="run the main job once, told step by step")
@click.option("--keep", is_flag=True, help="leave it running at the end, until Ctrl-C")
def run(*, keep: bool) -> int:
    """Run the main job once, told step by step: approval, assignment, drift, failure, alert."""
    from reconciler.sandbox.demo import run_demo
    from reconciler.sandbox.program import ProgramFailed

    async def tell() -> None:
        await run_demo(click.echo, _shown, keep=keep)

    try:
        return _until_interrupted(tell)
    except (ProgramFailed, TimeoutError) as failed:
        click.echo(f"the demo failed: {str(failed) or 'a step took too long'}", err=True)
        return 1


def _shown(config: Path, command: str) -> str:
    """What a command prints, run as a person would."""
    words = [sys.executable, "-m", "reconciler", "-c", str(config), *command.split()]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603 -- our own


def _until_interrupted(work: Callable[[], Coroutine[None, None, None]]) -> int:
    """Run until it ends, or Ctrl-C or SIGTERM; either way a service that it started is ended first."""

    async def run() -> None:
        task = asyncio.ensure_future(work())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await task

    try:
        asyncio.run(run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("stopped", err=True)
    return 0
