"""Which driver stands for which engine."""

from __future__ import annotations

from collections.abc import Mapping

from waypost.contracts.drivers import DriverFactory, DriverOptions, GatewayDriver, PermanentError
from waypost.contracts.vocab import Engine


def make_driver(engine: Engine | str, options: DriverOptions) -> GatewayDriver:
    """A driver that has not started yet; PermanentError when there is none for ``engine``."""
    factory = factories().get(Engine(engine)) if engine in set(Engine) else None
    if factory is None:
        known = ", ".join(sorted(factories()))
        raise PermanentError(f"no driver for the engine {str(engine)!r}; there is one for: {known}")
    return factory(options)


def factories() -> Mapping[Engine, DriverFactory]:
    """Every driver of this installation. Imported late: an engine's libraries load only where it is used."""
    return {Engine.ENVOY: _envoy, Engine.HAPROXY: _haproxy}


def _envoy(options: DriverOptions) -> GatewayDriver:
    from waypost.integration.gateways.envoy.driver import EnvoyDriver

    return EnvoyDriver(options)


def _haproxy(options: DriverOptions) -> GatewayDriver:
    from waypost.integration.gateways.haproxy.driver import HaproxyDriver

    return HaproxyDriver(options)
