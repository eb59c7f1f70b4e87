"""The HTTP client: framing, trust, refusals."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.integration.agent.fakes import FakeHub, api, settings
from waypost.contracts.agent import StreamRequest
from waypost.contracts.ir.dump import to_plain
from waypost.integration.agent.codec import apis_news
from waypost.integration.agent.failures import HubUntrusted
from waypost.integration.agent.hub import HubClient, HubError, require_protected
from waypost.kit.crypto import Secret


async def test_lines_end_at_line_feeds_only(hub: FakeHub, tmp_path: Path) -> None:
    odd = "a\u2028b\u0085c\x0bd"
    hub.raw = [
        orjson.dumps({"kind": "apis", "generation": 1, "settings": {}, "upsert": [to_plain(api("a", body=odd))]})
    ]
    client = HubClient(settings(tmp_path, hub.url, []))
    client.credential = Secret(hub.credential)
    async with client.stream(StreamRequest()) as messages:
        async for message in messages:
            if message.get("upsert"):
                break
    await client.close()
    mock = apis_news(message).upsert[0].versions[0].routes[0].policies.mock
    assert mock is not None and mock.body == odd


async def test_refusal_keeps_the_hubs_words(hub: FakeHub, tmp_path: Path) -> None:
    client = HubClient(settings(tmp_path, hub.url, []))
    client.credential = Secret("stolen")
    with pytest.raises(HubError, match="unknown credential") as caught:
        async with client.stream(StreamRequest()) as _:
            pass
    assert caught.value.refused and caught.value.code == "unauthenticated"
    await client.close()


async def test_hub_that_is_away_is_not_a_refusal(tmp_path: Path) -> None:
    client = HubClient(settings(tmp_path, "http://127.0.0.1:9", []))
    with pytest.raises(HubError) as caught:
        await client.send_usage(b"{}")
    assert not caught.value.refused
    await client.close()


@pytest.mark.parametrize("url", ["https://hub.example", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"])
def test_protected_addresses(url: str) -> None:
    require_protected(url, allowed=False)


@pytest.mark.parametrize("url", ["http://hub.example", "http://10.0.0.1", "http://127.0.0.1.example", "ftp://h", "hub"])
def test_unprotected_addresses(url: str) -> None:
    with pytest.raises(HubUntrusted):
        require_protected(url, allowed=False)


def test_unprotected_address_can_be_permitted() -> None:
    require_protected("http://hub.example", allowed=True)
