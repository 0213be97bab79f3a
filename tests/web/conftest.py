"""A running receiver for each test of the edge."""

from collections.abc import AsyncIterator

import pytest

from tests.web.edge import Edge, receiving


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The edge runs on uvloop, as the service does where it is installed."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with receiving() as running:
        yield running


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Edge]:
    """One receiver for all the tests of a file that do not break it: no request should."""
    async with receiving() as edge:
        yield edge
