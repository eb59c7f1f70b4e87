"""The agent's own page: ``/healthz`` (alive), ``/readyz`` (serves), ``/metrics`` (Prometheus). Loopback unless told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import orjson
import uvicorn

from waypost.integration.agent.failures import PortTaken
from waypost.integration.agent.metrics import AgentMetrics

Report = Callable[[], Awaitable[dict[str, Any]]]


class _Server(uvicorn.Server):
    """The agent handles signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HealthPage:
    """Serves three addresses. ``report`` gives what ``/healthz`` shows; its ``ready`` decides ``/readyz``."""

    def __init__(self, report: Report, metrics: AgentMetrics, *, host: str, port: int) -> None:
        self._report = report
        self._metrics = metrics
        config = uvicorn.Config(
            self._app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            interface="asgi3",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._config = config
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; the port, which is new where 0 was asked for. PortTaken when that is impossible."""
        try:
            socket = self._config.bind_socket()
        except SystemExit:
            raise PortTaken(
                f"cannot listen on {self._config.host}:{self._config.port} for the agent's health page",
                hint="Choose another port with the setting `gateway_health_port`.",
            ) from None
        self._task = asyncio.create_task(self._server.serve(sockets=[socket]))
        return int(socket.getsockname()[1])

    async def stop(self) -> None:
        """Stop listening."""
        self._server.should_exit = True
        if self._task:
            await self._task

    async def _app(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = await self._answer(scope["method"], scope["path"])
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, method: str, path: str) -> tuple[int, str, bytes]:
        if method not in ("GET", "HEAD"):
            return _problem(405, "method_not_allowed", "Only GET and HEAD are answered here")
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4; charset=utf-8", self._metrics.page()
        if path in ("/healthz", "/readyz"):
            report = await self._report()
            status = 200 if path == "/healthz" or report.get("ready") else 503
            return status, "application/json", orjson.dumps(report)
        return _problem(404, "not_found", "There is /healthz, /readyz and /metrics")


def _problem(status: int, code: str, title: str) -> tuple[int, str, bytes]:
    body = {"type": "about:blank", "status": status, "code": code, "title": title}
    return status, "application/problem+json", orjson.dumps(body)
