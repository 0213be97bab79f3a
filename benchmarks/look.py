"""A look at an account of 60 campaigns of 49 numbers, each on its messaging profile: how many calls, and how long."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from reconciler.sandbox.demo import Stage, staged
from reconciler.sandbox.scene import Scene

CAMPAIGNS: Final = 60
NUMBERS: Final = 49
"""T-Mobile's limit a campaign (SUP:6325734)."""


async def measure() -> list[str]:
    """The figures, as lines."""
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Scene(marketing=(), alerts=(), rate_limit="10000/s"), Path(folder)) as stage:
            _fill(stage)
            started = time.perf_counter()
            program = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "reconciler", "-c", str(stage.config), "plan", "-o", "json"),
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await program.communicate()
            seconds = time.perf_counter() - started
            calls = len(stage.line.emulator.journal())
            numbers = CAMPAIGNS * NUMBERS
            assert program.returncode == 0
            assert f'"unchanged": {numbers}'.encode() in said
    more = (2 * numbers + 2 * CAMPAIGNS) / calls
    whole = f"{calls} calls for {CAMPAIGNS} campaigns of {NUMBERS} numbers (bound {4 * CAMPAIGNS})"
    return [f"look            {whole}, {more:.0f} times as many number by number; `tendlc plan` in {seconds:.1f} s"]


def _fill(stage: Stage) -> None:
    """Put the account and the config in place: every number assigned already."""
    emulator, pools = stage.line.emulator, []
    for at in range(CAMPAIGNS):
        campaign, profile = f"9c1f7c52-0d3e-4a51-8a34-5be0a7{at:06}", f"4001a1b2-0d3e-4a51-8a34-5be0a7{at:06}"
        numbers = [f"+1202{5550000 + NUMBERS * at + n}" for n in range(NUMBERS)]
        emulator.add_campaign(campaign, status="MNO_PROVISIONED")
        emulator.add_profile(profile)
        for number in numbers:
            emulator.add_number(number, messaging_profile_id=profile)
            emulator.assign_by_hand(number, campaign, stage.line.now())
        listed = ", ".join(f'"{number}"' for number in numbers)
        pools.append(
            f"  - {{name: pool-{at}, campaign: {campaign}, messaging_profile: {profile}, numbers: [{listed}]}}"
        )
    before, _, after = stage.config.read_text().partition("pools:\n")
    stage.config.write_text(before + "pools:\n" + "\n".join(pools) + "\n" + after)


if __name__ == "__main__":
    print("\n".join(asyncio.run(measure())))
