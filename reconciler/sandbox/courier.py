"""Carries webhooks: lets the emulator's time pass and POSTs what comes due to receivers on loopback."""

import asyncio
import ipaddress
from contextlib import suppress
from typing import Final

import httpx

from reconciler.sandbox.announce import Delivery
from reconciler.sandbox.line import Line

DELIVERIES_IN_FLIGHT: Final = 16
DELIVERY_SECONDS: Final = 5.0
"""From connecting to the answer's status line."""
IDLE_SECONDS: Final = 0.05
"""The longest sleep: what is done to the emulator from within the process wakes nobody."""


async def carry(line: Line) -> None:
    """For ever: tick, send what is due without waiting for the answers, sleep until something is due."""
    slots = asyncio.Semaphore(DELIVERIES_IN_FLIGHT)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=DELIVERY_SECONDS) as client,
        asyncio.TaskGroup() as tasks,
    ):
        while True:
            line.woken.clear()
            for delivery in line.emulator.tick(line.now()):
                if line.drop_webhooks:
                    line.emulator.discard(delivery.id)
                    continue
                await slots.acquire()
                task = tasks.create_task(_deliver(line, client, delivery))
                task.add_done_callback(lambda _: slots.release())
            await _rest(line)


async def _rest(line: Line) -> None:
    now = line.now()
    due = line.emulator.next_due(now)
    seconds = IDLE_SECONDS if due is None else min(due - now, IDLE_SECONDS)
    with suppress(TimeoutError):  # not wait_for: in Python 3.11 it can swallow the cancellation that ends us
        async with asyncio.timeout(seconds):
            await line.woken.wait()


async def _deliver(line: Line, client: httpx.AsyncClient, delivery: Delivery) -> None:
    status = await _post(client, delivery) if _is_loopback(delivery.url) else None
    line.emulator.delivered(delivery.id, status, line.now())
    line.woken.set()


async def _post(client: httpx.AsyncClient, delivery: Delivery) -> int | None:
    """The receiver's status; None for no answer in time. Its body is not read: only the status counts."""
    try:
        async with (
            asyncio.timeout(DELIVERY_SECONDS),
            client.stream("POST", delivery.url, content=delivery.body, headers=delivery.headers) as response,
        ):
            return response.status_code
    except (httpx.HTTPError, TimeoutError):
        return None


def _is_loopback(url: str) -> bool:
    """Nothing is sent anywhere else, whatever address a campaign carries."""
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False
