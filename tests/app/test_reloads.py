"""Reloads that signals ask for."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.app.reloads import Reloads
from tests.web.edge import until

pytestmark = pytest.mark.anyio


class File:
    """A config, and what was taken in of it; each reload takes until it is let go."""

    def __init__(self) -> None:
        self.text = 0
        self.taken: list[int] = []
        self.at_once = self.most_at_once = 0
        self.go = asyncio.Event()

    async def reload(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        text = self.text
        await self.go.wait()
        self.taken.append(text)
        self.at_once -= 1


async def storm(file: File, reloads: Reloads, texts: range) -> None:
    """Each text is asked for, and each asking has its turn of the loop."""
    for file.text in texts:
        reloads.ask()
        await asyncio.sleep(0)


@pytest.mark.covers("C08")
async def test_a_storm_is_two_and_the_last_has_what_the_file_says() -> None:
    file = File()
    reloads = Reloads(file.reload)
    await storm(file, reloads, range(200))
    file.go.set()
    await asyncio.gather(*reloads.stop())
    assert file.taken == [0]  # once it stops, none is begun

    await storm(file, reloads, range(200, 400))
    await until(lambda: file.taken[-1] == 399)
    assert file.most_at_once == 1


async def test_what_is_asked_for_while_one_is_under_way_is_one_more() -> None:
    file = File()
    reloads = Reloads(file.reload)
    await storm(file, reloads, range(200))
    file.go.set()
    await until(lambda: file.at_once == 0 and file.taken[-1] == 199)

    assert file.taken == [0, 199]
