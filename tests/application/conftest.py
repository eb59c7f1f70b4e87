"""Fixtures of the domain's tests."""

from __future__ import annotations

import pytest

from tests.application.world import World, make_world
from tests.support.people import People
from waypost.application.parts import Parts


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    """A provider's draft API, a gateway, a consumer."""
    return await make_world(parts, people)
