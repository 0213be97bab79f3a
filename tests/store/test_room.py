"""Room: events are refused before the disk is full, what keeps the store working is not, and it mends itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.store import Inline, open_store
from reconciler.store.room import Room, StoreFull, free_bytes

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MORE_THAN_THERE_IS = 2**62


async def test_below_the_floor_events_are_refused_and_the_rest_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tendlc.db"
    with open_store(url, writer=True, lane=Inline, min_free_bytes=MORE_THAN_THERE_IS) as store:
        with pytest.raises(StoreFull, match=r"has \d+ MB left, and \d+ MB is the floor") as refused:
            await store.receive("e1", b"d", b"{}", NOW, "")
        assert "webhook.min_free_space" in refused.value.hint
        with pytest.raises(StoreFull):
            await store.check()

        await store.note_config("written", NOW)
        assert (await store.notes())["config_digest"] == "written"
        assert await store.unread_events(9) == ()


async def test_above_the_floor_all_is_taken(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tendlc.db", writer=True, lane=Inline, min_free_bytes=1) as store:
        assert await store.receive("e1", b"d", b"{}", NOW, "")
        await store.check()


def test_it_looks_once_a_second_and_sees_that_there_is_room_again() -> None:
    now, free = [100.0], [300_000_000]
    room = Room(lambda: free[0], 256_000_000, lambda: now[0])
    room.see()
    free[0] = 255_000_000
    room.see()  # not a second later
    now[0] += 1.0
    with pytest.raises(StoreFull, match="has 255 MB left, and 256 MB is the floor"):
        room.see()

    free[0] = 256_000_000
    now[0] += 1.0
    room.see()


def test_free_space_is_what_the_system_says(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path) < MORE_THAN_THERE_IS
    assert free_bytes(tmp_path / "gone") > MORE_THAN_THERE_IS  # not this one's trouble


def test_without_a_floor_nobody_looks() -> None:
    Room(lambda: 1 // 0, 0).see()
