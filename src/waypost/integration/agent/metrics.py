"""The agent's own Prometheus metrics, one registry per agent."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class AgentMetrics:
    """Names are a contract with dashboards: add, do not rename."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.apis_applied = Gauge("gateway_apis_applied", "APIs that serve", registry=registry)
        self.apis_quarantined = Gauge("gateway_apis_quarantined", "APIs put aside", registry=registry)
        self.grants_held = Gauge("gateway_grants", "Grants held", registry=registry)
        self.grants_revision = Gauge("gateway_grants_revision", "Revision of grants in force", registry=registry)
        self.grants_refused = Counter("gateway_grants_refused", "Grants the engine refused", registry=registry)
        self.records_read = Counter("gateway_records_read", "Access records read", registry=registry)
        self.records_shipped = Counter("gateway_records_shipped", "Access records the hub took", registry=registry)
        self.records_dropped = Gauge("gateway_records_dropped", "Access records lost since start", registry=registry)
        self.spool_bytes = Gauge("gateway_spool_bytes", "Bytes waiting for the hub", registry=registry)
        self.spool_batches = Gauge("gateway_spool_batches", "Batches waiting for the hub", registry=registry)
        self.engine_running = Gauge("gateway_engine_running", "1 while the engine runs", registry=registry)
        self.engine_restarts = Gauge("gateway_engine_restarts", "Restarts of the engine", registry=registry)
        self.stream_connected = Gauge("gateway_stream_connected", "1 while the hub is connected", registry=registry)
        self.apply_seconds = self._histogram("gateway_apply_seconds", "From message to acknowledged by the engine")
        self.verify_seconds = self._histogram("gateway_verify_seconds", "From message to proved by a probe")
        self.grants_seconds = self._histogram("gateway_grants_seconds", "Time of one apply of grants")

    def grants(self, held: int, revision: int) -> None:
        """Note the grants in force."""
        self.grants_held.set(held)
        self.grants_revision.set(revision)

    def page(self) -> bytes:
        """The Prometheus text page."""
        return generate_latest(self.registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=SECONDS, registry=self.registry)
