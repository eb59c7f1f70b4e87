"""A flood of opaque tokens, each of which a server is asked about; the other floods are those of every engine."""

from __future__ import annotations

import pytest
from tests.live.envoy.conftest import Gateway
from tests.live.envoy.test_introspection import opened, serving
from tests.live.floods import bounded, get

pytestmark = pytest.mark.live


async def test_opaque_tokens_that_nobody_made(gateway: Gateway) -> None:
    async with serving() as server:
        server.answer = {"active": False}
        api = await opened(gateway, server)
        await bounded(gateway.engine, lambda n: get(f"{api.base_path}/a", f"authorization: Bearer {n:0200d}"), 401)
