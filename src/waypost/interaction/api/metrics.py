"""The hub's own numbers for Prometheus. One registry per application, so that tests do not share counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()  # type: ignore[no-untyped-call]
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HubMetrics:
    """Requests as they happen; figures of the store when they are asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("hub_requests_total", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "hub_request_seconds",
            "Time to answer",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._running = Gauge("hub_requests_in_flight", "Requests being answered", registry=self._registry)
        self._figures: dict[str, Gauge] = {}

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Counts one request while it runs."""
        with self._running.track_inprogress():
            yield

    def observe(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. Unknown methods are put together: a label must not grow by what is sent."""
        method = method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def render(self, figures: Mapping[str, tuple[str, float]]) -> bytes:
        """The exposition text; ``figures`` is name -> (meaning, value), read from the store just now."""
        for name, (meaning, value) in figures.items():
            if name not in self._figures:
                self._figures[name] = Gauge(name, meaning, registry=self._registry)
            self._figures[name].set(value)
        return generate_latest(self._registry)
