"""The public driver suite on a real HAProxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from waypost.contracts.drivers import DriverOptions, GatewayDriver
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.registry import make_driver
from waypost.testing.suite import DriverSuite


@pytest.mark.live
class TestHaproxy(DriverSuite):
    def make(self, directory: Path) -> tuple[GatewayDriver, str]:
        options = DriverOptions(gateway_id="gw", directory=str(directory), concurrency=2, probe_token="prb_SeCret-1")
        driver = make_driver(Engine.HAPROXY, options)
        return driver, f"http://127.0.0.1:{driver.port}"  # type: ignore[attr-defined]
