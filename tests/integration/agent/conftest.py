from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.agent.fakes import FakeHub


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    fake = FakeHub()
    await fake.start()
    yield fake
    await fake.stop()
