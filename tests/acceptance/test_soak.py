"""A short storm in every run of the tests: ten kills on a bad line. `make soak` is the long one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.schedule import Storm
from tests.soak.storm import weather

pytestmark = pytest.mark.anyio


@pytest.mark.covers("F-13", "H01")
async def test_ten_kills_on_a_bad_line_cost_only_time(tmp_path: Path) -> None:
    storm = Storm(seconds=40.0, kills=10, seed=20, numbers=40)
    told = await weather(storm, tmp_path)
    sys.stdout.write("\n".join(told.lines()))
    assert told.broken == []
    assert told.kills == 10
    assert told.acknowledged >= told.events // 2
