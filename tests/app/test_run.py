"""What a reload makes anew, and what it keeps: one limiter for the whole life of the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from reconciler.app.run import _Parts
from reconciler.app.world import SteadyClock
from reconciler.model.errors import ReconcilerError
from reconciler.model.operations import Urgency
from reconciler.model.settings import Secret, Settings, TelnyxSettings
from reconciler.telnyx.client import TelnyxClient
from reconciler.telnyx.signature import Keyring
from reconciler.web.metrics import Meter
from tests.web.edge import counted

pytestmark = pytest.mark.anyio
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
TELNYX = TelnyxSettings(Secret("KEY"), (KEY,), ceiling_per_second=0.001)


class Running:
    """A service's parts, and the burst of five used up."""

    def __init__(self, parts: _Parts, meter: Meter, stack: AsyncExitStack) -> None:
        self._parts, self._meter, self._stack = parts, meter, stack

    def reloaded(self, telnyx: TelnyxSettings) -> TelnyxClient:
        return self._parts.client(Settings(telnyx))

    async def take(self, client: TelnyxClient) -> None:
        await self._stack.enter_async_context(client.turn(Urgency.HEAL))

    @property
    def pace(self) -> float:
        return counted(self._meter, "tendlc_telnyx_rate_limit")[""]


@asynccontextmanager
async def running() -> AsyncIterator[Running]:
    meter, settings = Meter("test"), Settings(TELNYX)
    parts = _Parts(Keyring((KEY,)), meter, settings, SteadyClock())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(parts.close)
        service = Running(parts, meter, stack)
        client = parts.client(settings)
        for _ in range(5):
            await service.take(client)
        yield service


@pytest.mark.parametrize(
    "telnyx",
    [
        TELNYX,
        replace(TELNYX, ceiling_per_second=0.002),
        replace(TELNYX, base_url="http://127.0.0.1:1/v2"),
        replace(TELNYX, api_key=Secret("ANOTHER")),
    ],
)
async def test_a_reload_grants_no_fresh_burst(telnyx: TelnyxSettings) -> None:
    async with running() as service:
        client = service.reloaded(telnyx)

        assert service.pace == telnyx.ceiling_per_second
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await service.take(client)


async def test_another_ceiling_reaches_who_waits_already() -> None:
    async with running() as service:
        waiting = asyncio.ensure_future(service.take(service.reloaded(TELNYX)))
        await asyncio.sleep(0)

        service.reloaded(replace(TELNYX, ceiling_per_second=1000))

        async with asyncio.timeout(10):
            await waiting


async def test_settings_with_which_no_client_can_be_made_change_nothing() -> None:
    async with running() as service:
        with pytest.raises(ReconcilerError):
            service.reloaded(replace(TELNYX, base_url="nowhere", ceiling_per_second=1000))

        assert service.pace == TELNYX.ceiling_per_second
