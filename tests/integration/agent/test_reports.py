"""What makes the agent speak to its hub: each report costs the hub a transaction."""

from __future__ import annotations

import asyncio
from typing import cast

from waypost.contracts.agent import ApiReceipt, GatewayHealth, Receipts
from waypost.integration.agent.hub import HubClient
from waypost.integration.agent.options import Timing
from waypost.integration.agent.reports import Reports


class Listening:
    """A hub that takes everything."""

    def __init__(self) -> None:
        self.taken: list[Receipts] = []

    async def send_receipts(self, receipts: Receipts) -> None:
        self.taken.append(receipts)


async def _health() -> GatewayHealth:
    return GatewayHealth(engine_running=True)


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_change_is_one_report_and_its_number_travels_with_the_next() -> None:
    hub = Listening()
    reports = Reports(cast(HubClient, hub), health=_health, timing=Timing(report_gap=0))
    running = asyncio.create_task(reports.run())
    await _turns()
    reports.apis([ApiReceipt(api_id="api_a", content_hash="1", state="live")], generation=0)
    await _turns()
    reports.apis([], generation=7)
    await _turns()
    assert [[item.api_id for item in one.apis] for one in hub.taken] == [[], ["api_a"]]
    reports.apis([ApiReceipt(api_id="api_b", content_hash="2", state="live")], generation=0)
    await _turns()
    assert [one.generation for one in hub.taken] == [0, 0, 7]
    running.cancel()
