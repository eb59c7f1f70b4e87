"""The public driver suite on a real Envoy."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.live.envoy.conftest import options

from waypost.contracts.drivers import GatewayDriver
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.registry import make_driver
from waypost.testing.suite import DriverSuite


@pytest.mark.live
class TestEnvoy(DriverSuite):
    def make(self, directory: Path) -> tuple[GatewayDriver, str]:
        driver = make_driver(Engine.ENVOY, options(directory))
        return driver, f"http://127.0.0.1:{driver.port}"  # type: ignore[attr-defined]
