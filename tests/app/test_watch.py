"""The running service follows its config file, and all that the file names, without being told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reconciler import flow
from reconciler.app.service import Service
from reconciler.app.world import SystemChance, SystemClock
from reconciler.config import ConfigFile
from reconciler.model.alerts import AlertName
from reconciler.model.errors import StoreError
from reconciler.model.settings import Settings
from reconciler.ports import Hands
from reconciler.store import open_store
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.events import parse_event
from reconciler.telnyx.limiter import Limiter
from tests.app.at_work import a_service, nothing

pytestmark = pytest.mark.anyio

CONFIG = """\
version: 1
telnyx: {api_key: KEY-test, public_key: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=}
pools:
  - name: acme
    campaign: 4b30019f-a9df-e17b-3529-70677db27ec4
    numbers: [{file: numbers.txt}]
"""
FIRST, SECOND = "+12025550101", "+12025550102"


def mount(folder: Path, version: int, **files: str) -> None:
    """Put files into a folder as Kubernetes mounts a ConfigMap: names that lead through one link, swapped at once."""
    data = folder / f"..{version}"
    data.mkdir()
    for name, text in files.items():
        (data / name.replace("_", ".")).write_text(text)
    swapped = folder / "..data_tmp"
    swapped.symlink_to(data.name)
    swapped.replace(folder / "..data")
    for name in files:
        link = folder / name.replace("_", ".")
        if not link.is_symlink():
            link.symlink_to(f"..data/{link.name}")


@asynccontextmanager
async def running(
    file: ConfigFile, folder: Path, refit: Callable[[Service, Settings], Awaitable[None]] = nothing
) -> AsyncIterator[Service]:
    """A service on this file. Its schedule has begun; none of its loops has."""
    settings, declaration = flow.load(file)
    with open_store(f"sqlite:///{folder}/tendlc.db", writer=True) as store:
        async with TelnyxClient(settings.telnyx, SystemClock(), Limiter(1)) as telnyx:
            hands = Hands(telnyx, store, SystemClock(), SystemChance(), parse_event)
            service = a_service(file, settings, declaration, hands, store, refit)
            service.schedule.start(settings)
            try:
                yield service
            finally:
                service.schedule.stop()


def wanted(service: Service) -> list[str]:
    return [number for pool in service.desired.pools for number in pool.numbers]


async def test_a_configmap_that_is_swapped_is_taken_in_whole(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    mount(folder, 1, tendlc_yaml=CONFIG, numbers_txt=FIRST)
    async with running(ConfigFile(folder / "tendlc.yaml", {}), tmp_path) as service:
        await service.watch()
        assert wanted(service) == [FIRST]

        mount(folder, 2, tendlc_yaml=CONFIG, numbers_txt=f"{FIRST}\n{SECOND}")
        await service.watch()

        assert wanted(service) == [FIRST, SECOND]


async def test_a_change_that_cannot_be_used_is_told_once_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "tendlc.yaml").write_text(CONFIG)
    (tmp_path / "numbers.txt").write_text(FIRST)
    async with running(ConfigFile(tmp_path / "tendlc.yaml", {}), tmp_path) as service:
        (tmp_path / "numbers.txt").unlink()
        await service.watch()

        alerts, _ = await service.store.alerts()
        assert [one.condition.alert for one in alerts] == [AlertName.CONFIG_RELOAD_FAILED]
        assert wanted(service) == [FIRST]

        before = alerts[0].firing_since
        await service.watch()
        ((alert,), _) = await service.store.alerts()
        assert alert.firing_since == before

        (tmp_path / "numbers.txt").write_text(SECOND)
        await service.watch()
        assert wanted(service) == [SECOND]


async def test_a_change_that_the_store_stood_in_the_way_of_is_taken_in_later(tmp_path: Path) -> None:
    (tmp_path / "tendlc.yaml").write_text(CONFIG)
    (tmp_path / "numbers.txt").write_text(FIRST)
    troubles = [StoreError("the disk is full"), StoreError("the disk is full")]

    async def refit(_: Service, __: Settings) -> None:
        if troubles:
            raise troubles.pop()

    async with running(ConfigFile(tmp_path / "tendlc.yaml", {}), tmp_path, refit) as service:
        (tmp_path / "numbers.txt").write_text(SECOND)
        for _ in range(2):
            with pytest.raises(StoreError, match="the disk is full"):
                await service.watch()
            assert wanted(service) == [FIRST]

        await service.watch()

        assert wanted(service) == [SECOND]


async def test_what_did_not_change_is_not_loaded_again(tmp_path: Path) -> None:
    (tmp_path / "tendlc.yaml").write_text(CONFIG)
    (tmp_path / "numbers.txt").write_text(FIRST)
    async with running(ConfigFile(tmp_path / "tendlc.yaml", {}), tmp_path) as service:
        before = service.declaration
        await service.watch()

        assert service.declaration is before
