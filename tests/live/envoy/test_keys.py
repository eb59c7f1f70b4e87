"""Keys on a real Envoy: missing, unknown, for another API, in every place, hidden."""

from __future__ import annotations

import pytest

from tests.live.envoy.conftest import Gateway, grant_for

pytestmark = pytest.mark.live


async def test_a_call_with_a_key_reaches_the_upstream(gateway: Gateway) -> None:
    api, key = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", key)
    assert answer.status_code == 200
    assert answer.json()["line"] == "GET /a HTTP/1.1"
