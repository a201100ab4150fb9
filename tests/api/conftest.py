"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.api.house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A product whose engine does not run."""
    async with open_house(dialing=False) as house:
        yield house


@pytest.fixture
async def running_house() -> AsyncIterator[House]:
    """A product that dials."""
    async with open_house() as house:
        yield house
