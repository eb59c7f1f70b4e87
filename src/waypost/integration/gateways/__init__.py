"""Gateway drivers: one package per engine, each behind ``contracts.drivers.GatewayDriver``."""
